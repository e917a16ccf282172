"""What a page of posts is made of, whatever the list: rows of versions, and what the reader did with them.

A list either selects `COLUMNS` itself, or gives ids to `rows`. A row says no text: it says which version of the text,
of the counters and of the author belongs there, and what was rendered of that version is in memory.

The rendered bytes (`posts.fragment`) are made by node.api, which alone knows their format; they are kept here
because the table is this package's. A fragment holds nothing that a counter, a reply that found its parent or a
profile changes: those travel in the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
"""Where a row made of `COLUMNS` has the version of a post, of its author, of what it boosts, and of that one's author."""
WIDTH: Final = 32
"""How many columns those are; a list may have others after them."""
AUTHOR_ID, BOOSTED_ID, BOOSTED_AUTHOR_ID = AUTHOR.start, BOOSTED.start, BOOSTED_AUTHOR.start


@dataclass(frozen=True, slots=True)
class Flags:
    """What the reader did with one post."""

    favourited: bool = False
    boosted: bool = False
    bookmarked: bool = False
    pinned: bool = False


NO_FLAGS = Flags()

_POST = (
    "id", "edited_ms", "reply_to_id", "reply_to_author_id", "replies_count", "boosts_count", "favourites_count", "extras",
)  # fmt: skip
_AUTHOR = ("id", "updated_ms", "followers_count", "following_count", "posts_count", "last_post_ms", "state", "limited")

COLUMNS: Final = ", ".join(
    f"{letter}.{name}"
    for letter, names in (("p", _POST), ("a", _AUTHOR), ("o", _POST), ("oa", _AUTHOR))
    for name in names
)
"""What a list made with `visibility.WITH_AUTHORS` selects so that its page needs no second query for its rows."""

_ROWS = f"SELECT {COLUMNS} FROM posts p {WITH_AUTHORS} WHERE p.id = ANY($1::bigint[])"

# Four look-ups by unique index, side by side; on PostgreSQL joins and EXISTS cost ten times as much here.
_FLAGS = (
    "SELECT post_id, 1 FROM favourites WHERE actor_id = $1 AND post_id = ANY($2::bigint[]) "
    "UNION ALL SELECT boost_of_id, 2 FROM posts WHERE author_id = $1 AND boost_of_id = ANY($2::bigint[]) "
    "UNION ALL SELECT post_id, 3 FROM bookmarks WHERE actor_id = $1 AND post_id = ANY($2::bigint[]) "
    "UNION ALL SELECT post_id, 4 FROM pins WHERE actor_id = $1 AND post_id = ANY($2::bigint[])"
)


def version(post: Post) -> PostVersion:
    """The version of a post that was just written."""
    return tuple(getattr(post, name) for name in _POST)


async def rows(reader: Reader, post_ids: Sequence[int]) -> list[Row]:
    """The posts of those ids that exist, in that order, made of `COLUMNS`."""
    if not post_ids:
        return []
    found = {row[POST_ID]: row for row in await reader.fetch(_ROWS, list(post_ids))}
    return [found[post_id] for post_id in post_ids if post_id in found]


async def versions(reader: Reader, actor_ids: Sequence[int]) -> dict[int, AuthorVersion]:
    """The present versions of actors, where there is no post to read them from: who did what in a notification."""
    if not actor_ids:
        return {}
    names = ", ".join(f"a.{name}" for name in _AUTHOR)
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
