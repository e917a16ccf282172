"""`/about/moderation`: what the moderation did in a year, counted, without a name."""

from starlette.responses import Response

from node.moderation import figures, statements
from node.runtime.errors import NotFound
from node.runtime.i18n import sentence
from node.web import pages
from node.web.visits import Visit


async def show(visit: Visit) -> Response:
    """GET /about/moderation?year=2026; without a year, the present one."""
    reader = visit.ctx.db.survey
    years = await figures.years(reader, now_ms=visit.ctx.clock.now_ms())
    asked = visit.request.query_params.get("year", "")
    if asked and asked not in map(str, years):
        raise NotFound(sentence("Nothing was counted for that year."))
    year = await figures.of_year(reader, int(asked) if asked else years[0])
    hours = None if year.median_ms is None else -(-year.median_ms // 3_600_000)
    return pages.public(
        visit, "moderation.html", max_age_s=3600, year=year, years=years, hours=hours, sources=statements.SOURCES,
        categories=statements.CATEGORIES, names=statements.NAMES, sorts=statements.SORTS,
    )  # fmt: skip
