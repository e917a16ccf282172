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

import orjson

from node.runtime.database import Reader, Tx
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS

Line = Sequence[Any]
"""A row made of `columns`."""
PostVersion = tuple[Any, ...]
"""A post as one rendering of it knows it: its id, its version, what hangs on it. The same tuple, the same bytes."""
AuthorVersion = tuple[Any, ...]
"""An author likewise: id and version."""

_POST = ("id", "version", "extras")
_AUTHOR = ("id", "version")
POST_ID: Final = 0
EXTRAS: Final = 2
"""What hangs on a post (node.timeline.extras), in its version."""
POST, AUTHOR, BOOSTED, BOOSTED_AUTHOR = slice(0, 3), slice(3, 5), slice(5, 8), slice(8, 10)
"""Where a line has the version of a post, of its author, of what it boosts, and of that one's author."""
AUTHOR_ID, BOOSTED_ID, BOOSTED_AUTHOR_ID = AUTHOR.start, BOOSTED.start, BOOSTED_AUTHOR.start
WIDTH: Final = BOOSTED_AUTHOR.stop
"""How many columns say which versions belong there."""
ACTED: Final = WIDTH
"""Where a row that was read for a reader says what she did with the post (of a boost: with what it boosts), as bits."""
FAVOURITED, BOOSTED_IT, BOOKMARKED, PINNED = 1, 2, 4, 8
MUTED: Final = 16
"""Of its conversation; added to what a row says, for readers who muted any."""

_NAMED = [
    (f"{letter}.{name}", f"{letter}_{name}")
    for letter, names in (("p", _POST), ("a", _AUTHOR), ("o", _POST), ("oa", _AUTHOR))
    for name in names
]
_COLUMNS: Final = ", ".join(f"{column} AS {name}" for column, name in _NAMED)
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
    return f"{_COLUMNS}, ({acted}) AS acted"


def page_sql(dialect: str, viewer: str | None, sql: str) -> str:
    """*sql*, which selects `columns`, as `read` asks it: with what the reader did, in no order (see `Page.sorted`).

    SQLite: one row of JSON. Python lets another thread run at each row, and the thread that writes takes its turn.

    PostgreSQL: four look-ups for the whole page, beside it: asked line by line they cost 0.04 ms more, in a statement
    of their own a round trip (0.1 ms). A sort would cost 0.02 ms.
    """
    names = ", ".join(name for _, name in _NAMED)
    if dialect == "sqlite":
        acted = "" if viewer is None else ", acted"
        return f"SELECT json_group_array(json_array({names}{acted})) FROM ({sql})"
    if viewer is None:
        return sql
    acted = " + ".join(
        f"{bit} * (COALESCE(o_id, p_id) = ANY(ARRAY(SELECT d.{what} FROM {table} d WHERE d.{who} = {viewer} "
        f"AND d.{what} = ANY((SELECT ids FROM acted_on)::bigint[]))))::int"
        for bit, table, who, what in _DONE
    )
    return (
        f"WITH page AS MATERIALIZED ({sql}), "
        "acted_on AS MATERIALIZED (SELECT array_agg(COALESCE(o_id, p_id)) AS ids FROM page) "
        f"SELECT {names}, {acted} FROM page"
    )


place = itemgetter(POST_ID)
"""By what lists are ordered."""


async def read(reader: Reader, sql: str, *args: Any) -> Sequence[Line]:
    """The lines of a statement made by `page_sql`."""
    if reader.dialect != "sqlite":
        rows: Sequence[Any] = await reader.fetch(sql, *args)
        return rows
    lines: list[Line] = orjson.loads(await reader.value(sql, *args))
    return lines


def version(post: Post) -> PostVersion:
    """The version of a post that was just written."""
    return post.id, 0, post.extras


async def rows(reader: Reader, viewer_id: int | None, post_ids: Sequence[int]) -> list[Line]:
    """The posts of those ids that exist, in that order, made of `columns` for that reader."""
    if not post_ids:
        return []
    viewer, args = (None, ()) if viewer_id is None else ("$2", (viewer_id,))
    sql = _rows_sql(reader.dialect, viewer)
    found = {row[POST_ID]: row for row in await read(reader, sql, list(post_ids), *args)}
    return [found[post_id] for post_id in post_ids if post_id in found]


async def done(reader: Reader, viewer_ids: Sequence[int], line: Line) -> dict[int, int]:
    """What each of those readers did with the post of *line* (of a boost: with what it boosts), as bits; one query."""
    acted = " UNION ALL ".join(
        f"SELECT d.{who} AS viewer, {bit} AS bit FROM {table} d WHERE d.{what} = $1 AND d.{who} = ANY($2::bigint[])"
        for bit, table, who, what in _DONE
    )
    post_id = line[POST_ID] if line[BOOSTED_ID] is None else line[BOOSTED_ID]
    found: dict[int, int] = {}
    for viewer, bit in map(tuple, await reader.fetch(acted, post_id, list(viewer_ids))):
        found[viewer] = found.get(viewer, 0) | bit
    return found


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


class Counts(NamedTuple):
    """What counts at a post, and what it answers: what changes more often than its text."""

    reply_to_id: int | None
    reply_to_author_id: int | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    extras: int


def counts(post: Post) -> Counts:
    """Those of a post at hand."""
    return Counts(*(getattr(post, name) for name in Counts._fields))


class Kept(NamedTuple):
    """What the row of a post knows of its rendering; a boost has no bytes, the other fields are enough for it."""

    id: int
    fragment: bytes | None
    boost_of_id: int | None
    uri: str
    url: str
    visibility: str
    published_ms: int
    counts: Counts


_KEPT = Kept._fields[:-1]


async def kept(reader: Reader, post_ids: Sequence[int]) -> list[Kept]:
    """That of each of those posts."""
    if not post_ids:
        return []
    found = await reader.fetch(
        f"SELECT {', '.join((*_KEPT, *Counts._fields))} FROM posts WHERE id = ANY($1::bigint[])", list(post_ids)
    )
    return [Kept._make((*row[: len(_KEPT)], Counts(*row[len(_KEPT) :]))) for row in found]


async def keep_fragments(tx: Tx, fragments: Mapping[int, bytes]) -> None:
    """Keep the rendered bytes of posts."""
    if fragments:
        await tx.executemany("UPDATE posts SET fragment = $2 WHERE id = $1", list(fragments.items()))
