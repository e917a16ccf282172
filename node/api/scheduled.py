"""Statuses that are published later: listed, given another time, thrown away."""

from datetime import UTC, datetime

from node.api import paging
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import scheduled_status
from node.api.errors import RecordNotFound
from node.api.requests import Input
from node.media import attachments
from node.runtime.errors import Invalid
from node.timeline import scheduled
from node.timeline.scheduled import Scheduled


async def listed(call: Call) -> Answer:
    """GET /api/v1/scheduled_statuses: of the account, those of the whole team."""
    page = paging.asked(call, default=20, most=40)
    found = await scheduled.of_actor(call.reader, page, actor_id=call.actor_id)
    rows, links = paging.listed(call, found, page, lambda each: each.id)
    media = await attachments.of_scheduled(call.reader, [each.id for each in rows])
    return call.answer([scheduled_status.render(each, media.get(each.id, ())) for each in rows], headers=links)


async def show(call: Call) -> Answer:
    """GET /api/v1/scheduled_statuses/:id."""
    return await one(call, await _own(call))


async def change_time(call: Call) -> Answer:
    """PUT /api/v1/scheduled_statuses/:id: another `scheduled_at`; one that could not be published is tried again then."""
    kept, by, at_ms = await _own(call), await call.person(), asked_ms(call.input)
    if at_ms is None:
        raise Invalid("Validation failed: Scheduled at can't be blank")
    changed = await call.ctx.db.write(
        lambda tx: scheduled.change_time(tx, call.ctx, scheduled=kept, at_ms=at_ms, by=by)
    )
    return await one(call, changed)


async def cancel(call: Call) -> Answer:
    """DELETE /api/v1/scheduled_statuses/:id."""
    kept, by = await _own(call), await call.person()
    await call.ctx.db.write(lambda tx: scheduled.cancel(tx, scheduled=kept, by=by))
    return EMPTY


async def one(call: Call, kept: Scheduled) -> Answer:
    """The ScheduledStatus."""
    media = await attachments.of_scheduled(call.reader, [kept.id])
    return call.answer(scheduled_status.render(kept, media.get(kept.id, ())))


def asked_ms(of: Input) -> int | None:
    """`scheduled_at` of a form; without an offset it is UTC.

    Raises:
        Invalid: it is no date and time.
    """
    text = (of.text("scheduled_at") or "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text[:40])
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise Invalid("Validation failed: Scheduled at must be a date and time, as in 2026-01-31T10:00:00Z") from None


async def _own(call: Call) -> Scheduled:
    found = await scheduled.by_id(call.reader, call.id)
    if found is None or found.actor_id != call.actor_id:
        raise RecordNotFound
    return found
