"""One row of the inbox while it is worked, and how it ends: done, kept aside with a reason, or tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from node.actors.actor import Actor
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import MAX_ATTEMPTS, backoff_ms, leases

LEASE_MS = 600_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One claimed row."""

    id: int
    actor_uri: str
    attempts: int
    recipient_id: int | None
    body: bytes
    sender: Actor | None = None
    """Its actor, where that was at hand when the row was leased, and nothing of the same actor comes before it."""
    activity: Activity | None = None
    """What its bytes say, where they were read a moment ago."""


class Overtaken(Exception):
    """The row is no longer ours: its lease ended, and somebody else works it."""


async def mark(
    tx: Tx, arrivals: Sequence[Arrival], state: str, error: str = "", *, keeps_body: bool = False
) -> set[int]:
    """Set the last state of rows; the ids of those that are still ours, which alone were changed.

    One statement for all that are tried for the same time. Bytes are kept where somebody may want to read them.
    """
    kept = "body" if keeps_body else "NULL"
    ours = set[int]()
    for attempts in sorted({arrival.attempts for arrival in arrivals}):
        rows = await tx.fetch(
            f"UPDATE inbox SET state = $2, body = {kept}, error = $3, lease_until_ms = NULL "
            "WHERE id = ANY($1::bigint[]) AND state = 'leased' AND attempts = $4 RETURNING id",
            [arrival.id for arrival in arrivals if arrival.attempts == attempts], state, error[:500], attempts,
        )  # fmt: skip
        ours.update(row[0] for row in rows)
    return ours


async def done(tx: Tx, arrival: Arrival) -> None:
    """The row is worked.

    Raises:
        Overtaken: by somebody else.
    """
    if not await mark(tx, [arrival], "done"):
        raise Overtaken


async def end(ctx: Context, arrival: Arrival, outcome: str, error: str = "", *, keeps_body: bool = False) -> None:
    """Nothing more becomes of the row, for the reason *error*."""
    state = "done" if outcome == "dropped" else outcome
    if await ctx.db.write(lambda tx: mark(tx, [arrival], state, error, keeps_body=keeps_body)):
        ctx.metrics.count("inbox_worked", outcome=outcome)


async def hold_longer(ctx: Context, group: Sequence[Arrival]) -> None:
    """What is still to be worked stays ours."""
    row_ids, now_ms = [each.id for each in group], ctx.clock.now_ms()
    await ctx.db.write(lambda tx: leases.renew(tx, "inbox", row_ids=row_ids, now_ms=now_ms, lease_ms=LEASE_MS))


async def later(ctx: Context, arrival: Arrival, reason: str) -> None:
    """The row is tried again after a while; after the last attempt a keeper decides."""
    if arrival.attempts >= MAX_ATTEMPTS:
        ctx.metrics.count("inbox_worked", outcome="dead")
        await ctx.db.write(
            lambda tx: leases.bury(tx, "inbox", row_id=arrival.id, error=reason, attempts=arrival.attempts)
        )
        return
    ctx.metrics.count("inbox_worked", outcome="again")
    at_ms = ctx.clock.now_ms() + backoff_ms(arrival.attempts)
    given_back = partial(leases.again, row_id=arrival.id, at_ms=at_ms, error=reason, attempts=arrival.attempts)
    await ctx.db.write(lambda tx: given_back(tx, "inbox"))
