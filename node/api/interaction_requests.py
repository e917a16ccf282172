"""Replies that wait for the yes of the caller's team (GoToSocial's interaction requests); their ids are the replies'."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from node.api import paging, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.moderation import replies
from node.moderation.audit import Hand
from node.runtime.clock import iso
from node.runtime.errors import NotFound
from node.timeline import held
from node.timeline.held import Held


async def listed(call: Call) -> Answer:
    """GET /api/v1/interaction_requests: of replies to the status *status_id*, or to all; newest first."""
    call.require("judge replies")
    page = paging.asked(call, default=40, most=80)
    if call.input.flag("replies") is False:
        return call.answer([])
    governing_id = call.input.id("status_id")
    found = await held.held_of(call.reader, call.actor_id, page, governing_id=governing_id)
    rows, links = paging.listed(call, found, page, lambda each: each.post_id)
    return call.answer(await _rendered(call, rows), headers=links)


async def show(call: Call) -> Answer:
    """GET /api/v1/interaction_requests/:id."""
    call.require("judge replies")
    return call.answer((await _rendered(call, [await _asked(call)]))[0])


async def authorize(call: Call) -> Answer:
    """POST /api/v1/interaction_requests/:id/authorize."""
    return await _judge(call, "approve")


async def reject(call: Call) -> Answer:
    """POST /api/v1/interaction_requests/:id/reject."""
    return await _judge(call, "refuse")


async def _judge(call: Call, word: replies.Word) -> Answer:
    call.require("judge replies")
    owner, reply, person = await call.actor(), await _asked(call), await call.person()
    by = Hand(person.id, person.email, "api")
    await call.ctx.db.write(lambda tx: replies.judge(tx, call.ctx, owner=owner, reply=reply, word=word, by=by))
    return call.answer((await _rendered(call, [await _asked(call)]))[0])


async def _asked(call: Call) -> Held:
    try:
        return await held.require(call.reader, post_id=call.id, owner_id=call.actor_id)
    except NotFound:
        raise RecordNotFound from None


async def _rendered(call: Call, found: Sequence[Held]) -> list[dict[str, Any]]:
    """The entities. What is held is shown to nobody else; that it is shown here was asked before."""
    wanted = {each.post_id for each in found} | {each.governing_id for each in found if each.governing_id is not None}
    shown = await rendering.statuses(call.ctx, call.viewer_id, sorted(wanted))
    people = await rendering.accounts(call.ctx, [each.author_id for each in found])
    return [_entity(each, shown, people) for each in found]


def _entity(each: Held, shown: Mapping[int, bytes], people: Mapping[int, orjson.Fragment]) -> dict[str, Any]:
    judged = None if each.judged_ms is None else iso(each.judged_ms)
    answered, reply = shown.get(each.governing_id or 0), shown.get(each.post_id)
    return {
        "id": str(each.post_id),
        "type": "reply",
        "created_at": iso(each.created_ms),
        "account": people.get(each.author_id),
        "status": None if answered is None else orjson.Fragment(answered),
        "reply": None if reply is None else orjson.Fragment(reply),
        "accepted_at": judged if each.state == "approved" else None,
        "rejected_at": judged if each.state == "refused" else None,
        "uri": each.request or None,
    }
