"""What a stranger may want to know of the site: who keeps it, what it keeps, how accessible it is, its source."""

from functools import cache

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from node.actors import presented
from node.moderation import announcements, legal, rules
from node.territory.gazetteer import Gazetteer
from node.web import pages
from node.web.visits import Visit

_ROBOTS = """User-agent: *
Disallow: /account
Disallow: /api/
Disallow: /authorize_interaction
Disallow: /invitations/
Disallow: /login
Disallow: /oauth/
Disallow: /report
"""


async def show(visit: Visit) -> Response:
    """GET /about."""
    reader, domain_id = visit.ctx.db.survey, visit.domain.id
    return pages.public(
        visit, "about.html", attribution=_attribution(), rules=await rules.of_domain(reader, domain_id, visit.say),
        notice=await legal.of_domain(reader, domain_id), names=legal.NAMES,
        territories=await presented.territories(reader, domain_id),
        announced=await announcements.shown(reader, domain_id=domain_id, now_ms=visit.ctx.clock.now_ms()),
    )  # fmt: skip


async def show_privacy(visit: Visit) -> Response:
    """GET /privacy."""
    return pages.public(visit, "privacy.html")


async def show_accessibility(visit: Visit) -> Response:
    """GET /accessibility."""
    return pages.public(visit, "accessibility.html")


async def robots(_visit: Visit) -> Response:
    """GET /robots.txt: what search engines need not ask for. What they may list, each page says itself."""
    head = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(_ROBOTS, headers=head)


async def change_password(visit: Visit) -> Response:
    """GET /.well-known/change-password (https://w3c.github.io/webappsec-change-password-url/): password managers ask."""
    return RedirectResponse("/account#password", 302)


@cache
def _attribution() -> str:
    with Gazetteer() as gazetteer:
        return gazetteer.source().attribution
