"""Follow: somebody elsewhere asks to read one of ours.

    {"id": "https://a.example/follows/1", "type": "Follow", "actor": "https://a.example/users/anne",
     "object": "https://b.example/users/bruz"}

ActivityPub §7.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors import actors, follows
from node.actors.actor import Actor
from node.actors.follows import FollowRefused
from node.federation.inbox import relayed, rows
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.inbox.rows import Arrival
from node.federation.outbox import reject
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.database.together import Together
from node.timeline import tombstones


@dataclass(frozen=True, slots=True)
class Asking:
    """The step of one Follow; those that are ready at the same moment are taken in one transaction.

    A thousand who come at once follow one and the same: its counter is a row for which each would wait until the
    one before has committed.
    """

    ctx: Context
    follower: Actor
    followee: Actor
    uri: str

    async def __call__(self, tx: Tx) -> None:
        await _ask(tx, [self])


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of the inbox, and the Follow that it tells of."""

    arrival: Arrival
    asking: Asking


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """Ask our actor; one that is open accepts at once. A refusal is told, so that nobody waits for ever."""
    followee = await actors.by_uri(ctx.db.reader, received.object_id or "")
    if followee is not None and followee.kind == "instance":
        return await relayed.followed_back(ctx, received, followee) or Dropped("a server is followed by nobody")
    if followee is None or not followee.local or not followee.active:
        return Dropped("nobody here can be followed by that id")
    follower, uri = received.sender, received.activity.id or f"{received.sender.uri}#follows/{followee.id}"
    return Asking(ctx, follower, followee, uri)


def together() -> Together[Asked, None]:
    """Where Follows are applied and their rows marked done; nothing happens to a row that somebody else has taken over."""
    return Together(_end)


async def _end(tx: Tx, batch: Sequence[Asked]) -> list[None]:
    # As every other activity about the same object: one after the other.
    await tx.lock(*(f"inbox:{each.asking.followee.uri}" for each in batch))
    ours = await rows.mark(tx, [each.arrival for each in batch], "done")
    await _ask(tx, [each.asking for each in batch if each.arrival.id in ours])
    return [None] * len(batch)


async def _ask(tx: Tx, askings: Sequence[Asking]) -> None:
    graves = await tombstones.of(tx, [each.uri for each in askings])
    # In one order everywhere: two transactions then wait for each other's rows only one way round.
    for each in sorted(askings, key=lambda each: (each.followee.id, each.follower.id)):
        follower, followee, uri = each.follower, each.followee, each.uri
        grave = graves.get(uri)
        if grave is not None and grave.counts(by=follower.uri):  # its Undo came first
            continue
        if followee.moved_to is not None:
            await reject.refuse(tx, each.ctx, follower=follower, followee=followee, uri=uri)
            continue
        try:
            await follows.request(tx, each.ctx, follower=follower, followee=followee, uri=uri)
        except FollowRefused:
            await reject.refuse(tx, each.ctx, follower=follower, followee=followee, uri=uri)
