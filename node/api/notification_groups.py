"""Notifications in groups (version 2): several who did the same are one line of the list."""

from collections.abc import Sequence
from typing import Any, Final

from node.actors import actors
from node.api import notifications, paging, rendering
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import account
from node.api.errors import RecordNotFound
from node.notifications import groups
from node.notifications.groups import Asked, Group, Key
from node.runtime.clock import iso
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

_EXPANSIONS: Final = ("full", "partial_avatars")


async def listed(call: Call) -> Answer:
    """GET /api/v2/notifications."""
    asked = call.input
    page = paging.asked(call, default=40, most=80)
    found = await groups.page(
        call.reader, call.actor_id, page, types=asked.texts("types"), exclude_types=asked.texts("exclude_types"),
        asked=await _asked(call, filtered=bool(asked.flag("include_filtered"))),
    )  # fmt: skip
    rows, links = paging.listed(call, found, page, lambda group: group.newest.id)
    return call.answer(await _results(call, rows), links)


async def show(call: Call) -> Answer:
    """GET /api/v2/notifications/:group_key."""
    try:
        found = await groups.by_key(call.reader, actor_id=call.actor_id, key=_key(call), asked=await _asked(call))
    except NotFound:
        raise RecordNotFound from None
    results = await _results(call, [found])
    if not results["notification_groups"]:
        raise RecordNotFound
    return call.answer(results)


async def accounts(call: Call) -> Answer:
    """GET /api/v2/notifications/:group_key/accounts."""
    page = paging.asked(call, default=40, most=80)
    try:
        found = await groups.senders(
            call.reader, page, actor_id=call.actor_id, key=_key(call), asked=await _asked(call)
        )
    except NotFound:
        raise RecordNotFound from None
    rows, links = paging.listed(call, found, page, lambda entry: entry.cursor)
    people = await rendering.accounts(call.ctx, [entry.of_id for entry in rows])
    return call.answer([people[entry.of_id] for entry in rows if entry.of_id in people], links)


async def dismiss(call: Call) -> Answer:
    """POST /api/v2/notifications/:group_key/dismiss."""
    key, actor_id = _key(call), call.actor_id
    await call.ctx.db.write(lambda tx: groups.dismiss(tx, actor_id=actor_id, key=key))
    return EMPTY


async def unread(call: Call) -> Answer:
    """GET /api/v2/notifications/unread_count: groups after the marker; it stops counting at a hundred."""
    asked = call.input
    count = await groups.unread_count(
        call.reader, actor_id=call.actor_id, limit=asked.number("limit", 100, low=1, high=1000),
        types=asked.texts("types"), exclude_types=asked.texts("exclude_types"), asked=await _asked(call),
    )  # fmt: skip
    return call.answer({"count": count})


def _key(call: Call) -> Key:
    try:
        return Key.parse(call.named["group_key"])
    except NotFound:
        raise RecordNotFound from None


async def _asked(call: Call, *, filtered: bool = False) -> Asked:
    said = call.input
    grouped = said.texts("grouped_types") if "grouped_types" in said else groups.GROUPABLE
    return Asked(grouped, said.id("account_id"), filtered, await call.tastes(), call.ctx.clock.now_ms())


async def _results(call: Call, found: Sequence[Group]) -> dict[str, Any]:
    """GroupedNotificationsResults (https://docs.joinmastodon.org/methods/grouped_notifications/): each account and status once.

    Raises:
        Invalid: accounts are asked for in a form that there is not.
    """
    expansion = call.input.text("expand_accounts") or "full"
    if expansion not in _EXPANSIONS:
        raise Invalid(sentence("expand_accounts is 'full' or 'partial_avatars'."))
    ctx, partial = call.ctx, expansion == "partial_avatars"
    first = {group.senders[0] for group in found}
    others = {sender for group in found for sender in group.senders} - first
    people = await rendering.accounts(ctx, first if partial else first | others)
    faces = await actors.by_ids(call.reader, sorted(others)) if partial and others else {}
    posts = [group.newest.post_id for group in found if group.newest.post_id is not None]
    statuses = await rendering.statuses(ctx, call.viewer_id, list(dict.fromkeys(posts)))
    warned = await notifications.warnings(ctx, [group.newest for group in found], people)
    shown: list[dict[str, Any]] = []
    for group in found:
        newest = group.newest
        senders = [str(each) for each in group.senders if each in people or each in faces]
        if not senders or (newest.post_id is not None and newest.post_id not in statuses):
            continue
        entity: dict[str, Any] = {
            "group_key": str(group.key),
            "notifications_count": group.count,
            "type": newest.type,
            "most_recent_notification_id": str(newest.id),
            "page_min_id": str(group.oldest_id),
            "page_max_id": str(newest.id),
            "latest_page_notification_at": iso(newest.created_ms),
            "sample_account_ids": senders,
        }
        if newest.post_id is not None:
            entity["status_id"] = str(newest.post_id)
        if newest.id in warned:
            entity["moderation_warning"] = warned[newest.id]
        shown.append(entity)
    results: dict[str, Any] = {
        "accounts": list(people.values()),
        "statuses": [rendering.as_json(rendered) for rendered in statuses.values()],
        "notification_groups": shown,
    }
    if partial:
        results["partial_accounts"] = [account.face(actor) for actor in faces.values()]
    return results
