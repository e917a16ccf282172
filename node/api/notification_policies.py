"""Whose notifications are told, put aside or not made: the policy, and the requests of those who were put aside."""

from collections.abc import Sequence
from typing import Any, Final

from node.api import paging, rendering
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.notifications import policies, requests
from node.notifications.policies import CLASSES, VERDICTS, Policy, Verdict
from node.notifications.requests import Request
from node.runtime.clock import iso
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

_OF_VERSION_1: Final = CLASSES[:4]
_MOST_AT_ONCE: Final = 100


async def show(call: Call) -> Answer:
    """GET /api/v2/notifications/policy."""
    policy = await policies.of_actor(call.reader, call.actor_id)
    return call.answer({**_words(policy), "summary": await _summary(call)})


async def change(call: Call) -> Answer:
    """PATCH /api/v2/notifications/policy.

    Raises:
        Invalid: a word is none of accept, filter, drop; nothing is changed.
    """
    verdicts: dict[str, Verdict] = {}
    for name in CLASSES:
        said = call.input.text(f"for_{name}")
        if said is None:
            continue
        if said not in VERDICTS:
            raise Invalid(sentence("%(name)s is 'accept', 'filter' or 'drop'.", name=f"for_{name}"))
        verdicts[name] = said
    policy = await _changed(call, verdicts)
    return call.answer({**_words(policy), "summary": await _summary(call)})


async def show_version1(call: Call) -> Answer:
    """GET /api/v1/notifications/policy: what is not accepted is filtered."""
    policy = await policies.of_actor(call.reader, call.actor_id)
    return call.answer({**_flags(policy), "summary": await _summary(call)})


async def change_version1(call: Call) -> Answer:
    """PATCH /api/v1/notifications/policy: `filter_not_following=true`."""
    before = await policies.of_actor(call.reader, call.actor_id)
    verdicts: dict[str, Verdict] = {}
    for name in _OF_VERSION_1:
        filtered = call.input.flag(f"filter_{name}")
        # Who filters what is dropped already says what the client was shown: it stays dropped.
        if filtered is not None and filtered != (getattr(before, name) != "accept"):
            verdicts[name] = "filter" if filtered else "accept"
    policy = await _changed(call, verdicts)
    return call.answer({**_flags(policy), "summary": await _summary(call)})


async def _changed(call: Call, verdicts: dict[str, Verdict]) -> Policy:
    actor_id = call.actor_id
    return await call.ctx.db.write(lambda tx: policies.change(tx, actor_id=actor_id, verdicts=verdicts))


def _words(policy: Policy) -> dict[str, Any]:
    return {f"for_{name}": getattr(policy, name) for name in CLASSES}


def _flags(policy: Policy) -> dict[str, Any]:
    return {f"filter_{name}": getattr(policy, name) != "accept" for name in _OF_VERSION_1}


async def _summary(call: Call) -> dict[str, int]:
    waiting = await requests.waiting(call.reader, call.actor_id, **await _tastes(call))
    return {"pending_requests_count": waiting.requests, "pending_notifications_count": waiting.notices}


async def listed(call: Call) -> Answer:
    """GET /api/v1/notifications/requests."""
    page = paging.asked(call, default=40, most=80)
    found = await requests.page(call.reader, call.actor_id, page, **await _tastes(call))
    rows, links = paging.listed(call, found, page, lambda request: request.from_actor_id)
    return call.answer(await _render(call, rows), links)


async def show_request(call: Call) -> Answer:
    """GET /api/v1/notifications/requests/:id."""
    try:
        found = await requests.of_sender(
            call.reader, actor_id=call.actor_id, from_actor_id=call.id, **await _tastes(call)
        )
    except NotFound:
        raise RecordNotFound from None
    rendered = await _render(call, [found])
    if not rendered:
        raise RecordNotFound
    return call.answer(rendered[0])


async def accept(call: Call) -> Answer:
    """POST /api/v1/notifications/requests/:id/accept."""
    return await _accept(call, [call.id])


async def accept_several(call: Call) -> Answer:
    """POST /api/v1/notifications/requests/accept: `id[]`."""
    return await _accept(call, _several(call))


async def dismiss(call: Call) -> Answer:
    """POST /api/v1/notifications/requests/:id/dismiss."""
    return await _dismiss(call, [call.id])


async def dismiss_several(call: Call) -> Answer:
    """POST /api/v1/notifications/requests/dismiss: `id[]`."""
    return await _dismiss(call, _several(call))


async def merged(call: Call) -> Answer:
    """GET /api/v1/notifications/requests/merged: what was accepted stands there at once."""
    return call.answer({"merged": True})


async def _tastes(call: Call) -> dict[str, int]:
    return {"bits": await call.tastes(), "now_ms": call.ctx.clock.now_ms()}


def _several(call: Call) -> list[int]:
    asked = call.input.ids("id")
    if len(asked) > _MOST_AT_ONCE:
        raise Invalid(sentence("At most %(most)s requests are answered at once.", most=_MOST_AT_ONCE))
    return asked


async def _accept(call: Call, senders: Sequence[int]) -> Answer:
    ctx, actor_id = call.ctx, call.actor_id
    try:
        await ctx.db.write(lambda tx: requests.accept(tx, ctx, actor_id=actor_id, senders=senders))
    except NotFound:
        raise RecordNotFound from None
    return EMPTY


async def _dismiss(call: Call, senders: Sequence[int]) -> Answer:
    actor_id = call.actor_id
    try:
        await call.ctx.db.write(lambda tx: requests.dismiss(tx, actor_id=actor_id, senders=senders))
    except NotFound:
        raise RecordNotFound from None
    return EMPTY


async def _render(call: Call, found: Sequence[Request]) -> list[dict[str, Any]]:
    """NotificationRequest (https://docs.joinmastodon.org/entities/NotificationRequest/); its count is a text."""
    people = await rendering.accounts(call.ctx, [each.from_actor_id for each in found])
    posts = [each.last_post_id for each in found if each.last_post_id is not None]
    statuses = await rendering.statuses(call.ctx, call.viewer_id, posts)
    shown: list[dict[str, Any]] = []
    for each in found:
        if each.from_actor_id not in people:
            continue
        last = None if each.last_post_id is None else statuses.get(each.last_post_id)
        shown.append(
            {
                "id": str(each.from_actor_id),
                "created_at": iso(each.first_ms),
                "updated_at": iso(each.last_ms),
                "notifications_count": str(min(each.count, requests.COUNTED_AT_MOST)),
                "account": people[each.from_actor_id],
                "last_status": None if last is None else rendering.as_json(last),
            }
        )
    return shown
