"""Telling an application: a job for each notice and subscription, retried for two days, then forgotten.

A push service is a stranger's machine: the guarded network dials it, a few at a time for each host, reads little and follows
nowhere. What it does not know any more (404, 410) or refuses for good (another 4xx) ends the subscription.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from node import __version__
from node.actors import actors, domains, tastes
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.media import addresses
from node.notifications import notices
from node.notifications.facts import Notified
from node.notifications.notices import Notice
from node.notifications.push import subscriptions, vapid
from node.notifications.push.encryption import ENCODINGS, MAX_BYTES, Keys
from node.notifications.push.subscriptions import Address
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import NotFound, TooMany, Unavailable
from node.runtime.i18n import translator
from node.runtime.i18n.sentences import Sentence, sentence
from node.runtime.jobs.queue import enqueue
from node.runtime.net import Response
from node.runtime.text.plain import plain, shorten
from node.timeline import records

SEND_JOB: Final = "push"
TTL_S: Final = 48 * 3600
_TIMEOUT_S: Final = 10.0
_MAX_ANSWER_BYTES: Final = 64 * 1024
_AT_ONCE_PER_HOST: Final = 4
_MAX_BODY_CHARS: Final = 140
_MAX_RETRY_S: Final = 6 * 3600

_TITLES: Final[Mapping[str, Sentence]] = {
    "mention": sentence("%(name)s mentioned you"),
    "status": sentence("%(name)s posted"),
    "reblog": sentence("%(name)s boosted your post"),
    "favourite": sentence("%(name)s liked your post"),
    "follow": sentence("%(name)s follows you"),
    "follow_request": sentence("%(name)s asks to follow you"),
    "update": sentence("%(name)s edited a post that you boosted"),
    "poll": sentence("A poll of %(name)s has ended"),
    "quote": sentence("%(name)s quoted your post"),
    "moderation_warning": sentence("The moderation decided about your account"),
}


async def on_notified(tx: Tx, ctx: Context, fact: Notified) -> None:
    """Reaction: tell the applications that want it; nothing is asked where nobody subscribed."""
    if not fact.pushed:
        return
    told = await subscriptions.to_tell(tx, actor_id=fact.actor_id, from_actor_id=fact.from_actor_id, type=fact.type)
    for subscription_id in told:
        await enqueue(tx, ctx, SEND_JOB, {"notice": fact.notice_id, "actor": fact.actor_id, "to": subscription_id})


async def send_job(ctx: Context, args: dict[str, Any]) -> None:
    """The job: one notice to one subscription.

    Raises:
        Unavailable, TooMany, NetworkFailure: later.
    """
    reader = ctx.db.reader
    to = await subscriptions.address(reader, ctx, args["to"])
    if to is None:
        await ctx.db.write(lambda tx: subscriptions.drop(tx, args["to"]))
        return
    try:
        notice = await notices.by_id(
            reader, actor_id=args["actor"], notice_id=args["notice"], bits=await tastes.of(ctx, args["actor"]),
            now_ms=ctx.clock.now_ms(),
        )  # fmt: skip
    except NotFound:
        return  # taken back meanwhile, or its sender was muted
    left_s = TTL_S - (ctx.clock.now_ms() - notice.created_ms) // 1000
    domain = await domains.by_id(reader, to.domain_id)
    sender = await actors.by_id(reader, notice.from_actor_id)
    if left_s <= 0 or domain is None or sender is None:
        return
    message = await _message(ctx, to, domain, notice, sender)
    async with _turn(ctx, to.subscription.endpoint):
        answer = await _post(
            ctx, to, domain, message, urgent=notice.type in ("mention", "follow_request"), ttl_s=left_s
        )
    await _judge(ctx, to, answer)


async def _message(ctx: Context, to: Address, domain: Domain, notice: Notice, sender: Actor) -> bytes:
    """What the application reads: Mastodon's payload."""
    say = translator("fr" if to.language.startswith("fr") else "en")
    name = sender.name or sender.username
    home = f"{ctx.settings.scheme}://{domain.service_host}"
    words = {
        "access_token": to.secret,
        "preferred_locale": to.language,
        "notification_id": notice.id,
        "notification_type": notice.type,
        "icon": addresses.of_actor(home, "avatar", sender.id, sender.avatar, local=sender.local),
        "title": shorten(str(say(_TITLES[notice.type], name=shorten(name, 60))), 120),
        "body": await _body(ctx, notice, sender),
    }
    message = orjson.dumps(words)
    if len(message) > MAX_BYTES:  # an address of kilobytes: the words go on without the picture
        message = orjson.dumps({**words, "icon": addresses.of_actor(home, "avatar", sender.id, None, local=True)})
    return message


async def _body(ctx: Context, notice: Notice, sender: Actor) -> str:
    """The warning of the post or its words; of an account, what it says of itself."""
    post = (
        None if notice.post_id is None else (await records.by_ids(ctx.db.reader, [notice.post_id])).get(notice.post_id)
    )
    if post is not None:
        return shorten(post.summary or plain(post.content), _MAX_BODY_CHARS)
    return "" if notice.type == "moderation_warning" else shorten(plain(sender.summary), _MAX_BODY_CHARS)


async def _post(ctx: Context, to: Address, domain: Domain, message: bytes, *, urgent: bool, ttl_s: int) -> Response:
    subscription = to.subscription
    key = await vapid.of_domain(ctx, domain.id)
    sealed = ENCODINGS[subscription.standard](message, Keys.read(subscription.p256dh, subscription.auth))
    parts = urlsplit(subscription.endpoint)
    signed = vapid.token(ctx, key, audience=f"{parts.scheme}://{parts.netloc}", domain=domain)
    headers = {
        "User-Agent": f"Beffroi/{__version__}",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl_s),
        "Urgency": "high" if urgent else "normal",
        **sealed.headers,
    }
    if subscription.standard:
        headers["Authorization"] = f"vapid t={signed},k={key.public}"
    else:
        headers["Authorization"] = f"WebPush {signed}"
        headers["Crypto-Key"] = f"{sealed.crypto_key};p256ecdsa={key.public}"
    return await ctx.network.request(
        "POST", subscription.endpoint, headers=headers, body=sealed.body, max_bytes=_MAX_ANSWER_BYTES,
        timeout_s=_TIMEOUT_S,
    )  # fmt: skip


async def _judge(ctx: Context, to: Address, answer: Response) -> None:
    """What its answer means.

    Raises:
        TooMany: it wants to be asked later.
        Unavailable: it cannot, now.
    """
    status = answer.status
    if status == 429:
        said = answer.headers.get("Retry-After", "")
        raise TooMany(
            "the push service wants fewer messages", min(int(said[:6]), _MAX_RETRY_S) if said.isdecimal() else 60
        )
    if status == 408 or status >= 500:
        raise Unavailable(f"the push service answered {status}")
    outcome = "done" if 200 <= status < 300 else "ended"
    ctx.metrics.count("push", outcome=outcome)
    if outcome == "ended":  # also a redirect: a message is encrypted to one place
        await ctx.db.write(lambda tx: subscriptions.drop(tx, to.subscription.id))


def _turn(ctx: Context, endpoint: str) -> asyncio.Semaphore:
    """One of the few places of a host: a slow one must not take all the jobs' places."""
    turns, host = ctx.cache.of("push_turns", 1024), urlsplit(endpoint).netloc
    turn: asyncio.Semaphore | None = turns.get(host)
    if turn is None:
        turn = asyncio.Semaphore(_AT_ONCE_PER_HOST)
        turns.put(host, turn)
    return turn
