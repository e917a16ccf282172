"""Polls of other servers, read again: when one of ours looks at one, and when it closes."""

from collections.abc import Mapping
from typing import Any, Final

from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import posts as resolving
from node.federation.vocab import posts as vocab
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Malformed
from node.runtime.jobs import enqueue
from node.timeline import posts
from node.timeline.facts import PollClosed
from node.timeline.polls import Poll

REFRESH_JOB: Final = "federation.refresh_poll"
_FRESH_MS: Final = 60_000


async def closed(tx: Tx, ctx: Context, fact: PollClosed) -> None:
    """Reaction: the last votes are known at its own server."""
    if not fact.local:
        await _ask(tx, ctx, fact.post_id)


async def looked_at(ctx: Context, poll: Poll) -> None:
    """Have a stranger's open poll read again, once a minute at most; who asks is not kept waiting."""
    now_ms = ctx.clock.now_ms()
    if poll.local or poll.closed(now_ms) or now_ms - (poll.fetched_ms or 0) < _FRESH_MS:
        return
    asked = ctx.cache.of("polls_asked", 1_000)
    if now_ms - (asked.get(poll.post_id) or 0) >= _FRESH_MS:
        asked.put(poll.post_id, now_ms)
        await ctx.db.write(lambda tx: _ask(tx, ctx, poll.post_id))


async def refresh_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.refresh_poll`: as an Update that its author would have sent."""
    post = await posts.by_id(ctx.db.reader, int(args["post_id"]))
    if post is None or post.local:
        return
    document = vocab.read(await fetch.document(ctx, post.uri), allow_http=allow_http(ctx))
    author = await resolving.author_of(ctx, document)
    if document.id != post.uri:
        raise Malformed("another post was served in place of the poll")
    people = await resolving.named(ctx, document)
    written = resolving.readable(document)
    await ctx.db.write(lambda tx: posts.receive_update(tx, ctx, author=author, document=written, mentions=people))


async def _ask(tx: Tx, ctx: Context, post_id: int) -> None:
    await enqueue(tx, ctx, REFRESH_JOB, {"post_id": post_id}, unique=f"{REFRESH_JOB}:{post_id}")
