"""Block: one of ours wants nothing more of somebody elsewhere, whose server helps to keep the two apart."""

from node.actors import actors
from node.actors.facts import Blocked
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx


async def actor(tx: Tx, ctx: Context, fact: Blocked) -> None:
    """Send the Block."""
    found = await actors.by_ids(tx, (fact.actor_id, fact.target_id))
    blocker, target = found[fact.actor_id], found[fact.target_id]
    if not blocker.local or target.local:
        return
    sent = activities.sent(activities.block(fact.uri, blocker.uri, target.uri))
    await order(tx, ctx, actor_id=blocker.id, activity=sent, audience=Audience(actor_ids=(target.id,)))
