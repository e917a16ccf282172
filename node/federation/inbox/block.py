"""Block: somebody elsewhere wants nothing more of one of ours; honoured like our own.

    {"id": "https://a.example/users/anne#blocks/1", "type": "Block", "actor": "https://a.example/users/anne",
     "object": "https://b.example/users/bruz"}

ActivityPub §6.9.
"""

from node.actors import actors, blocks
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts


async def actor(ctx: Context, received: Received) -> Step | Dropped:
    """Put the block between the two; follows both ways end."""
    target = await actors.by_uri(ctx.db.reader, received.object_id or "")
    if target is None or not target.local:
        return Dropped("nobody here is blocked by that")
    uri = received.activity.id or f"{received.sender.uri}#blocks/{target.id}"

    async def step(tx: Tx) -> None:
        if not await posts.buried(tx, uri, by=received.sender.uri):
            await blocks.block(tx, ctx, actor=received.sender, target=target, uri=uri)

    return step
