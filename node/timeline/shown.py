"""What a page of posts is made of, whatever the list: one query for its rows, one for what the reader did with them.

The rendered bytes (`posts.fragment`) are made by node.api, which alone knows their format; they are kept here
because the table is this package's. A fragment holds nothing that a counter, a reply that found its parent or a
profile changes: those travel in the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from node.runtime.database import Reader, Tx

AuthorVersion = tuple[int | str | None, ...]
"""An author as one rendering of its account knows it (its profile's time, its counters): the same tuple, the same bytes."""


class ShownPost(NamedTuple):
    """One post of a page, without its text."""

    id: int
    edited_ms: int | None
    boost_of_id: int | None
    reply_to_id: int | None
    reply_to_author_id: int | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    uri: str
    url: str
    visibility: str
    published_ms: int
    author_id: int
    author: AuthorVersion


@dataclass(frozen=True, slots=True)
class Flags:
    """What the reader did with one post."""

    favourited: bool = False
    boosted: bool = False
    bookmarked: bool = False
    pinned: bool = False


NO_FLAGS = Flags()

_POST = (
    "id", "edited_ms", "boost_of_id", "reply_to_id", "reply_to_author_id", "replies_count", "boosts_count",
    "favourites_count", "uri", "url", "visibility", "published_ms", "author_id",
)  # fmt: skip
_AUTHOR = ("updated_ms", "followers_count", "following_count", "posts_count", "last_post_ms", "state", "limited")
_WIDTH = len(_POST)
_COLUMNS = ", ".join([*(f"p.{name}" for name in _POST), *(f"a.{name}" for name in _AUTHOR)])

# Each branch is a range of a primary key; an OR of the two would scan on PostgreSQL.
_ROWS = (
    f"SELECT {_COLUMNS} FROM posts p JOIN actors a ON a.id = p.author_id WHERE p.id = ANY($1::bigint[]) "
    f"UNION ALL SELECT {_COLUMNS} FROM posts b JOIN posts p ON p.id = b.boost_of_id "
    "JOIN actors a ON a.id = p.author_id WHERE b.id = ANY($1::bigint[]) AND b.boost_of_id IS NOT NULL"
)

# Four look-ups by unique index, side by side; on PostgreSQL joins and EXISTS cost ten times as much here.
_FLAGS = (
    "SELECT post_id, 1 FROM favourites WHERE actor_id = $1 AND post_id = ANY($2::bigint[]) "
    "UNION ALL SELECT boost_of_id, 2 FROM posts WHERE author_id = $1 AND boost_of_id = ANY($2::bigint[]) "
    "UNION ALL SELECT post_id, 3 FROM bookmarks WHERE actor_id = $1 AND post_id = ANY($2::bigint[]) "
    "UNION ALL SELECT post_id, 4 FROM pins WHERE actor_id = $1 AND post_id = ANY($2::bigint[])"
)


async def rows(reader: Reader, post_ids: Sequence[int]) -> dict[int, ShownPost]:
    """The posts of those ids that exist, and those that they boost."""
    if not post_ids:
        return {}
    found: dict[int, ShownPost] = {}
    for row in await reader.fetch(_ROWS, list(post_ids)):
        values = tuple(row)
        # From `author_id` on: the same column begins the version.
        found[values[0]] = ShownPost._make((*values[:_WIDTH], values[_WIDTH - 1 :]))
    return found


async def versions(reader: Reader, actor_ids: Sequence[int]) -> dict[int, AuthorVersion]:
    """The present versions of actors, where there is no post to read them from: who did what in a notification."""
    if not actor_ids:
        return {}
    names = ", ".join(f"a.{name}" for name in ("id", *_AUTHOR))
    rows_ = await reader.fetch(f"SELECT {names} FROM actors a WHERE a.id = ANY($1::bigint[])", list(actor_ids))
    return {row[0]: tuple(row) for row in rows_}


async def flags(reader: Reader, *, viewer_id: int, post_ids: Sequence[int]) -> dict[int, Flags]:
    """What *viewer_id* did with those *post_ids* (boosted posts by their own id); untouched ones are left out."""
    if not post_ids:
        return {}
    seen: dict[int, set[int]] = {}
    for post_id, flag in await reader.fetch(_FLAGS, viewer_id, list(post_ids)):
        seen.setdefault(post_id, set()).add(flag)
    return {post_id: Flags(1 in found, 2 in found, 3 in found, 4 in found) for post_id, found in seen.items()}


async def fragments(reader: Reader, post_ids: Sequence[int]) -> Mapping[int, bytes]:
    """The rendered bytes of those posts that have them."""
    if not post_ids:
        return {}
    found = await reader.fetch("SELECT id, fragment FROM posts WHERE id = ANY($1::bigint[])", list(post_ids))
    return {row[0]: bytes(row[1]) for row in found if row[1] is not None}


async def keep_fragment(tx: Tx, post_id: int, fragment: bytes) -> None:
    """Keep the rendered bytes of a post."""
    await tx.execute("UPDATE posts SET fragment = $2 WHERE id = $1", post_id, fragment)
