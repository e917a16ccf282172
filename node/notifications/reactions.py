"""What makes and unmakes notifications: one function for each fact; node.reactions lists them."""

from node.actors.facts import Blocked, FollowAccepted, FollowRejected, FollowRequested, Unfollowed
from node.notifications.notices import notify, withdraw
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import votes
from node.timeline.facts import Favourited, PollClosed, PostDeleted, PostEdited, PostPublished, Unfavourited

NEWS_MS = 7 * 86_400_000
"""What is older is no news: a post fetched to complete a conversation. Deliveries are retried for three days."""


async def on_published(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """Tell those named, the author of what is boosted, and those who asked to hear of every post of the author."""
    published_ms = await tx.value("SELECT published_ms FROM posts WHERE id = $1", fact.post_id)
    if published_ms is None or published_ms < ctx.clock.now_ms() - NEWS_MS:
        return
    if fact.boost_of_id is not None:
        boosted = await tx.value("SELECT author_id FROM posts WHERE id = $1", fact.boost_of_id)
        if boosted is not None:
            await notify(
                tx, ctx, actor_id=boosted, type="reblog", from_actor_id=fact.author_id, post_id=fact.boost_of_id
            )
        return
    named = await tx.fetch("SELECT actor_id FROM post_mentions WHERE post_id = $1 AND NOT silent", fact.post_id)
    told = {row[0] for row in named}
    for actor_id in sorted(told):
        await notify(tx, ctx, actor_id=actor_id, type="mention", from_actor_id=fact.author_id, post_id=fact.post_id)
    if fact.visibility == "direct" or fact.reply_to_author_id not in (None, fact.author_id):
        return
    curious = await tx.fetch(
        "SELECT f.follower_id FROM follows f JOIN posts p ON p.id = $2 WHERE f.followee_id = $1 AND f.state = 'accepted' "
        "AND f.notify AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id) ORDER BY f.follower_id",
        fact.author_id, fact.post_id,
    )  # fmt: skip
    for row in curious:
        if row[0] not in told:
            await notify(tx, ctx, actor_id=row[0], type="status", from_actor_id=fact.author_id, post_id=fact.post_id)


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """Tell who is newly named, and local actors who boosted the post that it says something else now."""
    for actor_id in fact.new_mentions:
        await notify(tx, ctx, actor_id=actor_id, type="mention", from_actor_id=fact.author_id, post_id=fact.post_id)
    boosters = await tx.fetch(
        "SELECT author_id FROM posts WHERE boost_of_id = $1 AND local ORDER BY author_id", fact.post_id
    )
    for row in boosters:
        # The newest edit counts: what was told of the one before goes.
        await withdraw(tx, type="update", from_actor_id=fact.author_id, actor_id=row[0], post_id=fact.post_id)
        await notify(tx, ctx, actor_id=row[0], type="update", from_actor_id=fact.author_id, post_id=fact.post_id)


async def on_deleted(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """A boost taken back is no longer told; notices about the post itself went with its row."""
    if fact.boost_of_id is not None and fact.boost_of_author_id is not None:
        await withdraw(
            tx, type="reblog", from_actor_id=fact.author_id, actor_id=fact.boost_of_author_id, post_id=fact.boost_of_id
        )


async def on_favourited(tx: Tx, ctx: Context, fact: Favourited) -> None:
    """Tell the author."""
    await notify(tx, ctx, actor_id=fact.author_id, type="favourite", from_actor_id=fact.actor_id, post_id=fact.post_id)


async def on_unfavourited(tx: Tx, ctx: Context, fact: Unfavourited) -> None:
    """Tell it no longer."""
    await withdraw(tx, type="favourite", from_actor_id=fact.actor_id, actor_id=fact.author_id, post_id=fact.post_id)


async def on_poll_closed(tx: Tx, ctx: Context, fact: PollClosed) -> None:
    """Tell its author, and who of ours voted; nobody is told who did."""
    told = await votes.local_voters(tx, fact.post_id)
    for actor_id in dict.fromkeys([fact.author_id, *told]):
        await notify(tx, ctx, actor_id=actor_id, type="poll", from_actor_id=fact.author_id, post_id=fact.post_id)


async def on_follow_requested(tx: Tx, ctx: Context, fact: FollowRequested) -> None:
    """Tell who has to answer."""
    await notify(tx, ctx, actor_id=fact.followee_id, type="follow_request", from_actor_id=fact.follower_id)


async def on_followed(tx: Tx, ctx: Context, fact: FollowAccepted) -> None:
    """Tell who is followed; who just answered a request knows it."""
    asked = await withdraw(tx, type="follow_request", from_actor_id=fact.follower_id, actor_id=fact.followee_id)
    if not asked:
        await notify(tx, ctx, actor_id=fact.followee_id, type="follow", from_actor_id=fact.follower_id)


async def on_unfollowed(tx: Tx, ctx: Context, fact: Unfollowed | FollowRejected) -> None:
    """Neither the follow nor the request is there any more."""
    for type_ in ("follow", "follow_request"):
        await withdraw(tx, type=type_, from_actor_id=fact.follower_id, actor_id=fact.followee_id)


async def on_blocked(tx: Tx, ctx: Context, fact: Blocked) -> None:
    """A block takes away what either was told of the other."""
    await tx.execute(
        "DELETE FROM notifications WHERE (actor_id = $1 AND from_actor_id = $2) OR (actor_id = $2 AND from_actor_id = $1)",
        fact.actor_id, fact.target_id,
    )  # fmt: skip
