"""A custom emoji of this node, read at its id."""

from starlette.requests import Request
from starlette.responses import Response

from node.federation import answers
from node.federation.objects import emojis as objects
from node.federation.objects import topped
from node.federation.vocab import contexts
from node.media import emojis
from node.runtime.errors import NotFound


async def emoji(request: Request) -> Response:
    """GET /emojis/{id}: on each service host of the node. One that is disabled still stands where it was used."""
    answers.documents_only(request)
    ctx = answers.context(request)
    _, home = await answers.home(request)
    number = request.path_params["id"]
    known = number.isascii() and number.isdecimal() and len(number) < 19
    found = await emojis.by_id(ctx.db.reader, int(number)) if known else None
    if found is None:
        raise NotFound(answers.MISSING)
    return answers.document(request, topped(objects.document(home, found), contexts.for_object()))
