"""Access tokens: an application that acts for a person as one of her actors, or for itself alone.

A token lives as long as what it stands on: it is void when it is revoked, when the person or the actor is no
longer active, or when she is no longer a member of the actor. Lookups are kept for seconds, since every request
makes one; a revocation in this process counts at once, elsewhere seconds later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from node.actors import tastes
from node.actors.facts import MembershipChanged
from node.oauth import scopes as scope_names
from node.oauth import secrets
from node.oauth.apps import App
from node.oauth.scopes import Scopes, covers
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

_FRESH_MS = 5_000
_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token, without its secret."""

    id: int
    app_id: int
    app_name: str
    app_website: str | None
    scopes: Scopes
    created_ms: int
    person_id: int | None
    actor_id: int | None
    """None: the application speaks for itself (client credentials)."""
    domain_id: int | None
    """The domain of the actor: the only one where the token is worth anything."""
    role: str | None
    """What the person is to the actor: owner, editor, contributor, moderator, reader."""
    waits: str | None = None
    """For what the account that was asked for with it waits: unconfirmed, parent, waiting (node.moderation.sign_ups)."""
    sign_up_id: int | None = None

    def allows(self, scope: str) -> bool:
        """Whether it was granted *scope*, or one that contains it."""
        return covers(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token and its secret, which is shown this once."""

    secret: str
    scopes: Scopes
    created_ms: int


@dataclass(frozen=True, slots=True)
class _Kept:
    token: Token
    read_ms: int


async def issue(
    tx: Tx, ctx: Context, *, app: App, scopes: Scopes, person_id: int | None = None, actor_id: int | None = None,
    code_hash: str | None = None, sign_up_id: int | None = None,
) -> Issued:  # fmt: skip
    """A token for *app*: for a person as an actor, for an account that is still asked for, or (all None) for itself."""
    secret, now_ms = secrets.fresh(), ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO oauth_tokens (id, token_hash, code_hash, app_id, person_id, actor_id, scopes, created_ms, sign_up_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ctx.ids.next(), secrets.hashed(secret), code_hash, app.id, person_id, actor_id, scope_names.write(scopes), now_ms,
        sign_up_id,
    )  # fmt: skip
    return Issued(secret, scopes, now_ms)


async def find(reader: Reader, ctx: Context, secret: str) -> Token | None:
    """The token with that secret, if it is valid now (give or take the seconds of the cache)."""
    cache = ctx.cache.of("oauth_tokens", _KEPT)
    token_hash, now_ms = secrets.hashed(secret), ctx.clock.now_ms()
    kept: _Kept | None = cache.get(token_hash)
    if kept is not None and now_ms - kept.read_ms < _FRESH_MS:
        return kept.token
    row = await reader.row(
        "SELECT t.id, t.app_id, p.name, p.website, t.scopes, t.created_ms, t.person_id, t.actor_id, a.domain_id, m.role, "
        "s.state, s.id, a.tastes FROM oauth_tokens t JOIN oauth_apps p ON p.id = t.app_id "
        "LEFT JOIN sign_ups s ON s.id = t.sign_up_id LEFT JOIN people h ON h.id = t.person_id LEFT JOIN actors a ON a.id = t.actor_id "
        "LEFT JOIN memberships m ON m.person_id = t.person_id AND m.actor_id = t.actor_id "
        "WHERE t.token_hash = $1 AND t.revoked_ms IS NULL "
        "AND (t.actor_id IS NULL OR (m.role IS NOT NULL AND h.state = 'active' AND a.state = 'active'))",
        token_hash,
    )
    if row is None:
        cache.drop(token_hash)
        return None
    *fields, bits = row
    token = replace(Token(*fields), scopes=tuple(row["scopes"].split(" ")))
    if token.actor_id is not None and reader is ctx.db.reader:
        tastes.remember(ctx, token.actor_id, bits or 0)
    cache.put(token_hash, _Kept(token, now_ms))
    return token


async def revoke(tx: Tx, ctx: Context, *, app: App, secret: str) -> bool:
    """End the token with that secret, if it is *app*'s; whether it was (RFC 7009 §2.2: unknown ones are no error)."""
    return await _revoke(tx, ctx, "token_hash = $2 AND app_id = $3", secrets.hashed(secret), app.id)


async def revoke_of_code(tx: Tx, ctx: Context, *, code_hash: str) -> bool:
    """End what a code gave."""
    return await _revoke(tx, ctx, "code_hash = $2", code_hash)


async def revoke_of_person(tx: Tx, ctx: Context, *, person_id: int) -> bool:
    """End every token of a person (a new password, a lost phone)."""
    return await _revoke(tx, ctx, "person_id = $2", person_id)


async def on_membership_changed(tx: Tx, ctx: Context, fact: MembershipChanged) -> None:
    """Reaction: who no longer speaks for an actor loses her tokens for it; another role counts from the next request."""
    of_both = "person_id = $2 AND actor_id = $3"
    if fact.role is None:
        await _revoke(tx, ctx, of_both, fact.person_id, fact.actor_id)
        return
    rows = await tx.fetch(
        "SELECT token_hash FROM oauth_tokens WHERE revoked_ms IS NULL AND person_id = $1 AND actor_id = $2",
        fact.person_id, fact.actor_id,
    )  # fmt: skip
    _forget(tx, ctx, rows)


async def revoke_by_id(tx: Tx, ctx: Context, *, token_id: int, person_id: int) -> bool:
    """End one token of a person, from the list of her applications."""
    return await _revoke(tx, ctx, "id = $2 AND person_id = $3", token_id, person_id)


async def of_person(reader: Reader, person_id: int) -> list[Token]:
    """The valid tokens of a person, the newest first: what she lets applications do."""
    rows = await reader.fetch(
        "SELECT t.id, t.app_id, p.name, p.website, t.scopes, t.created_ms, t.person_id, t.actor_id, a.domain_id, m.role "
        "FROM oauth_tokens t JOIN oauth_apps p ON p.id = t.app_id JOIN actors a ON a.id = t.actor_id "
        "JOIN memberships m ON m.person_id = t.person_id AND m.actor_id = t.actor_id "
        "WHERE t.person_id = $1 AND t.revoked_ms IS NULL ORDER BY t.id DESC LIMIT 200",
        person_id,
    )
    return [_token(row) for row in rows]


async def _revoke(tx: Tx, ctx: Context, condition: str, *args: object) -> bool:
    rows = await tx.fetch(
        f"UPDATE oauth_tokens SET revoked_ms = $1 WHERE revoked_ms IS NULL AND {condition} RETURNING token_hash",
        ctx.clock.now_ms(), *args,
    )  # fmt: skip
    _forget(tx, ctx, rows)
    return bool(rows)


def _forget(tx: Tx, ctx: Context, rows: Sequence[Row]) -> None:
    """Look the tokens of those rows up anew, here and in the other processes."""
    cache = ctx.cache.of("oauth_tokens", _KEPT)

    def forget() -> None:
        for row in rows:
            cache.drop(row["token_hash"])
        if rows:
            ctx.live.forget("oauth_tokens")

    tx.after_commit(forget)


def _token(row: Row) -> Token:
    found = Token(*row)
    return replace(found, scopes=tuple(row["scopes"].split(" ")))
