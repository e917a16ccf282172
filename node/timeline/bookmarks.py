"""Bookmarks: a reader's own, told to nobody."""

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import records
from node.timeline.pages import Entry, Page, Places
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS, listed_sql, may_read


async def add(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> bool:
    """Keep *post* (a boost: what it boosts) in the actor's bookmarks; whether it was not there.

    Raises:
        NotFound: the post does not exist, or not for this actor.
    """
    post = await records.original(tx, post)
    if not await may_read(tx, viewer_id=actor.id, post=post):
        raise NotFound(sentence("This post does not exist, or not for you."))
    return bool(
        await tx.execute(
            "INSERT INTO bookmarks (id, actor_id, post_id, created_ms) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (actor_id, post_id) DO NOTHING",
            ctx.ids.next(), actor.id, post.id, ctx.clock.now_ms(),
        )
    )  # fmt: skip


async def remove(tx: Tx, *, actor: Actor, post: Post) -> bool:
    """Take it out; whether it was there."""
    return bool(
        await tx.execute(
            "DELETE FROM bookmarks WHERE actor_id = $1 AND post_id = $2", actor.id, post.boost_of_id or post.id
        )
    )


async def page(reader: Reader, actor_id: int, page: Page) -> list[Entry]:
    """The actor's bookmarks that it may still read: (id of the bookmark, post), the last kept first.

    One range of bookmarks_actor (actor_id, id).
    """
    places = Places(actor_id)
    rows = await reader.fetch(
        f"SELECT bo.id, bo.post_id FROM bookmarks bo JOIN posts p ON p.id = +bo.post_id {WITH_AUTHORS} "
        f"WHERE bo.actor_id = $1{page.bounds('bo.id', places)} AND {listed_sql('$1')} "
        f"ORDER BY bo.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)
