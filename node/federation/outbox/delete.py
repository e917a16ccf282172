"""Delete: one of ours takes a post away, or leaves."""

from node.actors import actors
from node.actors.facts import ActorDeleted
from node.federation.delivery import Audience, order
from node.federation.delivery.orders import thread_readers
from node.federation.objects import PUBLIC, activities
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import deletion, records
from node.timeline.extras import Extra
from node.timeline.facts import PostDeleted, PostWithheld


async def post(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """Tell everyone who may have it. A boost that goes is an Undo (`undo.announce`)."""
    if not fact.local or fact.boost_of_id is not None or fact.local_only:
        return
    author = await actors.by_id(tx, fact.author_id)
    if author is None or author.deleted:
        return  # its own Delete says it all
    to = [PUBLIC] if fact.visibility in ("public", "unlisted") else []
    await order(
        tx,
        ctx,
        actor_id=fact.author_id,
        activity=activities.delete_post(fact.uri, fact.author_uri, to),
        audience=Audience(
            followers=fact.visibility != "direct",
            actor_ids=fact.recipients,
            relays=fact.visibility == "public",
            followers_of=thread_readers(fact.reply_to_author_id, fact.visibility),
        ),
        post_id=fact.post_id,
    )


async def withheld(tx: Tx, ctx: Context, fact: PostWithheld) -> None:
    """Tell everyone who may have it that a reply of ours was taken back: by the team that it answers, or elsewhere."""
    if not fact.ours:
        return
    post, author = await records.require(tx, fact.post_id), await actors.require_by_id(tx, fact.author_id)
    if post.extras & Extra.LOCAL_ONLY:
        return
    to = [PUBLIC] if post.visibility in ("public", "unlisted") else []
    await order(
        tx,
        ctx,
        actor_id=author.id,
        activity=activities.delete_post(post.uri, author.uri, to),
        audience=Audience(
            followers=post.visibility != "direct",
            actor_ids=await deletion.reached(tx, post),
            relays=post.visibility == "public",
            followers_of=thread_readers(post.reply_to_author_id, post.visibility),
        ),
        post_id=post.id,
    )


async def actor(tx: Tx, ctx: Context, fact: ActorDeleted) -> None:
    """Tell every server that we know: whoever ever met the actor forgets it."""
    if fact.local:
        sent = activities.delete_actor(fact.uri)
        await order(tx, ctx, actor_id=fact.actor_id, activity=sent, audience=Audience(all_known=True))
