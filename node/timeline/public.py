"""The public timelines: what anyone writes for everyone, of one domain, of the whole node, or of all that is known.

No boosts, no replies to others, nobody whom a moderator limited.
"""

from node.runtime.database import Reader
from node.timeline import shown
from node.timeline.pages import Page, Places
from node.timeline.shown import POST_ID, Line
from node.timeline.unwanted import kept_sql
from node.timeline.visibility import WITH_AUTHORS, listed_sql


async def rows(
    reader: Reader,
    viewer_id: int | None,
    page: Page,
    *,
    domain_id: int | None = None,
    local: bool = False,
    remote: bool = False,
    only_media: bool = False,
    bits: int = 0,
    now_ms: int = 0,
) -> list[Line]:
    """The public timeline as `shown.columns`: of one domain (*domain_id*), of the node (*local*), of elsewhere (*remote*), of all.

    *bits*: what the viewer has of `tastes`, which counts at *now_ms*.

    One query, one range of a partial index: posts_public (id), posts_public_local (id) or posts_public_domain
    (domain_id, id). SQLite: SEARCH p USING INDEX posts_public (id<?), the authors by primary key.
    """
    places = Places()
    viewer = None if viewer_id is None else places.put(viewer_id)
    where = "p.visibility = 'public' AND p.boost_of_id IS NULL AND NOT p.hidden"
    if domain_id is not None:
        where += f" AND p.local AND p.domain_id = {places.put(domain_id)}"
    elif local:
        where += " AND p.local"
    if remote:
        where += " AND NOT p.local"
    if only_media:
        where += " AND EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id)"
    bounds = page.bounds("p.id", places)
    if viewer is not None and bits:
        where += kept_sql(viewer, bits, places, now_ms)
    listed = (
        f"SELECT {shown.columns(reader.dialect, viewer)} FROM posts p {WITH_AUTHORS} WHERE {where}{bounds} "
        "AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id) AND NOT a.limited "
        f"AND {listed_sql(viewer)} ORDER BY p.id {page.order} LIMIT {page.count}"
    )
    found = await shown.read(reader, shown.page_sql(reader.dialect, viewer, listed), *places.values)
    return page.arranged(page.sorted(found, shown.place))


async def page(reader: Reader, page: Page, *, domain_id: int | None = None, local: bool = False) -> list[int]:
    """The ids of the same, as a stranger reads it."""
    return [row[POST_ID] for row in await rows(reader, None, page, domain_id=domain_id, local=local)]
