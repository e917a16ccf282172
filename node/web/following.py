"""'From your account': a visitor says who she is on the fediverse, and goes on at her own server."""

from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from node.federation import remote_interaction
from node.runtime import windows
from node.runtime.errors import BeffroiError, NotFound, TooMany
from node.timeline import visibility
from node.web import actors, attempts, cursors, forms, headers, pages
from node.web.visits import Visit

_MAX_CHARS: Final = 300


async def show_follow(visit: Visit) -> Response:
    """GET /@{name}/follow: the form alone."""
    return await _follow(visit, "", None)


async def follow(visit: Visit) -> Response:
    """POST /@{name}/follow."""
    actor = await actors.local(visit, visit.request.path_params["name"])
    typed, found = await _look_up(visit, actor.uri)
    return await _follow(visit, typed, found) if isinstance(found, BeffroiError) else _away(found)


async def show_answer(visit: Visit) -> Response:
    """GET /@{name}/{id}/interact: the form for answering or sharing a post."""
    return await _answer(visit, "", None)


async def answer(visit: Visit) -> Response:
    """POST /@{name}/{id}/interact."""
    post = await visibility.require_readable(
        visit.ctx.db.reader, viewer_id=None, post_id=cursors.read(visit.request.path_params["id"])
    )
    typed, found = await _look_up(visit, post.uri)
    return await _answer(visit, typed, found) if isinstance(found, BeffroiError) else _away(found)


async def _look_up(visit: Visit, uri: str) -> tuple[str, str | BeffroiError]:
    """What was typed, and where to go or why nowhere."""
    form = await forms.read(visit)
    typed = form.text("handle")[:_MAX_CHARS]
    try:
        remote_interaction.read_handle(typed)  # what is no handle costs nothing and is not counted
        attempts.spend(visit.ctx, attempts.LOOK_UP, windows.subscriber(visit.client))
        return typed, await remote_interaction.address(visit.ctx, handle=typed, uri=uri)
    except BeffroiError as problem:
        return typed, problem


async def _follow(visit: Visit, typed: str, problem: BeffroiError | None) -> Response:
    actor = await actors.local(visit, visit.request.path_params["name"])
    action = f"/@{actor.username}/follow"
    return actors.at_home(visit, actor, action) or _form(visit, typed, problem, actor=actor, post=None, action=action)


async def _answer(visit: Visit, typed: str, problem: BeffroiError | None) -> Response:
    actor = await actors.local(visit, visit.request.path_params["name"])
    post_id = cursors.read(visit.request.path_params["id"])
    post = await visibility.require_readable(visit.ctx.db.reader, viewer_id=None, post_id=post_id)
    if post.author_id != actor.id:
        raise NotFound("this post does not exist, or not for you")
    action = f"/@{actor.username}/{post.id}/interact"
    return actors.at_home(visit, actor, action) or _form(visit, typed, problem, actor=actor, post=post, action=action)


def _form(visit: Visit, typed: str, problem: BeffroiError | None, **values: Any) -> Response:
    status = 200 if problem is None else 429 if isinstance(problem, TooMany) else 422
    said = None if problem is None else visit.say(problem.args[0])
    return pages.private(
        visit, "follow.html", status=status, form_action=headers.TO_OTHER_SERVERS, typed=typed, problem=said, **values
    )


def _away(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
