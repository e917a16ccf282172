"""Announce: a boost, or a group that passes a post on (FEP-1b12).

    {"id": "https://a.example/users/anne/statuses/2/activity", "type": "Announce",
     "actor": "https://a.example/users/anne", "published": "2026-01-31T10:00:00Z",
     "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": ["https://a.example/users/anne/followers"],
     "object": "https://b.example/users/bruz/statuses/1"}

ActivityPub §7.11.
"""

from node.federation import resolve
from node.federation.inbox import relayed
from node.federation.inbox.concern import is_followed_here
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import links
from node.federation.vocab.audience import Visibility
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import boosts, posts
from node.timeline.visibility import Visibility as Shown

_SHOWN: dict[Visibility, Shown] = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "followers",
}


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """Show the post to the booster's readers. It is read at its own server, whatever the Announce embeds."""
    return await _boosted(ctx, received, received.object_id)


async def created(ctx: Context, received: Received) -> Step | Dropped:
    """A Lemmy-like group announces the Create itself: what counts is the post, which is fetched by its id."""
    about = received.activity.object
    inner = about.raw.get("object") if about is not None and about.raw is not None else None
    return await _boosted(ctx, received, links.optional_uri(inner, allow_http=True))


async def _boosted(ctx: Context, received: Received, uri: str | None) -> Step | Dropped:
    sender, activity = received.sender, received.activity
    if uri is None:
        return Dropped("the boost names no post")
    if (of_a_relay := await relayed.announced(ctx, sender, uri)) is not None:
        return of_a_relay
    known = await posts.by_uri(ctx.db.reader, uri)
    concerns_us = known is not None and known.local
    if not concerns_us and not await is_followed_here(ctx, sender):
        return Dropped("nobody here follows the booster")
    addressed = activity.audience
    shown = "public" if addressed.empty else _SHOWN.get(addressed.visibility(sender.followers or None))
    if shown is None:
        return Dropped("the boost is addressed to nobody but persons")
    if known is None:
        known = await resolve.post(ctx, uri)
    boosted = known

    async def step(tx: Tx) -> None:
        await boosts.boost(
            tx, ctx, actor=sender, post=boosted, visibility=shown,
            uri=activity.id or f"{sender.uri}#boosts/{boosted.id}", published_ms=activity.published_ms,
        )  # fmt: skip

    return step
