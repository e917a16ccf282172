"""ONE table: what happened -> who reacts. Each reaction runs in the transaction that stated the fact.

A newcomer reads it top to bottom: a fact of `node.actors.facts`, `node.timeline.facts` or
`node.agreements.facts`, `node.notifications.facts`, then everything that follows from it: rendered fragments, feeds, notifications, streams,
deliveries. Nothing else listens anywhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from node.actors import facts as actors
from node.agreements import announcing, following, letters, requests
from node.agreements import facts as agreements
from node.api import fragments
from node.api.streaming import events as streams
from node.federation.delivery import synchronization
from node.federation.outbox import (
    accept,
    add,
    announce,
    attend,
    block,
    create,
    delete,
    flag,
    follow,
    group,
    like,
    move,
    quote,
    reject,
    remove,
    reply,
    undo,
    update,
)
from node.federation.outbox import agreements as agreement
from node.federation.resolve import polls
from node.moderation import facts as moderation
from node.moderation import waves
from node.notifications import facts as notices
from node.notifications import reactions as notifications
from node.notifications import team_letters
from node.notifications.push import sending
from node.oauth import tokens
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import cards, conversations, counts, erasure, home, lists
from node.timeline import facts as timeline

Reaction = Callable[[Tx, Context, Any], Awaitable[None]]


def each(reaction: Callable[[Tx, Context, timeline.PostPublished], Awaitable[None]]) -> Reaction:
    """*reaction* to every one of the posts that were published together."""

    async def one_by_one(tx: Tx, ctx: Context, fact: timeline.PostsPublished) -> None:
        for post in fact.posts:
            await reaction(tx, ctx, post)

    return one_by_one


REACTIONS: Mapping[type, tuple[Reaction, ...]] = {
    actors.ActorCreated: (),
    actors.ActorUpdated: (update.actor,),
    actors.ActorDeleted: (following.on_deleted, erasure.on_deleted, delete.actor, streams.on_shut_out),
    actors.ActorMoved: (move.actor,),
    actors.ActorSuspended: (streams.on_shut_out,),
    actors.ActorUnsuspended: (),
    actors.Judged: (notifications.on_judged,),
    actors.MembershipChanged: (
        tokens.on_membership_changed,
        streams.on_membership_changed,
        team_letters.on_membership_changed,
    ),
    actors.FollowRequested: (notifications.on_follow_requested, follow.requested, following.on_follow_requested),
    actors.FollowAccepted: (
        home.on_followed,
        notifications.on_followed,
        accept.follow,
        group.on_followed,
        synchronization.on_followers_changed,
    ),
    actors.FollowRejected: (
        home.on_unfollowed,
        lists.on_unfollowed,
        notifications.on_unfollowed,
        reject.follow,
        following.on_follow_rejected,
        synchronization.on_followers_changed,
    ),
    actors.Unfollowed: (
        home.on_unfollowed,
        lists.on_unfollowed,
        notifications.on_unfollowed,
        undo.follow,
        following.on_unfollowed,
        synchronization.on_followers_changed,
    ),
    actors.Blocked: (notifications.on_blocked, conversations.on_blocked, block.actor, following.on_blocked),
    actors.Unblocked: (undo.block,),
    actors.HostPolicyChanged: (),
    timeline.PostsPublished: (
        fragments.on_published,
        home.on_published,
        conversations.on_published,
        notifications.on_published,
        each(streams.on_published),
        each(create.post),
        each(announce.post),
        each(group.announced),
        announcing.on_published,
        requests.on_published,
        cards.on_published,
        counts.on_published,  # last: from here to the commit, the next post of the same author waits
    ),
    timeline.PostEdited: (
        fragments.on_edited,
        cards.on_edited,
        conversations.on_edited,
        notifications.on_edited,
        streams.on_edited,
        update.post,
        group.edited,
        announcing.on_edited,
    ),
    timeline.PostDeleted: (
        conversations.on_deleted,
        notifications.on_deleted,
        streams.on_deleted,
        delete.post,
        undo.announce,
        group.withdrawn,
        announcing.on_deleted,
    ),
    timeline.PostWaits: (fragments.on_edited, home.on_waiting, streams.on_waiting, team_letters.on_waiting),
    timeline.PostRefused: (fragments.on_edited, streams.on_waiting, team_letters.on_refused),
    timeline.PostApproved: (),
    timeline.WaitingGone: (streams.on_waiting_gone,),
    timeline.ConversationChanged: (streams.on_conversation,),
    timeline.Favourited: (notifications.on_favourited, like.post),
    timeline.Unfavourited: (notifications.on_unfavourited, undo.like),
    timeline.Approved: (create.approved,),
    timeline.ReplyHeld: (team_letters.on_reply_held,),
    timeline.ReplyAnswered: (reply.answered,),
    timeline.ReplyShown: (reply.shown,),
    timeline.ReplyRevoked: (reply.revoked,),
    timeline.PostWithheld: (streams.on_withheld, delete.withheld),
    timeline.WaveSeen: (waves.on_seen,),
    timeline.Joined: (attend.joined,),
    timeline.Left: (attend.left,),
    timeline.JoinIgnored: (attend.ignored,),
    timeline.PolicyChanged: (update.policy,),
    timeline.QuoteAsked: (quote.asked,),
    timeline.QuoteAnswered: (quote.answered,),
    timeline.QuoteSettled: (notifications.on_quoted, streams.on_restated, update.quote),
    timeline.QuoteRevoked: (quote.revoked,),
    timeline.Voted: (create.votes,),
    timeline.PollTallied: (streams.on_restated, update.poll),
    timeline.PollClosed: (notifications.on_poll_closed, streams.on_restated, update.poll, polls.closed),
    notices.Notified: (streams.on_notified, sending.on_notified),
    notices.NoticesMerged: (streams.on_merged,),
    moderation.ReportFiled: (flag.report,),
    moderation.AnnouncementShown: (streams.on_announcement,),
    moderation.AnnouncementGone: (streams.on_announcement_gone,),
    moderation.AnnouncementReacted: (streams.on_announcement_reacted,),
    timeline.Pinned: (add.featured,),
    timeline.Unpinned: (remove.featured,),
    agreements.WordSpoken: (agreement.spoken, letters.on_spoken),
    agreements.WordHeard: (agreement.heard, letters.on_heard),
    agreements.WordTaken: (announcing.on_word,),
    agreements.AgreementChanged: (following.on_changed, announcing.on_changed),
    agreements.WithdrawalAsked: (reject.announce,),
}


async def react(tx: Tx, ctx: Context, fact: object) -> None:
    """Let everyone react to *fact*, in the table's order."""
    for reaction in REACTIONS[type(fact)]:
        await reaction(tx, ctx, fact)
