"""The desk's first page: what the account published, as its own readers see it, and what is for few."""

from typing import Final

from starlette.responses import Response

from node.timeline import account
from node.timeline.account import Filters
from node.timeline.pages import Page
from node.web import cards, cursors
from node.web.desk import Desk

_POSTS: Final = 20


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}."""
    page = Page(max_id=cursors.asked(desk.visit), limit=_POSTS)
    ids = await account.page(
        desk.reader, desk.actor.id, page, actor_id=desk.actor.id, filters=Filters(exclude_boosts=True)
    )
    return desk.page(
        "desk_posts.html", "", cards=await cards.of(desk.reader, ids), older=cursors.older(desk.visit, ids, _POSTS)
    )
