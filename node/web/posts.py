"""The page of a post, `/@name/{id}`: the 'original page' that every client opens, with what is public around it."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from node.actors import actors as people_and_towns
from node.runtime.errors import Gone, NotFound
from node.runtime.text.plain import plain, shorten
from node.timeline import posts, threads, visibility
from node.web import activities, actors, cards, cursors, elsewhere, pages
from node.web.visits import Visit

_TITLE_CHARS: Final = 70
_DESCRIPTION_CHARS: Final = 250


async def show(visit: Visit) -> Response:
    """GET /@{name}/{id}. As a stranger sees it, whoever asks: what is not public is read in an application."""
    name: str = visit.request.path_params["name"]
    post_id = cursors.read(visit.request.path_params["id"])
    if "@" in name:
        return await elsewhere.show_post(visit, name, post_id)
    author = await actors.local(visit, name)
    if activities.wanted(visit):  # before looking: federation's door knows who signs, this page only strangers
        return activities.lead_to(f"{author.uri}/statuses/{post_id}")
    reader = visit.ctx.db.reader
    try:
        post = await visibility.require_readable(reader, viewer_id=None, post_id=post_id)
    except NotFound:
        if await posts.buried(reader, f"{author.uri}/statuses/{post_id}"):
            raise Gone("this post was deleted") from None
        raise
    if post.author_id != author.id:
        raise NotFound("this post does not exist, or not for you")
    if post.boost_of_id is not None:
        return await _lead_to_original(visit, post.boost_of_id)
    if moved := actors.at_home(visit, author, f"/@{author.username}/{post.id}"):
        return moved
    around = await threads.context(reader, None, post)
    shown = await cards.of(reader, [*around.ancestors, post.id, *around.descendants])
    card = next((each for each in shown if each.post.id == post.id), None)
    if card is None:
        raise NotFound("this post does not exist, or not for you")
    words = post.summary or post.name or plain(post.content)
    above = set(around.ancestors)
    return pages.public(
        visit,
        "post.html",
        vary="Accept, Accept-Language",
        more=activities.alternate(post.uri),
        card=card,
        author=author,
        title=shorten(words, _TITLE_CHARS),
        described=shorten(words, _DESCRIPTION_CHARS),
        above=[each for each in shown if each.post.id in above],
        below=[each for each in shown if each.post.id not in above and each is not card],
        noindex=post.visibility != "public" or not author.discoverable or author.limited,
    )


async def _lead_to_original(visit: Visit, post_id: int) -> Response:
    reader = visit.ctx.db.reader
    post = await posts.require(reader, post_id)
    author = await people_and_towns.require_by_id(reader, post.author_id)
    if author.local:
        return RedirectResponse(cards.page_of(author, post), 302)
    return await elsewhere.show_post(visit, author.handle, post.id)
