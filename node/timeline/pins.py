"""Pins: posts that an author shows at the top of its page; its `featured` collection."""

from collections.abc import Sequence

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import records
from node.timeline.facts import Pinned, Unpinned
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS, listed_sql

MAX_PINS = 5
"""Mastodon's limit. A remote actor's are cut there too."""


async def pin(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> bool:
    """Pin one's own post; whether it was not pinned. States Pinned if so.

    Raises:
        Forbidden: somebody else's post.
        Invalid: a boost, a direct post, or more than `MAX_PINS`.
    """
    if post.author_id != actor.id:
        raise Forbidden(sentence("Only one's own posts can be pinned."))
    if post.boost_of_id is not None or post.visibility == "direct":
        raise Invalid(sentence("A boost or a direct post cannot be pinned."))
    if post.held:
        raise Invalid(sentence("This reply is not shown yet: it waits for approval."))
    await tx.lock(f"pins:{actor.id}")
    pinned = [row[0] for row in await tx.fetch("SELECT post_id FROM pins WHERE actor_id = $1", actor.id)]
    if post.id in pinned:
        return False
    if len(pinned) >= MAX_PINS:
        raise Invalid(sentence("At most %(count)s posts can be pinned.", count=MAX_PINS))
    await tx.execute(
        "INSERT INTO pins (id, actor_id, post_id, created_ms) VALUES ($1, $2, $3, $4)",
        ctx.ids.next(), actor.id, post.id, ctx.clock.now_ms(),
    )  # fmt: skip
    tx.state(Pinned(actor.id, post.id))
    return True


async def unpin(tx: Tx, *, actor: Actor, post: Post) -> bool:
    """Take the pin out; whether it was there. States Unpinned if so."""
    if not await tx.execute("DELETE FROM pins WHERE actor_id = $1 AND post_id = $2", actor.id, post.id):
        return False
    tx.state(Unpinned(actor.id, post.id))
    return True


async def replace(tx: Tx, ctx: Context, *, actor: Actor, posts: Sequence[Post]) -> None:
    """A remote actor's featured collection as it was fetched: its own posts, newest pin first."""
    own = [post for post in posts if post.author_id == actor.id and post.boost_of_id is None][:MAX_PINS]
    await tx.execute("DELETE FROM pins WHERE actor_id = $1", actor.id)
    await tx.executemany(
        "INSERT INTO pins (id, actor_id, post_id, created_ms) VALUES ($1, $2, $3, $4)",
        [(ctx.ids.next(), actor.id, post.id, ctx.clock.now_ms()) for post in reversed(own)],
    )


async def of_actor(reader: Reader, viewer_id: int | None, actor_id: int) -> list[int]:
    """The actor's pinned posts that the viewer may read, the last pinned first. At most `MAX_PINS`."""
    viewer, args = ("$2", [viewer_id]) if viewer_id is not None else (None, [])
    rows = await reader.fetch(
        f"SELECT p.id FROM pins pi JOIN posts p ON p.id = +pi.post_id {WITH_AUTHORS} "
        f"WHERE pi.actor_id = $1 AND {listed_sql(viewer)} ORDER BY pi.id DESC",
        actor_id, *args,
    )  # fmt: skip
    return [row[0] for row in rows]


async def featured(reader: Reader, actor_id: int) -> list[Post]:
    """What anyone may see pinned: the collection that other servers read."""
    ids = await of_actor(reader, None, actor_id)
    found = await records.by_ids(reader, ids)
    return [found[post_id] for post_id in ids if post_id in found]
