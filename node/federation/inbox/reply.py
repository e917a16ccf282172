"""ReplyRequest: somebody elsewhere asks to reply to a post of ours. Its rule answers, or its author's team does later.

    {"id": "https://a.example/users/anne/statuses/1/replyRequest", "type": "ReplyRequest",
     "actor": "https://a.example/users/anne", "object": "https://b.example/users/bruz/statuses/1",
     "instrument": {"id": "https://a.example/users/anne/statuses/1", "type": "Note",
                    "attributedTo": "https://a.example/users/anne", "content": "<p>Merci</p>",
                    "inReplyTo": "https://b.example/users/bruz/statuses/1",
                    "to": ["https://www.w3.org/ns/activitystreams#Public"]}}

GoToSocial's interaction controls.
"""

from node.actors import actors
from node.federation.inbox import create
from node.federation.inbox.concern import addressed_here
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import posts as resolving
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Malformed
from node.timeline import held, posts, replies, reply_stamps, visibility
from node.timeline.facts import ReplyAnswered


async def request(ctx: Context, received: Received) -> Step | Dropped:
    """Keep the reply, and say yes at once, or hold it and answer later; or refuse."""
    reader, sender, activity = ctx.db.reader, received.sender, received.activity
    answered = await posts.by_uri(reader, received.object_id or "")
    if answered is None or not answered.local or answered.boost_of_id is not None:
        return Dropped("no post of ours is to be answered")
    if activity.instrument is None:
        raise Malformed("the request names no reply")
    document = await create.told(ctx, received, activity.instrument)
    if document.in_reply_to != answered.uri:
        raise Forbidden("the reply answers another post than the request says")
    if not await visibility.may_read(reader, viewer_id=sender.id, post=answered):
        raise Forbidden("this post does not exist, or not for you")
    author = await actors.require_by_id(reader, answered.author_id)
    people, ours = await resolving.named(ctx, document), await addressed_here(ctx, document)
    written = resolving.readable(document)
    request_id = activity.id or f"{document.id}#reply-request"

    async def step(tx: Tx) -> None:
        place = await replies.place(tx, parent=answered, author=sender, uri=document.id)
        stamp = None
        if place.verdict == "automatic":
            stamp = await reply_stamps.grant(tx, ctx, answered=answered, replier_id=sender.id, reply_uri=document.id)
        kept = None
        if place.verdict != "denied":
            kept = await posts.receive(tx, ctx, author=sender, document=written, mentions=people, addressed=ours)
        if kept is not None and kept.held:
            standing = await held.of_post(tx, kept.id)
            if standing is not None and standing.state != "refused":
                await held.remember(tx, post_id=kept.id, request=request_id)
                return
        tx.state(ReplyAnswered(author.id, sender.id, answered.uri, document.id, request_id, stamp))

    return step
