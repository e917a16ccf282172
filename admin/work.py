"""Work that waits and work that failed for good: jobs, what other servers sent, deliveries, letters."""

from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator

Queue = Literal["jobs", "inbox"]
"""Whose dead rows are dealt with here; deliveries and letters have operations of their own."""

TABLES: Final = ("inbox", "jobs", "deliveries", "letters")
_LISTED: Final = 50
_WHAT: Final = {"jobs": "kind || ' ' || SUBSTR(args, 1, 200)", "inbox": "type || ' ' || activity_id"}
_SINCE: Final = {"jobs": "created_ms", "inbox": "received_ms"}


@dataclass(frozen=True, slots=True)
class Line:
    """How one queue stands."""

    table: str
    waiting: int
    due_ms: int | None
    """Since when the oldest could have been done; None: nothing is late."""
    dead: int


@dataclass(frozen=True, slots=True)
class Dead:
    """One piece of work that was given up."""

    id: int
    queue: str
    what: str
    attempts: int
    error: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """A host for which deliveries were given up."""

    host: str
    count: int
    error: str
    """Of the latest."""
    since_ms: int


async def figures(reader: Reader, now_ms: int) -> list[Line]:
    """Each queue: two counts and an age, by their partial indexes."""
    found = []
    for table in TABLES:
        row = await reader.row(
            f"SELECT (SELECT COUNT(*) FROM {table} WHERE state = 'ready') + "
            f"(SELECT COUNT(*) FROM {table} WHERE state = 'leased'), "
            f"(SELECT MIN(run_at_ms) FROM {table} WHERE state = 'ready' AND run_at_ms <= $1), "
            f"(SELECT COUNT(*) FROM {table} WHERE state = 'dead')",
            now_ms,
        )
        assert row is not None
        found.append(Line(table, row[0], row[1], row[2]))
    return found


async def dead(reader: Reader) -> list[Dead]:
    """The latest fifty of each queue that were given up."""
    found = []
    for queue in get_args(Queue):
        rows = await reader.fetch(
            f"SELECT id, {_WHAT[queue]}, attempts, error, {_SINCE[queue]} FROM {queue} WHERE state = 'dead' "
            f"ORDER BY id DESC LIMIT {_LISTED}"
        )
        found += [Dead(row[0], queue, row[1], row[2], row[3], row[4]) for row in rows]
    return found


async def unreached(reader: Reader) -> list[Unreached]:
    """The fifty hosts for which most was given up."""
    rows = await reader.fetch(
        "SELECT d.host, g.many, d.error, d.created_ms FROM (SELECT host, COUNT(*) AS many, MAX(id) AS latest "
        f"FROM deliveries WHERE state = 'dead' GROUP BY host ORDER BY 2 DESC, host LIMIT {_LISTED}) g "
        "JOIN deliveries d ON d.id = g.latest ORDER BY g.many DESC, d.host"
    )
    return [Unreached(*row) for row in rows]


async def show(ctx: Context) -> list[str]:
    """One line a queue, then what was given up of jobs and of what came in."""
    _ = translator(ctx.settings.language)
    lines = [
        _("%(queue)s: %(waiting)s waiting, the oldest due since %(since)s; %(dead)s given up", queue=line.table,
          waiting=line.waiting, since="–" if line.due_ms is None else iso(line.due_ms)[:16], dead=line.dead)
        for line in await figures(ctx.db.survey, ctx.clock.now_ms())
    ]  # fmt: skip
    return lines + [
        f"{each.queue}  {each.id}  {each.what}  {each.attempts}x  {each.error}" for each in await dead(ctx.db.survey)
    ]


async def retry(ctx: Context, *, queue: str, id: int | str = 0) -> list[str]:  # noqa: A002 - as it is typed
    """Try what was given up again, one or all of a queue, as if for the first time."""
    _ = translator(ctx.settings.language)
    table, number, now_ms = _queue(queue), _number(id), ctx.clock.now_ms()

    async def step(tx: Tx) -> int:
        done = await tx.execute(
            f"UPDATE {table} SET state = 'ready', attempts = 0, run_at_ms = $1 WHERE state = 'dead' "
            "AND ($2::bigint = 0 OR id = $2::bigint)",
            now_ms, number,
        )  # fmt: skip
        _require(number, done)
        tx.after_commit(lambda: ctx.live.ring(table))
        return done

    return [_("%(count)s pieces of work will be tried again.", count=await ctx.db.write(step))]


async def drop(ctx: Context, *, queue: str, id: int | str = 0) -> list[str]:  # noqa: A002
    """Forget what was given up, one or all of a queue."""
    _ = translator(ctx.settings.language)
    table, number = _queue(queue), _number(id)

    async def step(tx: Tx) -> int:
        done = await tx.execute(
            f"DELETE FROM {table} WHERE state = 'dead' AND ($1::bigint = 0 OR id = $1::bigint)", number
        )
        _require(number, done)
        return done

    return [_("%(count)s pieces of work were dropped.", count=await ctx.db.write(step))]


def _queue(typed: str) -> Queue:
    if typed not in get_args(Queue):
        raise Invalid(
            sentence(
                "%(word)s is no queue; these are: %(words)s.", word=ascii(typed[:40]), words=", ".join(get_args(Queue))
            )
        )
    return cast(Queue, typed)


def _number(typed: int | str) -> int:
    text = str(typed).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Invalid(sentence("%(word)s is no number of a piece of work: see the list.", word=ascii(text[:40])))
    return int(text)


def _require(number: int, done: int) -> None:
    if number and not done:
        raise NotFound(sentence("There is no such piece of work among what was given up."))
