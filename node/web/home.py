"""The first page of a domain: whose it is, what is new, how to follow it and how to log in."""

from typing import Final

from starlette.responses import Response

from node.actors import domains, presented
from node.actors.domains import Domain
from node.timeline import public
from node.timeline.pages import Page
from node.web import cards, cursors, pages
from node.web.visits import Visit

_MAX_ACTORS: Final = 60
_POSTS: Final = 15


async def show(visit: Visit) -> Response:
    """GET /."""
    reader = visit.ctx.db.reader
    here = await _domains(visit)
    before = cursors.asked(visit)
    # Where several domains share a host, its first page is the node's.
    domain_id = visit.domain.id if len(here) == 1 else None
    ids = await public.page(reader, Page(max_id=before, limit=_POSTS), domain_id=domain_id, local=domain_id is None)
    return pages.public(
        visit,
        "home.html",
        towns=await presented.of_domains(reader, [each.id for each in here], most=_MAX_ACTORS),
        cards=await cards.of(reader, ids),
        older=cursors.older(visit, ids, _POSTS),
        later_page=before is not None,
    )


async def _domains(visit: Visit) -> list[Domain]:
    if visit.host != visit.domain.service_host:
        return [visit.domain]
    return await domains.by_service_host(visit.ctx.db.reader, visit.domain.service_host)
