"""Create: one of ours publishes."""

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.delivery.orders import thread_readers
from node.federation.objects import activities, polls
from node.federation.objects import posts as objects
from node.federation.outbox import announce
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import mentions, posts, quotes
from node.timeline.extras import Extra
from node.timeline.facts import Approved, PostPublished, Voted
from node.timeline.posts import Post


async def post(tx: Tx, ctx: Context, fact: PostPublished) -> None:
    """Send the post to the author's followers, to whom it names and to whom it answers; a direct one to the named."""
    if not fact.local or fact.boost_of_id is not None:
        return
    await _send(tx, ctx, await posts.require(tx, fact.post_id))


async def approved(tx: Tx, ctx: Context, fact: Approved) -> None:
    """Send to everybody what waited for the author whom it answers or boosts."""
    post = await posts.require(tx, fact.post_id)
    await (_send(tx, ctx, post) if post.boost_of_id is None else announce.send(tx, ctx, post))


async def _send(tx: Tx, ctx: Context, published: Post) -> None:
    to = await mentions.everyone(tx, published.id)
    if published.reply_to_author_id is not None and published.visibility != "direct":
        to.append(published.reply_to_author_id)
    if published.extras & Extra.QUOTE:
        to.extend(await quotes.authors_of(tx, published.id))
    await order(
        tx,
        ctx,
        actor_id=published.author_id,
        activity=activities.posted(await objects.activity(tx, ctx, published)),
        audience=Audience(actor_ids=(published.reply_to_author_id or 0,))
        if published.extras & Extra.AWAITS
        else Audience(
            followers=published.visibility != "direct",
            actor_ids=tuple(dict.fromkeys(to)),
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
