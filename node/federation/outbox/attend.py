"""Join and Leave: one of ours takes part in an event elsewhere. Ignore: what nothing here can be asked."""

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.facts import Joined, JoinIgnored, Left


async def joined(tx: Tx, ctx: Context, fact: Joined) -> None:
    """Ask the organiser."""
    await _send(tx, ctx, fact, "Join", fact.uri)


async def left(tx: Tx, ctx: Context, fact: Left) -> None:
    """Tell the organiser not to count on it."""
    await _send(tx, ctx, fact, "Leave", f"{fact.uri}/leave")


async def ignored(tx: Tx, ctx: Context, fact: JoinIgnored) -> None:
    """Answer who asks to take part where nobody registers."""
    found = await actors.by_ids(tx, (fact.author_id, fact.asker_id))
    author, asker = found[fact.author_id], found[fact.asker_id]
    asked = {"id": fact.uri, "type": "Join", "actor": asker.uri, "object": fact.post_uri}
    written = {
        "id": f"{author.uri}#ignores/{ctx.ids.next()}", "type": "Ignore", "actor": author.uri, "to": [asker.uri],
        "object": asked,
    }  # fmt: skip
    sent = activities.sent(written)
    await order(tx, ctx, actor_id=author.id, activity=sent, audience=Audience(actor_ids=(asker.id,)))


async def _send(tx: Tx, ctx: Context, fact: Joined | Left, kind: str, uri: str) -> None:
    found = await actors.by_ids(tx, (fact.actor_id, fact.organiser_id))
    actor, organiser = found[fact.actor_id], found[fact.organiser_id]
    event = await posts.require(tx, fact.post_id)
    sent = activities.sent(
        {"id": uri, "type": kind, "actor": actor.uri, "to": [organiser.uri], "object": event.uri},
        at_ms=ctx.clock.now_ms(),
    )
    await order(tx, ctx, actor_id=actor.id, activity=sent, audience=Audience(actor_ids=(organiser.id,)))
