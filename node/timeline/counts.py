"""Counters, kept in the transaction that changes what they count, and never below zero.

They count only what anyone may know: a followers-only or direct reply leaves the number of replies as it is, a
direct post its author's number of posts.
"""

from collections import Counter as Tally
from typing import Literal

from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline.facts import PostsPublished
from node.timeline.records import Post

Counter = Literal["replies_count", "boosts_count", "favourites_count"]


async def step(tx: Tx, counter: Counter, post_id: int, by: int) -> None:
    """Count *by* more (or fewer) of them at a post."""
    await tx.execute(
        f"UPDATE posts SET {counter} = CASE WHEN {counter} + $2 < 0 THEN 0 ELSE {counter} + $2 END "
        "WHERE id = $1",
        post_id, by,
    )  # fmt: skip


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Count what is there now. Rows are touched in the order of their ids, so that two steps wait only one way round."""
    posts = [each.post for each in fact.posts]
    shown = [post for post in posts if post.visibility != "direct"]
    wrote = Tally(post.author_id for post in shown)
    last_ms = {post.author_id: post.published_ms for post in sorted(shown, key=lambda post: post.published_ms)}
    if wrote:
        await tx.executemany(
            "UPDATE actors SET posts_count = posts_count + $2, last_post_ms = CASE WHEN last_post_ms IS NULL "
            "OR last_post_ms < $3 THEN $3 ELSE last_post_ms END WHERE id = $1",
            [(author_id, wrote[author_id], last_ms[author_id]) for author_id in sorted(wrote)],
        )
    public = [post for post in posts if post.distributable]
    for counter, counted in (
        ("replies_count", Tally(post.reply_to_id for post in public if post.reply_to_id is not None)),
        ("boosts_count", Tally(post.boost_of_id for post in public if post.boost_of_id is not None)),
    ):
        if counted:
            await tx.executemany(f"UPDATE posts SET {counter} = {counter} + $2 WHERE id = $1", sorted(counted.items()))


async def removed(tx: Tx, post: Post) -> None:
    """*post* is gone."""
    if post.visibility != "direct":
        await tx.execute(
            "UPDATE actors SET posts_count = posts_count - 1 WHERE id = $1 AND posts_count > 0", post.author_id
        )
    if post.distributable and post.reply_to_id is not None:
        await step(tx, "replies_count", post.reply_to_id, -1)
    if post.distributable and post.boost_of_id is not None:
        await step(tx, "boosts_count", post.boost_of_id, -1)
