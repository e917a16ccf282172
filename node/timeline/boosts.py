"""Boosts: a public or unlisted post shown again to one's followers (Announce)."""

from dataclasses import replace

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import additions, approvals, records
from node.timeline.additions import Addition
from node.timeline.arrivals import refuse_author
from node.timeline.deletion import delete
from node.timeline.extras import Extra
from node.timeline.pages import Entry, Page, Places
from node.timeline.records import Post
from node.timeline.tombstones import buried
from node.timeline.visibility import WITH_AUTHORS, Visibility, listed_sql, may_read

_FRESH_MS = 10 * 60_000


async def boost(
    tx: Tx,
    ctx: Context,
    *,
    actor: Actor,
    post: Post,
    visibility: Visibility = "public",
    uri: str | None = None,
    published_ms: int | None = None,
) -> Post | None:
    """Boost *post* (a boost: what it boosts) as *actor*; the standing boost when there is one.

    *uri* names a remote actor's Announce; None is answered when that was undone before it arrived. One's own
    followers-only post may be boosted to the same followers.

    Raises:
        NotFound: the post does not exist, or not for this actor.
        Forbidden: it is not public, its author does not allow it, or the actor is suspended or on a blocked host.
        Invalid: a boost cannot be direct.
    """
    await refuse_author(tx, actor)
    if actor.local and actor.moved_to is not None:
        raise Forbidden(sentence("This account has moved, and no longer publishes here."))
    if visibility not in ("public", "unlisted", "followers"):
        raise Invalid(sentence("A boost is public, unlisted or for followers."))
    post = await records.original(tx, post)
    await _refuse_unreadable(tx, actor, post)
    if post.held:
        raise Forbidden(sentence("This reply is not shown yet: it waits for approval."))
    if not post.distributable:
        if post.visibility != "followers" or post.author_id != actor.id:
            raise Forbidden(sentence("Only public and unlisted posts can be boosted."))
        visibility = "followers"
    waits = await approvals.required(tx, post=post, deed="announce", actor=actor)
    await tx.lock(f"boost:{actor.id}:{post.id}")
    standing = await records.boost_by(tx, author_id=actor.id, post_id=post.id)
    if standing is not None:
        return standing
    if uri is not None:
        await tx.lock(f"post:{uri}")
        if await buried(tx, uri, by=actor.uri):
            return None
        if await records.by_uri(tx, uri) is not None:
            raise Forbidden("this id belongs to another post")
    now_ms = ctx.clock.now_ms()
    at_ms = now_ms if published_ms is None else max(0, min(published_ms, now_ms))
    row_id = ctx.ids.next(at_ms if now_ms - at_ms > _FRESH_MS else None)
    uri = uri or f"{actor.uri}/statuses/{row_id}/activity"
    row = replace(
        post, id=row_id, uri=uri, url=uri, type="Announce", author_id=actor.id, person_id=None, local=actor.local,
        domain_id=actor.domain_id, visibility=visibility, boost_of_id=post.id, reply_to_id=None, reply_to_uri=None,
        reply_to_author_id=None, thread_id=row_id, context="", name="", content="", source="", summary="",
        sensitive=False, language="", emojis="[]", application=None, hidden=False, replies_count=0, boosts_count=0,
        favourites_count=0, published_ms=at_ms, edited_ms=None, created_ms=now_ms,
        extras=(approvals.AWAITS if waits else 0) | (post.extras & int(Extra.LOCAL_ONLY)), policy="",
    )  # fmt: skip
    await additions.add(tx, ctx, [Addition(row, actor)])
    return row


async def unboost(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> bool:
    """Take the boost of *post* by *actor* back; whether there was one. PostDeleted is stated for the boost."""
    found = await records.boost_by(tx, author_id=actor.id, post_id=post.boost_of_id or post.id)
    if found is None:
        return False
    await delete(tx, ctx, post=found)
    return True


async def page(reader: Reader, viewer_id: int | None, page: Page, *, post_id: int) -> list[Entry]:
    """Who boosted the post: (id of the boost, actor), as far as the viewer may know.

    One range of posts_boosted (boost_of_id, id). Whether the post itself may be read was asked before.
    """
    places = Places(post_id)
    viewer = None if viewer_id is None else places.put(viewer_id)
    rows = await reader.fetch(
        f"SELECT p.id, p.author_id FROM posts p {WITH_AUTHORS} WHERE p.boost_of_id = $1{page.bounds('p.id', places)} "
        f"AND {listed_sql(viewer)} ORDER BY p.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)


async def _refuse_unreadable(tx: Tx, actor: Actor, post: Post) -> None:
    if not await may_read(tx, viewer_id=actor.id, post=post):
        raise NotFound(sentence("This post does not exist, or not for you."))
