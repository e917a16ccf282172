"""Strangers' posts are kept together: those that are ready at the same moment with one statement of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors.actor import Actor
from node.federation.delivery import forwarding
from node.federation.delivery.readers import signed
from node.federation.inbox import rows
from node.federation.inbox.received import Received
from node.federation.inbox.rows import Arrival
from node.federation.resolve import posts as resolving
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.database.together import Together
from node.timeline import held, posts
from node.timeline.posts import Arriving, Document


@dataclass(frozen=True, slots=True)
class Keeping:
    """The step that stores one post; several may be taken in one."""

    ctx: Context
    received: Received
    """The activity that told of it; its sender is the author."""
    document: Document
    mentions: Sequence[Actor]
    addressed: Sequence[Actor]

    async def __call__(self, tx: Tx) -> None:
        await _keep(tx, [self])


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the inbox, and the post that it tells of."""

    arrival: Arrival
    keeping: Keeping


def together() -> Together[Kept, None]:
    """Where posts are kept and their rows marked done; nothing happens to a row that somebody else has taken over."""
    return Together(_end)


async def _end(tx: Tx, batch: Sequence[Kept]) -> list[None]:
    # As every other activity about the same object: one after the other.
    await tx.lock(*(f"inbox:{each.keeping.document.id}" for each in batch))
    ours = await rows.mark(tx, [each.arrival for each in batch], "done")
    await _keep(tx, [each.keeping for each in batch if each.arrival.id in ours])
    return [None] * len(batch)


async def _keep(tx: Tx, keepings: Sequence[Keeping]) -> None:
    if not keepings:
        return
    ctx = keepings[0].ctx
    kept = await posts.receive_all(
        tx, ctx, [Arriving(each.received.sender, each.document, each.mentions, each.addressed) for each in keepings]
    )
    await resolving.ask_for_parents(tx, ctx, [post for post in kept if post is not None], depth=0)
    for each, post in zip(keepings, kept, strict=True):
        if post is not None and post.held:
            if signed(each.received.body):
                await held.remember(tx, post_id=post.id, body=each.received.body)
        elif post is not None:
            await forwarding.pass_on(tx, ctx, said=each.received, about=post)
