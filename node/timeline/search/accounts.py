"""Accounts by their handle, and by the words of their names (`names`)."""

from typing import Final

from node.runtime.database import Reader
from node.runtime.text.words import MAX_CHARS, words
from node.timeline.visibility import blocked_sql

_HIGHEST: Final = "\U0010ffff"
_CANDIDATES: Final = 500


async def find(
    reader: Reader, viewer_id: int | None, text: str, *, limit: int = 20, offset: int = 0, following: bool = False
) -> list[int]:
    """Known accounts that *text* names: by the beginning of the handle, then by the beginnings of words of the name.

    Three queries. A new account is found by its handle at once, by its words a second later.
    """
    most = min(limit + offset, _CANDIDATES)
    found = await by_handle(reader, viewer_id, text, limit=most, following=following)
    if "@" not in text.strip().lstrip("@"):
        found += await by_words(reader, viewer_id, text, limit=most, following=following)
    return list(dict.fromkeys(found))[offset : offset + limit]


async def by_words(
    reader: Reader, viewer_id: int | None, text: str, *, limit: int, following: bool = False
) -> list[int]:
    """Accounts of which each word of *text* begins a word, those the reader follows first, then the most followed.

    Two queries: the longest word chooses at most 500, by a range of the primary key (word, actor_id); of a shorter
    beginning the first 500 stand for all.
    """
    asked = sorted(dict.fromkeys(word for word in words(text)[:8] if len(word) <= MAX_CHARS), key=len, reverse=True)
    if not asked:
        return []
    bounds: list[str] = []
    for word in asked:
        bounds += [word, word + _HIGHEST]
    others = "".join(
        f" AND EXISTS (SELECT 1 FROM search_actors x WHERE x.actor_id = s.actor_id AND x.word >= ${n} AND x.word < ${n + 1})"
        for n in range(3, 2 * len(asked) + 1, 2)
    )
    rows = await reader.fetch(
        f"SELECT s.actor_id FROM search_actors s WHERE s.word >= $1 AND s.word < $2{others} ORDER BY s.word LIMIT {_CANDIDATES}",
        *bounds,
    )
    if not rows:
        return []
    rows = await reader.fetch(
        "SELECT a.id FROM actors a LEFT JOIN follows f ON f.follower_id = $1 AND f.followee_id = a.id AND f.state = 'accepted' "
        "WHERE a.id = ANY($2::bigint[]) AND a.state = 'active' AND a.kind <> 'instance' "
        f"AND NOT {blocked_sql('$1', 'a.id')} {'AND f.id IS NOT NULL ' if following else ''}"
        "ORDER BY CASE WHEN f.id IS NULL THEN 1 ELSE 0 END, a.followers_count DESC, a.id "
        f"LIMIT {max(1, min(limit, _CANDIDATES))}",
        viewer_id or 0, list({row[0] for row in rows}),
    )  # fmt: skip
    return [row[0] for row in rows]


async def by_handle(
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
        f"LIMIT {max(1, min(int(limit), _CANDIDATES))}",
        viewer, username, *((host, host + _HIGHEST) if host else (username + _HIGHEST, _HIGHEST)),
    )  # fmt: skip
    return [row[0] for row in rows]
