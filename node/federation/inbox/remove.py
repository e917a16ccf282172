"""Remove: an actor no longer pins a post of its own.

    {"id": "https://a.example/users/anne#removes/1", "type": "Remove", "actor": "https://a.example/users/anne",
     "object": "https://a.example/users/anne/statuses/1",
     "target": "https://a.example/users/anne/collections/featured"}

ActivityPub §7.9.
"""

from node.federation.inbox.add import names_featured
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import pins, posts


async def featured(ctx: Context, received: Received) -> Step | Dropped:
    """Take the pin out."""
    if not names_featured(received):
        return Dropped("not the sender's own featured collection")
    found = await posts.by_uri(ctx.db.reader, received.object_id or "")
    if found is None:
        return Dropped("the post is not here")

    async def step(tx: Tx) -> None:
        await pins.unpin(tx, actor=received.sender, post=found)

    return step
