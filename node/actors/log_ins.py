"""A log-in between its password and its second factor: no session is open, and a few tries are left."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from node.actors import people
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Tx

LIFETIME_S: Final = 10 * 60
MAX_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class LogIn:
    """Whose password was right."""

    person: Person
    challenge: str
    """What a security key was asked to sign."""


async def begin(tx: Tx, ctx: Context, *, person_id: int) -> str:
    """The token for a cookie that lives as long."""
    token = secrets.token_urlsafe(32)
    now_ms = ctx.clock.now_ms()
    await tx.execute("DELETE FROM log_ins WHERE expires_ms <= $1", now_ms)
    await tx.execute(
        "INSERT INTO log_ins (token_hash, person_id, expires_ms) VALUES ($1, $2, $3)",
        _digest(token), person_id, now_ms + LIFETIME_S * 1000,
    )  # fmt: skip
    return token


async def find(reader: Reader, ctx: Context, token: str) -> LogIn | None:
    """Who is about to log in; None: it took too long, or too many tries, or she may no longer."""
    row = await reader.row(
        f"SELECT l.challenge, {people.columns('p')} FROM log_ins l JOIN people p ON p.id = l.person_id "
        "WHERE l.token_hash = $1 AND l.expires_ms > $2 AND l.tries < $3 AND p.state = 'active'",
        _digest(token), ctx.clock.now_ms(), MAX_TRIES,
    )  # fmt: skip
    return None if row is None else LogIn(people.read(row, 1), row[0])


async def ask(tx: Tx, token: str, challenge: str) -> None:
    """Keep what a security key is asked to sign."""
    await tx.execute("UPDATE log_ins SET challenge = $2 WHERE token_hash = $1", _digest(token), challenge)


async def spend(tx: Tx, token: str) -> bool:
    """Count a try, and forget the challenge; whether one was left."""
    return bool(
        await tx.execute(
            "UPDATE log_ins SET tries = tries + 1, challenge = '' WHERE token_hash = $1 AND tries < $2",
            _digest(token), MAX_TRIES,
        )
    )  # fmt: skip


async def end(tx: Tx, token: str) -> None:
    """It became a session, or was given up."""
    await tx.execute("DELETE FROM log_ins WHERE token_hash = $1", _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
