"""Whether a stranger's activity concerns anybody here. What does not is dropped: a node is no archive of the world."""

from node.actors import actors, follows
from node.actors.actor import Actor
from node.federation.inbox import verification
from node.federation.vocab.posts import Post as Document
from node.runtime.context import Context
from node.timeline import posts

_MOST_ADDRESSED = 256
_FOLLOWED_MS = 10_000


async def is_followed_here(ctx: Context, actor: Actor) -> bool:
    """Whether somebody of this node follows *actor*."""
    cache, now_ms = ctx.cache.of("followed_here", 20_000), ctx.clock.now_ms()
    until_ms: int | None = cache.get(actor.id)
    if until_ms is not None and now_ms < until_ms:
        return True
    if await follows.is_followed_here(ctx.db.reader, actor.id):
        cache.put(actor.id, now_ms + _FOLLOWED_MS)  # only yes is remembered: a first follower reads from now on
        return True
    return False


async def addressed_here(ctx: Context, document: Document) -> list[Actor]:
    """Our actors that the post names or addresses."""
    uris = [mention.href for mention in document.mentions] + list(document.audience.everyone[:_MOST_ADDRESSED])
    ours = [uri for uri in uris if await verification.speaks_for_us(ctx, uri)]
    found = await actors.by_uris(ctx.db.reader, ours)
    return [actor for actor in found.values() if actor.local and actor.active]


async def concerns_here(ctx: Context, author: Actor, document: Document) -> bool:
    """Whether a post is by somebody followed here, names or addresses one of ours, or answers a post of interest."""
    if await is_followed_here(ctx, author) or await addressed_here(ctx, document):
        return True
    if document.quote is not None:
        quoted = await posts.by_uri(ctx.db.reader, document.quote.uri)
        if quoted is not None and quoted.local:
            return True
    if document.in_reply_to is None:
        return False
    answered = await posts.by_uri(ctx.db.reader, document.in_reply_to)
    if answered is None:
        return False
    if answered.local:
        return True
    above = await actors.by_id(ctx.db.reader, answered.author_id)
    return above is not None and await is_followed_here(ctx, above)
