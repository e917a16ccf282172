"""What a reader asked not to be shown: muted accounts, blocked servers, what stands in exclusive lists.

Not the door (`visibility`): she may read it, and does where she looks for it. Lists add these conditions to their one
statement, and only for who has any such rows (node.actors.tastes): for all others the statement is as it was.
"""

from collections.abc import Sequence
from typing import Final

from node.actors import tastes
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline.pages import Places
from node.timeline.visibility import WITH_AUTHORS

EVERYWHERE: Final = int(Taste.MUTES | Taste.HOSTS)
AT_HOME: Final = int(Taste.MUTES | Taste.HOSTS | Taste.EXCLUSIVE)


def unwanted_sql(viewer: str, now: str, taste: Taste) -> str:
    """Whether the row `p` (with `visibility.WITH_AUTHORS`) is what *viewer* does not want, by one of her tastes.

    A muted account's posts, boosts, what others boost of it, and answers to it but one's own. Each is one look-up in an index.
    """
    match taste:
        case Taste.MUTES:
            return (
                f"EXISTS (SELECT 1 FROM mutes mu WHERE mu.actor_id = {viewer} "
                "AND mu.target_id IN (p.author_id, o.author_id, p.reply_to_author_id) "
                f"AND p.author_id <> {viewer} "
                f"AND (mu.expires_ms IS NULL OR mu.expires_ms > {now}))"
            )
        case Taste.HOSTS:
            return (
                f"EXISTS (SELECT 1 FROM host_blocks hb WHERE hb.actor_id = {viewer} "
                "AND hb.host IN (a.handle_host, oa.handle_host))"
            )
        case _:
            return (
                f"EXISTS (SELECT 1 FROM list_members lm JOIN lists li ON li.id = lm.list_id "
                f"WHERE lm.actor_id = {viewer} AND lm.target_id = p.author_id AND lm.target_id <> {viewer} AND li.exclusive)"
            )


def kept_sql(viewer: str, bits: int, places: Places, now_ms: int, *, among: int = EVERYWHERE) -> str:
    """` AND NOT …` for each taste of *bits* that counts here (*among*); empty for who has none. *now_ms* joins *places*."""
    bits &= among
    if not bits:
        return ""
    now = places.put(now_ms) if bits & Taste.MUTES else ""
    return "".join(f" AND NOT {unwanted_sql(viewer, now, taste)}" for taste in Taste if bits & taste)


def kept_by_each_sql(viewer: str, row: str, now: str) -> str:
    """The same for many readers of one post at once: *row* is the actor's row of each."""
    return "".join(
        f" AND ({row}.tastes & {int(taste)} = 0 OR NOT {unwanted_sql(viewer, now, taste)})"
        for taste in Taste
        if taste & AT_HOME
    )


async def without(ctx: Context, reader: Reader, *, viewer_id: int | None, post_ids: Sequence[int]) -> list[int]:
    """Those of *post_ids* that the viewer wants, in their order; one query for who has mutes or blocks, else none."""
    bits = await tastes.of(ctx, viewer_id) & EVERYWHERE
    if not bits or not post_ids:
        return list(post_ids)
    places = Places(list(post_ids), viewer_id)
    kept = kept_sql("$2", bits, places, ctx.clock.now_ms())
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.id = ANY($1::bigint[]) AND (p.author_id = $2 OR (TRUE{kept}))",
        *places.values,
    )
    wanted = {row[0] for row in rows}
    return [post_id for post_id in post_ids if post_id in wanted]
