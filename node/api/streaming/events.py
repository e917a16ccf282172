"""What is told: reactions to facts, published after the commit to the channels where somebody may listen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from node.actors import follows
from node.actors.facts import ActorDeleted, ActorSuspended, MembershipChanged
from node.api.streaming import channels
from node.moderation.facts import AnnouncementGone, AnnouncementReacted, AnnouncementShown
from node.notifications.facts import NoticesMerged, Notified
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import hashtags, home, records, visibility
from node.timeline.facts import (
    ConversationChanged,
    PollClosed,
    PollTallied,
    PostDeleted,
    PostEdited,
    PostPublished,
    PostRefused,
    PostWaits,
    PostWithheld,
    QuoteSettled,
    WaitingGone,
)
from node.timeline.records import Post

_BOOSTS_TOLD: Final = 100
"""Of a post that is deleted: each costs a look at its booster's readers, while somebody is connected."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that connections may tell; *id* is that of what it is about. `end` ends the connections of an account."""

    kind: Literal[
        "update", "status.update", "delete", "notification", "conversation", "notifications_merged",
        "announcement", "announcement.delete", "announcement.reaction", "end",
    ]  # fmt: skip
    id: int
    name: str = ""
    """The emoji of a reaction."""


async def on_published(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """Reaction: a post stands in home feeds, and perhaps in public timelines."""
    await _tell(tx, ctx, "update", fact.post_id)


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """Reaction: the same readers see another text."""
    await _tell(tx, ctx, "status.update", fact.post_id)


async def on_restated(tx: Tx, ctx: Context, fact: PollTallied | PollClosed | QuoteSettled) -> None:
    """Reaction: the same readers see other numbers in a poll, or a quote that they did not see."""
    await _tell(tx, ctx, "status.update", fact.post_id)


async def on_deleted(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """Reaction: whoever may have seen it takes it away; the id alone is told, so nobody learns more."""
    if not ctx.live.heard(channels.ANY):
        return
    readers = {fact.author_id, *fact.recipients, *await follows.local_followers(tx, fact.author_id)}
    told = [channels.of_author(fact.author_id), *(channels.of_actor(actor_id) for actor_id in readers)]
    if fact.visibility == "public" and fact.boost_of_id is None and not fact.local_only:
        domain_id = await tx.value("SELECT domain_id FROM actors WHERE id = $1", fact.author_id)
        public = ["public", "public:remote" if domain_id is None else channels.of_domain(domain_id)]
        told += [*public, *map(channels.of_media, public)]
    _publish(tx, ctx, told, Event("delete", fact.post_id))
    for boost_id, author_id in fact.boosts[:_BOOSTS_TOLD]:
        readers = set(await follows.local_followers(tx, author_id))
        told = [channels.of_author(author_id), *(channels.of_actor(actor_id) for actor_id in readers)]
        _publish(tx, ctx, told, Event("delete", boost_id))


async def on_waiting(tx: Tx, ctx: Context, fact: PostWaits | PostRefused) -> None:
    """Reaction: the team alone sees what waits for approval."""
    anew = isinstance(fact, PostRefused) or fact.anew
    _publish(tx, ctx, [channels.of_actor(fact.author_id)], Event("status.update" if anew else "update", fact.post_id))


async def on_waiting_gone(tx: Tx, ctx: Context, fact: WaitingGone) -> None:
    """Reaction: nor does anybody else hear that it went."""
    _publish(tx, ctx, [channels.of_actor(fact.author_id)], Event("delete", fact.post_id))


async def on_withheld(tx: Tx, ctx: Context, fact: PostWithheld) -> None:
    """Reaction: what was shown is shown no more; its author goes on seeing it."""
    if not ctx.live.heard(channels.ANY):
        return
    readers = [actor_id for actor_id in await follows.local_followers(tx, fact.author_id) if actor_id != fact.author_id]
    told = [channels.of_author(fact.author_id), *(channels.of_actor(actor_id) for actor_id in readers)]
    _publish(tx, ctx, told, Event("delete", fact.post_id))


async def on_conversation(tx: Tx, ctx: Context, fact: ConversationChanged) -> None:
    """Reaction: something was said in a private talk."""
    if ctx.live.heard(channels.ANY):
        _publish(tx, ctx, [channels.of_talks(fact.actor_id)], Event("conversation", fact.conversation_id))


async def on_notified(tx: Tx, ctx: Context, fact: Notified) -> None:
    """Reaction: somebody has a new notification."""
    if ctx.live.heard(channels.ANY):
        _publish(tx, ctx, [channels.of_actor(fact.actor_id)], Event("notification", fact.notice_id))


async def on_shut_out(tx: Tx, ctx: Context, fact: ActorSuspended | ActorDeleted) -> None:
    """Reaction: whose account is suspended or deleted reads no further, also on connections that are open."""
    _publish(tx, ctx, [channels.of_account(fact.actor_id)], Event("end", fact.actor_id))


async def on_membership_changed(tx: Tx, ctx: Context, fact: MembershipChanged) -> None:
    """Reaction: who no longer speaks for an account reads no further in its name."""
    if fact.role is None:
        _publish(tx, ctx, [channels.of_member(fact.person_id, fact.actor_id)], Event("end", fact.actor_id))


async def _tell(tx: Tx, ctx: Context, kind: Literal["update", "status.update"], post_id: int) -> None:
    if not ctx.live.heard(channels.ANY):
        return
    told = [channels.of_actor(actor_id) for actor_id in await home.readers_of(tx, post_id, now_ms=ctx.clock.now_ms())]
    post = await records.by_id(tx, post_id)
    if post is not None:
        told += [*await _public(tx, ctx, post), channels.of_author(post.author_id)]
        if kind == "status.update":
            told += [channels.of_author(actor_id) for actor_id in await _groups_announcing(tx, post_id)]
    _publish(tx, ctx, told, Event(kind, post_id))


async def _public(tx: Tx, ctx: Context, post: Post) -> list[str]:
    """The public channels of a post; the same choice as the timelines' (node.timeline.public)."""
    if post.visibility != "public" or post.boost_of_id is not None:
        return []
    if not await visibility.may_read(tx, viewer_id=None, post=post):
        return []
    limited = await tx.value("SELECT limited FROM actors WHERE id = $1", post.author_id)
    if limited:
        return []
    found: list[str] = []
    if post.reply_to_uri is None or post.reply_to_author_id == post.author_id:
        found = ["public", "public:remote" if post.domain_id is None else channels.of_domain(post.domain_id)]
        media = [each for each in map(channels.of_media, found) if ctx.live.heard(each)]
        if media and await tx.value("SELECT 1 FROM media WHERE post_id = $1 LIMIT 1", post.id):
            found += media
    for tag in (await hashtags.of_posts(tx, [post.id])).get(post.id, ()):
        found.append(channels.of_tag(tag.name))
        if post.domain_id is not None:
            found.append(channels.of_tag(tag.name, post.domain_id))
    return found


async def _groups_announcing(tx: Tx, post_id: int) -> list[int]:
    """Plan: posts_boost, then actors by primary key."""
    rows = await tx.fetch(
        "SELECT b.author_id FROM posts b JOIN actors a ON a.id = b.author_id WHERE b.boost_of_id = $1 AND a.type = 'Group'",
        post_id,
    )
    return [row[0] for row in rows]


async def on_merged(tx: Tx, ctx: Context, fact: NoticesMerged) -> None:
    """Reaction: what was put aside stands in the list now: clients read it again."""
    if ctx.live.heard(channels.ANY):
        _publish(tx, ctx, [channels.of_actor(fact.actor_id)], Event("notifications_merged", 1))


async def on_announcement(tx: Tx, ctx: Context, fact: AnnouncementShown) -> None:
    """Reaction: everybody on the site is told."""
    _publish(tx, ctx, [channels.of_site(fact.domain_id)], Event("announcement", fact.announcement_id))


async def on_announcement_gone(tx: Tx, ctx: Context, fact: AnnouncementGone) -> None:
    """Reaction: everybody on the site takes it away."""
    _publish(tx, ctx, [channels.of_site(fact.domain_id)], Event("announcement.delete", fact.announcement_id))


async def on_announcement_reacted(tx: Tx, ctx: Context, fact: AnnouncementReacted) -> None:
    """Reaction: everybody on the site sees another number."""
    event = Event("announcement.reaction", fact.announcement_id, fact.name)
    _publish(tx, ctx, [channels.of_site(fact.domain_id)], event)


def _publish(tx: Tx, ctx: Context, told: Iterable[str], event: Event) -> None:
    heard = [channel for channel in told if ctx.live.heard(channel)]

    def publish() -> None:
        for channel in heard:
            ctx.live.publish(channel, event)

    if heard:
        tx.after_commit(publish)
