"""The public timelines: what anyone writes for everyone, of one domain, of the whole node, or of all that is known.

No boosts, no replies to others, nobody whom a moderator limited.
"""

from node.runtime.database import Reader
from node.timeline.pages import Page
from node.timeline.visibility import WITH_AUTHORS, listed_sql


def page_sql(
    page: Page, viewer: str | None, *, domain: str | None = None, local: bool = False, remote: bool = False,
    only_media: bool = False,
) -> str:  # fmt: skip
    """One range of a partial index: posts_public (id), posts_public_local (id) or posts_public_domain (domain_id, id).

    SQLite: SEARCH p USING INDEX posts_public (id>? AND id<?) and its sisters, the authors by primary key.
    """
    where = "p.visibility = 'public' AND p.boost_of_id IS NULL AND NOT p.hidden"
    if domain is not None:
        where += f" AND p.local AND p.domain_id = {domain}"
    elif local:
        where += " AND p.local"
    if remote:
        where += " AND NOT p.local"
    if only_media:
        where += " AND EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id)"
    return (
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE {where} AND p.id < $1 AND p.id > $2 "
        "AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id) AND NOT a.limited "
        f"AND {listed_sql(viewer)} ORDER BY p.id {page.order} LIMIT {page.count}"
    )


async def page(
    reader: Reader,
    viewer_id: int | None,
    page: Page,
    *,
    domain_id: int | None = None,
    local: bool = False,
    remote: bool = False,
    only_media: bool = False,
) -> list[int]:
    """The public timeline: of one domain (*domain_id*), of the node (*local*), of elsewhere (*remote*), of all. One query."""
    args: list[int] = [page.below, page.above]

    def place(value: int | None) -> str | None:
        if value is None:
            return None
        args.append(value)
        return f"${len(args)}"

    domain, viewer = place(domain_id), place(viewer_id)
    sql = page_sql(page, viewer, domain=domain, local=local, remote=remote, only_media=only_media)
    return page.arranged(row[0] for row in await reader.fetch(sql, *args))
