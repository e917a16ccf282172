"""What is talked about here: hashtags and statuses. Links are not counted (docs/clients.md)."""

from node.api import rendering, tags
from node.api.answers import Answer
from node.api.call import Call
from node.timeline import trends


async def of_tags(call: Call) -> Answer:
    """GET /api/v1/trends/tags and /api/v1/trends."""
    limit, offset = part(call, 10, 20)
    found = (await trends.now(call.ctx)).tags[offset : offset + limit]
    return call.answer(await tags.rendered(call, found))


async def of_statuses(call: Call) -> Answer:
    """GET /api/v1/trends/statuses."""
    limit, offset = part(call, 20, 40)
    ids = await trends.posts(call.ctx, call.viewer_id, limit=limit, offset=offset)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids))


def part(call: Call, usual: int, most: int) -> tuple[int, int]:
    """Which part of a list that is counted, not paged: how many, and after how many."""
    return call.input.number("limit", usual, low=1, high=most), call.input.number("offset", 0, low=0, high=10_000)
