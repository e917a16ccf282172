"""What relays say: that they take us in or not, and which public posts there are elsewhere.

    {"id": "https://relay.example/activities/1", "type": "Announce", "actor": "https://relay.example/actor",
     "to": ["https://relay.example/followers"], "object": "https://b.example/users/bruz/statuses/1"}

A relay is believed about nothing: each post is read at its own server, and is kept as if somebody had looked it up.
A relay that is not joined is anybody.
"""

from typing import Final

from node.actors.actor import Actor
from node.federation.delivery import Audience, order, relays
from node.federation.inbox import forwarded
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.objects import activities
from node.federation.vocab import links
from node.federation.vocab.activities import Activity
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import enqueue
from node.runtime.windows import Limit
from node.timeline import posts

_POSTS: Final = Limit("posts of a relay", 3_000, 300)
_ABOUT_POSTS: Final = ("Create", "Update", "Delete")


async def answered(ctx: Context, received: Received, state: relays.State) -> Step | None:
    """The step that notes a relay's Accept or Reject; None when it is no relay's, or not of our Follow."""
    about = received.activity.object
    if about is None:
        return None
    asker_uri = links.optional_uri(about.raw.get("actor"), allow_http=True) if about.raw is not None else None
    every = await relays.every(ctx.db.reader)
    relay = relays.meant(every, by=received.sender, follow_uri=about.id, asker_uri=asker_uri)
    if relay is None:
        return None
    return lambda tx: relays.answer(tx, ctx, relay, by=received.sender, state=state)


async def followed_back(ctx: Context, received: Received, followee: Actor) -> Step | None:
    """A LitePub relay that we asked follows our instance actor: it is told yes, and nothing else is made of it."""
    sender, uri = received.sender, received.activity.id
    every = await relays.every(ctx.db.reader)
    if uri is None or not any(each.actor_uri == sender.uri and each.actor_id == followee.id for each in every):
        return None
    accept = activities.accept(activities.follow(uri, sender.uri, followee.uri), ctx.ids.next())
    audience = Audience(actor_ids=(sender.id,))
    return lambda tx: order(tx, ctx, actor_id=followee.id, activity=accept, audience=audience)


async def announced(ctx: Context, sender: Actor, uri: str) -> Step | Dropped | None:
    """The step that has the post read that a joined relay announces; None: *sender* is no such relay."""
    if sender.uri not in await relays.heard(ctx):
        return None
    if await posts.by_uri(ctx.db.reader, uri) is not None:
        return Dropped("the post is known")
    if windows.hit(ctx, _POSTS, sender.uri).exceeded:
        return Dropped("the relay speaks too much")
    return lambda tx: _have_read(tx, ctx, uri)


async def passed_on(ctx: Context, signer_uri: str, activity: Activity) -> bool:
    """Whether a joined relay brought somebody else's activity; then the post that it is about is read.

    Of what is changed or gone only what is held here matters.
    """
    if signer_uri not in await relays.heard(ctx):
        return False
    uri = activity.object.id if activity.object is not None else None
    if activity.type not in _ABOUT_POSTS or uri is None or not links.same_origin(uri, activity.actor):
        return True
    known = await posts.by_uri(ctx.db.reader, uri) is not None
    if known == (activity.type != "Create") and not windows.hit(ctx, _POSTS, signer_uri).exceeded:
        await ctx.db.write(lambda tx: _have_read(tx, ctx, uri))
    return True


async def _have_read(tx: Tx, ctx: Context, uri: str) -> None:
    await enqueue(tx, ctx, forwarded.REFETCH_JOB, {"uri": uri}, unique=f"{forwarded.REFETCH_JOB}:{uri}")
