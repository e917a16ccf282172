"""Like: a favourite of one of our posts. Misskey puts an emoji beside it, which is shown too.

    {"id": "https://a.example/likes/1", "type": "Like", "actor": "https://a.example/users/anne",
     "object": "https://b.example/users/bruz/statuses/1"}

ActivityPub §7.10.
"""

from node.federation.inbox import react
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import favourites, posts


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """Count it and tell the author. Likes of strangers' posts are their servers' business."""
    liked = await posts.by_uri(ctx.db.reader, received.object_id or "")
    if liked is None or not liked.local:
        return Dropped("no post of ours is liked by that")
    uri = received.activity.id or f"{received.sender.uri}#likes/{liked.id}"

    async def step(tx: Tx) -> None:
        await favourites.add(tx, ctx, actor=received.sender, post=liked, uri=uri)
        if received.activity.reaction is not None:
            await react.keep(tx, ctx, received, liked, received.activity.reaction)

    return step
