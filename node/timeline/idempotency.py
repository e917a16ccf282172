"""Idempotency-Key: a client that is not sure whether its post arrived sends it again and gets the first one."""

from collections.abc import Awaitable, Callable

from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import records
from node.timeline.records import Post

KEPT_MS = 3_600_000
"""One hour, as Mastodon; then the key may mean another post."""
_MAX_KEY_CHARS = 256


async def once(
    tx: Tx, ctx: Context, *, actor_id: int, key: str | None, publish: Callable[[Tx], Awaitable[Post]]
) -> Post:
    """The post that *key* stands for, or the one that *publish* makes now, in the same transaction.

    A second request with the key waits for the first. Without a key, *publish* simply runs.
    """
    if not key:
        return await publish(tx)
    key = key[:_MAX_KEY_CHARS].replace("\0", "")
    await tx.lock(f"idempotency:{actor_id}:{key}")
    now_ms = ctx.clock.now_ms()
    await tx.execute("DELETE FROM idempotency WHERE actor_id = $1 AND created_ms <= $2", actor_id, now_ms - KEPT_MS)
    known = await tx.value(
        "SELECT post_id FROM idempotency WHERE actor_id = $1 AND idempotency_key = $2", actor_id, key
    )
    if known is not None and (post := await records.by_id(tx, known)) is not None:
        return post
    post = await publish(tx)
    await tx.execute(
        "INSERT INTO idempotency (actor_id, idempotency_key, post_id, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (actor_id, idempotency_key) DO UPDATE SET post_id = excluded.post_id, created_ms = excluded.created_ms",
        actor_id, key, post.id, now_ms,
    )  # fmt: skip
    return post
