"""Sessions of the web pages: a random token in a cookie, its SHA-256 in the database."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from node.actors import people
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

LIFETIME_MS: Final = 30 * 24 * 3_600 * 1_000
FACTOR_MS: Final = 12 * 3_600 * 1_000
"""How long a second factor opens the console; then it is asked again."""
_SEEN_EVERY_MS: Final = 15 * 60_000
_MAX_DEVICE_CHARS: Final = 300
_COLUMNS: Final = "s.token_hash, s.device, s.factor_ms, s.challenge, s.seen_ms, s.created_ms"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    key: str
    """What it is called in a form of its owner; nobody logs in with it."""
    device: str
    """What the browser calls itself (User-Agent)."""
    factor_ms: int | None
    """When a second factor was last shown in it."""
    challenge: str
    """What a security key was last asked to sign, in base64url; empty: nothing."""
    seen_ms: int
    """To a quarter of an hour."""
    created_ms: int

    def proved(self, ctx: Context) -> bool:
        """Whether a second factor was shown in it of late."""
        return self.factor_ms is not None and ctx.clock.now_ms() - self.factor_ms <= FACTOR_MS


async def open(  # noqa: A001 - read as sessions.open
    tx: Tx, ctx: Context, *, person_id: int, device: str = "", factor: bool = False
) -> str:
    """Begin a session; the token for the cookie, which nobody can read again from the database.

    With *factor*, she has just shown a second factor.
    """
    token = secrets.token_urlsafe(32)
    now_ms = ctx.clock.now_ms()
    await tx.execute("DELETE FROM sessions WHERE person_id = $1 AND expires_ms <= $2", person_id, now_ms)
    await tx.execute(
        "INSERT INTO sessions (token_hash, person_id, device, factor_ms, seen_ms, created_ms, expires_ms) "
        "VALUES ($1, $2, $3, $4, $5, $5, $6)",
        _digest(token), person_id, device[:_MAX_DEVICE_CHARS], now_ms if factor else None, now_ms, now_ms + LIFETIME_MS,
    )  # fmt: skip
    return token


async def find(reader: Reader, ctx: Context, *, token: str) -> tuple[Person, Session] | None:
    """Who holds *token*: None when it expired, was closed, or she may no longer log in."""
    row = await reader.row(
        f"SELECT {_COLUMNS}, {people.columns('p')} FROM sessions s JOIN people p ON p.id = s.person_id "
        "WHERE s.token_hash = $1 AND s.expires_ms > $2 AND p.state = 'active'",
        _digest(token), ctx.clock.now_ms(),
    )  # fmt: skip
    return None if row is None else (people.read(row, 6), _read(row))


async def person_of(reader: Reader, ctx: Context, *, token: str) -> Person | None:
    """Who holds *token*."""
    found = await find(reader, ctx, token=token)
    return None if found is None else found[0]


async def of_person(reader: Reader, ctx: Context, person_id: int) -> list[Session]:
    """Where a person is logged in, the latest first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM sessions s WHERE s.person_id = $1 AND s.expires_ms > $2 "
        "ORDER BY s.created_ms DESC, s.token_hash LIMIT 100",
        person_id, ctx.clock.now_ms(),
    )  # fmt: skip
    return [_read(row) for row in rows]


async def seen(ctx: Context, session: Session) -> None:
    """She is there: kept at most once in a quarter of an hour."""
    now_ms = ctx.clock.now_ms()
    if now_ms - session.seen_ms < _SEEN_EVERY_MS:
        return
    await ctx.db.write(
        lambda tx: tx.execute("UPDATE sessions SET seen_ms = $2 WHERE token_hash = $1", session.key, now_ms)
    )


async def close(tx: Tx, *, token: str) -> None:
    """End a session."""
    await tx.execute("DELETE FROM sessions WHERE token_hash = $1", _digest(token))


async def close_one(tx: Tx, *, person_id: int, key: str) -> bool:
    """End the session of a person that is called *key*; whether there was one."""
    return bool(await tx.execute("DELETE FROM sessions WHERE person_id = $1 AND token_hash = $2", person_id, key))


async def close_all(tx: Tx, *, person_id: int) -> int:
    """End every session of a person; how many."""
    return await tx.execute("DELETE FROM sessions WHERE person_id = $1", person_id)


async def close_others(tx: Tx, *, person_id: int, key: str) -> int:
    """End every session of a person but the one called *key*; how many."""
    return await tx.execute("DELETE FROM sessions WHERE person_id = $1 AND token_hash <> $2", person_id, key)


async def challenge(tx: Tx, *, key: str, challenge: str) -> None:
    """Keep what a security key is asked to sign in this session; the one before is worth nothing from now on."""
    await tx.execute("UPDATE sessions SET challenge = $2 WHERE token_hash = $1", key, challenge)


async def proved(tx: Tx, ctx: Context, *, key: str) -> None:
    """A second factor was shown in the session called *key*."""
    await tx.execute(
        "UPDATE sessions SET factor_ms = $2, challenge = '' WHERE token_hash = $1", key, ctx.clock.now_ms()
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _read(row: Row) -> Session:
    key, device, factor_ms, asked, seen_ms, created_ms = (row[place] for place in range(6))
    return Session(key, device, factor_ms, asked, seen_ms, created_ms)
