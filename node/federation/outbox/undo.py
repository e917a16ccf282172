"""Undo: one of ours takes back a Follow, Like, Announce or Block."""

from collections.abc import Mapping
from typing import Any

from node.actors import actors
from node.actors.facts import Unblocked, Unfollowed
from node.federation.delivery import Audience, order
from node.federation.objects import PUBLIC, activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.facts import PostDeleted, Unfavourited


async def follow(tx: Tx, ctx: Context, fact: Unfollowed) -> None:
    """No longer read somebody elsewhere."""
    found = await actors.by_ids(tx, (fact.follower_id, fact.followee_id))
    follower, followee = found[fact.follower_id], found[fact.followee_id]
    if follower.local and not followee.local:
        await _send(tx, ctx, follower.id, followee.id, activities.follow(fact.uri, follower.uri, followee.uri))


async def block(tx: Tx, ctx: Context, fact: Unblocked) -> None:
    """No longer block somebody elsewhere."""
    found = await actors.by_ids(tx, (fact.actor_id, fact.target_id))
    blocker, target = found[fact.actor_id], found[fact.target_id]
    if blocker.local and not target.local:
        await _send(tx, ctx, blocker.id, target.id, activities.block(fact.uri, blocker.uri, target.uri))


async def like(tx: Tx, ctx: Context, fact: Unfavourited) -> None:
    """No longer like a post from elsewhere."""
    found = await actors.by_ids(tx, (fact.actor_id, fact.author_id))
    liker, author = found[fact.actor_id], found[fact.author_id]
    post = await posts.by_id(tx, fact.post_id)
    if liker.local and not author.local and post is not None:
        await _send(tx, ctx, liker.id, author.id, activities.like(fact.uri, liker.uri, post.uri))


async def announce(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """Take a boost back, where it was shown."""
    if not fact.local or fact.boost_of_uri is None or fact.local_only:
        return
    author = await actors.by_id(tx, fact.author_id)
    if author is None or author.deleted:
        return  # its own Delete says it all
    boost = {**activities.announce(fact.uri, fact.author_uri, fact.boost_of_uri), "to": [PUBLIC]}
    audience = Audience(followers=True, actor_ids=fact.recipients)
    await order(
        tx, ctx, actor_id=fact.author_id, activity=activities.undo(boost), audience=audience, post_id=fact.post_id
    )


async def _send(tx: Tx, ctx: Context, actor_id: int, to_id: int, activity: Mapping[str, Any]) -> None:
    audience = Audience(actor_ids=(to_id,))
    await order(tx, ctx, actor_id=actor_id, activity=activities.undo(activity), audience=audience)
