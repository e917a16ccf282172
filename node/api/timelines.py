"""Timelines: home, public, hashtag."""

from collections.abc import Sequence

from node.api import paging, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.timeline import hashtags, home, public
from node.timeline.pages import Page
from node.timeline.shown import Line


async def at_home(call: Call) -> Answer:
    """GET /api/v1/timelines/home."""
    page = paging.asked(call, default=20, most=40)
    found = await home.rows(
        call.reader, call.actor_id, page, bits=await call.tastes(), now_ms=call.ctx.clock.now_ms()
    )  # fmt: skip
    return await _page(call, page, found)


async def for_all(call: Call) -> Answer:
    """GET /api/v1/timelines/public; local means this domain, not its neighbours on the same node."""
    page = paging.asked(call, default=20, most=40)
    asked = call.input
    found = await public.rows(
        call.reader, call.viewer_id, page, domain_id=call.domain.id if asked.flag("local") else None,
        remote=bool(asked.flag("remote")), only_media=bool(asked.flag("only_media")),
        bits=await call.tastes(), now_ms=call.ctx.clock.now_ms(),
    )  # fmt: skip
    return await _page(call, page, found)


async def tagged(call: Call) -> Answer:
    """GET /api/v1/timelines/tag/:hashtag."""
    page = paging.asked(call, default=20, most=40)
    asked = call.input
    found = await hashtags.page(
        call.reader, call.viewer_id, page, name=call.named["hashtag"], also=asked.texts("any"), every=asked.texts("all"),
        none=asked.texts("none"), domain_id=call.domain.id if asked.flag("local") else None,
        remote=bool(asked.flag("remote")), only_media=bool(asked.flag("only_media")),
        bits=await call.tastes(), now_ms=call.ctx.clock.now_ms(),
    )  # fmt: skip
    ids, links = paging.listed(call, found, page, lambda post_id: post_id)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def _page(call: Call, page: Page, found: Sequence[Line]) -> Answer:
    rows, links = paging.listed(call, found, page, rendering.cursor)
    body = await rendering.page(call.ctx, call.domain, call.viewer_id, rows)
    return Answer(body, headers=links, spliced=True)
