"""Announcements of those who keep the site, and the emojis under them (https://docs.joinmastodon.org/methods/announcements/)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from node.actors.domains import Domain
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import emoji
from node.api.errors import RecordNotFound
from node.media import emojis
from node.media.emojis import CustomEmoji
from node.moderation import announcement_reactions, announcements
from node.moderation.announcement_reactions import Counted
from node.moderation.announcements import Announcement
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import NotFound
from node.runtime.text.emojis import is_emoji


async def every(call: Call) -> Answer:
    """GET /api/v1/announcements: what is shown now, the newest first; read ones too. Two queries."""
    return call.answer(await _shown(call.ctx, call.domain, call.actor_id))


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
    return EMPTY


async def react(call: Call) -> Answer:
    """PUT /api/v1/announcements/:id/reactions/:name."""
    return await _change(call, announcement_reactions.add)


async def take_back(call: Call) -> Answer:
    """DELETE /api/v1/announcements/:id/reactions/:name."""
    return await _change(call, announcement_reactions.remove)


async def told(ctx: Context, domain: Domain, actor_id: int, announcement_id: int) -> bytes | None:
    """One of them for a stream; None when it is not shown (any more)."""
    found = await _shown(ctx, domain, actor_id, announcement_id)
    return orjson.dumps(found[0]) if found else None


async def told_reaction(ctx: Context, announcement_id: int, name: str) -> bytes:
    """How often an emoji stands under one now, for a stream."""
    count = await announcement_reactions.count(ctx.db.reader, announcement_id=announcement_id, name=name)
    return orjson.dumps({"name": name, "count": count, "announcement_id": str(announcement_id)})


async def _change(call: Call, verb: Any) -> Answer:
    ctx, named = call.ctx, {"announcement_id": call.id, "domain_id": call.domain.id, "actor_id": call.actor_id}
    name = call.named["name"]
    try:
        await ctx.db.write(lambda tx: verb(tx, ctx, name=name, **named))
    except NotFound:
        raise RecordNotFound from None
    return EMPTY


async def _shown(
    ctx: Context, domain: Domain, actor_id: int, announcement_id: int | None = None
) -> list[dict[str, Any]]:
    reader = ctx.db.reader
    found = await announcements.shown_to(
        reader, domain_id=domain.id, actor_id=actor_id, now_ms=ctx.clock.now_ms(), announcement_id=announcement_id
    )
    reactions = await announcement_reactions.under(reader, [each.id for each, _ in found], actor_id=actor_id)
    named = {one.name for several in reactions.values() for one in several if not is_emoji(one.name)}
    named.update(emojis.named_in(*(each.words for each, _ in found)))
    ours = await emojis.shown(ctx, named)
    return [_render(each, read, reactions.get(each.id, ()), ours) for each, read in found]


def _render(
    each: Announcement, read: bool, reactions: Sequence[Counted], ours: Mapping[str, CustomEmoji]
) -> dict[str, Any]:
    """Announcement (https://docs.joinmastodon.org/entities/Announcement/); *ours*: the node's emojis that are named in it."""
    pictures = [emoji.offered(ours[name]) for name in emojis.named_in(each.words) if name in ours]
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
        "emojis": pictures,
        "reactions": [
            _reaction(one, ours.get(one.name)) for one in reactions if one.name in ours or is_emoji(one.name)
        ],
    }


def _reaction(one: Counted, picture: CustomEmoji | None) -> dict[str, Any]:
    shown = {"name": one.name, "count": one.count, "me": one.mine}
    if picture is None:
        return shown
    drawn = emoji.offered(picture)
    return {**shown, "url": drawn["url"], "static_url": drawn["static_url"]}
