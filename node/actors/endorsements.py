"""Accounts that an account recommends on its profile."""

from typing import Final

from node.actors import tastes
from node.actors.actor import Actor, columns, read
from node.actors.circles import MAX_PAGE
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

MAX_ENDORSED: Final = 80


async def endorse(tx: Tx, ctx: Context, *, actor: Actor, target: Actor) -> None:
    """*actor* recommends *target*. Again: nothing more happens.

    Raises:
        Invalid: it does not follow it, or it is one too many.
    """
    await tastes.alone(tx, actor.id)
    follows = await tx.value(
        "SELECT 1 FROM follows WHERE follower_id = $1 AND followee_id = $2 AND state = 'accepted'", actor.id, target.id
    )
    if follows is None:
        raise Invalid("Validation failed: You must be already following the account you want to endorse")
    if await tx.value("SELECT COUNT(*) FROM endorsements WHERE actor_id = $1", actor.id) >= MAX_ENDORSED:
        raise Invalid(sentence("A profile recommends at most %(most)s accounts.", most=MAX_ENDORSED))
    await tx.execute(
        "INSERT INTO endorsements (id, actor_id, target_id, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (actor_id, target_id) DO NOTHING",
        ctx.ids.next(), actor.id, target.id, ctx.clock.now_ms(),
    )  # fmt: skip


async def withdraw(tx: Tx, *, actor: Actor, target: Actor) -> None:
    """*actor* recommends it no longer."""
    await tx.execute("DELETE FROM endorsements WHERE actor_id = $1 AND target_id = $2", actor.id, target.id)


async def page(reader: Reader, actor_id: int, *, max_id: int | None = None, limit: int = 40) -> list[tuple[int, Actor]]:
    """(Id of the line, account), the last first, older than *max_id*; only whom the account still follows."""
    older, args = ("", [actor_id]) if max_id is None else ("AND e.id < $2 ", [actor_id, max_id])
    rows = await reader.fetch(
        f"SELECT e.id, {columns('a')} FROM endorsements e JOIN actors a ON a.id = e.target_id WHERE e.actor_id = $1 "
        "AND a.state = 'active' AND EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.followee_id = a.id "
        f"AND f.state = 'accepted') {older}ORDER BY e.id DESC LIMIT {min(max(1, int(limit)), MAX_PAGE)}",
        *args,
    )
    return [(row[0], read(row, 1)) for row in rows]
