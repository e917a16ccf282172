"""What territories show: their own news and what they announce, by the time at which they did, nothing hidden.

One territory is an account like any other (`timeline.account`). Several are read together without doubles: a post
that two of them announce stands where the first one announced it.
"""

from collections.abc import Sequence
from typing import Final

from node.runtime.database import Reader
from node.timeline.pages import Page, Places
from node.timeline.visibility import WITH_AUTHORS, listed_sql

MAX_TERRITORIES: Final = 40
"""Read together; those followed longest."""


async def page(reader: Reader, viewer_id: int | None, page: Page, *, territory_ids: Sequence[int]) -> list[int]:
    """The posts and announcements of the territories that the viewer may read, newest first. One query.

    A branch each, one range of posts_author (author_id, id) downwards to the limit; doubles by posts_boosted.
    """
    asked = list(dict.fromkeys(territory_ids))[:MAX_TERRITORIES]
    if not asked:
        return []
    places = Places(asked)
    bounds = page.bounds("p.id", places)
    viewer = None if viewer_id is None else places.put(viewer_id)
    branches = " UNION ALL ".join(
        f"SELECT id FROM (SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.author_id = {places.put(territory_id)}{bounds} "
        "AND p.reply_to_uri IS NULL AND p.visibility IN ('public', 'unlisted') AND (p.boost_of_id IS NULL OR NOT ("
        "o.author_id = ANY($1::bigint[]) OR EXISTS (SELECT 1 FROM posts e WHERE e.boost_of_id = p.boost_of_id "
        "AND e.id < p.id AND e.author_id = ANY($1::bigint[])))) "
        f"AND {listed_sql(viewer)} ORDER BY p.id {page.order} LIMIT {page.count}) AS t{n}"
        for n, territory_id in enumerate(asked)
    )
    rows = await reader.fetch(f"{branches} ORDER BY id {page.order} LIMIT {page.count}", *places.values)
    return page.arranged(row[0] for row in rows)


async def shows(reader: Reader, viewer_id: int | None, post_id: int, *, territory_ids: Sequence[int]) -> bool:
    """Whether that post or announcement stands in it, for this viewer."""
    there = Page(max_id=post_id + 1, since_id=post_id - 1, limit=1)
    return await page(reader, viewer_id, there, territory_ids=territory_ids) == [post_id]
