"""What a page of posts is made of, whatever the list: rows of versions, and what the reader did with them.

A list either selects `columns` itself, or gives ids to `rows`. A row says no text: it says which version of the text,
of the counters and of the author belongs there, and what was rendered of that version is in memory.

The rendered bytes (`posts.fragment`) are made by node.api, which alone knows their format; they are kept here
because the table is this package's. A fragment holds nothing that a counter, a reply that found its parent or a
profile changes: those travel in the row.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from node.runtime.database import Reader, Row, Tx
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS

PostVersion = tuple[Any, ...]
"""A post as one rendering of it knows it (its last edit, its counters, what it answers): the same tuple, the same bytes."""
AuthorVersion = tuple[Any, ...]
"""An author likewise (its profile's time, its counters)."""

POST_ID: Final = 0
EXTRAS: Final = 7
"""What hangs on a post (node.timeline.extras), in its version."""
POST, AUTHOR, BOOSTED, BOOSTED_AUTHOR = slice(0, 8), slice(8, 16), slice(16, 24), slice(24, 32)
"""Where a row made of `columns` has the version of a post, of its author, of what it boosts, and of that one's author."""
AUTHOR_ID, BOOSTED_ID, BOOSTED_AUTHOR_ID = AUTHOR.start, BOOSTED.start, BOOSTED_AUTHOR.start
ACTED: Final = 32
"""Where a row that was read for a reader says what she did with the post (of a boost: with what it boosts), as bits."""
FAVOURITED, BOOSTED_IT, BOOKMARKED, PINNED = 1, 2, 4, 8

_POST = (
    "id", "edited_ms", "reply_to_id", "reply_to_author_id", "replies_count", "boosts_count", "favourites_count", "extras",
)  # fmt: skip
_AUTHOR = ("id", "updated_ms", "followers_count", "following_count", "posts_count", "last_post_ms", "state", "limited")

_NAMED = [
    (f"{letter}.{name}", f"{letter}_{name}")
    for letter, names in (("p", _POST), ("a", _AUTHOR), ("o", _POST), ("oa", _AUTHOR))
    for name in names
]
_COLUMNS: Final = ", ".join(f"{column} AS {name}" for column, name in _NAMED)
WIDTH: Final = len(_NAMED)
"""How many columns say which versions belong there."""

_DONE = (
    (FAVOURITED, "favourites", "actor_id", "post_id"),
    (BOOSTED_IT, "posts", "author_id", "boost_of_id"),
    (BOOKMARKED, "bookmarks", "actor_id", "post_id"),
    (PINNED, "pins", "actor_id", "post_id"),
)
"""What a reader does: its bit, its table, who did it, with what. A unique index each on the two together."""


def columns(dialect: str, viewer: str | None) -> str:
    """What a list made with `visibility.WITH_AUTHORS` selects so that its page needs no second query.

    *viewer* is where the reader's actor id stands (`$1`), None for a stranger. The statement goes through `page_sql`.
    """
    if viewer is None or dialect == "postgresql":
        return _COLUMNS
    acted = " + ".join(
        f"{bit} * EXISTS (SELECT 1 FROM {table} d WHERE d.{who} = {viewer} AND d.{what} = COALESCE(p.boost_of_id, p.id))"
        for bit, table, who, what in _DONE
    )
    return f"{_COLUMNS}, {acted}"


def page_sql(dialect: str, viewer: str | None, sql: str) -> str:
    """*sql*, which selects `columns`, with what the reader did.

    On PostgreSQL four look-ups for the whole page, beside it: asked line by line they cost 0.04 ms more, in a statement
    of their own a round trip (0.1 ms). The lines keep no order (a sort would cost 0.02 ms): see `Page.sorted`.
    """
    if viewer is None or dialect == "sqlite":
        return sql
    acted = " + ".join(
        f"{bit} * (COALESCE(o_id, p_id) = ANY(ARRAY(SELECT d.{what} FROM {table} d WHERE d.{who} = {viewer} "
        f"AND d.{what} = ANY((SELECT ids FROM acted_on)::bigint[]))))::int"
        for bit, table, who, what in _DONE
    )
    return (
        f"WITH page AS MATERIALIZED ({sql}), "
        "acted_on AS MATERIALIZED (SELECT array_agg(COALESCE(o_id, p_id)) AS ids FROM page) "
        f"SELECT {', '.join(name for _, name in _NAMED)}, {acted} FROM page"
    )


place = itemgetter(POST_ID)
"""By what lists are ordered."""


def version(post: Post) -> PostVersion:
    """The version of a post that was just written."""
    return tuple(getattr(post, name) for name in _POST)


async def rows(reader: Reader, viewer_id: int | None, post_ids: Sequence[int]) -> list[Row]:
    """The posts of those ids that exist, in that order, made of `columns` for that reader."""
    if not post_ids:
        return []
    viewer, args = (None, ()) if viewer_id is None else ("$2", (viewer_id,))
    found = {row[POST_ID]: row for row in await reader.fetch(_rows_sql(reader.dialect, viewer), list(post_ids), *args)}
    return [found[post_id] for post_id in post_ids if post_id in found]


@cache
def _rows_sql(dialect: str, viewer: str | None) -> str:
    listed = f"SELECT {columns(dialect, viewer)} FROM posts p {WITH_AUTHORS} WHERE p.id = ANY($1::bigint[])"
    return page_sql(dialect, viewer, listed)


async def versions(reader: Reader, actor_ids: Sequence[int]) -> dict[int, AuthorVersion]:
    """The present versions of actors, where there is no post to read them from: who did what in a notification."""
    if not actor_ids:
        return {}
    names = ", ".join(f"a.{name}" for name in _AUTHOR)
    rows_ = await reader.fetch(f"SELECT {names} FROM actors a WHERE a.id = ANY($1::bigint[])", list(actor_ids))
    return {row[0]: tuple(row) for row in rows_}


class Kept(NamedTuple):
    """What the row of a post knows of its rendering; a boost has no bytes, the other fields are enough for it."""

    id: int
    fragment: bytes | None
    boost_of_id: int | None
    uri: str
    url: str
    visibility: str
    published_ms: int


async def kept(reader: Reader, post_ids: Sequence[int]) -> list[Kept]:
    """That of each of those posts."""
    if not post_ids:
        return []
    found = await reader.fetch(
        f"SELECT {', '.join(Kept._fields)} FROM posts WHERE id = ANY($1::bigint[])", list(post_ids)
    )
    return [Kept(*row) for row in found]


async def keep_fragments(tx: Tx, fragments: Mapping[int, bytes]) -> None:
    """Keep the rendered bytes of posts."""
    if fragments:
        await tx.executemany("UPDATE posts SET fragment = $2 WHERE id = $1", list(fragments.items()))
