"""Flag: another server tells our keepers of one of our accounts, and of posts of it. It speaks for somebody it does not name.

    {"id": "https://a.example/reports/1", "type": "Flag", "actor": "https://a.example/actor", "content": "Insultes",
     "object": ["https://b.example/users/bruz", "https://b.example/users/bruz/statuses/1"]}

A list of ids, whatever they are of: Mastodon names the account first, Lemmy a post alone.
"""

from node.actors import actors, hosts
from node.actors.actor import Actor
from node.federation.inbox import verification
from node.federation.inbox.received import Dropped, Received, Step
from node.moderation import filing
from node.moderation.reports import MAX_POSTS
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts, visibility
from node.timeline.posts import Post


async def report(ctx: Context, received: Received) -> Step | Dropped:
    """Keep it for the keepers."""
    activity = received.activity
    if (await hosts.policies(ctx)).of(hosts.of_uri(received.sender.uri)).reject_reports:
        return Dropped("reports of this server are not taken here")
    named = dict.fromkeys(about.id for about in activity.objects if about.id is not None)
    ours = [uri for uri in named if uri.isprintable() and await verification.speaks_for_us(ctx, uri)]
    people, written = await actors.by_uris(ctx.db.reader, ours), await posts.by_uris(ctx.db.reader, ours)
    target = await _accused(ctx, ours, people, written)
    if target is None:
        return Dropped("no account or post of ours is meant")
    about = await _readable(ctx, received.sender, [written[uri] for uri in ours if uri in written], target)
    uri = activity.id or f"{received.sender.uri}#reports/{target.id}"

    async def step(tx: Tx) -> None:
        kept = await filing.receive(
            tx, ctx, reporter=received.sender, target=target, posts=about, comment=activity.content or "", uri=uri
        )
        tx.after_commit(lambda: ctx.metrics.count("reports", outcome="kept" if kept else "counted"))

    return step


async def _readable(ctx: Context, sender: Actor, named: list[Post], target: Actor) -> list[str]:
    """The ids of the account's own posts that somebody on the sender's server may read: who judges is shown them."""
    about = {post.id: post.uri for post in named if post.author_id == target.id}
    host, asked = hosts.of_uri(sender.uri), list(about)[:MAX_POSTS]
    readable = await visibility.readable_at(ctx.db.reader, host=host, author_id=target.id, post_ids=asked)
    return [about[post_id] for post_id in readable]


async def _accused(ctx: Context, ours: list[str], people: dict[str, Actor], written: dict[str, Post]) -> Actor | None:
    """The first account that is named or, where none is, the author of the first post."""
    for uri in ours:
        if uri in people and people[uri].local and people[uri].kind != "instance":
            return people[uri]
    for uri in ours:
        if uri in written and written[uri].local:
            return await actors.by_id(ctx.db.reader, written[uri].author_id)
    return None
