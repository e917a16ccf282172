"""QuoteRequest, its answers and the Delete of a stamp: what is said about quotes (FEP-044f)."""

from node.actors import actors
from node.federation.delivery import Audience, order
from node.federation.objects import posts as objects
from node.federation.objects import quotes, topped
from node.federation.vocab import contexts
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.facts import QuoteAnswered, QuoteAsked, QuoteRevoked


async def asked(tx: Tx, ctx: Context, fact: QuoteAsked) -> None:
    """Ask the author elsewhere whom a post of ours wants to quote; the post comes with it."""
    found = await actors.by_ids(tx, (fact.author_id, fact.quoted_author_id))
    quoter, author = found[fact.author_id], found[fact.quoted_author_id]
    note = await objects.document(tx, ctx, await posts.require(tx, fact.post_id))
    sent = quotes.request(fact.request, actor_uri=quoter.uri, quoted_uri=fact.quoted_uri, post=note, to=author.uri)
    activity = topped(sent, contexts.for_object())
    await order(tx, ctx, actor_id=quoter.id, activity=activity, audience=Audience(actor_ids=(author.id,)))


async def answered(tx: Tx, ctx: Context, fact: QuoteAnswered) -> None:
    """Say yes, with the stamp, or no."""
    found = await actors.by_ids(tx, (fact.author_id, fact.quoter_id))
    author, quoter = found[fact.author_id], found[fact.quoter_id]
    request = quotes.request(
        fact.request, actor_uri=quoter.uri, quoted_uri=fact.quoted_uri, post=fact.post_uri, to=author.uri
    )
    kind = "Reject" if fact.stamp is None else "Accept"
    sent = quotes.answer(kind, request, author_uri=author.uri, version=ctx.ids.next(), stamp=fact.stamp)
    await order(tx, ctx, actor_id=author.id, activity=sent, audience=Audience(actor_ids=(quoter.id,)))


async def revoked(tx: Tx, ctx: Context, fact: QuoteRevoked) -> None:
    """Tell who quoted, and the author's followers, that consent was taken back."""
    author = await actors.require_by_id(tx, fact.author_id)
    sent = quotes.taken_back(fact.stamp, author_uri=author.uri)
    audience = Audience(followers=True, actor_ids=(fact.quoter_id,))
    await order(tx, ctx, actor_id=author.id, activity=sent, audience=audience)
