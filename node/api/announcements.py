"""Announcements of those who keep the site (https://docs.joinmastodon.org/methods/announcements/); nobody reacts to them."""

from typing import Any

from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.moderation import announcements
from node.moderation.announcements import Announcement
from node.runtime.clock import iso
from node.runtime.errors import NotFound


async def every(call: Call) -> Answer:
    """GET /api/v1/announcements: what is shown now, the newest first; read ones too."""
    found = await announcements.shown_to(
        call.reader, domain_id=call.domain.id, actor_id=call.actor_id, now_ms=call.ctx.clock.now_ms()
    )
    return call.answer([_render(each, read) for each, read in found])


async def dismiss(call: Call) -> Answer:
    """POST /api/v1/announcements/:id/dismiss: the account has read it."""
    ctx, number, domain_id, actor_id = call.ctx, call.id, call.domain.id, call.actor_id
    try:
        await ctx.db.write(
            lambda tx: announcements.mark_read(
                tx, ctx, announcement_id=number, domain_id=domain_id, actor_id=actor_id
            )
        )  # fmt: skip
    except NotFound:
        raise RecordNotFound from None
    return call.answer({})


def _render(each: Announcement, read: bool) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "content": each.html,
        "starts_at": None if each.starts_ms is None else iso(each.starts_ms),
        "ends_at": None if each.ends_ms is None else iso(each.ends_ms),
        "all_day": False,
        "published": True,
        "published_at": iso(each.published_ms or each.created_ms),
        "updated_at": iso(each.updated_ms),
        "read": read,
        "mentions": [],
        "statuses": [],
        "tags": [],
        "emojis": [],
        "reactions": [],
    }
