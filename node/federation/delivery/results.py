"""What became of many attempts, written in one transaction of a fixed number of statements per kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.federation.delivery import breaker
from node.federation.delivery.verdicts import Outcome
from node.runtime.context import Context
from node.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Standing:
    """What the outcomes say of their hosts, counted in memory before the transaction, which may be run again."""

    taken: frozenset[str]
    """These took at least one delivery."""
    failed: Mapping[str, int]
    """These took none: until when the way is closed now, or 0."""
    held: Mapping[str, int]
    """These ask to be left alone until then."""


def count(ctx: Context, outcomes: Sequence[Outcome]) -> Standing:
    """Count *outcomes* for and against their hosts, on the event loop."""
    taken = frozenset(each.delivery.host for each in outcomes if not each.error)
    for host in taken:
        breaker.took(ctx, host)
    failed: dict[str, int] = {}
    held: dict[str, int] = {}
    for each in outcomes:
        host = each.delivery.host
        if each.host_failed and host not in taken:
            failed[host] = breaker.count_failure(ctx, host)
        if each.hold_until_ms:
            held[host] = breaker.hold(ctx, host, each.hold_until_ms)
    return Standing(taken, failed, held)


async def write(tx: Tx, ctx: Context, outcomes: Sequence[Outcome], standing: Standing) -> None:
    """Write what became of these attempts. A row whose lease was lost is another worker's, and left to it."""
    ids = [each.delivery.id for each in outcomes]
    rows = await tx.fetch("SELECT id FROM deliveries WHERE state = 'leased' AND id = ANY($1::bigint[])", ids)
    ours = {row["id"] for row in rows}
    outcomes = [each for each in outcomes if each.delivery.id in ours]
    done = [each.delivery for each in outcomes if not each.error]
    again = [(each, each.again_ms) for each in outcomes if each.error and each.again_ms is not None]
    dead = [each for each in outcomes if each.error and each.again_ms is None]
    if done:
        await tx.execute("DELETE FROM deliveries WHERE id = ANY($1::bigint[])", [each.id for each in done])
    if again:
        await tx.executemany(
            "UPDATE deliveries SET state = 'ready', lease_until_ms = NULL, run_at_ms = $2, error = $3 WHERE id = $1",
            [
                (each.delivery.id, max(at_ms, breaker.closed_until_ms(ctx, each.delivery.host)), each.error[:500])
                for each, at_ms in again
            ],
        )
    if dead:
        await tx.executemany(
            "UPDATE deliveries SET state = 'dead', lease_until_ms = NULL, error = $2 WHERE id = $1",
            [(each.delivery.id, each.error[:500]) for each in dead],
        )
    await _count_in_orders(tx, Counter(each.order_id for each in done), Counter(e.delivery.order_id for e in dead))
    for host in await breaker.in_trouble(tx, standing.taken) if standing.taken else ():
        await breaker.answered(tx, ctx, host)
    for host, until_ms in standing.failed.items():
        await breaker.record_failure(tx, host, now_ms=ctx.clock.now_ms(), closed_until_ms=until_ms)
    for host, until_ms in standing.held.items():
        await breaker.record_hold(tx, host, now_ms=ctx.clock.now_ms(), until_ms=until_ms)


async def _count_in_orders(tx: Tx, done: Mapping[int, int], dead: Mapping[int, int]) -> None:
    """'212 of 214 servers have it': the figures of the orders."""
    if done or dead:
        await tx.executemany(
            "UPDATE delivery_orders SET done = done + $2, dead = dead + $3, "
            "state = CASE WHEN done + $2 + dead + $3 >= total THEN 'done' ELSE state END WHERE id = $1",
            [(order_id, done.get(order_id, 0), dead.get(order_id, 0)) for order_id in sorted({*done, *dead})],
        )
