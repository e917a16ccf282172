"""Streams, as clients name them, and the channels of `ctx.live` on which they are told."""

from dataclasses import dataclass

from node.actors.domains import Domain
from node.api import auth
from node.oauth.tokens import Token
from node.runtime.errors import Malformed
from node.runtime.text.folding import fold_hashtag

ANY = "streams"
"""Every connection listens here: with nobody connected, nothing is looked up."""

_FOR_PEOPLE = {
    "user": "read:statuses",
    "user:notification": "read:notifications",
    # Nothing is told on these two yet; clients that subscribe at start must not be turned away.
    "direct": "read:statuses",
    "list": "read:lists",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream that a connection asked for."""

    name: tuple[str, ...]
    """As it is told back with every event: `["hashtag", "rennes"]`."""
    channel: str


def of_actor(actor_id: int) -> str:
    """The channel of one local actor."""
    return f"actor:{actor_id}"


def of_domain(domain_id: int) -> str:
    """The channel of what is public on a domain."""
    return f"public:domain:{domain_id}"


def of_tag(name: str, domain_id: int | None = None) -> str:
    """The channel of a hashtag (folded), everywhere or of one domain."""
    return f"tag:{name}" if domain_id is None else f"tag:{name}:domain:{domain_id}"


def read(name: str, tag: str, token: Token | None, domain: Domain) -> Stream:
    """The stream called *name*.

    Raises:
        Malformed: there is none of that name, or its hashtag is missing.
        InvalidToken, NoUser, OutOfScope: it is not for this token.
    """
    if name in _FOR_PEOPLE:
        auth.admit(token, "person", _FOR_PEOPLE[name])
        assert token is not None
        assert token.actor_id is not None
        silent = name in ("direct", "list")
        return Stream((name,), f"silent:{token.actor_id}" if silent else of_actor(token.actor_id))
    # `public:media` and its like are told everything public: clients show what they asked for of it.
    base = name.removesuffix(":media") if name.startswith("public") else name
    match base:
        case "public":
            return Stream((name,), "public")
        case "public:local":
            return Stream((name,), of_domain(domain.id))
        case "public:remote":
            return Stream((name,), "public:remote")
        case "hashtag" | "hashtag:local":
            folded = fold_hashtag(tag)
            if not folded:
                raise Malformed("Missing tag name parameter")
            return Stream((name, tag), of_tag(folded, domain.id if base == "hashtag:local" else None))
    raise Malformed("Unknown stream type")
