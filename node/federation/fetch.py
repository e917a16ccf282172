"""Reading a document of another server: signed by the instance actor, believed only about itself.

A document is the word of the host that served it, so the id inside must be the URL that was asked; where it is
another one, that one is asked, once. Nothing is fetched inside a transaction, from a blocked host, or again and
again from a host that just failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from node.actors import hosts
from node.federation import signatures, signers
from node.federation.identity import allow_http, asker, user_agent
from node.federation.knocking import FormOf, knock
from node.federation.vocab import json, limits, links
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Forbidden, Gone, Malformed, Unavailable
from node.runtime.net import NetworkFailure, Response
from node.runtime.net.fetch import ACTIVITY_ACCEPT, ACTIVITY_TYPES, follow
from node.runtime.net.urls import parse

_HOST_PAUSE_MS: Final = 15_000
_REFUSED_MS: Final = 60_000
_REMEMBERED: Final = 10_000


class Refused(Forbidden):
    """The other server does not show this document to us."""


@dataclass(frozen=True, slots=True)
class _Failure:
    until_ms: int
    error: BeffroiError


async def document(ctx: Context, url: str) -> dict[str, Any]:
    """The ActivityStreams object whose id is *url* or, where *url* only leads to one, the object that says so itself.

    Raises:
        Gone: 404 or 410.
        Refused: 401, 403 or another 4xx.
        HostSuspended: we have no dealings with that host, or with one it redirects to.
        Malformed: not JSON, no id, or an id that is not where the document lies.
        Unavailable, NetworkFailure: no usable answer; `again` says whether a later attempt makes sense.
    """
    known = _remembered(ctx, url)
    if known is not None:
        raise known.with_traceback(None)
    try:
        found, where = await _get(ctx, url)
        if not _believed(found, url, where):
            own_id = links.uri(found.get("id"), allow_http=allow_http(ctx))
            if own_id == url:
                raise Malformed("the document was served by another host than its id names")
            found, where = await _get(ctx, own_id)
            if not _believed(found, own_id, where):
                raise Malformed("the document's id is not the address where it lies")
    except BeffroiError as error:
        _remember(ctx, url, error)
        raise
    return found


def _believed(found: dict[str, Any], asked: str, where: str) -> bool:
    own_id = found.get("id")
    if not isinstance(own_id, str) or not links.same_origin(own_id, where):
        return False
    # A redirect within one origin is that origin's word; across origins only the last one is heard.
    return own_id in (asked, where)


async def _get(ctx: Context, url: str) -> tuple[dict[str, Any], str]:
    response = await get(ctx, url)
    return json.read(response.body), response.url


async def get(ctx: Context, url: str) -> Response:
    """A signed GET of an ActivityStreams document, redirects followed; its body is not read yet.

    Raises:
        Gone, Refused, HostSuspended, Unavailable, NetworkFailure: as `document`.
    """
    host = hosts.of_uri(url)
    agent, (_, key_id, private) = await user_agent(ctx), await asker(ctx)
    blocked = await hosts.policies(ctx)
    blocked.refuse_blocked(host)

    async def send(form_of: FormOf) -> Response:
        async def headers_for(hop: str) -> Mapping[str, str]:
            place = hosts.of_uri(hop)
            blocked.refuse_blocked(place)
            sign = partial(
                signatures.sign, "GET", hop, None, key_id, private, ctx.clock.now_ms(), scheme=form_of(place)
            )
            return {"User-Agent": agent, "Accept": ACTIVITY_ACCEPT, **await signers.of(ctx).sign(sign)}

        return await follow(
            ctx.network, url, headers_for=headers_for, accept=ACTIVITY_TYPES, max_bytes=limits.MAX_DOCUMENT_BYTES
        )

    response = await knock(ctx, send)
    ctx.metrics.count("fetches", status=f"{response.status // 100}xx")
    if 200 <= response.status < 300:
        return response
    if response.status in (404, 410):
        raise Gone(f"{host} no longer has this document")
    if 400 <= response.status < 500 and response.status not in (408, 425, 429):
        raise Refused(f"{host} answered {response.status}")
    raise Unavailable(f"{host} answered {response.status}")


def _remembered(ctx: Context, url: str) -> BeffroiError | None:
    now_ms = ctx.clock.now_ms()
    cache = ctx.cache.of("fetch_failures", _REMEMBERED)
    for key in (url, _host(url)):
        failure: _Failure | None = cache.get(key)
        if failure is not None and now_ms < failure.until_ms:
            return failure.error
    return None


def _remember(ctx: Context, url: str, error: BeffroiError) -> None:
    now_ms = ctx.clock.now_ms()
    cache = ctx.cache.of("fetch_failures", _REMEMBERED)
    if isinstance(error, NetworkFailure) and error.again:
        cache.put(_host(url), _Failure(now_ms + _HOST_PAUSE_MS, error))
    elif not error.again:
        cache.put(url, _Failure(now_ms + _REFUSED_MS, error))


def _host(url: str) -> str:
    try:
        return parse(url).host
    except NetworkFailure:
        return ""
