"""The order: what to send, in whose name, to whom. It stands in the same transaction as what it tells of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from node.federation.delivery.dialects import Dialect
from node.federation.delivery.proving import proved
from node.federation.delivery.succession import subject_of
from node.runtime.context import Context
from node.runtime.database import Tx


def thread_readers(answered_id: int | None, visibility: str) -> tuple[int, ...]:
    """Whose readers see a public answer to *answered_id* too, for `followers_of`: nobody's where that is elsewhere."""
    return (answered_id,) if answered_id is not None and visibility in ("public", "unlisted") else ()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who receives an activity: remote inboxes only; local readers are reached by other reactions."""

    followers: bool = False
    """The remote followers of the sending actor."""
    actor_ids: tuple[int, ...] = ()
    """These actors, where they are remote: mentioned, followed, answered."""
    post_ids: tuple[int, ...] = ()
    """Everyone remote who boosted, favourited, answered these posts or voted in them, so that they learn of an edit."""
    inboxes: tuple[str, ...] = ()
    """These addresses, for actors whose row is gone."""
    all_known: bool = False
    """Every shared inbox that the node knows: the deletion of an actor."""
    dialect: Dialect = ""
    """Only those servers that want a group's announcements in this form."""
    relays: bool = False
    """The relays that the sender's service host has joined: what is public."""
    but_hosts: tuple[str, ...] = ()
    """Not these servers: they have it from somebody else."""
    followers_of: tuple[int, ...] = ()
    """The remote followers of these actors of ours: who reads a group that announced the post, or the thread it is in."""

    @property
    def is_one_actor(self) -> bool:
        """Whether it is one actor and nobody else: an answer, a direct message."""
        others = self.followers or self.followers_of or self.post_ids or self.inboxes or self.all_known
        return len(self.actor_ids) == 1 and not others

    def as_json(self) -> str:
        """The column `delivery_orders.audience`."""
        return orjson.dumps({name: value for name, value in asdict(self).items() if value}).decode()

    @classmethod
    def from_json(cls, text: str) -> "Audience":
        """Read the column."""
        held = orjson.loads(text)
        return cls(
            followers=held.get("followers", False),
            actor_ids=tuple(held.get("actor_ids", ())),
            post_ids=tuple(held.get("post_ids", ())),
            inboxes=tuple(held.get("inboxes", ())),
            all_known=held.get("all_known", False),
            dialect=held.get("dialect", ""),
            relays=held.get("relays", False),
            but_hosts=tuple(held.get("but_hosts", ())),
            followers_of=tuple(held.get("followers_of", ())),
        )


async def order(
    tx: Tx,
    ctx: Context,
    *,
    actor_id: int,
    activity: Mapping[str, Any],
    audience: Audience,
    post_id: int | None = None,
    synchronize: bool = False,
) -> None:
    """Have *activity* sent to *audience*, signed by the local actor *actor_id*, once this transaction is durable.

    With *synchronize*, each server is told who the actor's followers there are (`synchronization`).
    """
    about = _About(str(activity["id"]), str(activity.get("type", "")), subject_of(activity), post_id, synchronize)
    said = await proved(tx, ctx, actor_id, activity)
    await _take(tx, ctx, actor_id, orjson.dumps(said), audience, about)


async def pass_on(
    tx: Tx, ctx: Context, *, actor_id: int, activity_id: str, kind: str, body: bytes, audience: Audience,
    subject: str = "",
) -> None:  # fmt: skip
    """Have somebody else's activity sent as it came, byte for byte: its signature inside covers these bytes."""
    await _take(tx, ctx, actor_id, body, audience, _About(activity_id, kind, subject, None, synchronize=False))


@dataclass(frozen=True, slots=True)
class _About:
    activity_id: str
    type: str
    subject: str
    post_id: int | None
    synchronize: bool


async def _take(tx: Tx, ctx: Context, actor_id: int, body: bytes, audience: Audience, about: _About) -> None:
    await tx.execute(
        "INSERT INTO delivery_orders (id, actor_id, activity_id, body, audience, post_id, state, created_ms, subject, "
        "type, synchronize) VALUES ($1, $2, $3, $4, $5, $6, 'new', $7, $8, $9, $10)",
        ctx.ids.next(), actor_id, about.activity_id, body, audience.as_json(), about.post_id, ctx.clock.now_ms(),
        about.subject, about.type, about.synchronize,
    )  # fmt: skip
    tx.after_commit(lambda: ctx.live.ring("orders"))
