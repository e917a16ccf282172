"""Which hosts answer: a circuit breaker for minutes, a verdict for days.

Three failures in a row close the way to a host for a while (30 s, doubling up to an hour); what waits for it waits
together. A host that fails on seven different days is dead: nothing more is sent until it shows a sign of life,
which any valid request of its own is (Mastodon's rule).
"""

from dataclasses import dataclass

from node.runtime.context import Context
from node.runtime.database import Reader, Tx

_FAILURES_TO_CLOSE = 3
_FIRST_PAUSE_MS = 30_000
_LONGEST_PAUSE_MS = 3_600_000
_DEAD_AFTER_DAYS = 7
_DAY_MS = 86_400_000


@dataclass(slots=True)
class _Trouble:
    """What this process saw of a host that fails; forgotten at its first success."""

    failures: int = 0
    closed_until_ms: int = 0


def closed_until_ms(ctx: Context, host: str) -> int:
    """Until when nothing is sent to *host*; 0 if the way is open."""
    trouble: _Trouble | None = ctx.cache.of("breaker", 10_000).get(host)
    return trouble.closed_until_ms if trouble else 0


async def failed(tx: Tx, ctx: Context, host: str) -> None:
    """Count a failure of *host*; close the way if it was one too many."""
    now_ms = ctx.clock.now_ms()
    cache = ctx.cache.of("breaker", 10_000)
    trouble: _Trouble = cache.get(host) or _Trouble()
    cache.put(host, trouble)
    if now_ms >= trouble.closed_until_ms:  # those already under way when it closed count once
        trouble.failures += 1
    if trouble.failures >= _FAILURES_TO_CLOSE and now_ms >= trouble.closed_until_ms:
        pause_ms = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(10, trouble.failures - _FAILURES_TO_CLOSE))
        trouble.closed_until_ms = now_ms + pause_ms
        await tx.execute(
            "UPDATE deliveries SET run_at_ms = $2 WHERE host = $1 AND state = 'ready' AND run_at_ms < $2",
            host,
            trouble.closed_until_ms,
        )
    day = now_ms // _DAY_MS
    await tx.execute(
        "INSERT INTO hosts (host, state, failing_days, last_failing_day, failing_since_ms, created_ms) "
        "VALUES ($1, 'down', 1, $2, $3, $3) ON CONFLICT (host) DO UPDATE SET "
        "failing_days = hosts.failing_days + CASE WHEN hosts.last_failing_day < $2 THEN 1 ELSE 0 END, "
        "last_failing_day = $2, failing_since_ms = COALESCE(hosts.failing_since_ms, $3), "
        "state = CASE WHEN hosts.failing_days + CASE WHEN hosts.last_failing_day < $2 THEN 1 ELSE 0 END "
        f">= {_DEAD_AFTER_DAYS} THEN 'dead' ELSE 'down' END",
        host,
        day,
        now_ms,
    )


async def answered(tx: Tx, ctx: Context, host: str) -> None:
    """*host* took a delivery, or sent a valid request: open the way, and send at once what waited for it."""
    ctx.cache.of("breaker", 10_000).drop(host)
    now_ms = ctx.clock.now_ms()
    revived = await tx.execute(
        "UPDATE hosts SET state = 'up', failing_days = 0, last_failing_day = 0, failing_since_ms = NULL, "
        "last_success_ms = $2 WHERE host = $1 AND state <> 'up'",
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
    state = await reader.value("SELECT state FROM hosts WHERE host = $1", host)
    return state is not None and state != "up"


async def dead_hosts(reader: Reader) -> frozenset[str]:
    """Hosts that nothing is sent to."""
    return frozenset(row[0] for row in await reader.fetch("SELECT host FROM hosts WHERE state = 'dead'"))
