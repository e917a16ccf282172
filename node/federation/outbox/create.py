"""Create: one of ours publishes."""

from collections.abc import Iterable, Mapping
from typing import Any

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.delivery.orders import thread_readers
from node.federation.objects import activities, polls
from node.federation.objects import posts as objects
from node.federation.outbox import announce, recipients
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import mentions, posts
from node.timeline.extras import Extra
from node.timeline.facts import Approved, PostPublished, Voted
from node.timeline.posts import Post


async def post(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """Send the post to the author's followers, to whom it names and to whom it answers; a direct one to the named."""
    if not fact.local or fact.boost_of_id is not None or fact.post.extras & Extra.LOCAL_ONLY:
        return
    heard = [actor.id for actor in (*fact.named, *fact.addressed)]
    await _send(tx, ctx, fact.post, heard, await objects.published(tx, ctx, fact))


async def approved(tx: Tx, ctx: Context, fact: Approved) -> None:
    """Send to everybody what waited for the author whom it answers or boosts."""
    post = await posts.require(tx, fact.post_id)
    if post.boost_of_id is not None:
        await announce.send(tx, ctx, post)
    else:
        await _send(tx, ctx, post, await mentions.everyone(tx, post.id), await objects.activity(tx, ctx, post))


async def _send(tx: Tx, ctx: Context, published: Post, heard: Iterable[int], activity: Mapping[str, Any]) -> None:
    await order(
        tx,
        ctx,
        actor_id=published.author_id,
        activity=activities.posted(activity),
        audience=Audience(actor_ids=(published.reply_to_author_id or 0,))
        if published.extras & Extra.AWAITS
        else Audience(
            followers=published.visibility != "direct",
            actor_ids=await recipients.of_post(tx, published, heard),
            relays=published.visibility == "public",
            followers_of=thread_readers(published.reply_to_author_id, published.visibility),
        ),
        post_id=published.id,
        synchronize=published.visibility == "followers",
    )


async def votes(tx: Tx, ctx: Context, fact: Voted) -> None:
    """Send each chosen option to the poll's author, and to nobody else."""
    found = await actors.by_ids(tx, (fact.voter_id, fact.author_id))
    voter, author = found[fact.voter_id], found[fact.author_id]
    if author.local:
        return
    poll = await posts.require(tx, fact.post_id)
    for vote in fact.votes:
        sent = polls.ballot(vote, voter_uri=voter.uri, author_uri=author.uri, question_uri=poll.uri)
        await order(tx, ctx, actor_id=voter.id, activity=sent, audience=Audience(actor_ids=(author.id,)))
