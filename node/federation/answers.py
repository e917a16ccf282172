"""Federation's answers over HTTP: documents with their cache headers, and refusals in words."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from node.actors import domains
from node.federation import negotiation
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, NotAcceptable, TooMany

Handler = Callable[[Request], Awaitable[Response]]

_HOME_MS: Final = 5_000
"""For so long a host of ours is believed to be where it was."""
PUBLIC_S: Final = 180
"""How long a shared cache may show a public document: an edit or a deletion is seen by then."""

MISSING: Final = "there is nothing here, or not for you"
"""What does not exist, and what the reader may not know of: the same words."""


def refusing(handler: Handler) -> Handler:
    """*handler*, its refusals told as HTTP."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BeffroiError as error:
            return refusal(error)

    answer.__name__ = getattr(handler, "__name__", "answer")
    return answer


def refusal(error: BeffroiError) -> Response:
    """*error* as an answer; what is missing and what is private read the same."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, int(error.retry_s)))
    return Response(
        orjson.dumps({"error": str(error)}), error.status, headers, media_type="application/json; charset=utf-8"
    )


def unshared(response: Response) -> Response:
    """*response* as one that was shown to who signed for it: no cache gives it to anybody else."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept, Signature, Signature-Input"
    return response


def document(
    request: Request, written: Mapping[str, Any], *, status: int = 200, max_age_s: int = PUBLIC_S, private: bool = False
) -> Response:
    """An ActivityStreams document; *private*: for the one who signed the request, and for no cache.

    A server that holds it already (If-None-Match) is answered 304.
    """
    body, kind = orjson.dumps(written), negotiation.media_type(request.headers.get("accept"))
    headers = {"Vary": "Accept", "Access-Control-Allow-Origin": "*", "Content-Type": kind}
    if private:
        return unshared(Response(body, status, headers))
    tag = f'"{hashlib.sha256(kind.encode() + body).hexdigest()[:32]}"'
    headers |= {"Cache-Control": f"public, max-age={max_age_s}", "ETag": tag}
    if status == 200 and _held(request.headers.get("if-none-match", ""), tag):
        del headers["Content-Type"]
        return Response(None, 304, headers)
    return Response(body, status, headers)


def _held(if_none_match: str, tag: str) -> bool:
    """RFC 9110 §13.1.2; a proxy that compresses makes a tag weak."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in if_none_match.split(","))


def page_instead(request: Request, url: str) -> Response | None:
    """A redirect to *url* where a page for people is wanted; None where the document is.

    Raises:
        NotAcceptable: neither is.
    """
    match negotiation.wanted(request.headers.get("accept")):
        case "activity":
            return None
        case "page":
            return RedirectResponse(url, 302, {"Vary": "Accept", "Cache-Control": "no-cache"})
    raise NotAcceptable("this is an ActivityStreams document or a page: ask for one of them")


def documents_only(request: Request) -> None:
    """For what has no page.

    Raises:
        NotAcceptable: the document is not wanted.
    """
    if not negotiation.takes_document(request.headers.get("accept")):
        raise NotAcceptable("this is an ActivityStreams document: ask for application/activity+json")


def context(request: Request) -> Context:
    """The node that was asked."""
    ctx: Context = request.app.state.ctx
    return ctx


async def home(request: Request) -> tuple[str, str]:
    """The service host that the request is about, and its address `https://…`.

    Raises:
        NotFound: the Host header names nobody here.
    """
    ctx, asked = context(request), request.headers.get("host", "")
    cache, now_ms = ctx.cache.of("homes", 4096), ctx.clock.now_ms()
    kept: tuple[int, str] | None = cache.get(asked)
    if kept is None or now_ms >= kept[0]:  # who is nobody here is not kept: she may be in a moment
        kept = now_ms + _HOME_MS, (await domains.for_request(ctx.db.reader, asked)).service_host
        cache.put(asked, kept)
    return kept[1], f"{ctx.settings.scheme}://{kept[1]}"
