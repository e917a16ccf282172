"""WebFinger (RFC 7033): from a handle or a profile's address to the actor, for every local domain.

Asked on a handle host or on a service host; the subject is always the handle as people write it.
"""

from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response

from node.actors import actors, domains, hosts
from node.actors.actor import Actor
from node.federation import answers
from node.media import addresses
from node.runtime.context import Context
from node.runtime.errors import Gone, Invalid, Malformed, NotFound

_MAX_AGE_S = 600
_MAX_CHARS = 2_048


async def webfinger(request: Request) -> Response:
    """`/.well-known/webfinger?resource=…`.

    Raises:
        Malformed: no resource, or not one that can be read.
        NotFound: nobody here.
        Gone: it was deleted.
    """
    ctx = answers.context(request)
    await answers.home(request)
    resource = request.query_params.get("resource", "")
    if not resource or len(resource) > _MAX_CHARS:
        raise Malformed("WebFinger needs a resource: acct:name@host, or an address")
    found = await _resource(ctx, resource)
    if found.deleted:
        raise Gone("this account was deleted")
    if not found.active:
        raise NotFound("there is no such account here")
    return Response(
        orjson.dumps(descriptor(ctx, found)),
        headers={
            "Content-Type": "application/jrd+json; charset=utf-8",
            "Cache-Control": f"public, max-age={_MAX_AGE_S}",
            "Access-Control-Allow-Origin": "*",
        },
    )


def descriptor(ctx: Context, actor: Actor) -> dict[str, Any]:
    """The JRD of a local actor."""
    home = f"{ctx.settings.scheme}://{actor.service_host}"
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": "application/activity+json", "href": actor.uri},
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor.url},
    ]
    if actor.kind == "instance":
        # FEP-d556: who speaks for the server
        links.append(
            {
                "rel": "https://www.w3.org/ns/activitystreams#Service",
                "type": "application/activity+json",
                "href": actor.uri,
            }
        )
    else:
        links.append(
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": f"{home}/authorize_interaction?uri={{uri}}"}
        )
    if actor.avatar:
        links.append({"rel": "http://webfinger.net/rel/avatar", "href": addresses.of_key(home, actor.avatar)})
    return {"subject": f"acct:{actor.handle}", "aliases": [actor.url, actor.uri], "links": links}


async def _resource(ctx: Context, resource: str) -> Actor:
    if resource.lower().startswith(("https://", "http://")):
        return await _address(ctx, resource)
    name, at, host = resource.removeprefix("acct:").removeprefix("@").rpartition("@")
    if not at or not name or not host:
        raise Malformed("the resource is neither acct:name@host nor an address")
    try:
        host = hosts.authority(host)
    except Invalid:
        raise Malformed("the resource names an impossible host") from None
    found = await actors.by_handle(ctx.db.reader, name, host)
    if found is None or not found.local:
        found = await actors.local_by_username(ctx.db.reader, name, host)
    return _local(found)


async def _address(ctx: Context, address: str) -> Actor:
    try:
        parts = urlsplit(address)
        host = hosts.of_uri(address)
    except (ValueError, Invalid):
        raise Malformed("the resource is not an address") from None
    if not await domains.is_local(ctx.db.reader, host):
        raise NotFound("there is no such account here")
    service_host = (await domains.for_request(ctx.db.reader, host)).service_host
    match parts.path.strip("/").split("/"):
        case [""] | ["actor"]:
            return await actors.instance_actor(ctx.db.reader, service_host)
        case ["users", name]:
            return _local(await actors.local_by_username(ctx.db.reader, name, service_host))
        case [name] if name.startswith("@"):
            return _local(await actors.local_by_username(ctx.db.reader, name[1:], service_host))
    raise NotFound("there is no such account here")


def _local(found: Actor | None) -> Actor:
    if found is None or not found.local:
        raise NotFound("there is no such account here")
    return found
