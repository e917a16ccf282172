"""What a handler gets and gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from node.actors.actor import Actor
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Received:
    """An activity whose actor is proved, and met."""

    sender: Actor
    activity: Activity
    recipient_id: int | None
    """Whose inbox it came to; None for the shared one."""
    body: bytes = b""
    """As it came, for whoever passes it on."""

    @property
    def object_id(self) -> str | None:
        """The id of what it is about."""
        return self.activity.object.id if self.activity.object is not None else None


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing to do: it concerns no actor, follow or post of this node. *why* is kept with the row."""

    why: str


Step = Callable[[Tx], Awaitable[Any]]

Handler = Callable[[Context, Received], Awaitable[Step | Dropped]]
"""Fetches what it needs, then gives the one step to run in the transaction that also marks the row done."""
