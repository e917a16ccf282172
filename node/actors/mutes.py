"""Mutes: an account no longer sees another, for good or for a while. Nobody is told, follows stay."""

from dataclasses import dataclass
from typing import Final

from node.actors import tastes
from node.actors.actor import Actor, columns, read
from node.actors.circles import MAX_PAGE
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence

MAX_S: Final = 100 * 366 * 86_400
"""Longer is for ever."""
_HELD = "SELECT 1 FROM mutes m WHERE m.actor_id = $1"


@dataclass(frozen=True, slots=True)
class Muted:
    """A line of the list."""

    id: int
    actor: Actor
    expires_ms: int | None


async def mute(
    tx: Tx, ctx: Context, *, actor: Actor, target: Actor, notifications: bool = True, duration_s: int = 0
) -> None:
    """*actor* no longer sees *target*, with *notifications* is not told of it either; for *duration_s*, 0 for good.

    Again: with the new choices.

    Raises:
        Forbidden: oneself.
    """
    if actor.id == target.id:
        raise Forbidden(sentence("Nobody mutes oneself."))
    await tastes.alone(tx, actor.id)
    now_ms = ctx.clock.now_ms()
    expires_ms = now_ms + duration_s * 1_000 if 0 < duration_s <= MAX_S else None
    await tx.execute(
        "INSERT INTO mutes (id, actor_id, target_id, notifications, expires_ms, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (actor_id, target_id) "
        "DO UPDATE SET notifications = excluded.notifications, expires_ms = excluded.expires_ms",
        ctx.ids.next(), actor.id, target.id, notifications, expires_ms, now_ms,
    )  # fmt: skip
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.MUTES, held=_HELD)


async def unmute(tx: Tx, ctx: Context, *, actor: Actor, target: Actor) -> None:
    """*actor* sees *target* again."""
    await tastes.alone(tx, actor.id)
    await tx.execute("DELETE FROM mutes WHERE actor_id = $1 AND target_id = $2", actor.id, target.id)
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.MUTES, held=_HELD)


async def page(
    reader: Reader, actor_id: int, *, now_ms: int, max_id: int | None = None, limit: int = 40
) -> list[Muted]:
    """Whom *actor_id* mutes at *now_ms*, the last first, older than the mute *max_id*. One range of mutes_actor."""
    older, args = ("", [actor_id, now_ms]) if max_id is None else ("AND m.id < $3 ", [actor_id, now_ms, max_id])
    rows = await reader.fetch(
        f"SELECT m.id, m.expires_ms, {columns('a')} FROM mutes m JOIN actors a ON a.id = m.target_id "
        f"WHERE m.actor_id = $1 AND a.state = 'active' AND (m.expires_ms IS NULL OR m.expires_ms > $2) "
        f"{older}ORDER BY m.id DESC LIMIT {min(max(1, int(limit)), MAX_PAGE)}",
        *args,
    )
    return [Muted(row[0], read(row, 2), row[1]) for row in rows]
