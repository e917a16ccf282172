"""ONE table: what happened -> who reacts. Each reaction runs in the transaction that stated the fact.

A newcomer reads it top to bottom: a fact of `node.actors.facts`, `node.timeline.facts` or
`node.notifications.facts`, then everything that follows from it: rendered fragments, feeds, notifications, streams,
deliveries. Nothing else listens anywhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from node.actors import facts as actors
from node.api import fragments
from node.api.streaming import events as streams
from node.federation.outbox import (
    accept,
    add,
    announce,
    block,
    create,
    delete,
    follow,
    like,
    reject,
    remove,
    undo,
    update,
)
from node.notifications import facts as notices
from node.notifications import reactions as notifications
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import erasure, home
from node.timeline import facts as timeline

Reaction = Callable[[Tx, Context, Any], Awaitable[None]]

REACTIONS: Mapping[type, tuple[Reaction, ...]] = {
    actors.ActorCreated: (),
    actors.ActorUpdated: (update.actor,),
    actors.ActorDeleted: (erasure.on_deleted, delete.actor),
    actors.ActorSuspended: (),
    actors.ActorUnsuspended: (),
    actors.FollowRequested: (notifications.on_follow_requested, follow.requested),
    actors.FollowAccepted: (home.on_followed, notifications.on_followed, accept.follow),
    actors.FollowRejected: (home.on_unfollowed, notifications.on_unfollowed, reject.follow),
    actors.Unfollowed: (home.on_unfollowed, notifications.on_unfollowed, undo.follow),
    actors.Blocked: (notifications.on_blocked, block.actor),
    actors.Unblocked: (undo.block,),
    actors.HostPolicyChanged: (),
    timeline.PostPublished: (
        fragments.store,
        home.on_published,
        notifications.on_published,
        streams.on_published,
        create.post,
        announce.post,
    ),
    timeline.PostEdited: (fragments.store, notifications.on_edited, streams.on_edited, update.post),
    timeline.PostDeleted: (notifications.on_deleted, streams.on_deleted, delete.post, undo.announce),
    timeline.Favourited: (notifications.on_favourited, like.post),
    timeline.Unfavourited: (notifications.on_unfavourited, undo.like),
    notices.Notified: (streams.on_notified,),
    timeline.Pinned: (add.featured,),
    timeline.Unpinned: (remove.featured,),
}


async def react(tx: Tx, ctx: Context, fact: object) -> None:
    """Let everyone react to *fact*, in the table's order."""
    for reaction in REACTIONS[type(fact)]:
        await reaction(tx, ctx, fact)
