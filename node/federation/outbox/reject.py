"""Reject: one of ours says no to a follower elsewhere, or removes one it had, or refuses an announcement."""

from node.actors import actors
from node.actors.actor import Actor
from node.actors.facts import FollowRejected
from node.agreements import agreements
from node.agreements.agreements import other
from node.agreements.facts import WithdrawalAsked
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts


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


async def announce(tx: Tx, ctx: Context, fact: WithdrawalAsked) -> None:
    """Ask the other party of an agreement to take an announcement back."""
    agreement, post = await agreements.require(tx, fact.agreement_id), await posts.require(tx, fact.post_id)
    found = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
    asker, announcer = found[agreement.actor_id(fact.party)], found[agreement.actor_id(other(fact.party))]
    announced = activities.announce(fact.announce_uri, announcer.uri, post.uri)
    sent = activities.refuse(announced, asker.uri, ctx.ids.next())
    await order(tx, ctx, actor_id=asker.id, activity=sent, audience=Audience(actor_ids=(announcer.id,)))
