"""Accounts that an account recommends on its profile."""

from node.actors import endorsements
from node.api import circles, paging
from node.api.accounts import active, answer_circle
from node.api.answers import Answer
from node.api.call import Call


async def endorse(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/endorse, formerly pin."""
    return await circles.do(
        call, lambda tx, actor, other: endorsements.endorse(tx, call.ctx, actor=actor, target=other)
    )


async def withdraw(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/unendorse, formerly unpin."""
    return await circles.do(call, lambda tx, actor, other: endorsements.withdraw(tx, actor=actor, target=other))


async def own(call: Call) -> Answer:
    """GET /api/v1/endorsements."""
    return await _of(call, call.actor_id)


async def of_account(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/endorsements."""
    return await _of(call, (await active(call, call.id)).id)


async def _of(call: Call, actor_id: int) -> Answer:
    page = paging.asked(call, default=40, most=80)
    found = await endorsements.page(call.reader, actor_id, max_id=page.max_id, limit=page.limit)
    return await answer_circle(call, page, [row for row in found if row[0] > page.above])
