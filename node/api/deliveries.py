"""How far a status got, for who wrote it: an endpoint of this program only, for its own pages and clients."""

from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.federation.delivery import reach
from node.runtime.clock import iso
from node.timeline import posts


async def show(call: Call) -> Answer:
    """GET /api/v1/beffroi/statuses/:id/deliveries."""
    post = await posts.by_id(call.reader, call.id)
    if post is None or post.author_id != call.actor_id:
        raise RecordNotFound
    found = await reach.of_post(call.reader, post.id)
    if found is None:
        return call.answer({"servers": 0, "reached": 0, "under_way": 0, "lost": 0, "complete": True, "missing": []})
    missing = [
        {
            "host": each.host,
            "given_up": each.given_up,
            "reason": each.reason,
            "down_since": None if each.down_since_ms is None else iso(each.down_since_ms),
        }
        for each in found.missing
    ]
    return call.answer(
        {
            "servers": found.servers,
            "reached": found.reached,
            "under_way": found.under_way,
            "lost": found.lost,
            "complete": found.begun and found.reached + found.lost == found.servers,
            "missing": missing,
        }
    )
