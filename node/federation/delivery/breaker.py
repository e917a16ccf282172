"""Which hosts answer: a circuit breaker for minutes, a verdict for days.

Three failures in a row close the way to a host for a while (30 s, doubling up to an hour); what waits for it waits
together. A host that fails on seven different days is dead: nothing more is sent until it shows a sign of life,
which any valid request of its own is (Mastodon's rule).

What a process has seen of a host is kept in its memory and changed on the event loop (`count_failure`, `hold`); what
follows for the rows is written in a transaction (`record_failure`, `answered`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.runtime.context import Context
from node.runtime.database import Reader, Tx

_FAILURES_TO_CLOSE = 3
_FIRST_PAUSE_MS = 30_000
_LONGEST_PAUSE_MS = 3_600_000
_DEAD_AFTER_DAYS = 7
_DAY_MS = 86_400_000
_KEPT = 10_000
_HOST_IS_DEAD = "the server has not answered on seven different days"


@dataclass(slots=True)
class _Trouble:
    """What this process saw of a host that fails; forgotten at its first success."""

    failures: int = 0
    closed_until_ms: int = 0


def closed_until_ms(ctx: Context, host: str) -> int:
    """Until when nothing is sent to *host*; 0 if the way is open."""
    trouble = _trouble(ctx, host)
    return trouble.closed_until_ms if trouble else 0


def answering(ctx: Context, host: str) -> bool:
    """Whether it took a delivery, and none failed since: only such a host is given several at once."""
    return ctx.cache.of("answering", _KEPT).get(host) is not None


def in_doubt(ctx: Context) -> frozenset[str]:
    """The hosts whose latest attempt failed."""
    return frozenset(host for host, trouble in ctx.cache.of("breaker", _KEPT).items() if trouble.failures > 0)


def took(ctx: Context, host: str) -> None:
    """*host* took a delivery: the way is open."""
    forget(ctx, host)
    ctx.cache.of("answering", _KEPT).put(host, True)


def closed(ctx: Context) -> list[str]:
    """The hosts to which nothing is sent at this moment."""
    now_ms = ctx.clock.now_ms()
    return [host for host, trouble in ctx.cache.of("breaker", _KEPT).items() if trouble.closed_until_ms > now_ms]


def count_failure(ctx: Context, host: str) -> int:
    """Count a failure of *host*; until when the way is closed now (0: it stays open)."""
    now_ms = ctx.clock.now_ms()
    ctx.cache.of("answering", _KEPT).drop(host)
    trouble = _noted(ctx, host)
    if now_ms < trouble.closed_until_ms:
        return trouble.closed_until_ms  # those already under way when it closed count once
    trouble.failures += 1
    if trouble.failures >= _FAILURES_TO_CLOSE:
        doublings = min(10, trouble.failures - _FAILURES_TO_CLOSE)
        trouble.closed_until_ms = now_ms + min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2**doublings)
        return trouble.closed_until_ms
    return 0


def hold(ctx: Context, host: str, until_ms: int) -> int:
    """*host* asks for patience (429, 503): send it nothing until then, an hour at most. Until when."""
    trouble = _noted(ctx, host)
    until_ms = min(until_ms, ctx.clock.now_ms() + _LONGEST_PAUSE_MS)
    trouble.closed_until_ms = max(trouble.closed_until_ms, until_ms)
    return trouble.closed_until_ms


def forget(ctx: Context, host: str) -> None:
    """Open the way to *host*."""
    ctx.cache.of("breaker", _KEPT).drop(host)


async def look_again(ctx: Context, reader: Reader) -> None:
    """Open what another process knows to be open: it heard a sign of life, which is a row long before it is a hint."""
    shut = closed(ctx)
    if not shut:
        return
    rows = await reader.fetch(
        "SELECT host FROM hosts WHERE host = ANY($1::text[]) AND state = 'up' AND closed_until_ms = 0", shut
    )
    for row in rows:
        forget(ctx, row["host"])


async def record_hold(tx: Tx, host: str, *, now_ms: int, until_ms: int) -> None:
    """Write that *host* asked for patience: what waits for it, and what is still to come, waits until then."""
    await tx.execute(
        "INSERT INTO hosts (host, state, closed_until_ms, created_ms) VALUES ($1, 'up', $2, $3) "
        "ON CONFLICT (host) DO UPDATE SET closed_until_ms = $2 WHERE hosts.closed_until_ms < $2",
        host,
        until_ms,
        now_ms,
    )
    await _wait_together(tx, host, until_ms)


async def _wait_together(tx: Tx, host: str, until_ms: int) -> None:
    await tx.execute(
        "UPDATE deliveries SET run_at_ms = $2 WHERE host = $1 AND state = 'ready' AND run_at_ms < $2", host, until_ms
    )


async def record_failure(tx: Tx, host: str, *, now_ms: int, closed_until_ms: int) -> None:
    """Write that *host* failed at *now_ms*, and what follows for all that waits for it."""
    if closed_until_ms:
        await _wait_together(tx, host, closed_until_ms)
    state = await tx.value(
        "INSERT INTO hosts (host, state, failing_days, last_failing_day, failing_since_ms, closed_until_ms, created_ms) "
        "VALUES ($1, 'down', 1, $2, $3, $4, $3) ON CONFLICT (host) DO UPDATE SET "
        "failing_days = hosts.failing_days + CASE WHEN hosts.last_failing_day < $2 THEN 1 ELSE 0 END, "
        "last_failing_day = $2, failing_since_ms = COALESCE(hosts.failing_since_ms, $3), closed_until_ms = $4, "
        "state = CASE WHEN hosts.failing_days + CASE WHEN hosts.last_failing_day < $2 THEN 1 ELSE 0 END "
        f">= {_DEAD_AFTER_DAYS} THEN 'dead' ELSE 'down' END RETURNING state",
        host,
        now_ms // _DAY_MS,
        now_ms,
        closed_until_ms,
    )
    if state == "dead":
        await _bury(tx, host)


async def _bury(tx: Tx, host: str) -> None:
    """Nothing more is sent there: what waits becomes dead letters, which a keeper may send again."""
    rows = await tx.fetch(
        "UPDATE deliveries SET state = 'dead', error = $2 WHERE host = $1 AND state = 'ready' RETURNING order_id",
        host,
        _HOST_IS_DEAD,
    )
    await tx.executemany(
        "UPDATE delivery_orders SET dead = dead + 1, "
        "state = CASE WHEN done + dead + 1 >= total THEN 'done' ELSE state END WHERE id = $1",
        [(row["order_id"],) for row in rows],
    )


async def answered(tx: Tx, ctx: Context, host: str) -> None:
    """*host* took a delivery, or sent a valid request: open the way, and send at once what waited for it."""
    tx.after_commit(lambda: forget(ctx, host))
    now_ms = ctx.clock.now_ms()
    revived = await tx.execute(
        "UPDATE hosts SET state = 'up', failing_days = 0, last_failing_day = 0, failing_since_ms = NULL, "
        "closed_until_ms = 0, last_success_ms = $2 WHERE host = $1 AND state <> 'up'",
        host,
        now_ms,
    )
    if revived:
        await tx.execute(
            "UPDATE deliveries SET run_at_ms = $2 WHERE host = $1 AND state = 'ready' AND run_at_ms > $2", host, now_ms
        )
        tx.after_commit(lambda: ctx.live.ring("deliveries"))


async def troubled(reader: Reader, host: str) -> bool:
    """Whether *host* is down or dead, so that a sign of life is worth a write."""
    return bool(await in_trouble(reader, [host]))


async def in_trouble(reader: Reader, hosts: Iterable[str]) -> list[str]:
    """Those of *hosts* that are down or dead."""
    rows = await reader.fetch("SELECT host FROM hosts WHERE host = ANY($1::text[]) AND state <> 'up'", list(hosts))
    return [row["host"] for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """What all processes know of some hosts."""

    dead: frozenset[str]
    """Nothing is sent to them."""
    closed_until_ms: Mapping[str, int]
    """Nothing is sent to them before."""


async def standing(reader: Reader, hosts: Iterable[str]) -> Standing:
    """What is known of *hosts*."""
    asked = list(hosts)
    if not asked:
        return Standing(frozenset(), {})
    rows = await reader.fetch("SELECT host, state, closed_until_ms FROM hosts WHERE host = ANY($1::text[])", asked)
    return Standing(
        frozenset(row["host"] for row in rows if row["state"] == "dead"),
        {row["host"]: row["closed_until_ms"] for row in rows},
    )


def _trouble(ctx: Context, host: str) -> _Trouble | None:
    found: _Trouble | None = ctx.cache.of("breaker", _KEPT).get(host)
    return found


def _noted(ctx: Context, host: str) -> _Trouble:
    trouble = _trouble(ctx, host)
    if trouble is None:
        trouble = _Trouble()
        ctx.cache.of("breaker", _KEPT).put(host, trouble)
    return trouble
