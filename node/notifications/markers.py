"""Markers: how far an actor has read its home feed and its notifications, shared by its clients."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from node.runtime.context import Context
from node.runtime.database import Reader, Tx

Timeline = Literal["home", "notifications"]
TIMELINES: tuple[Timeline, ...] = ("home", "notifications")


@dataclass(frozen=True, slots=True)
class Marker:
    """The last post or notification read."""

    last_read_id: int
    version: int
    """Grows with each save."""
    updated_ms: int


async def of_actor(reader: Reader, actor_id: int, timelines: Collection[str] = TIMELINES) -> dict[Timeline, Marker]:
    """The markers that were saved, by timeline."""
    rows = await reader.fetch(
        "SELECT timeline, last_read_id, version, updated_ms FROM markers WHERE actor_id = $1 AND timeline = ANY($2::text[])",
        actor_id, list(timelines),
    )  # fmt: skip
    return {cast(Timeline, row[0]): Marker(*tuple(row)[1:]) for row in rows}


async def save(tx: Tx, ctx: Context, *, actor_id: int, read: Mapping[Timeline, int]) -> dict[Timeline, Marker]:
    """Save how far each timeline was read; the markers as they are now."""
    for timeline in sorted(read):
        await tx.execute(
            "INSERT INTO markers (actor_id, timeline, last_read_id, version, updated_ms) VALUES ($1, $2, $3, 1, $4) "
            "ON CONFLICT (actor_id, timeline) DO UPDATE SET last_read_id = excluded.last_read_id, "
            "version = markers.version + 1, updated_ms = excluded.updated_ms",
            actor_id, timeline, read[timeline], ctx.clock.now_ms(),
        )  # fmt: skip
    return await of_actor(tx, actor_id, list(read))
