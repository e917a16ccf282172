"""Notifications and markers: what happened to an account, and how far its clients have read."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from node.api import paging, rendering
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import account_warning
from node.api.errors import RecordNotFound
from node.moderation import appeals, decided
from node.notifications import groups, markers, notices
from node.notifications.markers import Marker, Timeline
from node.notifications.notices import Notice
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Malformed, NotFound


async def listed(call: Call) -> Answer:
    """GET /api/v1/notifications."""
    asked = call.input
    page = paging.asked(call, default=40, most=80)
    found = await notices.page(
        call.reader, call.actor_id, page, types=asked.texts("types"), exclude_types=asked.texts("exclude_types"),
        from_actor_id=asked.id("account_id"), filtered=bool(asked.flag("include_filtered")),
        bits=await call.tastes(), now_ms=call.ctx.clock.now_ms(),
    )  # fmt: skip
    rows, links = paging.listed(call, found, page, lambda notice: notice.id)
    return call.answer(await render(call.ctx, call.actor_id, rows), links)


async def show(call: Call) -> Answer:
    """GET /api/v1/notifications/:id."""
    try:
        found = await notices.by_id(
            call.reader,
            actor_id=call.actor_id,
            notice_id=call.id,
            bits=await call.tastes(),
            now_ms=call.ctx.clock.now_ms(),
        )
    except NotFound:
        raise RecordNotFound from None
    rendered = await render(call.ctx, call.actor_id, [found])
    if not rendered:
        raise RecordNotFound
    return call.answer(rendered[0])


async def render(ctx: Context, actor_id: int, found: Sequence[Notice]) -> list[dict[str, Any]]:
    """Notifications as entities; one whose sender or status is gone since is left out, never half there."""
    senders = await rendering.accounts(ctx, [notice.from_actor_id for notice in found])
    statuses = await rendering.statuses(ctx, actor_id, [n.post_id for n in found if n.post_id is not None])
    warned = await warnings(ctx, found, senders)
    shown = []
    for notice in found:
        sender = senders.get(notice.from_actor_id)
        if sender is None or (notice.post_id is not None and notice.post_id not in statuses):
            continue
        entity: dict[str, Any] = {
            "id": str(notice.id),
            "type": notice.type,
            "created_at": iso(notice.created_ms),
            "group_key": str(groups.key_of(notice)),
            "account": sender,
        }
        if notice.post_id is not None:
            entity["status"] = orjson.Fragment(statuses[notice.post_id])
        if notice.id in warned:
            entity["moderation_warning"] = warned[notice.id]
        shown.append(entity)
    return shown


async def warnings(
    ctx: Context, found: Sequence[Notice], senders: Mapping[int, orjson.Fragment]
) -> dict[int, dict[str, Any]]:
    """What the keepers decided, by the notice that speaks of it: nothing is asked where none does."""
    asked = [notice.decision_id for notice in found if notice.decision_id is not None]
    if not asked:
        return {}
    reader = ctx.db.reader
    told = await decided.by_ids(reader, asked)
    posts = await decided.post_ids_of(reader, asked)
    appealed = {each.decision_id: each for each in await appeals.of_decisions(reader, asked) if each.report_id is None}
    return {
        notice.id: account_warning.render(
            told[notice.decision_id], posts=posts.get(notice.decision_id, []), account=senders[notice.from_actor_id],
            appeal=appealed.get(notice.decision_id),
        )
        for notice in found
        if notice.decision_id in told and notice.from_actor_id in senders
    }  # fmt: skip


async def dismiss(call: Call) -> Answer:
    """POST /api/v1/notifications/:id/dismiss."""
    notice_id, actor_id = call.id, call.actor_id
    await call.ctx.db.write(lambda tx: notices.dismiss(tx, actor_id=actor_id, notice_id=notice_id))
    return EMPTY


async def dismiss_named(call: Call) -> Answer:
    """POST /api/v1/notifications/dismiss: `id`, as clients said it before it was part of the path."""
    notice_id, actor_id = call.input.id("id"), call.actor_id
    if notice_id is None:
        raise Malformed("id is missing")
    await call.ctx.db.write(lambda tx: notices.dismiss(tx, actor_id=actor_id, notice_id=notice_id))
    return EMPTY


async def clear(call: Call) -> Answer:
    """POST /api/v1/notifications/clear."""
    actor_id = call.actor_id
    await call.ctx.db.write(lambda tx: notices.clear(tx, actor_id=actor_id))
    return EMPTY


async def unread(call: Call) -> Answer:
    """GET /api/v1/notifications/unread_count: those after the marker; it stops counting at a hundred."""
    asked = call.input
    count = await notices.unread_count(
        call.reader, actor_id=call.actor_id, limit=asked.number("limit", 100, low=1, high=1000),
        types=asked.texts("types"), exclude_types=asked.texts("exclude_types"),
        bits=await call.tastes(), now_ms=call.ctx.clock.now_ms(),
    )  # fmt: skip
    return call.answer({"count": count})


async def read_markers(call: Call) -> Answer:
    """GET /api/v1/markers?timeline[]=home."""
    asked = call.input.texts("timeline") or list(markers.TIMELINES)
    return call.answer(_markers(await markers.of_actor(call.reader, call.actor_id, asked)))


async def save_markers(call: Call) -> Answer:
    """POST /api/v1/markers: `home[last_read_id]`, `notifications[last_read_id]`."""
    read: dict[Timeline, int] = {}
    for timeline in markers.TIMELINES:
        last = call.input.group(timeline).id("last_read_id")
        if last is not None:
            read[timeline] = last
    actor_id = call.actor_id
    saved = await call.ctx.db.write(lambda tx: markers.save(tx, call.ctx, actor_id=actor_id, read=read))
    return call.answer(_markers(saved))


def _markers(found: dict[Timeline, Marker]) -> dict[str, Any]:
    return {
        timeline: {
            "last_read_id": str(marker.last_read_id),
            "version": marker.version,
            "updated_at": iso(marker.updated_ms),
        }
        for timeline, marker in found.items()
    }
