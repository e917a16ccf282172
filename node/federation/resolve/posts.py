"""Posts of other servers, fetched by their id: what is boosted, answered, or looked for by its address."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.actors import domains, hosts
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import events
from node.federation.resolve.actors import actor, known_or_met
from node.federation.vocab import documents, origins, presentation
from node.federation.vocab import posts as vocab
from node.federation.vocab.activities import Activity
from node.federation.vocab.audience import Visibility
from node.federation.vocab.documents import Tombstone
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Gone, Invalid, Malformed, NotFound
from node.runtime.jobs import enqueue
from node.runtime.windows import Limit
from node.timeline import posts
from node.timeline.posts import Post

FETCH_JOB: Final = "federation.fetch_post"
MAX_PARENTS: Final = 8
"""How many answered posts above one are fetched, one job after another."""
MAX_MENTIONS_MET: Final = 10
BY_HOST: Final = Limit("conversations by host", 120, 60)
"""How often a minute one host is asked for posts of conversations, by the whole process."""


async def post(ctx: Context, uri: str, *, depth: int = 0) -> Post:
    """The post whose id is *uri*: the one we hold, or the public one that its server shows us now.

    What it answers follows in a job, up to `MAX_PARENTS` above. A Create is taken for what it created.

    Raises:
        NotFound: an id of this node that is nothing.
        Gone: it was deleted.
        Forbidden: it is not public, its author is suspended, or its server is refused.
        Malformed: not a post, or its author lives elsewhere.
        Unavailable, NetworkFailure: its server does not answer.
    """
    known = await posts.by_uri(ctx.db.reader, uri)
    if known is not None:
        return known
    if await posts.buried(ctx.db.reader, uri, by=""):
        raise Gone("this post was deleted")
    if await domains.is_local(ctx.db.reader, hosts.of_uri(uri)):
        raise NotFound("there is no such post here")
    raw = await fetch.document(ctx, uri)
    read = documents.read(raw, allow_http=allow_http(ctx))
    if isinstance(read, Activity) and read.type == "Create" and read.object is not None and read.object.id is not None:
        if read.object.id == uri or depth >= MAX_PARENTS:
            raise Malformed("the document is not a post")
        return await post(ctx, read.object.id, depth=MAX_PARENTS)
    if isinstance(read, Tombstone):
        raise Gone("this post was deleted")
    if not isinstance(read, vocab.Post):
        raise Malformed("the document is not a post")
    return await keep(ctx, read, depth=depth)


async def keep(ctx: Context, document: vocab.Post, *, depth: int = 0) -> Post:
    """Store a public post that was fetched from its own origin; raises as `post`."""
    author = await author_of(ctx, document)
    if document.audience.visibility(author.followers or None) not in (Visibility.PUBLIC, Visibility.UNLISTED):
        raise Forbidden("this post is not public")
    people = await named(ctx, document)

    async def step(tx: Tx) -> Post | None:
        found = await posts.receive(tx, ctx, author=author, document=readable(document), mentions=people)
        if found is not None:
            await ask_for_parents(tx, ctx, [found], depth=depth)
        return found

    kept = await ctx.db.write(step)
    if kept is None:
        raise Gone("this post was deleted, or is none")
    return kept


async def author_of(ctx: Context, document: vocab.Post) -> Actor:
    """The author of a fetched post, who must live where the post lives.

    Raises:
        Malformed: nobody, or somebody of another server.
    """
    return await actor(ctx, origins.of_fetched(document))


async def named(ctx: Context, document: vocab.Post) -> list[Actor]:
    """The actors that a post names, those we know or can meet quickly."""
    met = await known_or_met(ctx, (mention.href for mention in document.mentions), most_fetched=MAX_MENTIONS_MET)
    return [found for found in met.values() if not found.deleted]


async def ask_for_parents(tx: Tx, ctx: Context, kept: Sequence[Post], *, depth: int) -> None:
    """Have what the posts *kept* answer fetched by jobs, where it is not here; a reply is linked when it comes."""
    if depth >= MAX_PARENTS:
        return
    here = {post.uri for post in kept}
    missing = {post.reply_to_uri for post in kept if post.reply_to_id is None and post.reply_to_uri is not None} - here
    for above in sorted(missing):
        try:
            host = hosts.of_uri(above)
        except Invalid:  # an id that nobody can ask for
            continue
        if not await domains.is_local(tx, host):
            await enqueue(tx, ctx, FETCH_JOB, {"uri": above, "depth": depth + 1}, unique=f"{FETCH_JOB}:{above}")


async def fetch_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.fetch_post`: one post, whose own parent is the next job's. A host is asked so often, no more."""
    if windows.hit(ctx, BY_HOST, hosts.of_uri(str(args["uri"]))).exceeded:
        ctx.metrics.count("conversations_bounded", by="host")
        return
    await post(ctx, str(args["uri"]), depth=int(args["depth"]))


def readable(document: vocab.Post) -> vocab.Post:
    """*document* as people are shown it (`vocab.presentation`); an event says when and where first."""
    return events.announced(presentation.readable(document))
