"""Conversations of which an account wants to hear no more: they are read as before, and tell it nothing."""

from collections.abc import Collection, Sequence

from node.actors import tastes
from node.actors.actor import Actor
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline.records import Post

_HELD = "SELECT 1 FROM thread_mutes t WHERE t.actor_id = $1"


async def mute(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> None:
    """*actor* is told no more of the conversation of *post*."""
    await tastes.alone(tx, actor.id)
    await tx.execute(
        "INSERT INTO thread_mutes (actor_id, thread_id, created_ms) SELECT $1, p.thread_id, $3 FROM posts p "
        "WHERE p.id = $2 ON CONFLICT DO NOTHING",
        actor.id, post.id, ctx.clock.now_ms(),
    )  # fmt: skip
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.THREADS, held=_HELD)


async def unmute(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> None:
    """*actor* is told of it again."""
    await tastes.alone(tx, actor.id)
    await tx.execute(
        "DELETE FROM thread_mutes WHERE actor_id = $1 AND thread_id = (SELECT p.thread_id FROM posts p WHERE p.id = $2)",
        actor.id, post.id,
    )  # fmt: skip
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.THREADS, held=_HELD)


async def among(reader: Reader, *, actor_id: int, post_ids: Sequence[int]) -> set[int]:
    """Those of *post_ids* whose conversation the account muted."""
    rows = await reader.fetch(
        "SELECT p.id FROM posts p JOIN thread_mutes t ON t.actor_id = $1 AND t.thread_id = p.thread_id "
        "WHERE p.id = ANY($2::bigint[])",
        actor_id, list(post_ids),
    )  # fmt: skip
    return {row[0] for row in rows}


async def follow(tx: Tx, *, thread_ids: Collection[int], into: int) -> None:
    """Conversations turned out to be part of another: who muted one of them mutes that."""
    await tx.execute(
        "INSERT INTO thread_mutes (actor_id, thread_id, created_ms) SELECT t.actor_id, $1::bigint, t.created_ms "
        "FROM thread_mutes t WHERE t.thread_id = ANY($2::bigint[]) ON CONFLICT DO NOTHING",
        into, list(thread_ids),
    )  # fmt: skip
    await tx.execute("DELETE FROM thread_mutes WHERE thread_id = ANY($1::bigint[])", list(thread_ids))
