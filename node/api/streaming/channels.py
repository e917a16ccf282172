"""Streams, as clients name them, and the channels of `ctx.live` on which they are told."""

from dataclasses import dataclass
from typing import Any, Final

from node.actors.domains import Domain
from node.api import auth, lists
from node.oauth.tokens import Token
from node.runtime.database import Reader
from node.runtime.errors import Malformed
from node.runtime.text.folding import fold_hashtag
from node.timeline import lists as own_lists

ANY = "streams"
"""Every connection listens here: with nobody connected, nothing is looked up."""

ASKED_WITH: Final = ("stream", "tag", "list")
"""The names under which a client says which stream it wants."""

_FOR_PEOPLE = {
    "user": "read:statuses",
    "user:notification": "read:notifications",
    "direct": "read:statuses",
    "list": "read:lists",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream that a connection asked for."""

    name: tuple[str, ...]
    """As it is told back with every event: `["hashtag", "rennes"]`."""
    channels: tuple[str, ...]
    list_id: int | None = None
    """Of a list: what is told on its channels is looked up in it first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client says of the stream that it wants."""

    name: str
    tag: str = ""
    list: str = ""

    @classmethod
    def read(cls, said: Any) -> "Asked":
        """From a message or a query, of which anything may be expected."""
        name, tag, list_id = (said.get(each, "") for each in ASKED_WITH)
        return cls(*(each if isinstance(each, str) else "" for each in (name, tag, list_id)))


def of_actor(actor_id: int) -> str:
    """The channel of one local actor."""
    return f"actor:{actor_id}"


def of_talks(actor_id: int) -> str:
    """The channel of one local actor's private talks."""
    return f"talks:{actor_id}"


def of_member(person_id: int, actor_id: int) -> str:
    """The channel on which the connections of one person for an account are ended."""
    return f"member:{person_id}:{actor_id}"


def of_account(actor_id: int) -> str:
    """The channel on which the connections of an account are ended."""
    return f"account:{actor_id}"


def of_author(actor_id: int) -> str:
    """The channel of what an account says and announces to all: its readers' lists."""
    return f"author:{actor_id}"


def of_domain(domain_id: int) -> str:
    """The channel of what is public on a domain."""
    return f"public:domain:{domain_id}"


def of_site(domain_id: int) -> str:
    """The channel of what those who keep a site tell everybody who uses it."""
    return f"site:{domain_id}"


def of_media(channel: str) -> str:
    """The channel of what has pictures, sound or films among what is told on a public one."""
    return f"{channel}:media"


def of_tag(name: str, domain_id: int | None = None) -> str:
    """The channel of a hashtag (folded), everywhere or of one domain."""
    return f"tag:{name}" if domain_id is None else f"tag:{name}:domain:{domain_id}"


async def read(reader: Reader, asked: Asked, token: Token | None, domain: Domain) -> Stream:
    """The stream that is asked for.

    Raises:
        Malformed: there is none of that name, or its hashtag or its list is missing.
        RecordNotFound: the account has no such list.
        InvalidToken, NoUser, OutOfScope: it is not for this token.
    """
    name = asked.name
    if name in _FOR_PEOPLE:
        auth.admit(token, "person", _FOR_PEOPLE[name])
        assert token is not None
        assert token.actor_id is not None
        if name == "list":
            return await _list(reader, token.actor_id, asked.list)
        if name == "direct":
            return Stream((name,), (of_talks(token.actor_id),))
        own = of_actor(token.actor_id)
        return Stream((name,), (own, of_site(domain.id)) if name == "user" else (own,))
    public = {"public": "public", "public:local": of_domain(domain.id), "public:remote": "public:remote"}
    if name in public:
        return Stream((name,), (public[name],))
    if name.endswith(":media") and name.removesuffix(":media") in public:
        return Stream((name,), (of_media(public[name.removesuffix(":media")]),))
    if name in ("hashtag", "hashtag:local"):
        folded = fold_hashtag(asked.tag)
        if not folded:
            raise Malformed("Missing tag name parameter")
        return Stream((name, asked.tag), (of_tag(folded, domain.id if name == "hashtag:local" else None),))
    raise Malformed("Unknown stream type")


async def _list(reader: Reader, actor_id: int, asked: str) -> Stream:
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 19:
        raise Malformed("Missing list name parameter")
    if await own_lists.find(reader, actor_id=actor_id, list_id=int(asked)) is not None:
        told = [of_author(member_id) for member_id in await own_lists.member_ids(reader, int(asked))]
        return Stream(("list", asked), tuple(told), int(asked))
    followed = await lists.meant(reader, actor_id=actor_id, list_id=int(asked))
    return Stream(("list", asked), tuple(of_author(each.id) for each in followed), int(asked))
