"""What is said about replies: the answers of our authors, the Delete of a stamp, and a reply that is shown at last."""

from dataclasses import dataclass

from node.actors import actors
from node.actors.actor import Actor
from node.federation.delivery import Audience, forwarding, order
from node.federation.identity import allow_http
from node.federation.objects import replies as objects
from node.federation.vocab import activities, json
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.facts import ReplyAnswered, ReplyRevoked, ReplyShown


async def answered(tx: Tx, ctx: Context, fact: ReplyAnswered) -> None:
    """Say yes, with the stamp, or no, to who replied."""
    found = await actors.by_ids(tx, (fact.author_id, fact.replier_id))
    author, replier = found[fact.author_id], found[fact.replier_id]
    sent = objects.answer(
        author_uri=author.uri, replier_uri=replier.uri, answered_uri=fact.answered_uri, reply_uri=fact.reply_uri,
        request=fact.request, version=ctx.ids.next(), stamp=fact.stamp,
    )  # fmt: skip
    await order(tx, ctx, actor_id=author.id, activity=sent, audience=Audience(actor_ids=(replier.id,)))


async def revoked(tx: Tx, ctx: Context, fact: ReplyRevoked) -> None:
    """Tell who replied, and the author's followers, that consent was taken back."""
    author = await actors.require_by_id(tx, fact.author_id)
    sent = objects.taken_back(fact.stamp, author_uri=author.uri)
    audience = Audience(followers=True, actor_ids=(fact.replier_id,))
    await order(tx, ctx, actor_id=author.id, activity=sent, audience=audience)


@dataclass(frozen=True, slots=True)
class _Said:
    """An activity that came, and was kept until somebody said yes."""

    sender: Actor
    activity: Activity
    body: bytes

    @property
    def object_id(self) -> str | None:
        return self.activity.object.id if self.activity.object is not None else None


async def shown(tx: Tx, ctx: Context, fact: ReplyShown) -> None:
    """Pass a reply that was held on to the readers of the thread, as it would have been when it came."""
    post = await posts.require(tx, fact.post_id)
    sender = await actors.require_by_id(tx, post.author_id)
    activity = activities.read(json.read(fact.body), allow_http=allow_http(ctx))
    await forwarding.pass_on(tx, ctx, said=_Said(sender, activity, fact.body), about=post)
