"""Hashtags by their beginning, and how much they were used lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime.database import Reader
from node.runtime.ids import first_at
from node.runtime.text.folding import fold_hashtag
from node.timeline.hashtags import Tag
from node.timeline.visibility import WITH_AUTHORS, listed_sql

DAYS: Final = 7
COUNTED: Final = 2_000
"""Uses that are looked at, of all tags of one question together: numbers beyond say "at least"."""

_DAY_MS: Final = 86_400_000
_HIGHEST: Final = "\U0010ffff"
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Day:
    """What one day (UTC) saw of a hashtag in public posts."""

    begins_ms: int
    uses: int
    accounts: int


async def find(reader: Reader, text: str, *, limit: int = 20, offset: int = 0) -> list[Tag]:
    """Hashtags that begin as *text* does, without accents and case, by name: what was typed itself comes first."""
    folded = fold_hashtag(text)
    if not folded:
        return []
    rows = await reader.fetch(
        "SELECT id, name, display FROM tags WHERE name >= $1 AND name < $2 ORDER BY name "
        f"LIMIT {max(1, min(limit + offset, _MOST))}",
        folded, folded + _HIGHEST,
    )  # fmt: skip
    return [Tag(*row) for row in rows][offset:]


async def history(reader: Reader, tag_ids: Sequence[int], *, now_ms: int) -> dict[int, list[Day]]:
    """The last seven days of each tag, today first: public posts that anyone may read. One query.

    Plan: post_tags by its primary key (tag_id, post_id), a bounded range a tag; each post and author by number.
    """
    today = now_ms // _DAY_MS
    empty = {tag_id: [Day((today - ago) * _DAY_MS, 0, 0) for ago in range(DAYS)] for tag_id in tag_ids}
    known = [tag_id for tag_id in empty if tag_id]
    if not known:
        return empty
    first, most = first_at((today - DAYS + 1) * _DAY_MS), max(50, COUNTED // len(known))
    rows = await reader.fetch(
        " UNION ALL ".join(
            f"SELECT * FROM (SELECT {int(tag_id)} AS tag_id, (p.id >> 16) / {_DAY_MS} AS day, COUNT(*) AS uses, "
            f"COUNT(DISTINCT p.author_id) AS accounts FROM (SELECT post_id FROM post_tags WHERE tag_id = {int(tag_id)} "
            f"AND post_id >= {first} ORDER BY post_id DESC LIMIT {most}) AS s{n} "
            f"JOIN posts p ON p.id = s{n}.post_id {WITH_AUTHORS} "
            f"WHERE p.visibility = 'public' AND NOT a.limited AND {listed_sql(None)} GROUP BY 2) AS t{n}"
            for n, tag_id in enumerate(known)
        )
    )
    for tag_id, day, uses, accounts in rows:
        if 0 <= today - day < DAYS:
            empty[tag_id][today - day] = Day(day * _DAY_MS, uses, accounts)
    return empty
