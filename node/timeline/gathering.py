"""Posts of ours that are ready at the same moment: each by its own step, in one transaction, told as one fact.

What follows from a post (feeds, counters, agreements, notices) then asks its questions once for all of them. A step
that is refused takes nobody with it: each is tried alone then (`runtime.database.together`).
"""

from collections.abc import Sequence

from node.runtime.context import Context
from node.runtime.database import Step, Tx
from node.runtime.database.together import Together
from node.timeline.facts import PostsPublished
from node.timeline.records import Post


async def write(ctx: Context, step: Step[Post]) -> Post:
    """Run *step*, which writes one post and may be run again; what it made, once that is durable.

    Raises:
        What the step, or the database, refuses of this post alone.
    """
    kept = ctx.cache.of("posts_gathering", 1)
    together: Together[Step[Post], Post] | None = kept.get("one")
    if together is None:
        together = Together(_write)
        kept.put("one", together)
    return await together.write(ctx.db, step)


async def _write(tx: Tx, steps: Sequence[Step[Post]]) -> list[Post]:
    written = [await step(tx) for step in steps]
    told = [fact for fact in tx.facts if isinstance(fact, PostsPublished)]
    if len(told) > 1:  # nobody has reacted to any of them: that comes after the steps
        others = [fact for fact in tx.facts if not isinstance(fact, PostsPublished)]
        tx.facts[:] = [PostsPublished(tuple(post for fact in told for post in fact.posts)), *others]
    return written
