"""Accept: one of ours says yes to a follower elsewhere; said again whenever that one asks again."""

from node.actors import actors
from node.actors.facts import FollowAccepted
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx


async def follow(tx: Tx, ctx: Context, fact: FollowAccepted) -> None:
    """Send the Accept."""
    if not fact.remote:
        return
    found = await actors.by_ids(tx, (fact.follower_id, fact.followee_id))
    follower, followee = found[fact.follower_id], found[fact.followee_id]
    if not followee.local:
        return
    asked = activities.follow(fact.uri, follower.uri, followee.uri)
    sent = activities.accept(asked, ctx.ids.next())
    await order(tx, ctx, actor_id=followee.id, activity=sent, audience=Audience(actor_ids=(follower.id,)))
