"""Update: one of ours edits a post, or changes its profile or its keys."""

from node.actors import actors
from node.actors.facts import ActorUpdated
from node.federation.delivery import Audience, order
from node.federation.delivery.orders import thread_readers
from node.federation.objects import activities
from node.federation.objects import actors as actor_objects
from node.federation.objects import posts as post_objects
from node.federation.outbox import recipients
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import mentions, posts, quotes
from node.timeline.extras import Extra
from node.timeline.facts import PolicyChanged, PollClosed, PollTallied, PostEdited, QuoteSettled
from node.timeline.posts import Post


async def post(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """Send the new version to those who have the old one: followers, named, answered, and who boosted or liked it."""
    if fact.local:
        await _tell(tx, ctx, await posts.require(tx, fact.post_id))


async def poll(tx: Tx, ctx: Context, fact: PollTallied | PollClosed) -> None:
    """Send how a poll of ours stands to those who have it, and to who voted in it."""
    asked = await posts.by_id(tx, fact.post_id) if fact.local else None
    if asked is not None:
        await _tell(tx, ctx, asked)


async def quote(tx: Tx, ctx: Context, fact: QuoteSettled) -> None:
    """Send a post of ours whose quote was agreed to, refused or taken back."""
    quoting = await posts.by_id(tx, fact.post_id)
    if quoting is None or not quoting.local:
        return
    standing = await quotes.of_post(tx, quoting.id)
    # What was agreed to as it was published has been said in its Create.
    if standing is not None and (standing.request is not None or not fact.accepted):
        await _tell(tx, ctx, quoting)


async def policy(tx: Tx, ctx: Context, fact: PolicyChanged) -> None:
    """Send a post of ours that others than before may quote."""
    changed = await posts.by_id(tx, fact.post_id) if fact.local else None
    if changed is not None:
        await _tell(tx, ctx, changed)


async def _tell(tx: Tx, ctx: Context, edited: Post) -> None:
    if edited.extras & (Extra.AWAITS | Extra.LOCAL_ONLY) or edited.held or edited.hidden:
        return  # its readers elsewhere have not got it: they will as it is then, or never
    heard = await mentions.everyone(tx, edited.id)
    note = await post_objects.document(tx, ctx, edited)
    await order(
        tx,
        ctx,
        actor_id=edited.author_id,
        activity=activities.update_post(note, ctx.ids.next()),
        audience=Audience(
            followers=edited.visibility != "direct",
            actor_ids=await recipients.of_post(tx, edited, heard),
            # Who liked what was for followers may not follow any more.
            post_ids=(edited.id,) if edited.distributable else (),
            relays=edited.visibility == "public",
            followers_of=thread_readers(edited.reply_to_author_id, edited.visibility),
        ),
        post_id=edited.id,
        synchronize=edited.visibility == "followers",
    )


async def actor(tx: Tx, ctx: Context, fact: ActorUpdated) -> None:
    """Send the profile to its followers."""
    changed = await actors.by_id(tx, fact.actor_id) if fact.local else None
    if changed is None or not changed.active:
        return
    document = await actor_objects.document(tx, ctx, changed)
    sent = activities.update_actor(document, ctx.ids.next())
    await order(tx, ctx, actor_id=changed.id, activity=sent, audience=Audience(followers=True))
