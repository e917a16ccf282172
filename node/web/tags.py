"""The page of a hashtag: what anyone here wrote about it, and what is known from elsewhere."""

from typing import Final

from starlette.responses import Response

from node.runtime.errors import NotFound
from node.timeline import hashtags
from node.timeline.pages import Page
from node.web import cards, cursors, pages
from node.web.visits import Visit

_POSTS: Final = 20
_MAX_NAME_CHARS: Final = 100


async def show(visit: Visit) -> Response:
    """GET /tags/{name}. A hashtag that nobody used yet has an empty page, not none."""
    name: str = visit.request.path_params["name"]
    if len(name) > _MAX_NAME_CHARS or not name.isprintable():
        raise NotFound("there is no such page")
    reader = visit.ctx.db.reader
    tag = await hashtags.by_name(reader, name)
    before = cursors.asked(visit)
    ids = await hashtags.page(reader, None, Page(max_id=before, limit=_POSTS), name=name)
    return pages.public(
        visit,
        "tag.html",
        name=tag.display if tag is not None else name,
        cards=await cards.of(reader, ids),
        older=cursors.older(visit, ids, _POSTS),
        noindex=tag is None,
    )
