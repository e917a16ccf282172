"""When an author is gone for good, so is everything that it wrote, boosted, liked or chose for itself: a job erases it, some at a time."""

from collections.abc import Mapping
from typing import Any, Final

from node.actors import actors
from node.actors.facts import ActorDeleted
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import enqueue
from node.timeline import emoji_reactions, favourites
from node.timeline.deletion import delete_some_of

ERASE_JOB: Final = "posts.erase"

_PERSONAL: Final = (
    "mutes", "account_notes", "host_blocks", "thread_mutes", "filters", "lists", "tag_follows", "featured_tags",
    "endorsements", "declined_suggestions",
)  # fmt: skip
"""What an account of ours chose for itself; what hangs on these rows goes with them."""


async def on_deleted(tx: Tx, ctx: Context, fact: ActorDeleted) -> None:
    """Hidden at once by the one door; erased soon. What was to be published later never will be."""
    await tx.execute("DELETE FROM scheduled_posts WHERE actor_id = $1", fact.actor_id)
    await enqueue(tx, ctx, ERASE_JOB, {"actor_id": fact.actor_id}, unique=f"{ERASE_JOB}:{fact.actor_id}")


async def erase(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job: one bite, and another job while something is left."""
    author = await actors.by_id(ctx.db.reader, int(args["actor_id"]))
    if author is None or not author.deleted:
        return

    async def bite(tx: Tx) -> None:
        await emoji_reactions.erase_of(tx, actor_id=author.id)
        if author.local:
            for table in _PERSONAL:
                await tx.execute(f"DELETE FROM {table} WHERE actor_id = $1", author.id)
        await tx.execute("DELETE FROM account_notes WHERE target_id = $1", author.id)
        if await delete_some_of(tx, ctx, author=author) + await favourites.erase_some_of(tx, actor_id=author.id):
            await enqueue(tx, ctx, ERASE_JOB, args, unique=f"{ERASE_JOB}:{author.id}")

    await ctx.db.write(bite)
