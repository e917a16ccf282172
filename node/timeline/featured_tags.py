"""Hashtags that an account shows on its profile, with how often it used them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import tastes
from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import hashtags
from node.timeline.hashtags import Tag

MAX_FEATURED: Final = 10
MAX_SUGGESTED: Final = 10
_COUNTED: Final = 1_000
"""Of an account's last posts."""


@dataclass(frozen=True, slots=True)
class Featured:
    """A line of the profile."""

    id: int
    tag: Tag
    """As the account wrote it."""
    count: int = 0
    last_ms: int | None = None


async def feature(tx: Tx, ctx: Context, *, actor: Actor, name: str) -> int:
    """*actor* shows the hashtag called *name*; the id of the line, also of one that stood there.

    Raises:
        Invalid: it is no hashtag, or one too many.
    """
    tag = await hashtags.named(tx, ctx, name)
    await tastes.alone(tx, actor.id)
    standing = await tx.value("SELECT id FROM featured_tags WHERE actor_id = $1 AND tag_id = $2", actor.id, tag.id)
    if standing is not None:
        return int(standing)
    if await tx.value("SELECT COUNT(*) FROM featured_tags WHERE actor_id = $1", actor.id) >= MAX_FEATURED:
        raise Invalid(sentence("A profile shows at most %(most)s hashtags.", most=MAX_FEATURED))
    line_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO featured_tags (id, actor_id, tag_id, name, created_ms) VALUES ($1, $2, $3, $4, $5)",
        line_id, actor.id, tag.id, name.strip().lstrip("#＃"), ctx.clock.now_ms(),
    )  # fmt: skip
    return line_id


async def unfeature(tx: Tx, *, actor: Actor, line_id: int | None = None, tag_id: int | None = None) -> None:
    """*actor* shows it no longer: by the id of the line, or of the hashtag (then one that is not shown is no error).

    Raises:
        NotFound: the account has no such line.
    """
    if line_id is None:
        await tx.execute("DELETE FROM featured_tags WHERE actor_id = $1 AND tag_id = $2", actor.id, tag_id)
    elif not await tx.execute("DELETE FROM featured_tags WHERE actor_id = $1 AND id = $2", actor.id, line_id):
        raise NotFound(sentence("The profile does not show this hashtag."))


async def of_actor(reader: Reader, actor_id: int) -> list[Featured]:
    """What the profile shows, the most used first. Two queries; counted are the last thousand posts that anyone may read."""
    rows = await reader.fetch(
        "SELECT f.id, t.id, t.name, f.name FROM featured_tags f JOIN tags t ON t.id = f.tag_id "
        f"WHERE f.actor_id = $1 ORDER BY f.id LIMIT {MAX_FEATURED}",
        actor_id,
    )
    shown = [Featured(row[0], Tag(row[1], row[2], row[3])) for row in rows]
    used = await _used(reader, actor_id, [each.tag.id for each in shown]) if shown else {}
    counted = [Featured(each.id, each.tag, *used.get(each.tag.id, (0, None))) for each in shown]
    return sorted(counted, key=lambda each: -each.count)


async def among(reader: Reader, *, actor_id: int, tag_ids: Sequence[int]) -> set[int]:
    """Those of the hashtags that the profile shows."""
    rows = await reader.fetch(
        "SELECT tag_id FROM featured_tags WHERE actor_id = $1 AND tag_id = ANY($2::bigint[])", actor_id, list(tag_ids)
    )
    return {row[0] for row in rows}


async def suggested(reader: Reader, actor_id: int) -> list[Tag]:
    """What the account used most lately and does not show."""
    rows = await reader.fetch(
        f"SELECT t.id, t.name, t.display FROM ({_posts('$1')}) AS l JOIN post_tags pt ON pt.post_id = l.id "
        "JOIN tags t ON t.id = pt.tag_id WHERE NOT EXISTS (SELECT 1 FROM featured_tags f WHERE f.actor_id = $1 "
        f"AND f.tag_id = t.id) GROUP BY t.id, t.name, t.display ORDER BY COUNT(*) DESC, t.id LIMIT {MAX_SUGGESTED}",
        actor_id,
    )
    return [Tag(*row) for row in rows]


async def _used(reader: Reader, actor_id: int, tag_ids: list[int]) -> dict[int, tuple[int, int]]:
    rows = await reader.fetch(
        f"SELECT pt.tag_id, COUNT(*), MAX(l.published_ms) FROM ({_posts('$1')}) AS l "
        "JOIN post_tags pt ON pt.post_id = l.id WHERE pt.tag_id = ANY($2::bigint[]) GROUP BY pt.tag_id",
        actor_id, tag_ids,
    )  # fmt: skip
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _posts(actor: str) -> str:
    # One range of posts_author (author_id, id).
    return (
        f"SELECT p.id, p.published_ms FROM posts p WHERE p.author_id = {actor} AND p.boost_of_id IS NULL AND NOT p.hidden "
        f"AND NOT p.held AND p.visibility IN ('public', 'unlisted') ORDER BY p.id DESC LIMIT {_COUNTED}"
    )
