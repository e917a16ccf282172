"""Links that a letter carries: each opens one thing, once, for a while. Only the hash of its token is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from node.actors import people
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Gone
from node.runtime.i18n.sentences import sentence

Purpose = Literal["password", "address"]

LIFETIME_MS: Final[dict[Purpose, int]] = {"password": 3_600_000, "address": 24 * 3_600_000}


@dataclass(frozen=True, slots=True)
class MailedLink:
    """What a link opens, and for whom."""

    person: Person
    email: str
    """The address that is to be hers ('address')."""


async def issue(tx: Tx, ctx: Context, *, purpose: Purpose, person_id: int, email: str = "") -> str:
    """Make a link; its token, which nobody can read again from the database."""
    token, now_ms = secrets.token_urlsafe(32), ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO mailed_links (token_hash, purpose, person_id, email, created_ms, expires_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        hashed(token), purpose, person_id, email, now_ms, now_ms + LIFETIME_MS[purpose],
    )  # fmt: skip
    return token


async def find(reader: Reader, ctx: Context, *, purpose: Purpose, token: str) -> MailedLink:
    """What the link opens.

    Raises:
        Gone: nothing: it was used, its time is over, its person may no longer log in, or it never was.
    """
    row = await reader.row(
        f"SELECT {people.columns('p')}, l.email AS wanted FROM mailed_links l JOIN people p ON p.id = l.person_id "
        "WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_ms > $3 AND p.state = 'active'",
        hashed(token), purpose, ctx.clock.now_ms(),
    )  # fmt: skip
    if row is None:
        raise Gone(sentence("This link was used already, or its time is over. Ask for another one."))
    return MailedLink(people.read(row), row["wanted"])


async def use(tx: Tx, ctx: Context, *, purpose: Purpose, token: str) -> MailedLink:
    """Use the link; all of that purpose that she was sent are over with it.

    Raises:
        Gone: as `find`.
    """
    found = await find(tx, ctx, purpose=purpose, token=token)
    await tx.lock(f"mailed_links:{found.person.id}")
    done = await tx.execute(
        "DELETE FROM mailed_links WHERE person_id = $1 AND purpose = $2 "
        "AND EXISTS (SELECT 1 FROM mailed_links WHERE token_hash = $3)",
        found.person.id, purpose, hashed(token),
    )  # fmt: skip
    if not done:
        raise Gone(sentence("This link was used already, or its time is over. Ask for another one."))
    return found


def hashed(token: str) -> str:
    """As what a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
