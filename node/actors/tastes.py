"""What an account has of its own making that changes its pages, as bits of `actors.tastes`.

Most accounts have none of it, and their pages ask for none: the bits come with the token of a request and stay in
memory for seconds. A change in this process counts at once, elsewhere seconds later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader, Tx


class Taste(IntFlag):
    """One kind of rows that an account may have."""

    MUTES = 1
    """node.actors.mutes."""
    HOSTS = 2
    """node.actors.host_blocks."""
    THREADS = 4
    """node.timeline.thread_mutes."""
    FILTERS = 8
    """node.timeline.filters."""
    EXCLUSIVE = 16
    """Lists whose members stand there and not at home (node.timeline.lists)."""
    TAGS = 32
    """Hashtags that are followed (node.timeline.tag_follows)."""


_FRESH_MS = 5_000
_KEPT = 8192
_NAME: Final = "tastes"


@dataclass(frozen=True, slots=True)
class _Held:
    bits: int
    read_ms: int


async def of(ctx: Context, actor_id: int | None, reader: Reader | None = None) -> int:
    """The bits of an account, 0 for a stranger; no query within seconds of `remember`."""
    if actor_id is None:
        return 0
    held: _Held | None = ctx.cache.of(_NAME, _KEPT).get(actor_id)
    now_ms = ctx.clock.now_ms()
    if held is not None and now_ms - held.read_ms < _FRESH_MS:
        return held.bits
    bits = int(await (reader or ctx.db.reader).value("SELECT tastes FROM actors WHERE id = $1", actor_id) or 0)
    if reader is None or reader is ctx.db.reader:  # what a transaction reads may be taken back
        remember(ctx, actor_id, bits)
    return bits


async def look_at(ctx: Context, actor_ids: Sequence[int]) -> None:
    """Have the bits of all these accounts in memory: one query, none if they are."""
    kept, now_ms = ctx.cache.of(_NAME, _KEPT), ctx.clock.now_ms()
    wanted = []
    for actor_id in actor_ids:
        held: _Held | None = kept.get(actor_id)
        if held is None or now_ms - held.read_ms >= _FRESH_MS:
            wanted.append(actor_id)
    if wanted:
        for row in await ctx.db.reader.fetch("SELECT id, tastes FROM actors WHERE id = ANY($1::bigint[])", wanted):
            remember(ctx, row[0], int(row[1]))


def remember(ctx: Context, actor_id: int, bits: int) -> None:
    """Keep the bits that were just read, of a committed row."""
    ctx.cache.of(_NAME, _KEPT).put(actor_id, _Held(bits, ctx.clock.now_ms()))


async def alone(tx: Tx, actor_id: int) -> None:
    """Nothing else changes what this account has until the commit: whoever writes such a row takes this first."""
    await tx.lock(f"tastes:{actor_id}")


async def settle(tx: Tx, ctx: Context, *, actor_id: int, taste: Taste, held: str) -> None:
    """Say whether the account has rows of that kind: *held* selects them for the account `$1`."""
    await tx.execute(
        f"UPDATE actors SET tastes = CASE WHEN EXISTS ({held}) THEN tastes | {int(taste)} ELSE tastes & ~{int(taste)} END "
        "WHERE id = $1",
        actor_id,
    )

    def forget() -> None:
        ctx.cache.of(_NAME, _KEPT).drop(actor_id)
        ctx.live.forget(_NAME)

    tx.after_commit(forget)
