"""NodeInfo 2.0 and 2.1: what runs here, how big it is, and whom to write to. The figures are counted now and then."""

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from node import __version__
from node.actors import domains
from node.actors.domains import Domain
from node.federation import answers
from node.runtime.context import Context
from node.runtime.errors import NotFound

_FRESH_MS = 30 * 60_000
_MONTH_MS = 30 * 86_400_000
_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
_VERSIONS = ("2.0", "2.1")


@dataclass(frozen=True, slots=True)
class Usage:
    """How many use a domain; counted at *counted_ms*."""

    total: int
    active_month: int
    active_half_year: int
    posts: int
    counted_ms: int


async def well_known(request: Request) -> Response:
    """`/.well-known/nodeinfo`."""
    _, home = await answers.home(request)
    links = [{"rel": f"{_SCHEMA}{version}", "href": f"{home}/nodeinfo/{version}"} for version in _VERSIONS]
    # FEP-2677: who speaks for the server
    links.append({"rel": "https://www.w3.org/ns/activitystreams#Application", "href": f"{home}/actor"})
    return _json({"links": links}, "application/json; charset=utf-8")


async def nodeinfo(request: Request) -> Response:
    """`/nodeinfo/2.0` and `/nodeinfo/2.1`.

    Raises:
        NotFound: another version.
    """
    version = request.path_params["version"].removesuffix(".json")
    if version not in _VERSIONS:
        raise NotFound("NodeInfo is spoken in versions 2.0 and 2.1 here")
    ctx = answers.context(request)
    domain = await domains.for_request(ctx.db.reader, request.headers.get("host", ""))
    written = describe(ctx, domain, await usage(ctx, domain), version)
    return _json(written, f'application/json; profile="{_SCHEMA}{version}#"; charset=utf-8')


def describe(ctx: Context, domain: Domain, figures: Usage, version: str) -> dict[str, Any]:
    """The document of a domain."""
    software = {"name": "beffroi", "version": __version__}
    metadata: dict[str, Any] = {
        "nodeName": domain.name,
        "nodeDescription": domain.description,
        # By it megalodon (Whalebird, Fedistar) knows which API to speak to a server whose name it has never heard.
        "upstream": {"name": "mastodon"},
    }
    if domain.contact_email:
        metadata["contact"] = domain.contact_email
        metadata["maintainer"] = {"name": domain.name, "email": domain.contact_email}
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["rss2.0"]},
        "openRegistrations": domain.registrations == "open",
        "usage": {
            "users": {
                "total": figures.total,
                "activeMonth": figures.active_month,
                "activeHalfyear": figures.active_half_year,
            },
            "localPosts": figures.posts,
        },
        "metadata": metadata,
    }


async def usage(ctx: Context, domain: Domain) -> Usage:
    """The figures of a domain, at most half an hour old."""
    cache, now_ms = ctx.cache.of("usage", 4_096), ctx.clock.now_ms()
    kept: Usage | None = cache.get(domain.id)
    if kept is not None and now_ms - kept.counted_ms < _FRESH_MS:
        return kept
    row = await ctx.db.survey.row(
        "SELECT COUNT(*) AS total, "
        "SUM(CASE WHEN last_post_ms > $2 THEN 1 ELSE 0 END) AS month, "
        "SUM(CASE WHEN last_post_ms > $3 THEN 1 ELSE 0 END) AS half_year, SUM(posts_count) AS posts "
        "FROM actors WHERE domain_id = $1 AND state = 'active' AND kind <> 'instance'",
        domain.id, now_ms - _MONTH_MS, now_ms - 6 * _MONTH_MS,
    )  # fmt: skip
    total, month, half_year, posts = (int(value or 0) for value in row) if row is not None else (0, 0, 0, 0)
    counted = Usage(total, month, half_year, posts, now_ms)
    cache.put(domain.id, counted)
    return counted


def _json(written: Any, kind: str) -> Response:
    headers = {"Content-Type": kind, "Cache-Control": "public, max-age=1800", "Access-Control-Allow-Origin": "*"}
    return Response(orjson.dumps(written), headers=headers)
