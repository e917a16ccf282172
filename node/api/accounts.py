"""Accounts: read, found by name, their statuses and their circles."""

from typing import Any

from node.actors import actors, circles, follows, moves
from node.actors.actor import Actor
from node.api import paging, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import account, relationship
from node.api.errors import RecordNotFound
from node.federation.resolve import named
from node.timeline import account as posts_of
from node.timeline import pins
from node.timeline.account import Filters
from node.timeline.pages import Page
from node.timeline.search import accounts as search

_MAX_AT_ONCE = 80


async def show(call: Call) -> Answer:
    """GET /api/v1/accounts/:id."""
    actor = await known(call, call.id)
    return call.answer(await _with_move(call, actor))


async def several(call: Call) -> Answer:
    """GET /api/v1/accounts?id[]=…: those that exist."""
    asked = call.input.ids("id")[:_MAX_AT_ONCE]
    found = await actors.by_ids(call.reader, asked)
    return call.answer(rendering.account_list(found[i] for i in asked if i in found and found[i].active))


async def lookup(call: Call) -> Answer:
    """GET /api/v1/accounts/lookup?acct=…: an account that is known already; nothing is fetched."""
    actor = await by_acct(call, call.input.required("acct"))
    if actor is None or not actor.active:
        raise RecordNotFound
    return call.answer(await _with_move(call, actor))


async def _with_move(call: Call, actor: Actor) -> dict[str, Any]:
    """The account, with the one it is now if it moved and both say so."""
    shown = account.render(actor)
    moved = (await moves.targets(call.reader, [actor])).get(actor.id) if actor.active else None
    return shown if moved is None else {**shown, "moved": account.render(moved)}


async def find(call: Call) -> Answer:
    """GET /api/v1/accounts/search?q=…."""
    asked = call.input
    limit = asked.number("limit", 40, low=1, high=80)
    found = await searched(
        call, asked.text("q") or "", limit=limit, resolve_remote=bool(asked.flag("resolve")),
        following=bool(asked.flag("following")), offset=asked.number("offset", 0, low=0, high=10_000),
    )  # fmt: skip
    return call.answer(rendering.account_list(found))


async def searched(
    call: Call, text: str, *, limit: int, resolve_remote: bool, following: bool = False, offset: int = 0
) -> list[Actor]:
    """The accounts that *text* names, an exact handle first; a handle nobody here knows is asked for elsewhere."""
    text = text.strip().removeprefix("acct:")
    if not text:
        return []
    ids = await search.find(call.ctx.db.survey, call.viewer_id, text, limit=limit, offset=offset, following=following)
    if offset:  # who is named exactly stands on the first page
        found = await actors.by_ids(call.reader, ids)
        return [found[actor_id] for actor_id in ids if actor_id in found]
    # A bare name too: whoever blocked somebody finds him by his whole name, as toot does to unblock him.
    exact = await by_acct(call, text)
    if exact is None and resolve_remote and call.viewer_id is not None:
        exact = await named.elsewhere(call.ctx, text)
    if exact is not None and exact.active and exact.id not in ids and not following:
        ids = [exact.id, *ids][:limit]
    found = await actors.by_ids(call.reader, ids)
    return [found[actor_id] for actor_id in ids if actor_id in found]


async def by_acct(call: Call, acct: str) -> Actor | None:
    """The actor called *acct*: bare on this domain, else `user@host`; a shared service host works as a host too."""
    username, _, host = acct.strip().lstrip("@").partition("@")
    return await named.here(call.reader, username, host or call.domain.handle_host)


async def statuses(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/statuses."""
    actor = await active(call, call.id)
    asked = call.input
    if asked.flag("pinned"):
        ids = await pins.of_actor(call.reader, call.viewer_id, actor.id)
        return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids))
    page = paging.asked(call, default=20, most=40)
    filters = Filters(
        only_media=bool(asked.flag("only_media")),
        exclude_replies=bool(asked.flag("exclude_replies")),
        exclude_boosts=bool(asked.flag("exclude_reblogs")),
        tagged=asked.text("tagged") or None,
    )
    found = await posts_of.rows(call.reader, call.viewer_id, page, actor_id=actor.id, filters=filters)
    rows, links = paging.listed(call, found, page, rendering.cursor)
    body = await rendering.page(call.ctx, call.domain, call.viewer_id, rows)
    return Answer(body, headers=links, spliced=True)


async def followers(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/followers."""
    return await _circle(call, "followers")


async def following(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/following."""
    return await _circle(call, "following")


async def _circle(call: Call, which: str) -> Answer:
    actor = await active(call, call.id)
    if actor.hides_network and actor.id != call.viewer_id:
        return call.answer([])
    page = paging.asked(call, default=40, most=80)
    listing = follows.followers_page if which == "followers" else follows.following_page
    return await answer_circle(
        call, page, await listing(call.reader, actor.id, **bounds(page), limit=page.limit)
    )  # fmt: skip


async def answer_circle(call: Call, page: Page, found: list[tuple[int, Actor]]) -> Answer:
    """A page of accounts whose order is that of the follows, blocks… between them."""
    rows, links = paging.listed(call, found, page, lambda row: row[0])
    return call.answer(rendering.account_list(actor for _, actor in rows), links)


def bounds(page: Page) -> dict[str, int | None]:
    """The page as node.actors takes it."""
    return {"max_id": page.max_id, "since_id": page.since_id, "min_id": page.min_id}


async def relationships(call: Call) -> Answer:
    """GET /api/v1/accounts/relationships?id[]=…."""
    asked = call.input.ids("id")[:_MAX_AT_ONCE]
    known_ids = await actors.by_ids(call.reader, asked)
    found = await follows.relationships(call.reader, call.actor_id, [i for i in asked if i in known_ids])
    now_ms = call.ctx.clock.now_ms()
    return call.answer([relationship.render(actor_id, standing, now_ms) for actor_id, standing in found.items()])


async def familiar_followers(call: Call) -> Answer:
    """GET /api/v1/accounts/familiar_followers?id[]=…: whom one follows that follows each of them too."""
    asked = call.input.ids("id")[:_MAX_AT_ONCE]
    found = await circles.familiar(call.reader, call.actor_id, asked)
    return call.answer([{"id": str(each), "accounts": rendering.account_list(found.get(each, ()))} for each in asked])


async def known(call: Call, actor_id: int) -> Actor:
    """The actor of that id; suspended ones are shown as such, deleted ones are not there.

    Raises:
        RecordNotFound: there is none.
    """
    actor = await actors.by_id(call.reader, actor_id)
    if actor is None or actor.deleted:
        raise RecordNotFound
    return actor


async def active(call: Call, actor_id: int) -> Actor:
    """The actor of that id, not suspended.

    Raises:
        RecordNotFound: there is none.
    """
    actor = await known(call, actor_id)
    if not actor.active:
        raise RecordNotFound
    return actor
