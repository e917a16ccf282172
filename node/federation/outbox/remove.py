"""Remove: one of ours no longer pins a post."""

from node.federation.objects import activities
from node.federation.outbox.add import tell
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline.facts import Unpinned


async def featured(tx: Tx, ctx: Context, fact: Unpinned) -> None:
    """Tell the followers."""
    await tell(tx, ctx, fact, activities.remove)
