"""Muting: accounts for good or for a while, conversations; and what one notes down about an account."""

from typing import Any

from node.actors import mutes, notes
from node.api import circles, marks, paging
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import account
from node.runtime.clock import iso
from node.timeline import thread_mutes

_MAX_S = mutes.MAX_S + 1


async def mute(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/mute; `duration` in seconds, 0 or none: for good."""
    asked = call.input
    duration_s = asked.number("duration", 0, low=0, high=_MAX_S)
    told = asked.flag("notifications")
    return await circles.do(
        call,
        lambda tx, actor, other: mutes.mute(
            tx, call.ctx, actor=actor, target=other, notifications=told is not False, duration_s=duration_s
        ),
    )


async def unmute(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/unmute."""
    return await circles.do(call, lambda tx, actor, other: mutes.unmute(tx, call.ctx, actor=actor, target=other))


async def note(call: Call) -> Answer:
    """POST /api/v1/accounts/:id/note: `comment`, nothing to have none."""
    words = call.input.text("comment") or ""
    return await circles.do(call, lambda tx, actor, other: notes.write(tx, actor=actor, target=other, words=words))


async def muted(call: Call) -> Answer:
    """GET /api/v1/mutes: MutedAccount."""
    page = paging.asked(call, default=40, most=80)
    found = await mutes.page(
        call.reader, call.actor_id, now_ms=call.ctx.clock.now_ms(), max_id=page.max_id, limit=page.limit
    )
    rows, links = paging.listed(call, [row for row in found if row.id > page.above], page, lambda row: row.id)
    return call.answer([_entity(row) for row in rows], links)


async def mute_conversation(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/mute."""
    return await marks.do(call, lambda tx, actor, post: thread_mutes.mute(tx, call.ctx, actor=actor, post=post))


async def unmute_conversation(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/unmute."""
    return await marks.do(call, lambda tx, actor, post: thread_mutes.unmute(tx, call.ctx, actor=actor, post=post))


def _entity(row: mutes.Muted) -> dict[str, Any]:
    return {**account.render(row.actor), "mute_expires_at": None if row.expires_ms is None else iso(row.expires_ms)}
