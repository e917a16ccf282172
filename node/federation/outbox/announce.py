"""Announce: one of ours boosts."""

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.delivery.dialects import Dialect
from node.federation.objects import activities
from node.federation.objects import posts as objects
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.extras import Extra
from node.timeline.facts import PostPublished
from node.timeline.posts import Post


async def post(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """Send the boost to the booster's followers and to the author of what is boosted."""
    if not fact.local or fact.boost_of_id is None or fact.post.extras & Extra.LOCAL_ONLY:
        return
    await send(tx, ctx, await posts.require(tx, fact.post_id))


async def send(tx: Tx, ctx: Context, boost: Post) -> None:
    """Send a boost; one that waits, to the author of what is boosted alone."""
    boosted = await posts.require(tx, boost.boost_of_id or 0)
    author = await actors.by_id(tx, boost.author_id)
    # A group speaks to some servers in another way (`group.announced`).
    dialect: Dialect = "ids" if author is not None and author.type == "Group" else ""
    await order(
        tx,
        ctx,
        actor_id=boost.author_id,
        activity=activities.posted(await objects.activity(tx, ctx, boost)),
        audience=Audience(followers=not boost.extras & Extra.AWAITS, actor_ids=(boosted.author_id,), dialect=dialect),
        post_id=boost.id,
    )
