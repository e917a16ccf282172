"""What contributors wrote and nobody approved yet: shown to their team, published or refused by an editor or an owner."""

from node.actors.people import Person
from node.api import hands, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.api.marks import one
from node.runtime.database import Tx
from node.timeline import records, waiting
from node.timeline.extras import Extra
from node.timeline.records import Post


async def listed(call: Call) -> Answer:
    """GET /api/v1/beffroi/statuses/waiting: what waits, the oldest first, then what was refused."""
    found = await waiting.of_actor(call.reader, call.actor_id)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, [each.id for each in found]))


async def approve(call: Call) -> Answer:
    """POST /api/v1/beffroi/statuses/:id/approve: the status as it is published, under its new id."""
    author, (person, post) = await call.actor(), await _asked(call)
    hand = await hands.of(call, author)

    async def step(tx: Tx) -> Post:
        published = await waiting.approve(tx, call.ctx, post=post, by=person)
        await hands.write(tx, call.ctx, hand, "post.approve", published)
        return published

    return await one(call, (await call.ctx.db.write(step)).id)


async def refuse(call: Call) -> Answer:
    """POST /api/v1/beffroi/statuses/:id/refuse, with `reason`: the status, which who wrote it may change."""
    author, (person, post) = await call.actor(), await _asked(call)
    hand, reason = await hands.of(call, author), call.input.text("reason") or ""

    async def step(tx: Tx) -> None:
        await waiting.refuse(tx, call.ctx, post=post, by=person, reason=reason)
        await hands.write(tx, call.ctx, hand, "post.refuse", post, reason=reason)

    await call.ctx.db.write(step)
    return await one(call, post.id)


async def _asked(call: Call) -> tuple[Person, Post]:
    """Who asks, and the waiting status of the path; another team's, or a published one, is not there."""
    post = await records.by_id(call.reader, call.id)
    if post is None or post.author_id != call.actor_id or not post.extras & Extra.WAITS:
        raise RecordNotFound
    return await call.person(), post
