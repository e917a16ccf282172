"""The order: what to send, in whose name, to whom. It stands in the same transaction as what it tells of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from node.federation.delivery.dialects import Dialect
from node.federation.delivery.succession import subject_of
from node.runtime.context import Context
from node.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Audience:
    """Who receives an activity: remote inboxes only; local readers are reached by other reactions."""

    followers: bool = False
    """The remote followers of the sending actor."""
    actor_ids: tuple[int, ...] = ()
    """These actors, where they are remote: mentioned, followed, answered."""
    post_ids: tuple[int, ...] = ()
    """Everyone remote who boosted or favourited these posts, so that they learn of an edit or a deletion."""
    inboxes: tuple[str, ...] = ()
    """These addresses, for actors whose row is gone."""
    all_known: bool = False
    """Every shared inbox that the node knows: the deletion of an actor."""
    dialect: Dialect = ""
    """Only those servers that want a group's announcements in this form."""

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
        )


async def order(
    tx: Tx,
    ctx: Context,
    *,
    actor_id: int,
    activity: Mapping[str, Any],
    audience: Audience,
    post_id: int | None = None,
) -> None:
    """Have *activity* sent to *audience*, signed by the local actor *actor_id*, once this transaction is durable."""
    await tx.execute(
        "INSERT INTO delivery_orders (id, actor_id, activity_id, body, audience, post_id, state, created_ms, subject) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'new', $7, $8)",
        ctx.ids.next(),
        actor_id,
        str(activity["id"]),
        orjson.dumps(activity),
        audience.as_json(),
        post_id,
        ctx.clock.now_ms(),
        subject_of(activity),
    )
    tx.after_commit(lambda: ctx.live.ring("orders"))
