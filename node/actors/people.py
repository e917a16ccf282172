"""People who log in. A person is not an actor: a membership says for which actors she speaks (`memberships.py`)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from node.actors import passwords
from node.actors.passwords import PasswordHash
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

State = Literal["active", "suspended", "deleted"]

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"(),:;\\]{1,64}@[^@\s\x00-\x1f<>\"(),:;\\]{1,190}")
_COLUMNS = "p.id, p.email, p.name, p.language, p.keeper, p.moderator, p.state, p.created_ms"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who logs in."""

    id: int
    email: str
    name: str
    language: str
    keeper: bool
    """She keeps this node: the administration console opens for her."""
    moderator: bool
    """She moderates this node: of the console, only what that needs."""
    state: State
    created_ms: int


def normal_email(email: str) -> str:
    """*email* as it is stored and compared: without spaces around it, in lower case.

    Raises:
        Invalid: not an address.
    """
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid(sentence("This is not an e-mail address."))
    return email


async def create(
    tx: Tx,
    ctx: Context,
    *,
    email: str,
    password: PasswordHash | None = None,
    name: str = "",
    language: str = "fr",
    keeper: bool = False,
    moderator: bool = False,
) -> Person:
    """Make a person; *password* was hashed before (`await passwords.digest(…)`), None: she cannot log in yet.

    Raises:
        Invalid: not an e-mail address, or somebody has it.
    """
    person = Person(
        ctx.ids.next(), normal_email(email), name.strip(), language, keeper, moderator, "active", ctx.clock.now_ms()
    )
    made = await tx.execute(
        "INSERT INTO people (id, email, password_hash, name, language, keeper, moderator, state, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        person.id, person.email, password, person.name, person.language, person.keeper, person.moderator,
        person.state, person.created_ms,
    )  # fmt: skip
    if not made:
        raise Invalid(sentence("Somebody has this address already: %(email)s", email=person.email))
    return person


async def by_id(reader: Reader, person_id: int) -> Person | None:
    """The person of that id."""
    return _maybe(await reader.row(f"SELECT {_COLUMNS} FROM people p WHERE p.id = $1", person_id))


async def by_ids(reader: Reader, person_ids: Sequence[int]) -> dict[int, Person]:
    """The people of those ids that exist. One query, none for nobody."""
    if not person_ids:
        return {}
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM people p WHERE p.id = ANY($1::bigint[])", list(person_ids))
    return {row[0]: read(row) for row in rows}


async def by_email(reader: Reader, email: str) -> Person | None:
    """The person with that address, in whatever case."""
    if not email.isprintable():  # PostgreSQL refuses NUL, both refuse half a surrogate pair
        return None
    return _maybe(
        await reader.row(
            f"SELECT {_COLUMNS} FROM people p WHERE p.email = $1 AND p.state <> 'deleted'", email.strip().lower()
        )
    )


async def check_password(ctx: Context, *, email: str, password: str) -> Person | None:
    """The person who logs in, or None: unknown, wrong and suspended look alike and take as long.

    Not to be called in a transaction: it hashes in a thread for some 50 ms. The caller limits how often.
    """
    reader = ctx.db.reader
    person = await by_email(reader, email)
    stored: PasswordHash | None = None
    if person is not None and person.state == "active":
        stored = await reader.value("SELECT password_hash FROM people WHERE id = $1", person.id)
    if not await passwords.matches(password, stored) or person is None or stored is None:
        return None
    if passwords.outdated(stored):
        renewed = await passwords.digest(password)
        await ctx.db.write(lambda tx: _renew(tx, person.id, stored, renewed))
    return person


async def set_password(tx: Tx, *, person_id: int, password: PasswordHash) -> None:
    """Give a person another password; whoever was logged in as her is logged out.

    Raises:
        NotFound: there is no such person.
    """
    if not await tx.execute("UPDATE people SET password_hash = $2 WHERE id = $1", person_id, password):
        raise NotFound(sentence("There is no such person."))
    await tx.execute("DELETE FROM sessions WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM log_ins WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM mailed_links WHERE person_id = $1", person_id)


async def set_email(tx: Tx, *, person_id: int, email: str) -> None:
    """Give a person another address, which was confirmed.

    Raises:
        Invalid: somebody has it.
    """
    if await tx.value("SELECT 1 FROM people WHERE email = $2 AND id <> $1", person_id, email) is not None:
        raise Invalid(sentence("Somebody has this address already: %(email)s", email=email))
    await tx.execute("UPDATE people SET email = $2 WHERE id = $1", person_id, email)
    await tx.execute("DELETE FROM mailed_links WHERE person_id = $1", person_id)


async def set_state(tx: Tx, *, person_id: int, state: State) -> None:
    """Suspend a person, or let her in again; one who is not active is logged out."""
    await tx.execute("UPDATE people SET state = $2 WHERE id = $1", person_id, state)
    if state != "active":
        await tx.execute("DELETE FROM sessions WHERE person_id = $1", person_id)


async def forget(tx: Tx, *, person_id: int) -> None:
    """Leave nothing of a person but a number, for what she wrote in the name of others. See `node.moderation.departures`."""
    await tx.execute(
        "UPDATE people SET state = 'deleted', email = $2, name = '', password_hash = NULL, keeper = FALSE, "
        "moderator = FALSE WHERE id = $1",
        person_id, f"deleted {person_id}",
    )  # fmt: skip


async def _renew(tx: Tx, person_id: int, old: PasswordHash, new: PasswordHash) -> None:
    # Not when it was changed in between.
    await tx.execute("UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash = $2", person_id, old, new)


def read(row: Row, start: int = 0) -> Person:
    """The person in the columns of *row* from position *start* on, in the order of `columns`."""
    id_, email, name, language, keeper, moderator, state, created_ms = (row[start + place] for place in range(8))
    return Person(id_, email, name, language, bool(keeper), bool(moderator), state, created_ms)


def columns(table: str) -> str:
    """The columns that `read` expects, of *table*."""
    return _COLUMNS.replace("p.", f"{table}.")


def _maybe(row: Row | None) -> Person | None:
    return None if row is None else read(row)
