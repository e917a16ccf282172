"""What was proved at the door becomes a row of `inbox`, once for each (verified actor, activity id); many at a time.

Where this process works the rows too, a row whose actor has none before it is leased as it is stored, and handed over
with what is known of it: it need not be looked for, claimed and read again.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from node.federation.inbox.rows import LEASE_MS, Arrival
from node.federation.resolve import actors
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.database.together import Together

_MAX_TYPE_CHARS = 100
_WAITING_ROWS = 100
"""With so many that wait, what comes waits too: the oldest are worked first."""


@dataclass(frozen=True, slots=True)
class Proved:
    """One activity, proved to be its actor's."""

    ctx: Context
    activity: Activity
    activity_id: str
    body: bytes
    recipient_id: int | None
    also: Callable[[Tx], Awaitable[None]]
    """Writes what else the request tells: its server lives, its collection differs."""
    repeated: Callable[[Tx], Awaitable[int]]
    """Decides about an id that is known; whether the row is taken all the same."""


class Desk(Protocol):
    """Where rows are worked, while this process does that. Asked from any thread, given to on the event loop."""

    def places(self) -> int:
        """How many actors' rows may come at once."""

    def take(self, ctx: Context, arrivals: Sequence[Arrival]) -> None:
        """Work rows that are leased for this process, those of one actor in this order."""

    def doubt(self) -> None:
        """Rows may be leased for this process that were not given: their transaction broke off."""


class _Door:
    def __init__(self) -> None:
        self.together = Together(_write, self._failed)
        self.desk: Desk | None = None

    def _failed(self) -> None:
        if self.desk is not None:
            self.desk.doubt()


async def store(proved: Proved) -> bool:
    """Store it, or know that it is here already; whether it was taken."""
    return await _door(proved.ctx).together.write(proved.ctx.db, proved)


def lead_to(ctx: Context, desk: Desk | None) -> None:
    """From now on rows are handed to *desk*; None: they wait until somebody claims them."""
    _door(ctx).desk = desk


def _door(ctx: Context) -> _Door:
    kept = ctx.cache.of("inbox_door", 1)
    found: _Door | None = kept.get("one")
    if found is None:
        found = _Door()
        kept.put("one", found)
    return found


async def _write(tx: Tx, batch: Sequence[Proved]) -> list[bool]:
    ctx, now_ms = batch[0].ctx, batch[0].ctx.clock.now_ms()
    desk = _door(ctx).desk
    straight = await _without_rows_before(tx, {each.activity.actor for each in batch}, desk, now_ms)
    for each in batch:
        await each.also(tx)
    rows = [
        (
            ctx.ids.next(), each.activity.actor, each.activity_id, each.activity.type[:_MAX_TYPE_CHARS],
            each.recipient_id, each.body, now_ms,
            *(("leased", 1, now_ms + LEASE_MS, ctx.seat.number) if each.activity.actor in straight
              else ("ready", 0, None, None)),
        )
        for each in batch
    ]  # fmt: skip
    await tx.executemany(
        "INSERT INTO inbox (id, actor_uri, activity_id, type, recipient_id, body, run_at_ms, received_ms, state, "
        "attempts, lease_until_ms, holder) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11) "
        "ON CONFLICT (actor_uri, activity_id) DO NOTHING",
        sorted(rows, key=lambda row: (str(row[1]), str(row[2]))),  # so that two processes wait only one way round
    )
    found = await tx.fetch("SELECT id FROM inbox WHERE id = ANY($1::bigint[])", [row[0] for row in rows])
    new = {row[0] for row in found}
    leased = [(row[0], each) for row, each in zip(rows, batch, strict=True) if row[0] in new and row[1] in straight]
    if leased and desk is not None:
        senders = await actors.at_hand(tx, ctx, {each.activity.actor for _, each in leased})
        arrivals = [
            Arrival(
                row_id, each.activity.actor, 1, each.recipient_id, each.body, senders.pop(each.activity.actor, None),
                each.activity,
            )
            for row_id, each in leased
        ]  # fmt: skip
        tx.after_commit(lambda: desk.take(ctx, arrivals))
    if len(leased) < len(new):
        tx.after_commit(lambda: ctx.live.ring("inbox"))
    return [row[0] in new or await each.repeated(tx) > 0 for row, each in zip(rows, batch, strict=True)]


async def _without_rows_before(tx: Tx, uris: Collection[str], desk: Desk | None, now_ms: int) -> set[str]:
    """Those of *uris* whose rows may be leased at once: nothing of theirs is being worked or could be, anywhere."""
    if desk is None or desk.places() < len(uris):
        return set()
    # As for a claim: each sees what the others have leased.
    await tx.lock("inbox:claim")
    # Plan: inbox_leased, as many rows as are being worked; inbox_ready.
    found = await tx.fetch(
        "SELECT actor_uri, 1 FROM inbox WHERE state = 'leased' UNION ALL SELECT actor_uri, 0 FROM "
        "(SELECT actor_uri FROM inbox WHERE state = 'ready' AND run_at_ms <= $1 ORDER BY run_at_ms, id "
        f"LIMIT {_WAITING_ROWS}) AS waiting",
        now_ms,
    )
    if sum(not row[1] for row in found) >= _WAITING_ROWS:
        return set()
    return set(uris) - {row[0] for row in found}
