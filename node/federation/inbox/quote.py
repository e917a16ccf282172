"""QuoteRequest: somebody elsewhere wants to quote a post of ours. Its policy answers, with a stamp or with no.

    {"id": "https://a.example/users/anne/statuses/1/quote", "type": "QuoteRequest",
     "actor": "https://a.example/users/anne", "object": "https://b.example/users/bruz/statuses/1",
     "instrument": {"id": "https://a.example/users/anne/statuses/1", "type": "Note",
                    "attributedTo": "https://a.example/users/anne", "content": "<p>Lisez</p>",
                    "quote": "https://b.example/users/bruz/statuses/1",
                    "to": ["https://www.w3.org/ns/activitystreams#Public"]}}

FEP-044f.
"""

from node.actors import actors
from node.federation.inbox import create
from node.federation.inbox.concern import addressed_here
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import posts as resolving
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Malformed
from node.timeline import policies, posts, quotes, visibility
from node.timeline.facts import QuoteAnswered


async def request(ctx: Context, received: Received) -> Step | Dropped:
    """Give the stamp, and keep the post that quotes; or refuse."""
    reader, sender, activity = ctx.db.reader, received.sender, received.activity
    quoted = await posts.by_uri(reader, received.object_id or "")
    if quoted is None or not quoted.local:
        return Dropped("no post of ours is to be quoted")
    if activity.instrument is None:
        raise Malformed("the request names no post that quotes")
    document = await create.told(ctx, received, activity.instrument)
    if document.quote is None or document.quote.uri != quoted.uri:
        raise Forbidden("the post quotes another one than the request says")
    if not await visibility.may_read(reader, viewer_id=sender.id, post=quoted):
        raise Forbidden("this post does not exist, or not for you")
    author = await actors.require_by_id(reader, quoted.author_id)
    people, ours = await resolving.named(ctx, document), await addressed_here(ctx, document)
    written = resolving.readable(document)
    request_id = activity.id or f"{document.id}#quote-request"

    async def step(tx: Tx) -> None:
        stamp = None
        if await policies.verdict(tx, post=quoted, deed="quote", actor=sender) == "automatic":
            stamp = await quotes.grant(tx, ctx, quoted=quoted, quoter=sender, post_uri=document.id)
        tx.state(QuoteAnswered(author.id, sender.id, request_id, quoted.uri, document.id, stamp))
        if stamp is not None:
            await posts.receive(tx, ctx, author=sender, document=written, mentions=people, addressed=ours)

    return step
