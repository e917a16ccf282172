"""Reports: somebody here or on another server tells the keepers of an account and of posts of it.

A keeper reads them (`beffroi reports`) and closes them; nothing happens by itself. What a server tells again and again
is counted on the report that is there, so that a flood stays a few rows that say how large it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

import orjson

from node.actors import hosts
from node.actors.actor import Actor
from node.moderation.facts import ReportFiled
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.text import plain
from node.timeline.posts import Post

Category = Literal["spam", "legal", "violation", "other"]
State = Literal["open", "closed"]

MAX_COMMENT_CHARS: Final = 5_000
MAX_POSTS: Final = 64
_HOUR_MS: Final = 3_600_000
_A_HOST_AN_HOUR: Final = 30
_OPEN_OF_A_HOST: Final = 200
_OPEN_ABOUT_ONE: Final = 5
"""Open reports of one server about one account; Mastodon sends those of all its people in one name."""
_COLUMNS: Final = (
    "id, uri, reporter_id, reporter_host, target_id, posts, comment, category, state, forwarded, repeats, created_ms, "
    "closed_ms"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was told."""

    id: int
    uri: str
    reporter_id: int
    """Of another server it is mostly the server itself, which keeps its people's secret."""
    reporter_host: str
    target_id: int
    posts: tuple[str, ...]
    """Their ids (URIs): some may be gone by now."""
    comment: str
    """Plain text."""
    category: Category
    state: State
    forwarded: bool
    """The target's own server was told too."""
    repeats: int
    """How often more the same server told of the same account."""
    created_ms: int
    closed_ms: int | None


async def receive(
    tx: Tx, ctx: Context, *, reporter: Actor, target: Actor, posts: Sequence[str], comment: str, uri: str
) -> Report | None:
    """Keep what another server tells; None where it is only counted on a report that stands already."""
    host = hosts.of_uri(reporter.uri)
    await tx.lock(f"reports:{host}")
    words = plain.plain(comment, max_chars=20_000)[:MAX_COMMENT_CHARS]
    standing = await _counted_on(tx, ctx, host, reporter, target, words, posts)
    if standing is not None:
        await tx.execute("UPDATE reports SET repeats = repeats + 1 WHERE id = $1", standing)
        return None
    return await _keep(
        tx, ctx, reporter=reporter, host=host, target=target, posts=posts, comment=words, category="other", uri=uri
    )


async def file(
    tx: Tx,
    ctx: Context,
    *,
    reporter: Actor,
    target: Actor,
    posts: Sequence[Post] = (),
    comment: str = "",
    category: str = "other",
    forward: bool = False,
) -> Report:
    """Keep what one of ours tells; with *forward*, the target's server is told too, in this server's name."""
    return await _keep(
        tx, ctx, reporter=reporter, host=reporter.service_host, target=target, posts=[post.uri for post in posts],
        comment=comment[:MAX_COMMENT_CHARS], category=cast(Category, category) if category in _CATEGORIES else "other",
        uri="", forwarded=forward and not target.local,
    )  # fmt: skip


_CATEGORIES: Final = frozenset(get_args(Category))


async def require(reader: Reader, report_id: int) -> Report:
    """The report of that number.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {_COLUMNS} FROM reports WHERE id = $1", report_id)
    if row is None:
        raise NotFound(sentence("There is no such report."))
    return _report(row)


async def listed(reader: Reader, *, closed: bool = False, below: int | None = None, limit: int = 50) -> list[Report]:
    """The open ones, or all of them with *closed*, newest first."""
    which = "" if closed else "AND state = 'open' "
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM reports WHERE id < $1 {which}ORDER BY id DESC LIMIT {int(limit)}",
        below if below is not None else 2**63 - 1,
    )
    return [_report(row) for row in rows]


async def close(tx: Tx, ctx: Context, *, report_id: int) -> bool:
    """A keeper has dealt with it; whether it was open.

    Raises:
        NotFound: there is none.
    """
    await require(tx, report_id)
    return bool(
        await tx.execute(
            "UPDATE reports SET state = 'closed', closed_ms = $2 WHERE id = $1 AND state = 'open'",
            report_id, ctx.clock.now_ms(),
        )
    )  # fmt: skip


async def _counted_on(
    tx: Tx, ctx: Context, host: str, reporter: Actor, target: Actor, comment: str, posts: Sequence[str]
) -> int | None:
    """The report that stands for this one: the same words again, or one of too many."""
    rows = await tx.fetch(
        "SELECT id, reporter_id, comment, posts FROM reports "
        "WHERE target_id = $1 AND reporter_host = $2 AND state = 'open' ORDER BY id DESC LIMIT 20",
        target.id, host,
    )  # fmt: skip
    same = (reporter.id, comment, _written(posts))
    for row in rows:
        if (row["reporter_id"], row["comment"], row["posts"]) == same:
            return int(row["id"])
    if len(rows) >= _OPEN_ABOUT_ONE:
        return int(rows[0]["id"])
    latest = await tx.fetch(
        "SELECT id, created_ms FROM reports WHERE reporter_host = $1 AND state = 'open' "
        f"ORDER BY created_ms DESC LIMIT {_OPEN_OF_A_HOST}",
        host,
    )
    lately = sum(row["created_ms"] > ctx.clock.now_ms() - _HOUR_MS for row in latest)
    return int(latest[0]["id"]) if lately >= _A_HOST_AN_HOUR or len(latest) >= _OPEN_OF_A_HOST else None


async def _keep(
    tx: Tx,
    ctx: Context,
    *,
    reporter: Actor,
    host: str,
    target: Actor,
    posts: Sequence[str],
    comment: str,
    category: Category,
    uri: str,
    forwarded: bool = False,
) -> Report:
    report = Report(
        ctx.ids.next(), uri, reporter.id, host, target.id, tuple(posts)[:MAX_POSTS], comment, category, "open", forwarded,
        0, ctx.clock.now_ms(), None,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO reports ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        report.id, report.uri, report.reporter_id, report.reporter_host, report.target_id, _written(report.posts),
        report.comment, report.category, report.state, report.forwarded, report.repeats, report.created_ms,
        report.closed_ms,
    )  # fmt: skip
    tx.state(ReportFiled(report.id, reporter.local))
    return report


def _written(posts: Sequence[str]) -> str:
    return orjson.dumps(list(posts)[:MAX_POSTS]).decode()


def _report(row: Row) -> Report:
    held: dict[str, Any] = {name: row[place] for place, name in enumerate(_COLUMNS.split(", "))}
    return Report(**{**held, "posts": tuple(orjson.loads(held["posts"])), "forwarded": bool(held["forwarded"])})
