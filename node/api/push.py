"""Web Push: where the application that asks wants to be told; one subscription for each token."""

from typing import Any

from node.api import auth
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import InvalidToken, RecordNotFound
from node.api.requests import Input
from node.notifications.notices import TYPES
from node.notifications.push import subscriptions, vapid
from node.notifications.push.subscriptions import POLICIES, Policy, Subscription
from node.oauth.tokens import Token
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence


async def show(call: Call) -> Answer:
    """GET /api/v1/push/subscription."""
    found = await subscriptions.of_token(call.reader, _token(call).id)
    if found is None:
        raise RecordNotFound
    return await _answer(call, found)


async def subscribe(call: Call) -> Answer:
    """POST /api/v1/push/subscription: `subscription[endpoint]`, `subscription[keys]`, `subscription[standard]`, `data`."""
    token, actor_id, secret = _token(call), call.actor_id, auth.bearer(call.headers)
    if secret is None:
        raise InvalidToken
    wanted = call.input.group("subscription")
    keys = wanted.group("keys")
    endpoint, p256dh, shared = wanted.required("endpoint"), keys.required("p256dh"), keys.required("auth")
    alerts, policy = _alerts(call.input.group("data")), _policy(call.input)
    standard = bool(wanted.flag("standard"))
    ctx = call.ctx
    made = await ctx.db.write(
        lambda tx: subscriptions.subscribe(
            tx, ctx, token_id=token.id, actor_id=actor_id, secret=secret, endpoint=endpoint, p256dh=p256dh,
            auth=shared, standard=standard, alerts=alerts or (), policy=policy or "all",
        )
    )  # fmt: skip
    return await _answer(call, made)


async def change(call: Call) -> Answer:
    """PUT /api/v1/push/subscription: `data[alerts]`, `data[policy]`."""
    token = _token(call)
    before = await subscriptions.of_token(call.reader, token.id)
    if before is None:
        raise RecordNotFound
    alerts, policy = _alerts(call.input.group("data")), _policy(call.input)
    changed = await call.ctx.db.write(
        lambda tx: subscriptions.change(
            tx, token_id=token.id, alerts=before.alerts if alerts is None else alerts, policy=policy or before.policy
        )
    )
    if changed is None:
        raise RecordNotFound
    return await _answer(call, changed)


async def end(call: Call) -> Answer:
    """DELETE /api/v1/push/subscription."""
    token_id = _token(call).id
    await call.ctx.db.write(lambda tx: subscriptions.end(tx, token_id=token_id))
    return EMPTY


def _token(call: Call) -> Token:
    if call.token is None:
        raise InvalidToken
    return call.token


def _alerts(data: Input) -> list[str] | None:
    """The types that are true; None: nothing is said of them. Types that this node does not have are passed over."""
    if "alerts" not in data:
        return None
    alerts = data.group("alerts")
    return [name for name in TYPES if alerts.flag(name)]


def _policy(asked: Input) -> Policy | None:
    """`data[policy]`; some clients say `policy`.

    Raises:
        Invalid: it is none.
    """
    said = asked.group("data").text("policy") or asked.text("policy")
    if said is None or said == "":
        return None
    for policy in POLICIES:
        if said == policy:
            return policy
    raise Invalid(sentence("The policy is 'all', 'followed', 'follower' or 'none'."))


async def _answer(call: Call, found: Subscription) -> Answer:
    """WebPushSubscription (https://docs.joinmastodon.org/entities/WebPushSubscription/); its id is a number there too."""
    shown: dict[str, Any] = {
        "id": found.id,
        "endpoint": found.endpoint,
        "standard": found.standard,
        "alerts": {**{name: name in found.alerts for name in TYPES}, "admin.sign_up": False, "admin.report": False},
        "policy": found.policy,
        "server_key": await vapid.public_key(call.ctx, call.domain.id),
    }
    return call.answer(shown)
