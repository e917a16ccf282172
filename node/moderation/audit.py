"""Who did what: a log of the acts of keepers, moderators and the agents of organisations, which nobody can edit.

An entry is written in the transaction of the act itself: one insert, no lock. A part of the worker (`admin` does it too
after a command) then seals entries in a chain, each link holding the digest of the one before: from then on a changed or
removed entry is found (`verified`). Triggers of both databases refuse to change or delete either table.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import jcs
import orjson

from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.jobs import Part

Via = Literal["console", "command", "desk", "api"]

_COLUMNS: Final = "id, at_ms, person_id, name, via, act, about, actor_id, details"
_UNSEALED: Final = "FROM audit a WHERE a.id > $1 AND NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.entry_id = a.id)"
_MAX_CHARS: Final = 500
_AT_ONCE: Final = 500
_HOUR_MS: Final = 3_600_000
_LOOKED_AT_AGAIN_MS: Final = 10 * 60_000
_ID_SHIFT: Final = 2**16


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something, and by which way."""

    person_id: int | None
    """None: nobody who logs in, but the owner of the machine."""
    name: str
    """As it is kept for ever: an e-mail address, or the name of an account of the machine."""
    via: Via


MACHINE: Final = Hand(None, "", "command")
"""The node's own machine, where nothing more is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act."""

    id: int
    at_ms: int
    person_id: int | None
    name: str
    via: Via
    act: str
    """A few words, always the same for the same act: 'user.disable', 'post.publish'."""
    about: str
    """A handle, an address, a host, the URI of a post."""
    actor_id: int | None
    """In whose name, or about which account here."""
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What `verified` found: the entry, and what is wrong with it."""

    entry_id: int
    number: int
    """Of its link; 0: it has none."""
    kind: Literal["changed", "removed", "broken", "unsealed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of the chain, and what does not hold in it."""

    number: int
    digest: str
    faults: Sequence[Fault]


async def record(
    tx: Tx,
    ctx: Context,
    *,
    by: Hand,
    act: str,
    about: str,
    actor_id: int | None = None,
    details: Mapping[str, Any] = {},
) -> None:
    """Write down, within the step that does it, that *by* did *act*; no secret belongs into *details*."""
    await tx.execute(
        f"INSERT INTO audit ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ctx.ids.next(), ctx.clock.now_ms(), by.person_id, by.name, by.via, act, about[:_MAX_CHARS], actor_id,
        orjson.dumps(_storable(details), option=orjson.OPT_SORT_KEYS).decode(),
    )  # fmt: skip


async def seal(tx: Tx, ctx: Context) -> int:
    """Within a step: give the entries that have none their link; how many."""
    await tx.lock("audit seals")
    last = await tx.row("SELECT number, digest FROM audit_seals ORDER BY number DESC LIMIT 1")
    number, digest = (0, "") if last is None else (last["number"], last["digest"])
    rows = await tx.fetch(f"SELECT {_COLUMNS} {_UNSEALED} ORDER BY a.id LIMIT {_AT_ONCE}", await _since(tx))
    links = []
    for entry in map(_entry, rows):
        number, digest = number + 1, digest_of(digest, number + 1, entry)
        links.append((number, entry.id, digest))
    if links:
        await tx.executemany("INSERT INTO audit_seals (number, entry_id, digest) VALUES ($1, $2, $3)", links)
        # Kept apart from the database by whoever keeps logs: the whole chain cannot be made anew behind it.
        tx.after_commit(lambda: log.log("audit.sealed", number=number, digest=digest))
    return len(links)


class Sealing(Part):
    """Seals what was written down, once a second for all: nobody rings, so that a post costs no second commit."""

    bell = "audit"

    async def turn(self, ctx: Context) -> int:
        return await ctx.db.write(lambda tx: seal(tx, ctx)) if await waiting(ctx.db.reader) else 0


async def waiting(reader: Reader) -> bool:
    """Whether there are entries to seal."""
    return await reader.value(f"SELECT 1 {_UNSEALED} LIMIT 1", await _since(reader)) is not None


async def _since(reader: Reader) -> int:
    # A step that began earlier may commit later (none lasts a minute): what is a little older is looked at again.
    last = await reader.value("SELECT entry_id FROM audit_seals ORDER BY number DESC LIMIT 1")
    return 0 if last is None else max(0, last - _LOOKED_AT_AGAIN_MS * _ID_SHIFT)


async def verified(reader: Reader, ctx: Context) -> Verdict:
    """Read the whole chain: what was changed or removed since it was sealed, and what was never sealed."""
    faults: list[Fault] = []
    number, digest = 0, ""
    while rows := await reader.fetch(
        f"SELECT s.number, s.entry_id, s.digest, {', '.join(f'a.{name}' for name in _COLUMNS.split(', '))} "
        f"FROM audit_seals s LEFT JOIN audit a ON a.id = s.entry_id WHERE s.number > $1 ORDER BY s.number LIMIT {_AT_ONCE}",
        number,
    ):
        for row in rows:
            if row[0] != number + 1:
                faults.append(Fault(row[1], row[0], "broken"))
            elif row[3] is None:
                faults.append(Fault(row[1], row[0], "removed"))
            elif digest_of(digest, row[0], _entry(row, 3)) != row[2]:
                faults.append(Fault(row[1], row[0], "changed"))
            number, digest = row[0], row[2]
    late = await reader.fetch(
        f"SELECT a.id {_UNSEALED} AND a.at_ms < $2 ORDER BY a.id LIMIT 100",
        0,
        ctx.clock.now_ms() - _HOUR_MS,
    )
    faults += [Fault(row[0], 0, "unsealed") for row in late]
    return Verdict(number, digest, faults)


def digest_of(previous: str, number: int, entry: Entry) -> str:
    """SHA-256 of the link in canonical JSON (RFC 8785); ids are text, which JSON numbers cannot hold."""
    link: dict[str, Any] = {
        "previous": previous, "number": number, "id": str(entry.id), "at_ms": entry.at_ms,
        "person": None if entry.person_id is None else str(entry.person_id), "name": entry.name, "via": entry.via,
        "act": entry.act, "about": entry.about, "actor": None if entry.actor_id is None else str(entry.actor_id),
        "details": orjson.dumps(entry.details, option=orjson.OPT_SORT_KEYS).decode(),
    }  # fmt: skip
    return hashlib.sha256(cast(bytes, jcs.canonicalize(link))).hexdigest()


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; empty: all."""

    who: str = ""
    """Part of a name."""
    act: str = ""
    """The beginning of an act: 'user.' finds all of that kind."""
    about: str = ""
    """Part of what it is about."""
    actor_id: int | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    """Before this moment."""


async def listed(reader: Reader, search: Search, *, below: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest entries that match, below an id."""
    tests, args = _tests("a.id < $1", 2**63 - 1 if below is None else below, search)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM audit a WHERE {tests} ORDER BY a.id DESC LIMIT {int(limit)}", *args
    )
    return [_entry(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with its link, for a copy that can be checked without this server."""

    entry: Entry
    number: int | None
    """None: it is not sealed yet."""
    digest: str


async def copied(reader: Reader, search: Search, *, above: int = 0, limit: int = _AT_ONCE) -> list[Sealed]:
    """The oldest entries that match, above an id."""
    tests, args = _tests("a.id > $1", above, search)
    columns = ", ".join(f"a.{name}" for name in _COLUMNS.split(", "))
    rows = await reader.fetch(
        f"SELECT s.number, s.digest, {columns} FROM audit a LEFT JOIN audit_seals s ON s.entry_id = a.id "
        f"WHERE {tests} ORDER BY a.id LIMIT {int(limit)}",
        *args,
    )
    return [Sealed(_entry(row, 2), row[0], row[1] or "") for row in rows]


def _tests(first: str, bound: int, search: Search) -> tuple[str, list[Any]]:
    tests: list[str] = [first]
    args: list[Any] = [bound]

    def where(test: str, value: Any) -> None:
        args.append(value)
        tests.append(test.replace("$", f"${len(args)}"))

    if search.who:
        where("LOWER(name) LIKE $ ESCAPE '!'", f"%{literal(search.who)}%")
    if search.act:
        where("act LIKE $ ESCAPE '!'", f"{literal(search.act)}%")
    if search.about:
        where("LOWER(about) LIKE $ ESCAPE '!'", f"%{literal(search.about)}%")
    if search.actor_id is not None:
        where("actor_id = $", search.actor_id)
    if search.from_ms is not None:
        where("at_ms >= $", search.from_ms)
    if search.until_ms is not None:
        where("at_ms < $", search.until_ms)
    return " AND ".join(tests), args


def literal(text: str) -> str:
    """*text* for `LIKE … ESCAPE '!'` on what SQL made lower case; what SQL knows as a wildcard is a letter.

    A letter beyond ASCII stands for any: SQLite's LOWER leaves É as it is, and PostgreSQL's too in some locales.
    """
    escaped = text.strip().lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return "".join(char if char.isascii() else "_" for char in escaped)


def _storable(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_MAX_CHARS] if isinstance(value, str) else value
        for name, value in details.items()
        if value not in (None, "", False)
    }


def _entry(row: Row, start: int = 0) -> Entry:
    id_, at_ms, person_id, name, via, act, about, actor_id, details = (row[start + place] for place in range(9))
    return Entry(id_, at_ms, person_id, name, via, act, about, actor_id, orjson.loads(details))
