"""Reports: somebody here, somebody without an account, or another server tells the keepers of an account and its posts.

Each belongs to the case file about that account (`cases.py`); a decision closes it (`decisions.py`) and is its answer. How
they come is in `filing.py`.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import orjson

from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.keyring import KeyringError
from node.timeline.pages import Page, Places

Category = Literal["spam", "legal", "violation", "other"]
State = Literal["open", "closed"]
Source = Literal["account", "visitor", "server"]

MAX_COMMENT_CHARS: Final = 5_000
MAX_POSTS: Final = 64
COLUMNS: Final = (
    "id, case_id, source, uri, reporter_id, reporter_host, person_id, reporter_name, reporter_email, language, target_id, "
    "posts, comment, category, ground, state, decision_id, forwarded, repeats, created_ms, closed_ms"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was told."""

    id: int
    case_id: int
    source: Source
    """An account of this node, somebody without an account, another server."""
    uri: str
    reporter_id: int | None
    """Of another server it is mostly the server itself, which keeps its people's secret; None: no account."""
    reporter_host: str
    person_id: int | None
    """Who of ours, if she is known: she may speak for a town."""
    reporter_name: str
    reporter_email: str
    """Of somebody without an account; both are forgotten in time."""
    language: str
    """In which she is answered."""
    target_id: int
    posts: tuple[str, ...]
    """Their ids (URIs): some may be gone by now."""
    comment: str
    """Plain text."""
    category: Category
    ground: str
    """The rule or the law that she names, in words."""
    state: State
    decision_id: int | None
    """What answered it."""
    forwarded: bool
    """The target's own server was told too."""
    repeats: int
    """How often more the same server told of the same account."""
    created_ms: int
    closed_ms: int | None


async def require(reader: Reader, report_id: int) -> Report:
    """The report of that number.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {COLUMNS} FROM reports WHERE id = $1", report_id)
    if row is None:
        raise NotFound(sentence("There is no such report."))
    return _report(row)


async def by_token(reader: Reader, token: str) -> Report | None:
    """The report whose private address ends in *token*."""
    if not token.isascii() or len(token) > 100:
        return None
    row = await reader.row(f"SELECT {COLUMNS} FROM reports WHERE token_hash = $1", digest(token))
    return None if row is None else _report(row)


async def token_of(reader: Reader, ctx: Context, report_id: int) -> str | None:
    """The end of its private address; None: it has none, or the key that sealed it is lost."""
    sealed = await reader.value("SELECT token_sealed FROM reports WHERE id = $1", report_id)
    if sealed is None:
        return None
    try:
        return ctx.keyring.open(bytes(sealed), seal_context(report_id)).decode()
    except KeyringError:
        return None


async def told_by(reader: Reader, ctx: Context, person_id: int) -> list[tuple[Report, str]]:
    """What one of ours told, the newest first, each with the end of its private address."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS}, token_sealed FROM reports WHERE person_id = $1 AND token_sealed IS NOT NULL "
        "ORDER BY id DESC LIMIT 50",
        person_id,
    )
    found = []
    for row in rows:
        with suppress(KeyringError):
            report = _report(row)
            found.append((report, ctx.keyring.open(bytes(row["token_sealed"]), seal_context(report.id)).decode()))
    return found


def seal_context(report_id: int) -> bytes:
    """What the token of a report is sealed for."""
    return b"report %d" % report_id


async def listed(reader: Reader, *, closed: bool = False, below: int | None = None, limit: int = 50) -> list[Report]:
    """The open ones, or all of them with *closed*, newest first."""
    which = "" if closed else "AND state = 'open' "
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reports WHERE id < $1 {which}ORDER BY id DESC LIMIT {int(limit)}",
        below if below is not None else 2**63 - 1,
    )
    return [_report(row) for row in rows]


async def page(
    reader: Reader,
    page: Page,
    *,
    state: State | None = None,
    reporter_id: int | None = None,
    target_id: int | None = None,
) -> list[Report]:
    """A page of those in that state (None: of all), told by or about that account. One query."""
    places = Places()
    where = "TRUE" + page.bounds("id", places)
    for column, value in (("state", state), ("reporter_id", reporter_id), ("target_id", target_id)):
        if value is not None:
            where += f" AND {column} = {places.put(value)}"
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reports WHERE {where} ORDER BY id {page.order} LIMIT {page.count}", *places.values
    )
    return page.arranged(map(_report, rows))


async def of_case(reader: Reader, case_id: int) -> list[Report]:
    """The reports in a file, the oldest first."""
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM reports WHERE case_id = $1 ORDER BY id LIMIT 200", case_id)
    return [_report(row) for row in rows]


async def of_decision(reader: Reader, decision_id: int) -> list[Report]:
    """The reports that a decision answered: all, since whoever told is answered."""
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM reports WHERE decision_id = $1 ORDER BY id", decision_id)
    return [_report(row) for row in rows]


async def close_all(tx: Tx, ctx: Context, *, case_id: int, decision_id: int) -> list[Report]:
    """What waits in a file is answered by a decision; which reports."""
    await tx.execute(
        "UPDATE reports SET state = 'closed', decision_id = $2, closed_ms = $3 WHERE case_id = $1 AND state = 'open'",
        case_id, decision_id, ctx.clock.now_ms(),
    )  # fmt: skip
    return await of_decision(tx, decision_id)


async def classify(tx: Tx, *, report: Report, category: str, ground: str) -> None:
    """Another category and ground, in words, than who told chose.

    Raises:
        Invalid: there is no such category, or the ground is too long.
    """
    if category not in get_args(Category):
        raise Invalid(sentence("A report is one of: %(kinds)s.", kinds=", ".join(get_args(Category))))
    if len(ground) > MAX_COMMENT_CHARS:
        raise Invalid(sentence("The ground has at most %(count)s characters.", count=MAX_COMMENT_CHARS))
    await tx.execute("UPDATE reports SET category = $2, ground = $3 WHERE id = $1", report.id, category, ground)


async def reopen(tx: Tx, *, report_id: int, case_id: int) -> None:
    """Its answer was wrong: it waits again, in that file."""
    await tx.execute(
        "UPDATE reports SET state = 'open', decision_id = NULL, closed_ms = NULL, case_id = $2 WHERE id = $1",
        report_id, case_id,
    )  # fmt: skip


def _report(row: Row) -> Report:
    held: dict[str, Any] = {name: row[place] for place, name in enumerate(COLUMNS.split(", "))}
    return Report(**{**held, "posts": tuple(orjson.loads(held["posts"])), "forwarded": bool(held["forwarded"])})


def written(posts: Sequence[str]) -> str:
    """Ids of posts, as the column keeps them."""
    return orjson.dumps(list(posts)[:MAX_POSTS]).decode()


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
