"""The directory of a domain's accounts."""

from node.actors import directory
from node.api import rendering
from node.api.answers import Answer
from node.api.call import Call


async def listed(call: Call) -> Answer:
    """GET /api/v1/directory?order=active|new&offset=…: of this domain, whether `local` is asked or not."""
    asked = call.input
    found = await directory.page(
        call.reader, domain_id=call.domain.id, viewer_id=call.viewer_id,
        order="new" if asked.text("order") == "new" else "active",
        offset=asked.number("offset", 0, low=0, high=directory.MAX_SHOWN), limit=asked.number("limit", 40, low=1, high=80),
    )  # fmt: skip
    return call.answer(rendering.account_list(found))
