"""Add: one of ours pins a post (its `featured` collection)."""

from collections.abc import Callable
from typing import Any

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.extras import Extra
from node.timeline.facts import Pinned, Unpinned


async def featured(tx: Tx, ctx: Context, fact: Pinned) -> None:
    """Tell the followers."""
    await tell(tx, ctx, fact, activities.add)


async def tell(tx: Tx, ctx: Context, fact: Pinned | Unpinned, write: Callable[..., dict[str, Any]]) -> None:
    """Send what *write* makes of a pin that came or went; only what anyone may read is named."""
    actor, post = await actors.by_id(tx, fact.actor_id), await posts.by_id(tx, fact.post_id)
    if actor is None or not actor.local or post is None or not post.distributable or post.extras & Extra.LOCAL_ONLY:
        return
    sent = write(actor.uri, actor.featured, post.uri, ctx.ids.next())
    await order(tx, ctx, actor_id=actor.id, activity=sent, audience=Audience(followers=True))
