"""Join, Leave and what is answered to them: taking part in events.

    {"id": "https://a.example/@anne/join/event/1", "type": "Join", "actor": "https://a.example/@anne",
     "object": "https://b.example/users/bruz/statuses/1"}

Mobilizon, FEP-8a8e. Nothing here takes registrations: a Join is answered by Ignore.
"""

from node.actors.actor import Actor
from node.federation import fetch
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import limits, links
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.timeline import attendances, posts, visibility
from node.timeline.attendances import State
from node.timeline.facts import JoinIgnored
from node.timeline.posts import Post


async def join(ctx: Context, received: Received) -> Step | Dropped:
    """Say that there is nothing to register for."""
    sender, asked = received.sender, received.activity.id
    post = await posts.by_uri(ctx.db.reader, received.object_id or "")
    if post is None or not post.local or asked is None:
        return Dropped("no post of ours is meant")
    if not await visibility.may_read(ctx.db.reader, viewer_id=sender.id, post=post):
        return Dropped("this post does not exist, or not for the asker")

    async def step(tx: Tx) -> None:
        tx.state(JoinIgnored(post.author_id, sender.id, post.uri, asked))

    return step


async def leave(ctx: Context, received: Received) -> Step | Dropped:
    """Nobody is registered for anything here."""
    return Dropped("nothing here takes registrations")


async def accepted(ctx: Context, received: Received) -> Step | Dropped:
    """An organiser elsewhere says yes to one of ours."""
    return await _answered(ctx, received, "accepted")


async def rejected(ctx: Context, received: Received) -> Step | Dropped:
    """An organiser elsewhere says no."""
    return await _answered(ctx, received, "rejected")


async def ignored(ctx: Context, received: Received) -> Step | Dropped:
    """There is no registration there: what was asked stays asked."""
    return Dropped("our asking is not answered there")


async def _answered(ctx: Context, received: Received, state: State) -> Step | Dropped:
    uri = received.object_id or ""
    post_id = await attendances.event_of(ctx.db.reader, uri)
    post = None if post_id is None else await posts.by_id(ctx.db.reader, post_id)
    if post is None:
        return Dropped("nobody of ours waits for this answer")
    if post.author_id != received.sender.id and not await _organises(ctx, received.sender, post):
        raise Forbidden("only its organiser says who takes part")
    return lambda tx: attendances.answered(tx, uri=uri, state=state)


async def _organises(ctx: Context, sender: Actor, post: Post) -> bool:
    """Whether the event itself names *sender*: Mobilizon's groups publish what a person (`actor`) organises."""
    if not links.same_origin(sender.uri, post.uri):
        return False
    raw = await fetch.document(ctx, post.uri)
    named = [*links.listed(raw.get("actor")), *links.listed(raw.get("attributedTo"))]
    return sender.uri in links.ids_of(named, limits.MAX_OBJECTS, allow_http=True)
