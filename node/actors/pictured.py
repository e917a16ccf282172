"""Custom emojis in profiles of ours: held by the actor's row, taken out of it when one is removed."""

from dataclasses import replace

from node.actors.actor import NAMES, Actor, Emoji, listed, read
from node.media import emojis
from node.runtime.context import Context
from node.runtime.database import Tx


async def with_emojis(tx: Tx, ctx: Context, actor: Actor) -> Actor:
    """*actor* of ours, with the emojis that its name, its biography and its fields mean."""
    said = (actor.name, actor.summary_source, *(text for field in actor.fields for text in (field.name, field.source)))
    used = await emojis.used(tx, ctx, said)
    found = tuple(Emoji(each.shortcode, each.image_key, each.static_key, each.id, each.updated_ms) for each in used)
    return actor if found == actor.emojis else replace(actor, emojis=found)


async def forget(tx: Tx, ctx: Context, *, emoji_id: int) -> None:
    """Take an emoji that was removed out of the profiles of this node; nobody elsewhere is told."""
    rows = await tx.fetch(
        f"SELECT {', '.join(NAMES)} FROM actors WHERE domain_id IS NOT NULL AND emojis <> '[]' ORDER BY id"
    )
    for actor in (read(row) for row in rows):
        left = [each for each in actor.emojis if each.id != emoji_id]
        if len(left) < len(actor.emojis):
            await tx.execute(
                "UPDATE actors SET emojis = $2, updated_ms = $3 WHERE id = $1", actor.id, listed(left),
                max(ctx.clock.now_ms(), actor.updated_ms + 1),
            )  # fmt: skip
