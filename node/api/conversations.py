"""Conversations: private talks, each with the people in it and its last status."""

from collections.abc import Sequence
from typing import Any

import orjson

from node.api import paging, rendering
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.runtime.context import Context
from node.runtime.errors import NotFound
from node.timeline import conversations
from node.timeline.conversations import Conversation
from node.timeline.visibility import readable_ids


async def listed(call: Call) -> Answer:
    """GET /api/v1/conversations."""
    page = paging.asked(call, default=20, most=40)
    found = await conversations.page(
        call.reader, call.actor_id, page, bits=await call.tastes(), now_ms=call.ctx.clock.now_ms()
    )
    rows, links = paging.listed(call, found, page, lambda conversation: conversation.last_post_id)
    return call.answer(await _render(call.ctx, call.actor_id, rows), links)


async def posts(call: Call) -> Answer:
    """GET /api/v1/timelines/direct: the statuses of all conversations, for clients from before there were any."""
    page = paging.asked(call, default=20, most=40)
    found = await conversations.posts_page(
        call.reader, call.actor_id, page, bits=await call.tastes(), now_ms=call.ctx.clock.now_ms()
    )
    ids, links = paging.listed(call, found, page, lambda post_id: post_id)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def read(call: Call) -> Answer:
    """POST /api/v1/conversations/:id/read."""
    return await _mark(call, unread=False)


async def unread(call: Call) -> Answer:
    """POST /api/v1/conversations/:id/unread."""
    return await _mark(call, unread=True)


async def _mark(call: Call, *, unread: bool) -> Answer:
    conversation_id, actor_id = call.id, call.actor_id
    try:
        marked = await call.ctx.db.write(
            lambda tx: conversations.mark(tx, actor_id=actor_id, conversation_id=conversation_id, unread=unread)
        )
    except NotFound:
        raise RecordNotFound from None
    return call.answer((await _render(call.ctx, actor_id, await _readable(call.ctx, actor_id, marked)))[0])


async def forget(call: Call) -> Answer:
    """DELETE /api/v1/conversations/:id."""
    conversation_id, actor_id = call.id, call.actor_id
    try:
        await call.ctx.db.write(lambda tx: conversations.forget(tx, actor_id=actor_id, conversation_id=conversation_id))
    except NotFound:
        raise RecordNotFound from None
    return EMPTY


async def told(ctx: Context, actor_id: int, conversation_id: int) -> bytes | None:
    """One conversation for the actor's stream; None when it is gone since."""
    try:
        found = await conversations.of_actor(ctx.db.reader, actor_id=actor_id, conversation_id=conversation_id)
        return orjson.dumps((await _render(ctx, actor_id, await _readable(ctx, actor_id, found)))[0])
    except NotFound:
        return None


async def _readable(ctx: Context, actor_id: int, found: Conversation) -> Sequence[Conversation]:
    if not await readable_ids(ctx.db.reader, viewer_id=actor_id, post_ids=[found.last_post_id]):
        raise RecordNotFound
    return [found]


async def _render(ctx: Context, actor_id: int, found: Sequence[Conversation]) -> list[dict[str, Any]]:
    """Conversation (https://docs.joinmastodon.org/entities/Conversation/); of a word to oneself, oneself is the other."""
    people = await rendering.accounts(ctx, [actor_id, *(other for each in found for other in each.participants)])
    statuses = await rendering.statuses(ctx, actor_id, [each.last_post_id for each in found])
    own = [people[actor_id]] if actor_id in people else []
    return [
        {
            "id": str(each.id),
            "unread": each.unread,
            "accounts": [people[other] for other in each.participants if other in people] or own,
            "last_status": rendering.as_json(statuses[each.last_post_id]) if each.last_post_id in statuses else None,
        }
        for each in found
    ]
