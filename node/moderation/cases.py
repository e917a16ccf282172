"""Case files: what is told of one account, by whomever, is gathered in one file until somebody decides.

A file is open or closed. What happens to it is in `case_events`, which is only ever added to. It is closed by a decision
(`decisions.py`) and opened again where an appeal says that it was closed wrongly (`appeals.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from node.actors import actors
from node.actors.actor import Actor
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

State = Literal["open", "closed"]
Queue = Literal["open", "mine", "appeals", "closed"]
EventKind = Literal["report", "assigned", "note", "decision", "ended", "lifted", "appeal", "upheld", "reversed"]

MAX_NOTE_CHARS: Final = 5_000
AT_ONCE: Final = 50
_LATEST: Final = 5
_COLUMNS: Final = "c.id, c.year, c.place, c.target_id, c.assigned_id, c.state, c.created_ms, c.closed_ms"
_NUMBER: Final = re.compile(r"(20\d\d|19\d\d)-([1-9]\d{0,8})")


@dataclass(frozen=True, slots=True)
class Case:
    """One file."""

    id: int
    year: int
    place: int
    target_id: int
    """The account that it is about."""
    assigned_id: int | None
    """Who looks after it."""
    state: State
    created_ms: int
    closed_ms: int | None

    @property
    def number(self) -> str:
        """`2026-12`: as it is said to everybody concerned."""
        return f"{self.year}-{self.place}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a file."""

    id: int
    case_id: int
    kind: EventKind
    person_id: int | None
    name: str
    """Who did it; empty: the node by itself, or somebody outside."""
    words: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Line:
    """A file in the queue."""

    case: Case
    reports: int
    """That wait for a decision."""
    told: int
    """All, repeated ones too."""
    appeals: int
    """That wait for a judgement."""


async def opened(tx: Tx, ctx: Context, *, target: Actor) -> Case:
    """The open file about *target*, made if there is none.

    Raises:
        Invalid: it is what this node itself speaks with.
    """
    if target.local and target.kind == "instance":
        raise Invalid(sentence("This is the account that the server itself speaks with, and nobody's."))
    await tx.lock(f"case:{target.id}")
    standing = await open_about(tx, target.id)
    if standing is not None:
        return standing
    now_ms = ctx.clock.now_ms()
    year = datetime.fromtimestamp(now_ms / 1000, UTC).year
    await tx.lock(f"cases:{year}")
    last = await tx.value("SELECT MAX(place) FROM cases WHERE year = $1", year)
    case = Case(ctx.ids.next(), year, (last or 0) + 1, target.id, None, "open", now_ms, None)
    await tx.execute(
        "INSERT INTO cases (id, year, place, target_id, state, created_ms) VALUES ($1, $2, $3, $4, 'open', $5)",
        case.id, case.year, case.place, case.target_id, case.created_ms,
    )  # fmt: skip
    return case


async def open_about(reader: Reader, target_id: int) -> Case | None:
    """The file about that account which waits for a decision."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM cases c WHERE c.target_id = $1 AND c.state = 'open'", target_id)
    return None if row is None else _case(row)


async def require(reader: Reader, case_id: int) -> Case:
    """The file of that id.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {_COLUMNS} FROM cases c WHERE c.id = $1", case_id)
    if row is None:
        raise NotFound(sentence("There is no such case file."))
    return _case(row)


async def by_ids(reader: Reader, case_ids: Sequence[int]) -> dict[int, Case]:
    """The files of those ids. One query."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM cases c WHERE c.id = ANY($1::bigint[])", list(set(case_ids)))
    return {row[0]: _case(row) for row in rows}


async def by_number(reader: Reader, number: str) -> Case:
    """The file that people call so: `2026-12`.

    Raises:
        Invalid: no number of a file.
        NotFound: there is none.
    """
    read = _NUMBER.fullmatch(number.strip())
    if read is None:
        raise Invalid(
            sentence("%(number)s is no number of a case file: it looks like 2026-12.",
                     number=number[:40])
        )  # fmt: skip
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM cases c WHERE c.year = $1 AND c.place = $2", int(read[1]), int(read[2])
    )
    if row is None:
        raise NotFound(sentence("There is no case file %(number)s.", number=number.strip()))
    return _case(row)


async def numbers(reader: Reader, case_ids: Sequence[int]) -> dict[int, str]:
    """What files are called."""
    return {case_id: case.number for case_id, case in (await by_ids(reader, case_ids)).items()}


async def target_of(reader: Reader, target_id: int) -> Actor:
    """The account that a file is about, whatever became of it.

    Raises:
        NotFound: there is none.
    """
    found = await actors.by_id(reader, target_id)
    if found is None:
        raise NotFound(sentence("There is no such account here."))
    return found


async def queue(
    reader: Reader, which: Queue = "open", *, person_id: int | None = None, after: int | None = None
) -> list[Line]:
    """Files that wait, the oldest first (closed ones: the newest first); *person_id* is who asks for `mine`. One query."""
    newest = which == "closed"
    args: list[int] = [after if after is not None else (2**63 - 1 if newest else 0)]
    where = {
        "open": "c.state = 'open'",
        "mine": "c.state = 'open' AND c.assigned_id = $2",
        "appeals": "EXISTS (SELECT 1 FROM appeals p JOIN decisions d ON d.id = p.decision_id "
        "WHERE d.case_id = c.id AND p.state = 'pending')",
        "closed": "c.state = 'closed'",
    }[which]
    if which == "mine":
        args.append(person_id or 0)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS}, "
        "(SELECT COUNT(*) FROM reports r WHERE r.case_id = c.id AND r.state = 'open'), "
        "(SELECT COALESCE(SUM(r.repeats + 1), 0) FROM reports r WHERE r.case_id = c.id), "
        "(SELECT COUNT(*) FROM appeals p JOIN decisions d ON d.id = p.decision_id "
        "WHERE d.case_id = c.id AND p.state = 'pending') "
        f"FROM cases c WHERE c.id {'<' if newest else '>'} $1 AND {where} "
        f"ORDER BY c.id {'DESC' if newest else 'ASC'} LIMIT {AT_ONCE}",
        *args,
    )
    return [Line(_case(row), int(row[8]), int(row[9]), int(row[10])) for row in rows]


async def about(reader: Reader, target_id: int) -> list[Case]:
    """Every file about an account, the newest first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM cases c WHERE c.target_id = $1 ORDER BY c.id DESC LIMIT {AT_ONCE}", target_id
    )
    return [_case(row) for row in rows]


async def latest_posts(reader: Reader, target_id: int) -> list[int]:
    """The latest of what an account said to everybody, hidden or not: beside what was reported, a judge sees the manner."""
    rows = await reader.fetch(
        "SELECT id FROM posts WHERE author_id = $1 AND boost_of_id IS NULL AND visibility IN ('public', 'unlisted') "
        f"AND NOT held ORDER BY id DESC LIMIT {_LATEST}",
        target_id,
    )
    return [row[0] for row in rows]


async def waiting(reader: Reader) -> tuple[int, int]:
    """How many files wait for a decision, and how many appeals for a judgement."""
    row = await reader.row(
        "SELECT (SELECT COUNT(*) FROM cases WHERE state = 'open'), "
        "(SELECT COUNT(*) FROM appeals WHERE state = 'pending')"
    )
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


async def assign(tx: Tx, ctx: Context, *, case: Case, by: Hand, person_id: int | None, name: str = "") -> None:
    """Give the file to somebody who judges (asked before), or to nobody."""
    await tx.execute("UPDATE cases SET assigned_id = $2 WHERE id = $1", case.id, person_id)
    await happened(tx, ctx, case_id=case.id, kind="assigned", by=by, words=name)


async def note(tx: Tx, ctx: Context, *, case: Case, by: Hand, words: str) -> None:
    """Write something down for those who judge; nobody else ever reads it.

    Raises:
        Invalid: nothing, or too much.
    """
    words = words.strip()
    if not words or len(words) > MAX_NOTE_CHARS:
        raise Invalid(sentence("A note has from 1 to %(count)s characters.", count=MAX_NOTE_CHARS))
    await happened(tx, ctx, case_id=case.id, kind="note", by=by, words=words)


async def close(tx: Tx, ctx: Context, *, case_id: int) -> None:
    """It was decided."""
    await tx.execute(
        "UPDATE cases SET state = 'closed', closed_ms = $2 WHERE id = $1 AND state = 'open'",
        case_id,
        ctx.clock.now_ms(),
    )


async def reopen(tx: Tx, *, case: Case) -> Case:
    """It was decided wrongly: the file is open again, or the one that was opened about the same account since."""
    await tx.lock(f"case:{case.target_id}")
    standing = await open_about(tx, case.target_id)
    if standing is not None:
        return standing
    await tx.execute("UPDATE cases SET state = 'open', closed_ms = NULL, assigned_id = NULL WHERE id = $1", case.id)
    return await require(tx, case.id)


async def happened(
    tx: Tx, ctx: Context, *, case_id: int, kind: EventKind, by: Hand | None = None, words: str = ""
) -> None:
    """Add to the history of a file."""
    await tx.execute(
        "INSERT INTO case_events (id, case_id, kind, person_id, name, words, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        ctx.ids.next(), case_id, kind, by and by.person_id, by.name if by else "", words, ctx.clock.now_ms(),
    )  # fmt: skip


async def history(reader: Reader, case_id: int) -> list[Event]:
    """What happened to a file, the oldest first."""
    rows = await reader.fetch(
        "SELECT id, case_id, kind, person_id, name, words, created_ms FROM case_events WHERE case_id = $1 "
        "ORDER BY id LIMIT 500",
        case_id,
    )
    return [Event(*row) for row in rows]


def _case(row: Row) -> Case:
    return Case(*(row[place] for place in range(8)))
