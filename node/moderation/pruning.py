"""Old posts and accounts of strangers that nobody here has a tie to are forgotten, if those who keep the node chose so.

Nothing says that they were here (no tombstone, no fact): what is asked for again is fetched again. What may go is looked
for where nothing waits; a step writes few rows, and looks once more at just these.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from node.moderation import ties
from node.runtime import choices
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.ids import first_at
from node.runtime.jobs import enqueue

PRUNE_JOB: Final = "strangers.prune"
KEPT_DAYS: Final = "days of strangers' posts"
"""The name of a choice (`node.runtime.choices`); none or zero: for ever."""
_LAST_NIGHT: Final = "day of the last pruning of strangers' posts"
MIN_DAYS: Final = 14
"""Less would take away what people are still talking about."""
_DAY_MS: Final = 86_400_000
_PARIS: Final = "Europe/Paris"
_NIGHT: Final = range(1, 5)
_LOOKED_AT_ONCE: Final = 200
_WRITTEN_AT_ONCE: Final[Mapping["Kind", int]] = {"posts": 25, "actors": 5}
"""A post goes with all that hangs on it; for an account some tables are walked through that have no index on accounts."""
_LOOKS_PER_JOB: Final = 20
_COUNTED_AT_ONCE: Final = 500
_MOST_COUNTED: Final = 50_000

Kind = Literal["posts", "actors"]
_KINDS: Final[Sequence[Kind]] = ("posts", "actors")  # an account goes once its posts are gone


@dataclass(frozen=True, slots=True)
class Going:
    """What would be forgotten."""

    posts: int
    actors: int
    """Of those that have no posts now; others follow once theirs are gone."""
    more: bool
    """Not everything was looked at: there may be more."""


async def kept_days(reader: Reader) -> int:
    """How long strangers' posts are kept; 0: for ever."""
    return await choices.number(reader, KEPT_DAYS, 0)


async def going(reader: Reader, ctx: Context, days: int) -> Going:
    """What nobody here has a tie to, and is older than *days* days: the oldest 50,000 posts and accounts are looked at."""
    since_ms, more = ctx.clock.now_ms() - days * _DAY_MS, False
    found: Counter[Kind] = Counter()
    for kind in _KINDS:
        after, looked = 0, 0
        while looked < _MOST_COUNTED:
            ids = await _old(reader, kind, after, since_ms, _COUNTED_AT_ONCE)
            found[kind] += len(await _untied(reader, kind, ids, since_ms))
            looked += len(ids)
            if len(ids) < _COUNTED_AT_ONCE:
                break
            after = ids[-1]
        else:
            more = True
    return Going(found["posts"], found["actors"], more)


async def enqueue_due(tx: Tx, ctx: Context) -> None:
    """The chore: at night, once, if days were chosen."""
    now_ms = ctx.clock.now_ms()
    at = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(_PARIS))
    if at.hour not in _NIGHT:
        return
    days = await kept_days(tx)
    if not days or await choices.number(tx, _LAST_NIGHT, 0) == at.toordinal():
        return
    await choices.choose(tx, _LAST_NIGHT, at.toordinal())
    await start(tx, ctx, days=days)


async def start(tx: Tx, ctx: Context, *, days: int) -> None:
    """Have a job forget what is older than *days* days."""
    since_ms = ctx.clock.now_ms() - days * _DAY_MS
    await enqueue(tx, ctx, PRUNE_JOB, {"since_ms": since_ms, "kind": "posts", "after": 0}, unique=f"{PRUNE_JOB} 0")


async def prune_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `strangers.prune`: some looks, each with its small steps, then another job where this one ends."""
    since_ms, after = int(args["since_ms"]), int(args["after"])
    kind: Kind = "actors" if args["kind"] == "actors" else "posts"
    for _ in range(_LOOKS_PER_JOB):
        ids = await _old(ctx.db.survey, kind, after, since_ms, _LOOKED_AT_ONCE)
        free = await _untied(ctx.db.survey, kind, ids, since_ms)
        at_once = _WRITTEN_AT_ONCE[kind]
        for place in range(0, len(free), at_once):
            await _forget(ctx, kind, free[place : place + at_once], since_ms)
        if len(ids) < _LOOKED_AT_ONCE:
            if kind == "actors":
                return
            kind, after = "actors", 0
        else:
            after = ids[-1]
    more = {"since_ms": since_ms, "kind": kind, "after": after}
    await ctx.db.write(lambda tx: enqueue(tx, ctx, PRUNE_JOB, more, unique=f"{PRUNE_JOB} {kind} {after}"))


async def _forget(ctx: Context, kind: Kind, ids: Sequence[int], since_ms: int) -> None:
    forget: Callable[[Tx, Sequence[int]], Awaitable[None]] = forget_posts if kind == "posts" else forget_actors

    async def step(tx: Tx) -> int:
        free = await _untied(tx, kind, ids, since_ms)  # somebody may have answered meanwhile
        if free:
            await forget(tx, free)
        return len(free)

    if count := await ctx.db.write(step):
        ctx.metrics.count("pruned", count, kind=kind)


async def forget_posts(tx: Tx, post_ids: Sequence[int]) -> None:
    """Forget posts, with the boosts of them and all that hangs on them; nothing tells that they were here."""
    ids = list(post_ids)
    both = "(id = ANY($1::bigint[]) OR boost_of_id = ANY($1::bigint[]))"
    rows = await tx.fetch(
        f"SELECT author_id, COUNT(*) FROM posts WHERE {both} AND visibility <> 'direct' AND NOT held "
        "GROUP BY author_id ORDER BY author_id",
        ids,
    )
    await tx.executemany(
        "UPDATE actors SET posts_count = CASE WHEN posts_count > $2 THEN posts_count - $2 ELSE 0 END WHERE id = $1",
        [(row[0], row[1]) for row in rows],
    )
    await tx.execute(f"DELETE FROM feed_tail WHERE post_id IN (SELECT id FROM posts WHERE {both})", ids)
    await tx.execute("DELETE FROM posts WHERE id = ANY($1::bigint[])", ids)  # the rest goes by ON DELETE CASCADE


async def forget_actors(tx: Tx, actor_ids: Sequence[int]) -> None:
    """Forget accounts of strangers that nothing refers to."""
    await tx.execute("DELETE FROM actors WHERE id = ANY($1::bigint[]) AND domain_id IS NULL", list(actor_ids))


async def _untied(reader: Reader, kind: Kind, ids: Sequence[int], since_ms: int) -> list[int]:
    if not ids:
        return []
    untied = ties.untied_posts if kind == "posts" else ties.untied_actors
    return await untied(reader, ids, since_ms=since_ms)


async def _old(reader: Reader, kind: Kind, after: int, since_ms: int, limit: int) -> list[int]:
    """The next strangers' posts (or accounts) above *after* that are old enough by their id, in the order of ids."""
    of_strangers = "NOT local AND boost_of_id IS NULL" if kind == "posts" else "domain_id IS NULL"
    rows = await reader.fetch(
        f"SELECT id FROM {kind} WHERE id > $1 AND id < $2 AND {of_strangers} ORDER BY id LIMIT {int(limit)}",
        after, first_at(since_ms),
    )  # fmt: skip
    return [row[0] for row in rows]
