"""What the readers of a group are told of what it announced, each kind of server in its form.

Servers of the FEP-1b12 kind: Announce of the Create, the Update, the Delete itself. All others: Announce{id} (`announce`),
its Undo (`undo.announce`), and the author's own Update and Delete, which nobody else sends them: signed by the author
when it lives here, else passed on as it came (`delivery.readers`).
"""

from typing import Final

from node.actors import actors
from node.actors.actor import Actor
from node.actors.facts import FollowAccepted
from node.federation.delivery import Audience, order, readers
from node.federation.objects import PUBLIC, activities, groups
from node.federation.objects import posts as objects
from node.federation.resolve import software
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.extras import Extra
from node.timeline.facts import PostDeleted, PostEdited, PostPublished

_READERS: Final = Audience(followers=True, dialect="activities")


async def on_followed(tx: Tx, ctx: Context, fact: FollowAccepted) -> None:
    """Find out what a new reader's server understands."""
    if not fact.remote:
        return
    group = await actors.by_id(tx, fact.followee_id)
    if group is None or not group.local or group.type != "Group":
        return
    reader = await actors.by_id(tx, fact.follower_id)
    if reader is not None:
        await software.learn(tx, ctx, reader)


async def announced(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """A group passes a post on."""
    if not fact.local or fact.boost_of_id is None or fact.post.extras & Extra.LOCAL_ONLY:
        return
    group = await _group(tx, fact.author_id)
    if group is None:
        return
    boost, post = await posts.require(tx, fact.post_id), await posts.require(tx, fact.boost_of_id)
    written = groups.created(group, boost.uri, await objects.document(tx, ctx, post))
    await order(tx, ctx, actor_id=group.id, activity=written, audience=_READERS, post_id=boost.id)


async def edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """What a group has passed on says something else now."""
    rows = await tx.fetch(
        "SELECT uri, author_id FROM posts WHERE boost_of_id = $1 AND local AND extras & $2 = 0",
        fact.post_id, int(Extra.LOCAL_ONLY),
    )  # fmt: skip
    for row in rows:
        group = await _group(tx, row["author_id"])
        if group is not None:
            note = await objects.document(tx, ctx, await posts.require(tx, fact.post_id))
            written = groups.updated(group, row["uri"], note, ctx.ids.next())
            await order(tx, ctx, actor_id=group.id, activity=written, audience=_READERS, post_id=fact.post_id)
            if fact.local:
                said = activities.update_post(note, ctx.ids.next())
                await order(
                    tx, ctx, actor_id=fact.author_id, activity=said, audience=readers.of(group.id), post_id=fact.post_id
                )


async def withdrawn(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """What a group has passed on is gone. What it only takes back itself is an Undo, for everyone."""
    if not fact.local or fact.local_only or fact.boost_of_uri is None or fact.boost_of_author_id is None:
        return
    group = await _group(tx, fact.author_id)
    author = await actors.by_id(tx, fact.boost_of_author_id)
    if group is None or author is None or not await posts.buried(tx, fact.boost_of_uri):
        return
    written = groups.deleted(group, fact.uri, fact.boost_of_uri, author.uri)
    await order(tx, ctx, actor_id=group.id, activity=written, audience=_READERS, post_id=fact.post_id)
    if author.local and not author.deleted:
        said = activities.delete_post(fact.boost_of_uri, author.uri, [PUBLIC])
        await order(tx, ctx, actor_id=author.id, activity=said, audience=readers.of(group.id), post_id=fact.post_id)


async def _group(tx: Tx, actor_id: int) -> Actor | None:
    found = await actors.by_id(tx, actor_id)
    return found if found is not None and found.type == "Group" and found.active else None
