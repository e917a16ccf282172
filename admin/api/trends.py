"""What is talked about, for who moderates: the same as everybody is told. Nothing of it waits for a review."""

from admin.api.door import Moderating
from node.api import tags, trends
from node.api.answers import Answer
from node.timeline import trends as counted


async def of_tags(at: Moderating) -> Answer:
    """GET /api/v1/admin/trends/tags: Admin::Tag, `Tag` and three words on reviews, which there are none of."""
    limit, offset = trends.part(at.call, 10, 20)
    found = (await counted.now(at.ctx)).tags[offset : offset + limit]
    said = {"trendable": True, "usable": True, "requires_review": False}
    return at.answer([{**each, **said} for each in await tags.rendered(at.call, found)])


async def of_statuses(at: Moderating) -> Answer:
    """GET /api/v1/admin/trends/statuses."""
    return await trends.of_statuses(at.call)
