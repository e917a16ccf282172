"""Move: one of ours is now another account, here or elsewhere (FEP-7628); its followers' servers carry them over."""

from node.actors import actors
from node.actors.facts import ActorMoved
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx


async def actor(tx: Tx, ctx: Context, fact: ActorMoved) -> None:
    """Tell the followers. The profile, which names the new account, is an Update of its own."""
    if not fact.local:
        return
    found = await actors.by_ids(tx, (fact.actor_id, fact.target_id))
    moved, target = found[fact.actor_id], found[fact.target_id]
    sent = activities.move(fact.uri, moved.uri, moved.followers, target.uri)
    await order(tx, ctx, actor_id=moved.id, activity=sent, audience=Audience(followers=True))
