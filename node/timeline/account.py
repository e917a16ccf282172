"""An actor's posts, as its page shows them to this or that reader."""

from dataclasses import dataclass

from node.runtime.database import Reader
from node.timeline import shown
from node.timeline.hashtags import by_name
from node.timeline.pages import Page, Places
from node.timeline.shown import POST_ID, Line
from node.timeline.visibility import WITH_AUTHORS, listed_sql


@dataclass(frozen=True, slots=True)
class Filters:
    """What of an actor's posts is asked for."""

    only_media: bool = False
    exclude_replies: bool = False
    """Replies to others; an author's answers to itself are one text in parts."""
    exclude_boosts: bool = False
    tagged: str | None = None


ALL = Filters()


def _page_sql(
    dialect: str, page: Page, places: Places, viewer_id: int | None, filters: Filters, tag_id: int | None = None
) -> str:
    """One range of posts_author (author_id, id); *places* begins with the author.

    SQLite: SEARCH p USING INDEX posts_author (author_id=? AND id<?), what is boosted by primary key.
    """
    viewer = None if viewer_id is None else places.put(viewer_id)
    where = f"p.author_id = $1{page.bounds('p.id', places)}"
    if filters.only_media:
        where += " AND EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id)"
    if filters.exclude_replies:
        where += " AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id)"
    if filters.exclude_boosts:
        where += " AND p.boost_of_id IS NULL"
    if tag_id is not None:
        where += (
            f" AND EXISTS (SELECT 1 FROM post_tags pt WHERE pt.tag_id = {places.put(tag_id)} AND pt.post_id = p.id)"
        )
    listed = (
        f"SELECT {shown.columns(dialect, viewer)} FROM posts p {WITH_AUTHORS} WHERE {where} AND {listed_sql(viewer)} "
        f"ORDER BY p.id {page.order} LIMIT {page.count}"
    )
    return shown.page_sql(dialect, viewer, listed)


async def rows(
    reader: Reader, viewer_id: int | None, page: Page, *, actor_id: int, filters: Filters = ALL
) -> list[Line]:
    """The actor's posts and boosts that the viewer may read, as `shown.columns`. One query, two with a hashtag.

    Pins: `pins.of_actor`.
    """
    tag_id = None
    if filters.tagged is not None:
        found = await by_name(reader, filters.tagged)
        if found is None:
            return []
        tag_id = found.id
    places = Places(actor_id)
    sql = _page_sql(reader.dialect, page, places, viewer_id, filters, tag_id)
    return page.arranged(page.sorted(await shown.read(reader, sql, *places.values), shown.place))


async def page(
    reader: Reader, viewer_id: int | None, page: Page, *, actor_id: int, filters: Filters = ALL
) -> list[int]:
    """The ids of the same."""
    return [row[POST_ID] for row in await rows(reader, viewer_id, page, actor_id=actor_id, filters=filters)]


async def outbox(reader: Reader, page: Page, *, actor_id: int) -> list[int]:
    """What other servers read of the actor: its public and unlisted posts and boosts."""
    places = Places(actor_id)
    sql = _page_sql(reader.dialect, page, places, None, ALL)
    found = page.sorted(await shown.read(reader, sql, *places.values), shown.place)
    return page.arranged(row[POST_ID] for row in found)
