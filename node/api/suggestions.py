"""Whom one might want to follow, versions 1 and 2."""

from node.agreements import suggestions
from node.agreements.suggestions import Suggestion
from node.api import rendering
from node.api.answers import EMPTY, Answer
from node.api.call import Call


async def version1(call: Call) -> Answer:
    """GET /api/v1/suggestions: accounts."""
    return call.answer(rendering.account_list(each.actor for each in await _asked(call)))


async def version2(call: Call) -> Answer:
    """GET /api/v2/suggestions: accounts, and why each. `source` is the older word of clients for `sources`."""
    found = await _asked(call)
    shown = rendering.account_list(each.actor for each in found)
    return call.answer(
        [
            {"source": "staff" if each.source == "featured" else "global", "sources": [each.source], "account": account}
            for each, account in zip(found, shown, strict=True)
        ]
    )


async def decline(call: Call) -> Answer:
    """DELETE /api/v1/suggestions/:id."""
    actor, target_id = await call.actor(), call.id
    await call.ctx.db.write(lambda tx: suggestions.decline(tx, actor=actor, target_id=target_id))
    return EMPTY


async def _asked(call: Call) -> list[Suggestion]:
    limit = call.input.number("limit", 40, low=1, high=80)
    return await suggestions.suggested(call.reader, actor=await call.actor(), limit=limit)
