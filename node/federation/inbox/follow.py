"""Follow: somebody elsewhere asks to read one of ours.

    {"id": "https://a.example/follows/1", "type": "Follow", "actor": "https://a.example/users/anne",
     "object": "https://b.example/users/bruz"}

ActivityPub §7.5.
"""

from node.actors import actors, follows
from node.actors.follows import FollowRefused
from node.federation.inbox import relayed
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.outbox import reject
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """Ask our actor; one that is open accepts at once. A refusal is told, so that nobody waits for ever."""
    followee = await actors.by_uri(ctx.db.reader, received.object_id or "")
    if followee is not None and followee.kind == "instance":
        return await relayed.followed_back(ctx, received, followee) or Dropped("a server is followed by nobody")
    if followee is None or not followee.local or not followee.active:
        return Dropped("nobody here can be followed by that id")
    follower, uri = received.sender, received.activity.id or f"{received.sender.uri}#follows/{followee.id}"

    async def step(tx: Tx) -> None:
        if await posts.buried(tx, uri, by=follower.uri):  # its Undo came first
            return
        if followee.moved_to is not None:
            await reject.refuse(tx, ctx, follower=follower, followee=followee, uri=uri)
            return
        try:
            await follows.request(tx, ctx, follower=follower, followee=followee, uri=uri)
        except FollowRefused:
            await reject.refuse(tx, ctx, follower=follower, followee=followee, uri=uri)

    return step
