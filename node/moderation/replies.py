"""What a team decides about replies to its posts: let one through, refuse it, refuse it and block who wrote it."""

from typing import Final, Literal, get_args

from node.actors import actors, blocks
from node.actors.actor import Actor
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import held, posts, records
from node.timeline.held import Held

Word = Literal["approve", "refuse", "block"]
WORDS: Final[tuple[Word, ...]] = get_args(Word)
KEPT_MS: Final = 30 * 86_400_000
_AT_ONCE: Final = 100


async def judge(tx: Tx, ctx: Context, *, owner: Actor, reply: Held, word: str, by: Hand) -> None:
    """Do what *by* decided, and write it into the log where the account is an organisation's.

    Saying the same again does nothing. A reply that was shown and is refused now is taken back.

    Raises:
        Invalid: no such word.
    """
    if word not in WORDS:
        raise Invalid(sentence("A reply is let through, refused, or refused with its author blocked."))
    post = await records.require(tx, reply.post_id)
    if word == "approve":
        changed = await held.approve(tx, ctx, held=reply)
    else:
        changed = await held.refuse(tx, ctx, held=reply)
    if word == "block":
        writer = await actors.require_by_id(tx, reply.author_id)
        uri = f"{owner.uri}#blocks/{ctx.ids.next()}"
        await blocks.block(tx, ctx, actor=owner, target=writer, uri=uri)
        changed = True
    if changed and owner.type != "Person":
        await audit.record(tx, ctx, by=by, act=f"reply.{word}", about=post.url or post.uri, actor_id=owner.id)


async def forget_held(tx: Tx, ctx: Context) -> None:
    """Delete strangers' posts that nobody let through for a month, some at a time."""
    for post_id in await held.expired(tx, ctx.clock.now_ms() - KEPT_MS, _AT_ONCE):
        await posts.delete(tx, ctx, post=await records.require(tx, post_id))
