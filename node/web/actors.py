"""The page of an actor, `/@name`: who it is, what it published, how to follow it."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from node.actors import actors, codes
from node.actors.actor import Actor
from node.agreements import agreements
from node.media import addresses
from node.runtime.text.plain import plain, shorten
from node.timeline import account, pins
from node.timeline.account import Filters
from node.timeline.pages import Page
from node.web import activities, cards, cursors, elsewhere, headers, pages
from node.web.visits import Visit

_POSTS: Final = 20
_DESCRIPTION_CHARS: Final = 200
FILTERS: Final = Filters(exclude_replies=True)


async def show(visit: Visit) -> Response:
    """GET /@{name}; `/@name@host` presents somebody of another server."""
    name: str = visit.request.path_params["name"]
    if "@" in name:
        return await elsewhere.show_actor(visit, name)
    actor = await local(visit, name)
    if moved := at_home(visit, actor, f"/@{actor.username}"):
        return moved
    if activities.wanted(visit):
        return activities.lead_to(actor.uri)
    reader = visit.ctx.db.reader
    before = cursors.asked(visit)
    ids = await account.page(reader, None, Page(max_id=before, limit=_POSTS), actor_id=actor.id, filters=FILTERS)
    pinned = await pins.of_actor(reader, None, actor.id) if before is None else []
    return pages.public(
        visit,
        "actor.html",
        form_action=headers.TO_OTHER_SERVERS,
        vary="Accept, Accept-Language",
        more=activities.alternate(actor.uri),
        actor=actor,
        avatar=cards.avatar_of(actor),
        proof=codes.proof(visit.say, actor),
        banner=_banner(actor),
        described=shorten(plain(actor.summary), _DESCRIPTION_CHARS),
        pinned=await cards.of(reader, pinned),
        cards=await cards.of(reader, [each for each in ids if each not in pinned]),
        older=cursors.older(visit, ids, _POSTS),
        later_page=before is not None,
        shares=await agreements.active_of(reader, actor.id),
        noindex=not actor.discoverable or actor.limited,
        typed="",
        problem=None,
    )


async def local(visit: Visit, name: str) -> Actor:
    """The local actor that a path names, on the host that was asked (service host or handle host).

    Raises:
        NotFound, Gone, Suspended: as `actors.require_local_by_username`.
    """
    reader = visit.ctx.db.reader
    if visit.host == visit.domain.service_host:
        return await actors.require_local_by_username(reader, name, visit.host)
    found = await actors.by_handle(reader, name, visit.domain.handle_host)
    if found is not None and found.local:
        return await actors.require_by_id(reader, found.id)
    return await actors.require_local_by_username(reader, name, visit.domain.service_host)


def at_home(visit: Visit, actor: Actor, path: str) -> Response | None:
    """A redirect, when the page lies on another host (the actor's service host) or is somebody else's."""
    if actor.kind == "instance":
        return RedirectResponse("/about", 302)
    if visit.host != actor.service_host:
        return RedirectResponse(f"{visit.ctx.settings.scheme}://{actor.service_host}{path}", 301)
    return None


def _banner(actor: Actor) -> str | None:
    return addresses.of_key("", actor.header) if actor.header else None
