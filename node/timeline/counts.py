"""Counters, kept in the transaction that changes what they count, and never below zero.

They count only what anyone may know: a followers-only or direct reply leaves the number of replies as it is, a
direct post its author's number of posts.
"""

from typing import Literal

from node.runtime.database import Tx
from node.timeline.records import Post

Counter = Literal["replies_count", "boosts_count", "favourites_count"]


async def step(tx: Tx, counter: Counter, post_id: int, by: int) -> None:
    """Count *by* more (or fewer) of them at a post."""
    await tx.execute(
        f"UPDATE posts SET {counter} = CASE WHEN {counter} + $2 < 0 THEN 0 ELSE {counter} + $2 END "
        "WHERE id = $1",
        post_id, by,
    )  # fmt: skip


async def posts_of(tx: Tx, author_id: int, by: int) -> None:
    """Count *by* more (or fewer) posts of an author."""
    await tx.execute(
        "UPDATE actors SET posts_count = CASE WHEN posts_count + $2 < 0 THEN 0 ELSE posts_count + $2 END WHERE id = $1",
        author_id, by,
    )  # fmt: skip


async def added(tx: Tx, post: Post) -> None:
    """*post* is there."""
    await _changed(tx, post, 1)
    if post.visibility != "direct":
        await tx.execute(
            "UPDATE actors SET last_post_ms = $2 WHERE id = $1 AND (last_post_ms IS NULL OR last_post_ms < $2)",
            post.author_id, post.published_ms,
        )  # fmt: skip


async def removed(tx: Tx, post: Post) -> None:
    """*post* is gone."""
    await _changed(tx, post, -1)


async def _changed(tx: Tx, post: Post, by: int) -> None:
    if post.visibility != "direct":
        await posts_of(tx, post.author_id, by)
    if post.distributable and post.reply_to_id is not None:
        await step(tx, "replies_count", post.reply_to_id, by)
    if post.distributable and post.boost_of_id is not None:
        await step(tx, "boosts_count", post.boost_of_id, by)
