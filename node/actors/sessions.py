"""Sessions of the web pages: a random token in a cookie, its SHA-256 in the database."""

import hashlib
import secrets

from node.actors import people
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Tx

LIFETIME_MS = 30 * 24 * 3_600 * 1_000


async def open(tx: Tx, ctx: Context, *, person_id: int) -> str:  # noqa: A001 - read as sessions.open
    """Begin a session; the token for the cookie, which nobody can read again from the database."""
    token = secrets.token_urlsafe(32)
    now_ms = ctx.clock.now_ms()
    await tx.execute("DELETE FROM sessions WHERE person_id = $1 AND expires_ms <= $2", person_id, now_ms)
    await tx.execute(
        "INSERT INTO sessions (token_hash, person_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)",
        _digest(token), person_id, now_ms, now_ms + LIFETIME_MS,
    )  # fmt: skip
    return token


async def person_of(reader: Reader, ctx: Context, *, token: str) -> Person | None:
    """Who holds *token*: None when it expired, was closed, or she may no longer log in."""
    row = await reader.row(
        f"SELECT {people.columns('p')} FROM sessions s JOIN people p ON p.id = s.person_id "
        "WHERE s.token_hash = $1 AND s.expires_ms > $2 AND p.state = 'active'",
        _digest(token), ctx.clock.now_ms(),
    )  # fmt: skip
    return None if row is None else people.read(row)


async def close(tx: Tx, *, token: str) -> None:
    """End a session."""
    await tx.execute("DELETE FROM sessions WHERE token_hash = $1", _digest(token))


async def close_all(tx: Tx, *, person_id: int) -> int:
    """End every session of a person; how many."""
    return await tx.execute("DELETE FROM sessions WHERE person_id = $1", person_id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
