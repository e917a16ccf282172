"""What makes and unmakes notifications: one function for each fact; node.reactions lists them."""

from collections.abc import Collection

from node.actors.facts import Blocked, FollowAccepted, FollowRejected, FollowRequested, Judged, Unfollowed
from node.notifications.notices import notify, withdraw
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import votes
from node.timeline.facts import (
    Favourited,
    PollClosed,
    PostDeleted,
    PostEdited,
    PostPublished,
    PostsPublished,
    QuoteSettled,
    Unfavourited,
)
from node.timeline.records import Post

NEWS_MS = 7 * 86_400_000
"""What is older is no news: a post fetched to complete a conversation. Deliveries are retried for three days."""


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Tell those named, the author of what is boosted, and those who asked to hear of every post of the author."""
    since_ms = ctx.clock.now_ms() - NEWS_MS
    news = [each for each in fact.posts if each.post.published_ms >= since_ms]
    curious = await _curious(tx, {each.author_id for each in news if _is_own_word(each.post)})
    for each in news:
        if each.boost_of_id is not None:
            await _tell_boosted(tx, ctx, each, each.boost_of_id)
            continue
        named = [actor.id for actor in each.named if actor.local]
        for actor_id in named:
            await notify(tx, ctx, actor_id=actor_id, type="mention", from_actor_id=each.author_id, post_id=each.post_id)
        for actor_id in curious.get(each.author_id, ()) if _is_own_word(each.post) else ():
            if actor_id not in named:
                await notify(
                    tx, ctx, actor_id=actor_id, type="status", from_actor_id=each.author_id, post_id=each.post_id
                )


async def _tell_boosted(tx: Tx, ctx: Context, boost: PostPublished, post_id: int) -> None:
    author_id = await tx.value("SELECT author_id FROM posts WHERE id = $1", post_id)
    if author_id is not None:
        await notify(tx, ctx, actor_id=author_id, type="reblog", from_actor_id=boost.author_id, post_id=post_id)


def _is_own_word(post: Post) -> bool:
    """Neither a boost, nor a letter, nor an answer to somebody else."""
    answers_others = post.reply_to_uri is not None and post.reply_to_author_id != post.author_id
    return post.boost_of_id is None and post.visibility != "direct" and not answers_others


async def _curious(tx: Tx, author_ids: Collection[int]) -> dict[int, list[int]]:
    """Those who asked to hear of every post, by author. Plan: follows_notify, one range for each."""
    if not author_ids:
        return {}
    rows = await tx.fetch(
        "SELECT f.followee_id, f.follower_id FROM follows f WHERE f.followee_id = ANY($1::bigint[]) "
        "AND f.state = 'accepted' AND f.notify ORDER BY f.followee_id, f.follower_id",
        list(author_ids),
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1])
    return found


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


async def on_quoted(tx: Tx, ctx: Context, fact: QuoteSettled) -> None:
    """Tell the quoted author, of a quote that is shown."""
    if fact.accepted and fact.quoted_author_id is not None:
        await notify(
            tx, ctx, actor_id=fact.quoted_author_id, type="quote", from_actor_id=fact.author_id, post_id=fact.post_id
        )


async def on_poll_closed(tx: Tx, ctx: Context, fact: PollClosed) -> None:
    """Tell its author, and who of ours voted; nobody is told who did."""
    told = await votes.local_voters(tx, fact.post_id)
    for actor_id in dict.fromkeys([fact.author_id, *told]):
        await notify(tx, ctx, actor_id=actor_id, type="poll", from_actor_id=fact.author_id, post_id=fact.post_id)


async def on_judged(tx: Tx, ctx: Context, fact: Judged) -> None:
    """Tell the account that the keepers decided about it; its people get the reasons by mail too."""
    await notify(
        tx, ctx, actor_id=fact.actor_id, type="moderation_warning", from_actor_id=fact.actor_id,
        decision_id=fact.decision_id,
    )  # fmt: skip


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
