"""Reject: one of ours says no to a follower elsewhere, or removes one it had."""

from node.actors import actors
from node.actors.actor import Actor
from node.actors.facts import FollowRejected
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx


async def follow(tx: Tx, ctx: Context, fact: FollowRejected) -> None:
    """Send the Reject."""
    found = await actors.by_ids(tx, (fact.follower_id, fact.followee_id))
    follower, followee = found[fact.follower_id], found[fact.followee_id]
    if not follower.local and followee.local:
        await refuse(tx, ctx, follower=follower, followee=followee, uri=fact.uri)


async def refuse(tx: Tx, ctx: Context, *, follower: Actor, followee: Actor, uri: str) -> None:
    """Answer the Follow *uri* with no."""
    asked = activities.follow(uri, follower.uri, followee.uri)
    sent = activities.reject(asked, ctx.ids.next())
    await order(tx, ctx, actor_id=followee.id, activity=sent, audience=Audience(actor_ids=(follower.id,)))
