"""What a reader does with a status: favourite, boost, bookmark, pin; and the lists that come of it."""

from collections.abc import Awaitable, Callable, Sequence

from node.actors.actor import Actor
from node.agreements import moderating
from node.api import paging, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import visibility
from node.api.errors import RecordNotFound
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.timeline import bookmarks, boosts, favourites, pins, records, waiting
from node.timeline.pages import Entry, Page
from node.timeline.records import Post
from node.timeline.visibility import require_readable

Verb = Callable[[Tx, Actor, Post], Awaitable[object]]


async def favourite(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/favourite."""
    return await do(call, lambda tx, actor, post: favourites.add(tx, call.ctx, actor=actor, post=post))


async def unfavourite(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/unfavourite."""
    return await do(call, lambda tx, actor, post: favourites.remove(tx, actor=actor, post=post))


async def bookmark(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/bookmark."""
    return await do(call, lambda tx, actor, post: bookmarks.add(tx, call.ctx, actor=actor, post=post))


async def unbookmark(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/unbookmark."""
    return await do(call, lambda tx, actor, post: bookmarks.remove(tx, actor=actor, post=post))


async def pin(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/pin."""

    async def once(tx: Tx, actor: Actor, post: Post) -> None:
        if post.author_id != actor.id:
            raise Invalid("Validation failed: Someone else's post cannot be pinned")
        await pins.pin(tx, call.ctx, actor=actor, post=post)

    return await do(call, once)


async def unpin(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/unpin."""
    return await do(call, lambda tx, actor, post: pins.unpin(tx, actor=actor, post=post))


async def reblog(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/reblog: the boost, around the boosted status."""
    actor, post = await call.actor(), await readable(call)
    asked = call.input.text("visibility")
    level = visibility.meant(asked) if asked else "public"
    made = await call.ctx.db.write(lambda tx: boosts.boost(tx, call.ctx, actor=actor, post=post, visibility=level))
    if made is None:
        raise RecordNotFound
    return await one(call, made.id)


async def unreblog(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/unreblog: the status itself; also by the id of the boost."""

    async def step(tx: Tx, actor: Actor, post: Post) -> None:
        await moderating.refuse_alone(tx, announcer=actor, post_id=post.boost_of_id or post.id)
        await boosts.unboost(tx, call.ctx, actor=actor, post=post)

    return await do(call, step)


async def one(call: Call, post_id: int) -> Answer:
    """One status, by the way that every list takes."""
    rendered = (await rendering.statuses(call.ctx, call.viewer_id, [post_id])).get(post_id)
    if rendered is None:
        raise RecordNotFound
    return Answer(rendered)


async def bookmarked(call: Call) -> Answer:
    """GET /api/v1/bookmarks."""
    page = paging.asked(call, default=20, most=40)
    return await _kept(call, page, await bookmarks.page(call.reader, call.actor_id, page))


async def favourited(call: Call) -> Answer:
    """GET /api/v1/favourites."""
    page = paging.asked(call, default=20, most=40)
    return await _kept(call, page, await favourites.page(call.reader, call.actor_id, page))


async def favourited_by(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/favourited_by."""
    post, page = await readable(call), paging.asked(call, default=40, most=80)
    of_id = post.boost_of_id or post.id
    return await _people(call, page, await favourites.by_page(call.reader, call.viewer_id, page, post_id=of_id))


async def reblogged_by(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/reblogged_by."""
    post, page = await readable(call), paging.asked(call, default=40, most=80)
    of_id = post.boost_of_id or post.id
    return await _people(call, page, await boosts.page(call.reader, call.viewer_id, page, post_id=of_id))


async def readable(call: Call) -> Post:
    """The status of the path, if its reader may have it; to its team, the one that became of it once it was approved.

    Raises:
        NotFound: it does not exist, or not for this reader.
    """
    try:
        return await require_readable(call.reader, viewer_id=call.viewer_id, post_id=call.id)
    except NotFound:
        if call.viewer_id is None:
            raise
        became = await waiting.became(call.reader, actor_id=call.viewer_id, waiting_id=call.id)
        if became is None:
            raise
        return await require_readable(call.reader, viewer_id=call.viewer_id, post_id=became)


async def do(call: Call, verb: Verb) -> Answer:
    """Do *verb* to the status of the path (of a boost: to what it boosts), and show it."""
    actor, found = await call.actor(), await readable(call)
    post = await records.original(call.reader, found)
    await call.ctx.db.write(lambda tx: verb(tx, actor, post))
    return await one(call, post.id)


async def _kept(call: Call, page: Page, found: Sequence[Entry]) -> Answer:
    rows, links = paging.listed(call, found, page, lambda entry: entry.cursor)
    ids = [entry.of_id for entry in rows]
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def _people(call: Call, page: Page, found: Sequence[Entry]) -> Answer:
    rows, links = paging.listed(call, found, page, lambda entry: entry.cursor)
    people = await rendering.accounts(call.ctx, [entry.of_id for entry in rows])
    return call.answer([people[entry.of_id] for entry in rows if entry.of_id in people], links)
