"""Favourites (Like)."""

from dataclasses import dataclass

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import approvals, counts, records
from node.timeline.arrivals import refuse_author
from node.timeline.facts import Favourited, Unfavourited
from node.timeline.pages import Entry, Page, Places
from node.timeline.records import Post
from node.timeline.tombstones import buried
from node.timeline.visibility import WITH_AUTHORS, blocked_sql, listed_sql, may_read


@dataclass(frozen=True, slots=True)
class Favourite:
    """One row: who likes what."""

    id: int
    actor_id: int
    post_id: int
    uri: str


async def add(tx: Tx, ctx: Context, *, actor: Actor, post: Post, uri: str | None = None) -> bool:
    """Let *actor* like *post* (a boost: what it boosts); whether it did not before. States Favourited if so.

    *uri* names a remote actor's Like; one that was undone before it arrived changes nothing.

    Raises:
        NotFound: the post does not exist, or not for this actor.
        Forbidden: the actor is suspended or on a blocked host.
    """
    await refuse_author(tx, actor)
    post = await records.original(tx, post)
    if not await may_read(tx, viewer_id=actor.id, post=post):
        raise NotFound(sentence("This post does not exist, or not for you."))
    await approvals.required(tx, post=post, deed="like", actor=actor)  # who has to approve it gets it first anyway
    if uri is not None and await buried(tx, uri, by=actor.uri):
        return False
    row_id = ctx.ids.next()
    uri = uri or f"{actor.uri}#likes/{row_id}"
    new = await tx.execute(
        "INSERT INTO favourites (id, actor_id, post_id, uri, created_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (actor_id, post_id) DO NOTHING",
        row_id, actor.id, post.id, uri, ctx.clock.now_ms(),
    )  # fmt: skip
    if not new:
        return False
    await counts.step(tx, "favourites_count", post.id, 1)
    tx.state(Favourited(actor.id, post.id, post.author_id, uri))
    return True


async def remove(tx: Tx, *, actor: Actor, post: Post) -> bool:
    """Take a favourite back; whether there was one. States Unfavourited if so."""
    post = await records.original(tx, post)
    row = await tx.row("DELETE FROM favourites WHERE actor_id = $1 AND post_id = $2 RETURNING uri", actor.id, post.id)
    if row is None:
        return False
    await counts.step(tx, "favourites_count", post.id, -1)
    tx.state(Unfavourited(actor.id, post.id, post.author_id, row["uri"]))
    return True


async def erase_some_of(tx: Tx, *, actor_id: int, limit: int = 200) -> int:
    """Take up to *limit* favourites of somebody who is gone out of the counts, without a word to anybody; how many."""
    rows = await tx.fetch(
        f"SELECT id, post_id FROM favourites WHERE actor_id = $1 ORDER BY id LIMIT {int(limit)}", actor_id
    )
    for row in sorted(rows, key=lambda row: int(row["post_id"])):
        await counts.step(tx, "favourites_count", row["post_id"], -1)
    await tx.execute("DELETE FROM favourites WHERE id = ANY($1::bigint[])", [row["id"] for row in rows])
    return len(rows)


async def by_uri(reader: Reader, uri: str) -> Favourite | None:
    """The favourite that the Like *uri* made."""
    row = await reader.row("SELECT id, actor_id, post_id, uri FROM favourites WHERE uri = $1 ORDER BY id LIMIT 1", uri)
    return None if row is None else Favourite(*row)


async def page(reader: Reader, actor_id: int, page: Page) -> list[Entry]:
    """What the actor likes and may still read: (id of the favourite, post), the last liked first.

    One range of favourites_actor (actor_id, id).
    """
    places = Places(actor_id)
    rows = await reader.fetch(
        f"SELECT fa.id, fa.post_id FROM favourites fa JOIN posts p ON p.id = +fa.post_id {WITH_AUTHORS} "
        f"WHERE fa.actor_id = $1{page.bounds('fa.id', places)} AND {listed_sql('$1')} "
        f"ORDER BY fa.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)


async def by_page(reader: Reader, viewer_id: int | None, page: Page, *, post_id: int) -> list[Entry]:
    """Who likes the post: (id of the favourite, actor). Whether the post may be read was asked before.

    One range of favourites_post (post_id, id).
    """
    places = Places(post_id)
    hidden = "FALSE" if viewer_id is None else blocked_sql(places.put(viewer_id), "fa.actor_id")
    rows = await reader.fetch(
        "SELECT fa.id, fa.actor_id FROM favourites fa JOIN actors a ON a.id = +fa.actor_id "
        f"WHERE fa.post_id = $1{page.bounds('fa.id', places)} AND a.state = 'active' AND NOT {hidden} "
        f"ORDER BY fa.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)
