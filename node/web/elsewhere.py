"""Somebody of another server, or a post from there: a page that only says where to read, and that nobody lists.

No redirect: a link on our host that leads wherever a stranger wishes would lend the town's name to anyone.
"""

from starlette.responses import RedirectResponse, Response

from node.actors import actors, hosts
from node.actors.actor import Actor
from node.runtime.errors import Invalid, NotFound
from node.timeline import visibility
from node.web import cards, pages
from node.web.visits import Visit


async def show_actor(visit: Visit, handle: str) -> Response:
    """GET /@{name}@{host}."""
    actor = await _actor(visit, handle)
    if actor.local:
        return RedirectResponse(actor.url, 301)
    return _page(visit, actor, cards.profile_of(actor), is_post=False)


async def show_post(visit: Visit, handle: str, post_id: int) -> Response:
    """GET /@{name}@{host}/{id}."""
    actor = await _actor(visit, handle)
    post = await visibility.require_readable(visit.ctx.db.reader, viewer_id=None, post_id=post_id)
    if post.author_id != actor.id:
        raise NotFound("this post does not exist, or not for you")
    if actor.local:
        return RedirectResponse(post.url, 301)
    return _page(visit, actor, cards.page_of(actor, post), is_post=True)


async def _actor(visit: Visit, handle: str) -> Actor:
    name, _, host = handle.partition("@")
    try:
        host = hosts.authority(host)
    except Invalid:
        raise NotFound("there is no such actor here") from None
    return await actors.require_by_handle(visit.ctx.db.reader, name, host)


def _page(visit: Visit, actor: Actor, address: str, *, is_post: bool) -> Response:
    return pages.public(
        visit, "elsewhere.html", more={"X-Robots-Tag": "noindex"}, actor=actor, address=address, is_post=is_post
    )
