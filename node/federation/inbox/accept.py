"""Accept: the one whom ours asked says yes. Only the followed actor can, and only to our own Follow.

    {"id": "https://b.example/accepts/1", "type": "Accept", "actor": "https://b.example/users/bruz",
     "object": {"id": "https://a.example/users/anne#follows/1", "type": "Follow",
                "actor": "https://a.example/users/anne", "object": "https://b.example/users/bruz"}}

ActivityPub §7.6.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from node.actors import actors, follows
from node.actors.actor import Actor
from node.federation.inbox import attend, relayed
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import quotes as resolving
from node.federation.vocab import links
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.runtime.jobs import enqueue
from node.timeline import approvals, attendances, held, posts, quotes
from node.timeline.posts import Post
from node.timeline.quotes import Quote


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """Let the follow hold that waits for this answer."""
    follower = await asker(ctx, received)
    if follower is None:
        return await relayed.answered(ctx, received, "accepted") or Dropped("no follow of ours waits for this answer")

    async def step(tx: Tx) -> None:
        await follows.accept(tx, ctx, follower=follower, followee=received.sender)

    return step


async def by_id(ctx: Context, received: Received) -> Step | Dropped:
    """Only the id of what is accepted came."""
    if await quotes.by_request(ctx.db.reader, received.object_id or "") is not None:
        return await quote(ctx, received)
    if await attendances.event_of(ctx.db.reader, received.object_id or "") is not None:
        return await attend.accepted(ctx, received)
    if await approvals.awaited(ctx.db.reader, received.object_id or "", author=received.sender) is not None:
        return await post(ctx, received)
    about = await posts.by_uri(ctx.db.reader, received.object_id or "")
    if about is not None and about.held:
        return await post(ctx, received)
    return await follow(ctx, received)


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """An author approves an answer or a boost of ours that waited (GoToSocial); `result` is passed on as `approvedBy`."""
    about, result = received.object_id or "", received.activity.result
    if result is None or result.id is None:
        return Dropped("a yes without an approval, which nobody can check")
    uri = result.id
    if not links.same_origin(uri, received.sender.uri):
        raise Forbidden("the approval lies on another server than its author")
    waiting = await approvals.awaited(ctx.db.reader, about, author=received.sender)
    if waiting is None:
        return await _of_a_stranger(ctx, about, uri, received.sender)
    return lambda tx: approvals.give(tx, ctx, post=waiting, uri=uri)


async def reply(ctx: Context, received: Received) -> Step | Dropped:
    """The same, of what was asked in so many words: the ReplyRequest names the reply."""
    about = received.activity.object
    instrument = links.optional_uri((about.raw or {}).get("instrument"), allow_http=True) if about is not None else None
    if about is None or instrument is None:
        return Dropped("the request that is answered names no reply")
    return await post(ctx, replace(received, activity=replace(received.activity, object=replace(about, id=instrument))))


async def _of_a_stranger(ctx: Context, reply_uri: str, stamp: str, author: Actor) -> Step | Dropped:
    """An author elsewhere says yes to a reply that we hold until that is proved: have the proof looked at."""
    found = await posts.by_uri(ctx.db.reader, reply_uri)
    if found is None or not found.held or found.local or found.reply_to_author_id != author.id:
        return Dropped("nothing of ours waits for this answer")
    args = {"post_id": found.id, "stamp": stamp}
    return lambda tx: enqueue(tx, ctx, held.PROVE_JOB, args, unique=f"{held.PROVE_JOB}:{found.id}")


async def quote(ctx: Context, received: Received) -> Step | Dropped:
    """The quoted author agrees to a quote of ours (FEP-044f): the stamp that `result` names is fetched and compared.

    Raises:
        Forbidden: somebody else's yes, or a stamp that does not fit.
    """
    asked, quoted = await asked_quote(ctx, received)
    result = received.activity.result
    if asked is None or quoted is None:
        return Dropped("no quote of ours waits for this answer")
    if result is None or result.id is None:
        return Dropped("a yes without a stamp, which nobody can check")
    stamp, post = result.id, await posts.require(ctx.db.reader, asked.post_id)
    if not await resolving.fits(ctx, stamp, author=received.sender, post_uri=post.uri, quoted_uri=asked.quoted_uri):
        raise Forbidden("the stamp is no consent to this quote")
    return lambda tx: quotes.settle(tx, asked=asked, quoted=quoted, stamp=stamp, accepted=True)


async def asked_quote(ctx: Context, received: Received) -> tuple[Quote | None, Post | None]:
    """The quote of ours whose request is answered, and the quoted post.

    Raises:
        Forbidden: the answer is not its author's.
    """
    asked = await quotes.by_request(ctx.db.reader, received.object_id or "")
    quoted = None if asked is None or asked.quoted_id is None else await posts.by_id(ctx.db.reader, asked.quoted_id)
    if quoted is not None and quoted.author_id != received.sender.id:
        raise Forbidden("only the quoted author says whether it may be quoted")
    return asked, quoted


async def asker(ctx: Context, received: Received) -> Actor | None:
    """Our actor whose Follow of the sender is answered: by the id we gave it, or by its two actors."""
    reader, about = ctx.db.reader, received.activity.object
    if about is None:
        return None
    standing = await follows.by_uri(reader, about.id) if about.id is not None else None
    if standing is not None and standing.followee_id != received.sender.id:
        return None
    if standing is None and about.raw is not None:
        asked_by = _pair(about.raw, received.sender.uri)
        found = await actors.by_uri(reader, asked_by) if asked_by is not None else None
        if found is not None:
            standing = await follows.between(reader, follower_id=found.id, followee_id=received.sender.id)
    if standing is None:
        return None
    follower = await actors.by_id(reader, standing.follower_id)
    return follower if follower is not None and follower.local else None


def _pair(raw: Mapping[str, Any], followee_uri: str) -> str | None:
    if links.optional_uri(raw.get("object"), allow_http=True) != followee_uri:
        return None
    return links.optional_uri(raw.get("actor"), allow_http=True)
