"""Add: an actor pins a post of its own (its `featured` collection).

    {"id": "https://a.example/users/anne#adds/1", "type": "Add", "actor": "https://a.example/users/anne",
     "object": "https://a.example/users/anne/statuses/1",
     "target": "https://a.example/users/anne/collections/featured"}

ActivityPub §7.8.
"""

from node.federation import resolve
from node.federation.inbox.concern import is_followed_here
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import pins, posts


async def featured(ctx: Context, received: Received) -> Step | Dropped:
    """Pin it; a post that we do not hold is fetched when the actor is followed here."""
    sender, uri = received.sender, received.object_id
    if uri is None or not names_featured(received):
        return Dropped("not the sender's own featured collection")
    found = await posts.by_uri(ctx.db.reader, uri)
    if found is None:
        if not await is_followed_here(ctx, sender):
            return Dropped("nobody here follows the sender")
        found = await resolve.post(ctx, uri)
    pinned = found

    async def step(tx: Tx) -> None:
        await pins.pin(tx, ctx, actor=sender, post=pinned)

    return step


def names_featured(received: Received) -> bool:
    """Whether the target is the sender's own featured collection."""
    target = received.activity.target
    return target is not None and bool(received.sender.featured) and target.id == received.sender.featured
