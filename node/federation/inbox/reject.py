"""Reject: the one whom ours asked says no, or removes ours from its followers.

    {"id": "https://b.example/rejects/1", "type": "Reject", "actor": "https://b.example/users/bruz",
     "object": {"id": "https://a.example/users/anne#follows/1", "type": "Follow",
                "actor": "https://a.example/users/anne", "object": "https://b.example/users/bruz"}}

ActivityPub §7.7.
"""

from node.actors import follows
from node.federation.inbox.accept import asker
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """End the follow, waiting or not."""
    follower = await asker(ctx, received)
    if follower is None:
        return Dropped("no follow of ours is meant by this answer")

    async def step(tx: Tx) -> None:
        await follows.reject(tx, ctx, follower=follower, followee=received.sender)

    return step
