"""Like: one of ours likes a post from elsewhere."""

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.facts import Favourited


async def post(tx: Tx, ctx: Context, fact: Favourited) -> None:
    """Tell its author."""
    found = await actors.by_ids(tx, (fact.actor_id, fact.author_id))
    liker, author = found[fact.actor_id], found[fact.author_id]
    if not liker.local or author.local:
        return
    liked = await posts.require(tx, fact.post_id)
    sent = activities.sent(activities.like(fact.uri, liker.uri, liked.uri))
    await order(tx, ctx, actor_id=liker.id, activity=sent, audience=Audience(actor_ids=(author.id,)))
