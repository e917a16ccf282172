"""host-meta (RFC 6415): where WebFinger is asked. Old, and still the first question of some servers."""

from xml.sax.saxutils import quoteattr

import orjson
from starlette.requests import Request
from starlette.responses import Response

from node.federation import answers

_HEADERS = {"Cache-Control": "public, max-age=86400", "Access-Control-Allow-Origin": "*", "Vary": "Accept"}


async def host_meta(request: Request) -> Response:
    """`/.well-known/host-meta` in XML, or in JSON where that is asked for."""
    if "json" in request.headers.get("accept", ""):
        return await host_meta_json(request)
    template = quoteattr(await _template(request))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="application/jrd+json" template={template}/>\n</XRD>\n'
    )
    return Response(body, headers={**_HEADERS, "Content-Type": "application/xrd+xml; charset=utf-8"})


async def host_meta_json(request: Request) -> Response:
    """`/.well-known/host-meta.json`."""
    link = {"rel": "lrdd", "type": "application/jrd+json", "template": await _template(request)}
    return Response(orjson.dumps({"links": [link]}), headers={**_HEADERS, "Content-Type": "application/json"})


async def _template(request: Request) -> str:
    _, home = await answers.home(request)
    return f"{home}/.well-known/webfinger?resource={{uri}}"
