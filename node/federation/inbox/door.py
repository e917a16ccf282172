"""What was proved at the door becomes a row of `inbox`, once for each (verified actor, activity id); many at a time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.database.together import Together

_MAX_TYPE_CHARS = 100
_HELD = 512
"""Activities that stay read until they are worked, when this process does that too: a tenth of what they cost."""


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


async def store(proved: Proved) -> bool:
    """Store it, or know that it is here already; whether it was taken."""
    ctx = proved.ctx
    kept = ctx.cache.of("inbox_door", 1)
    door: Together[Proved, bool] | None = kept.get("one")
    if door is None:
        door = Together(_write)
        kept.put("one", door)
    return await door.write(ctx.db, proved)


def read(ctx: Context, row_id: int, body: bytes) -> Activity | None:
    """The activity of a row that was stored here a moment ago; it is let go."""
    held = ctx.cache.of("inbox_read", _HELD)
    found: tuple[bytes, Activity] | None = held.get(row_id)
    if found is None:
        return None
    held.drop(row_id)
    return found[1] if found[0] == body else None  # the same row, told anew, has other bytes


async def _write(tx: Tx, batch: Sequence[Proved]) -> list[bool]:
    ctx, now_ms = batch[0].ctx, batch[0].ctx.clock.now_ms()
    for each in batch:
        await each.also(tx)
    rows = [
        (
            ctx.ids.next(), each.activity.actor, each.activity_id, each.activity.type[:_MAX_TYPE_CHARS],
            each.recipient_id, each.body, now_ms,
        )
        for each in batch
    ]  # fmt: skip
    await tx.executemany(
        "INSERT INTO inbox (id, actor_uri, activity_id, type, recipient_id, body, state, run_at_ms, received_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, $7) ON CONFLICT (actor_uri, activity_id) DO NOTHING",
        sorted(rows, key=lambda row: (str(row[1]), str(row[2]))),  # so that two processes wait only one way round
    )
    found = await tx.fetch("SELECT id FROM inbox WHERE id = ANY($1::bigint[])", [row[0] for row in rows])
    new = {row[0] for row in found}

    def stored() -> None:
        held = ctx.cache.of("inbox_read", _HELD)
        for row, each in zip(rows, batch, strict=True):
            if row[0] in new:
                held.put(row[0], (each.body, each.activity))
        ctx.live.ring("inbox")

    if new:
        tx.after_commit(stored)
    return [row[0] in new or await each.repeated(tx) > 0 for row, each in zip(rows, batch, strict=True)]
