"""What other servers read here about sharing: an agreement, and the Announce that follows from one."""

from starlette.requests import Request
from starlette.responses import Response

from node.actors import actors
from node.actors.actor import Actor
from node.agreements import agreements
from node.agreements.agreements import page_of
from node.federation import answers
from node.federation.objects import agreements as objects
from node.federation.objects import posts as post_objects
from node.federation.objects import topped
from node.federation.vocab import contexts
from node.runtime.errors import NotFound
from node.timeline import posts, visibility

_MISSING = "there is nothing here, or not for you"


async def agreement(request: Request) -> Response:
    """An agreement at its id, on the territory's node: how it stands, and both last words."""
    ctx = answers.context(request)
    territory = await _of_path(request)
    found = await agreements.by_uri(ctx.db.reader, f"{territory.uri}/agreements/{request.path_params['digest']}")
    if found is None or found.state == "none":
        raise NotFound(_MISSING)
    if (elsewhere := answers.page_instead(request, page_of(territory, found))) is not None:
        return elsewhere
    member = await actors.require_by_id(ctx.db.reader, found.member_id)
    return answers.document(request, objects.document(found, territory, member), max_age_s=0)


async def announce(request: Request) -> Response:
    """An Announce that an agreement made."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _of_path(request)
    found = await posts.by_uri(ctx.db.reader, f"{author.uri}/announces/{request.path_params['digest']}")
    if found is None or not await visibility.may_read(ctx.db.reader, viewer_id=None, post=found):
        raise NotFound(_MISSING)
    written = await post_objects.activity(ctx.db.reader, ctx, found)
    return answers.document(request, topped(written, contexts.PLAIN))


async def _of_path(request: Request) -> Actor:
    host, _ = await answers.home(request)
    return await actors.require_local_by_username(
        answers.context(request).db.reader, request.path_params["username"], host
    )
