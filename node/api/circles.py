"""Following, blocking, and answering those who ask to follow: what an account decides about another."""

from collections.abc import Awaitable, Callable

from node.actors import blocks, follows
from node.actors.actor import Actor
from node.api import paging
from node.api.accounts import active, answer_circle, bounds, known
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import relationship
from node.api.errors import RecordNotFound
from node.runtime.database import Tx

Verb = Callable[[Tx, Actor, Actor], Awaitable[object]]


async def follow(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/follow; again with other options to change them."""
    actor, target = await call.actor(), await active(call, call.id)
    standing = await follows.between(call.reader, follower_id=actor.id, followee_id=target.id)
    boosts, notify = call.input.flag("reblogs"), call.input.flag("notify")
    await call.ctx.db.write(
        lambda tx: follows.request(
            tx, call.ctx, follower=actor, followee=target,
            show_boosts=boosts if boosts is not None else standing is None or standing.show_boosts,
            notify=notify if notify is not None else standing is not None and standing.notify,
        )
    )  # fmt: skip
    return await answer_relationship(call, actor, target)


async def unfollow(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/unfollow."""
    return await do(call, lambda tx, actor, other: follows.undo(tx, call.ctx, follower=actor, followee=other))


async def remove_from_followers(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/remove_from_followers."""
    return await do(call, lambda tx, actor, other: follows.reject(tx, call.ctx, follower=other, followee=actor))


async def block(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/block."""
    return await do(call, lambda tx, actor, other: blocks.block(tx, call.ctx, actor=actor, target=other))


async def unblock(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/unblock."""
    return await do(call, lambda tx, actor, other: blocks.unblock(tx, call.ctx, actor=actor, target=other))


async def blocked(call: Call) -> Answer:
    """GET /api/v1/blocks."""
    page = paging.asked(call, default=40, most=80)
    found = await blocks.page(call.reader, call.actor_id, max_id=page.max_id, limit=page.limit)
    return await answer_circle(call, page, [row for row in found if row[0] > page.above])


async def requests(call: Call) -> Answer:
    """GET /api/v1/follow_requests."""
    page = paging.asked(call, default=40, most=80)
    found = await follows.requests_page(call.reader, call.actor_id, **bounds(page), limit=page.limit)
    return await answer_circle(call, page, found)


async def authorize(call: Call) -> Answer:
    """POST /api/v1/follow_requests/:id/authorize (the id is the account's)."""
    return await _answer_request(
        call, lambda tx, actor, other: follows.accept(tx, call.ctx, follower=other, followee=actor)
    )


async def reject(call: Call) -> Answer:
    """POST /api/v1/follow_requests/:id/reject."""
    return await _answer_request(
        call, lambda tx, actor, other: follows.reject(tx, call.ctx, follower=other, followee=actor)
    )


async def _answer_request(call: Call, verb: Verb) -> Answer:
    asking = await known(call, call.id)
    if await follows.state(call.reader, asking.id, call.actor_id) != "requested":
        raise RecordNotFound
    return await do(call, verb)


async def do(call: Call, verb: Verb) -> Answer:
    """Do *verb* to the account of the path, and say how the two stand."""
    actor, other = await call.actor(), await known(call, call.id)
    await call.ctx.db.write(lambda tx: verb(tx, actor, other))
    return await answer_relationship(call, actor, other)


async def answer_relationship(call: Call, actor: Actor, other: Actor) -> Answer:
    """How the two stand now."""
    found = await follows.relationships(call.reader, actor.id, [other.id])
    return call.answer(relationship.render(other.id, found[other.id], call.ctx.clock.now_ms()))
