"""Follow: one of ours asks to read somebody elsewhere."""

from node.actors import actors
from node.actors.facts import FollowRequested
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx


async def requested(tx: Tx, ctx: Context, fact: FollowRequested) -> None:
    """Send the Follow."""
    found = await actors.by_ids(tx, (fact.follower_id, fact.followee_id))
    follower, followee = found[fact.follower_id], found[fact.followee_id]
    if not follower.local or followee.local:
        return
    sent = activities.sent(activities.follow(fact.uri, follower.uri, followee.uri))
    await order(tx, ctx, actor_id=follower.id, activity=sent, audience=Audience(actor_ids=(followee.id,)))
