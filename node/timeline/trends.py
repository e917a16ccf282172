"""What is talked about: hashtags and posts, of what this node knows, which is what is written here and followed from here.

Counted from the newest `LOOKED_AT` public posts of a week, by authors who wish to be discovered, at most every
five minutes; the same for everybody, then asked at the door for each reader. Nobody is weighed by who reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.ids import first_at
from node.timeline.hashtags import Tag
from node.timeline.unwanted import without
from node.timeline.visibility import readable_ids

LOOKED_AT: Final = 3_000
_KEPT: Final = 60
_AUTHORS: Final = 2
"""One account alone, however loud, is no trend."""
_KEPT_MS: Final = 300_000
_WEEK_MS: Final = 7 * 86_400_000
_HALF_LIFE_MS: Final = 86_400_000

# Plan: posts_public (id), from its newest end; each author by number.
_NEWEST: Final = (
    "SELECT n.id, n.author_id, n.likes, n.boosts, n.sensitive, n.answers FROM ("
    "SELECT p.id, p.author_id, p.favourites_count AS likes, p.boosts_count AS boosts, p.sensitive, "
    "CASE WHEN p.reply_to_uri IS NULL THEN 0 ELSE 1 END AS answers FROM posts p WHERE p.visibility = 'public' "
    f"AND p.boost_of_id IS NULL AND NOT p.hidden AND NOT p.held AND p.id > $1 ORDER BY p.id DESC LIMIT {LOOKED_AT}) AS n "
    "JOIN actors a ON a.id = +n.author_id WHERE a.state = 'active' AND NOT a.limited AND a.discoverable"
)


@dataclass(frozen=True, slots=True)
class Trends:
    """What was counted at `at_ms`, the most talked of first."""

    at_ms: int
    tags: tuple[Tag, ...]
    post_ids: tuple[int, ...]


async def now(ctx: Context) -> Trends:
    """What is talked about; counted anew when it is five minutes old. Two queries, or none."""
    memory, at_ms = ctx.cache.of("trends", 1), ctx.clock.now_ms()
    known: Trends | None = memory.get("all")
    if known is not None and 0 <= at_ms - known.at_ms < _KEPT_MS:
        return known
    first = first_at(at_ms - _WEEK_MS)
    found = Trends(at_ms, tuple(await _tags(ctx.db.survey, first)), tuple(await _posts(ctx.db.survey, first, at_ms)))
    memory.put("all", found)
    return found


async def posts(ctx: Context, viewer_id: int | None, *, limit: int, offset: int = 0) -> list[int]:
    """The posts that the reader may read and wants. One query more; two for who mutes or blocks servers."""
    readable = await readable_ids(ctx.db.reader, viewer_id=viewer_id, post_ids=(await now(ctx)).post_ids)
    return (await without(ctx, ctx.db.reader, viewer_id=viewer_id, post_ids=readable))[offset : offset + limit]


async def _tags(survey: Reader, first: int) -> Sequence[Tag]:
    rows = await survey.fetch(
        "SELECT t.id, t.name, t.display FROM (SELECT pt.tag_id, COUNT(*) AS uses, COUNT(DISTINCT w.author_id) AS authors "
        f"FROM ({_NEWEST}) AS w JOIN post_tags pt ON pt.post_id = w.id GROUP BY pt.tag_id) AS c "
        f"JOIN tags t ON t.id = c.tag_id WHERE c.authors >= {_AUTHORS} ORDER BY c.authors DESC, c.uses DESC, t.name LIMIT {_KEPT}",
        first,
    )
    return [Tag(*row) for row in rows]


async def _posts(survey: Reader, first: int, at_ms: int) -> Sequence[int]:
    """Neither answers nor sensitive posts; a boost counts twice a favourite, and a day halves both."""
    rows = await survey.fetch(
        f"SELECT w.id, w.likes + 2 * w.boosts AS score FROM ({_NEWEST}) AS w "
        f"WHERE w.likes + 2 * w.boosts >= 2 AND w.answers = 0 AND NOT w.sensitive ORDER BY 2 DESC, w.id DESC LIMIT 500",
        first,
    )
    worth = {row[0]: row[1] * 0.5 ** ((at_ms - (row[0] >> 16)) / _HALF_LIFE_MS) for row in rows}
    return sorted(worth, key=lambda post_id: (-worth[post_id], -post_id))[:_KEPT]
