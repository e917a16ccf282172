"""`/@name/{id}/deliveries`: how far a post got, for those who speak for its author and for the keeper."""

from starlette.responses import Response

from node.actors import memberships, permissions
from node.federation.delivery import reach, telling
from node.runtime.errors import Forbidden, NotFound
from node.runtime.i18n import sentence
from node.timeline import posts
from node.web import actors, cursors, pages, visitors
from node.web.visits import Visit


async def show(visit: Visit) -> Response:
    """GET /@{name}/{id}/deliveries.

    Raises:
        Forbidden: she neither speaks for the author nor keeps the node.
    """
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    reader = visit.ctx.db.reader
    author = await actors.local(visit, visit.request.path_params["name"])
    role = await memberships.role_of(reader, person_id=visitor.person.id, actor_id=author.id)
    if not permissions.may(role, "look") and not permissions.duty(visitor.person, "keep the node"):
        raise Forbidden(sentence("You do not speak for this account here."))
    post = await posts.by_id(reader, cursors.read(visit.request.path_params["id"]))
    if post is None or post.author_id != author.id:
        raise NotFound(sentence("There is no such post here: %(post)s", post=visit.request.path_params["id"]))
    found = await reach.of_post(reader, post.id)
    lines = telling.in_words(visit.say, found, language=visit.language, now_ms=visit.ctx.clock.now_ms())
    return pages.private(visit, "deliveries.html", visitor=visitor, author=author, post=post, lines=lines)
