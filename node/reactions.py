"""ONE table: what happened -> who reacts. Each reaction runs in the transaction that stated the fact.

A newcomer reads it top to bottom: a fact of `node.actors.facts` or `node.timeline.facts`, then everything that
follows from it: feeds, notifications, deliveries, rendered fragments, streams. Nothing else listens anywhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from node.runtime.context import Context
from node.runtime.database import Tx

Reaction = Callable[[Tx, Context, Any], Awaitable[None]]

REACTIONS: Mapping[type, tuple[Reaction, ...]] = {}


async def react(tx: Tx, ctx: Context, fact: object) -> None:
    """Let everyone react to *fact*, in the table's order."""
    for reaction in REACTIONS[type(fact)]:
        await reaction(tx, ctx, fact)
