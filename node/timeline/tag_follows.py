"""Hashtags that an account follows: public posts with them stand in its home feed (node.timeline.home)."""

from collections.abc import Sequence
from typing import Final

from node.actors import tastes
from node.actors.actor import Actor
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import hashtags
from node.timeline.hashtags import Tag
from node.timeline.pages import Page, Places

MAX_FOLLOWED: Final = 500
_HELD = "SELECT 1 FROM tag_follows t WHERE t.actor_id = $1"


async def follow(tx: Tx, ctx: Context, *, actor: Actor, name: str) -> Tag:
    """*actor* follows the hashtag called *name*, which is made if nobody used it yet. Again: nothing more happens.

    Raises:
        Invalid: it is no hashtag, or one too many.
    """
    tag = await hashtags.named(tx, ctx, name)
    await tastes.alone(tx, actor.id)
    if await tx.value("SELECT COUNT(*) FROM tag_follows WHERE actor_id = $1", actor.id) >= MAX_FOLLOWED:
        raise Invalid(sentence("You follow as many hashtags as one can."))
    await tx.execute(
        "INSERT INTO tag_follows (id, actor_id, tag_id, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (actor_id, tag_id) DO NOTHING",
        ctx.ids.next(), actor.id, tag.id, ctx.clock.now_ms(),
    )  # fmt: skip
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.TAGS, held=_HELD)
    return tag


async def unfollow(tx: Tx, ctx: Context, *, actor: Actor, tag: Tag) -> None:
    """*actor* follows it no longer: what stood at home only for its sake is there no longer either."""
    await tastes.alone(tx, actor.id)
    await tx.execute("DELETE FROM tag_follows WHERE actor_id = $1 AND tag_id = $2", actor.id, tag.id)
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.TAGS, held=_HELD)


async def among(reader: Reader, *, actor_id: int, tag_ids: Sequence[int]) -> set[int]:
    """Those of the hashtags that the account follows."""
    rows = await reader.fetch(
        "SELECT tag_id FROM tag_follows WHERE actor_id = $1 AND tag_id = ANY($2::bigint[])", actor_id, list(tag_ids)
    )
    return {row[0] for row in rows}


async def page(reader: Reader, actor_id: int, page: Page) -> list[tuple[int, Tag]]:
    """(Id of the follow, hashtag), the last followed first. One range of tag_follows_page."""
    places = Places(actor_id)
    rows = await reader.fetch(
        "SELECT f.id, t.id, t.name, t.display FROM tag_follows f JOIN tags t ON t.id = f.tag_id "
        f"WHERE f.actor_id = $1{page.bounds('f.id', places)} ORDER BY f.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged((row[0], Tag(*tuple(row)[1:])) for row in rows)
