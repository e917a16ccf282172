"""EmojiReact: somebody elsewhere puts an emoji on one of our posts. It is no Like, and counts as none.

    {"id": "https://a.example/activities/1", "type": "EmojiReact", "actor": "https://a.example/users/anne",
     "object": "https://b.example/users/bruz/statuses/1", "content": ":blob:",
     "tag": [{"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": "https://a.example/blob.png"}}]}

FEP-c0e0. Misskey sends a Like instead (`like.py`).
"""

from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab.reactions import Reaction
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import emoji_reactions, posts
from node.timeline.posts import Post


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """Count it. Reactions to strangers' posts are their servers' business."""
    reaction = received.activity.reaction
    about = await posts.by_uri(ctx.db.reader, received.object_id or "")
    if reaction is None:
        return Dropped("no single emoji, or one without its picture")
    if about is None or not about.local:
        return Dropped("no post of ours is reacted to")

    async def step(tx: Tx) -> None:
        await keep(tx, ctx, received, about, reaction)

    return step


async def keep(tx: Tx, ctx: Context, received: Received, about: Post, reaction: Reaction) -> None:
    """Write the reaction of the sender."""
    await emoji_reactions.add(
        tx, ctx, actor=received.sender, post=about, name=reaction.content,
        picture=None if reaction.emoji is None else reaction.emoji.url,
        uri=received.activity.id or f"{received.sender.uri}#reactions/{about.id}/{reaction.content}",
    )  # fmt: skip
