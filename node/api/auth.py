"""Who asks: the token of a request, the domain it speaks to, and what an endpoint needs of both.

The Host of a request names the domain. A token is worth something only where its actor lives: of several domains
on one service host, the token's own is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from starlette.datastructures import Headers

from node.actors import domains, hosts, permissions
from node.actors.domains import Domain
from node.actors.memberships import Role
from node.actors.permissions import Act
from node.api.errors import InvalidToken, NoUser, OutOfScope, Waiting
from node.oauth import tokens
from node.oauth.tokens import Token
from node.runtime.context import Context
from node.runtime.errors import Forbidden, Invalid, NotFound

Access = Literal["open", "anyone", "app", "person"]
"""open: no token is looked at; anyone: a token is optional, but a bad one is refused, so that a client notices that
it was logged out; app: any valid token; person: one that a person granted."""

ACTS: Final[Mapping[str, Act]] = {
    "write:statuses": "write",
    "write:media": "write",
    "write:bookmarks": "write",
    "write:notifications": "write",
    "write:conversations": "write",
    "write:favourites": "interact",
    "write:follows": "interact",
    "write:lists": "interact",
    "write:blocks": "block",
    "write:mutes": "block",
    "write:filters": "block",
    "write:reports": "answer reports",
    "write:accounts": "edit profile",
}
"""What an endpoint does in the name of an account, by its scope, where its line of the table says nothing else."""

_FRESH_MS = 5_000


@dataclass(frozen=True, slots=True)
class _Kept:
    domains: tuple[Domain, ...]
    read_ms: int


async def domains_at(ctx: Context, host: str) -> tuple[Domain, ...]:
    """The domains that a request to *host* may mean, the first by default; kept for seconds.

    Raises:
        NotFound: nobody here is called that.
    """
    cache, now_ms = ctx.cache.of("domains_by_host", 1024), ctx.clock.now_ms()
    kept: _Kept | None = cache.get(host)
    if kept is None or now_ms - kept.read_ms > _FRESH_MS:
        try:
            name = hosts.authority(host)
        except Invalid:
            raise NotFound("this server has no such host") from None
        first = await domains.for_request(ctx.db.reader, name)
        others = await domains.by_service_host(ctx.db.reader, name)
        kept = _Kept((first, *(other for other in others if other.id != first.id)), now_ms)
        cache.put(host, kept)
    return kept.domains


def bearer(headers: Headers) -> str | None:
    """The secret in the Authorization header; an empty one is none, as clients send it before the log-in."""
    kind, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() or None if kind.lower() == "bearer" else None


async def token_of(ctx: Context, secret: str | None, at: tuple[Domain, ...]) -> tuple[Token | None, Domain]:
    """The valid token with that *secret*, and the domain that is meant.

    Raises:
        InvalidToken: there is a secret, and it is worth nothing here.
    """
    if secret is None:
        return None, at[0]
    token = await tokens.find(ctx.db.reader, ctx, secret)
    if token is None:
        raise InvalidToken
    if token.actor_id is None:
        return token, at[0]
    for domain in at:
        if domain.id == token.domain_id:
            return token, domain
    raise InvalidToken


def admit(token: Token | None, access: Access, scope: str | None, act: Act | None = None) -> None:
    """Pass, if *token* gives what an endpoint needs.

    Raises:
        InvalidToken: it needs one.
        NoUser: it needs a person's.
        OutOfScope: she did not allow this.
        Forbidden: her role does not, or her account is still asked for.
    """
    if token is None:
        if access in ("app", "person"):
            raise InvalidToken
        return
    if access == "person" and token.actor_id is None:
        raise NoUser if token.waits is None else Waiting(token.waits)
    if scope is not None and not token.allows(scope) and not (scope == "read:accounts" and token.allows("profile")):
        raise OutOfScope
    needed = act or (None if scope is None else ACTS.get(scope))
    if needed is not None and token.actor_id is not None and not may(token, needed):
        raise Forbidden("Your role in this account does not allow this")


def may(token: Token, act: Act) -> bool:
    """Whether the person of *token* may *act* in the name of its account."""
    return permissions.may(cast(Role | None, token.role), act)
