"""Search by name and by address: actors, hashtags, one post by its URL. Texts of posts are not searched."""

from node.runtime.database import Reader
from node.runtime.text.folding import fold_hashtag
from node.timeline import records, visibility
from node.timeline.hashtags import Tag
from node.timeline.records import Post
from node.timeline.visibility import blocked_sql

_HIGHEST = "\U0010ffff"


async def post_by_url(reader: Reader, viewer_id: int | None, url: str) -> Post | None:
    """The known post whose id is *url*, or whose page it is if it is ours, if the viewer may read it."""
    post = await records.by_uri(reader, url) or await _by_page(reader, url)
    if post is None or not await visibility.may_read(reader, viewer_id=viewer_id, post=post):
        return None
    return post


async def actors(
    reader: Reader, viewer_id: int | None, text: str, *, limit: int = 20, following: bool = False
) -> list[int]:
    """Known actors whose handle begins as *text* does (`user` or `user@host`), those the viewer follows first.

    A range of actors_handle (LOWER(username), handle_host), of which at most 500 rows are looked at.
    """
    username, _, host = text.strip().lstrip("@").lower().partition("@")
    if not username:
        return []
    viewer = viewer_id or 0
    rows = await reader.fetch(
        "SELECT c.id FROM (SELECT a.id, a.followers_count FROM actors a WHERE "
        + ("LOWER(a.username) = $2 AND a.handle_host >= $3 AND a.handle_host < $4" if host else
           "LOWER(a.username) >= $2 AND LOWER(a.username) < $3 AND $4 <> ''")
        + f" AND a.state = 'active' AND a.kind <> 'instance' AND NOT {blocked_sql('$1', 'a.id')} LIMIT 500) AS c "
        "LEFT JOIN follows f ON f.follower_id = $1 AND f.followee_id = c.id AND f.state = 'accepted' "
        + ("WHERE f.id IS NOT NULL " if following else "")
        + "ORDER BY CASE WHEN f.id IS NULL THEN 1 ELSE 0 END, c.followers_count DESC, c.id "
        f"LIMIT {max(1, min(int(limit), 80))}",
        viewer, username, *((host, host + _HIGHEST) if host else (username + _HIGHEST, _HIGHEST)),
    )  # fmt: skip
    return [row[0] for row in rows]


async def hashtags(reader: Reader, text: str, *, limit: int = 20) -> list[Tag]:
    """Hashtags that begin as *text* does, without accents and case."""
    folded = fold_hashtag(text)
    if not folded:
        return []
    rows = await reader.fetch(
        f"SELECT id, name, display FROM tags WHERE name >= $1 AND name < $2 ORDER BY name LIMIT {max(1, min(int(limit), 80))}",
        folded, folded + _HIGHEST,
    )  # fmt: skip
    return [Tag(*row) for row in rows]


async def _by_page(reader: Reader, url: str) -> Post | None:
    """A local post by the address of its page, `…/@user/{id}`: the id is at its end."""
    last = url.rstrip("/").rpartition("/")[2]
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        return None
    post = await records.by_id(reader, int(last))
    return post if post is not None and post.local and post.url == url.rstrip("/") else None
