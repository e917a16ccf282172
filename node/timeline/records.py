"""The post as the database holds it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

import orjson

from node.actors.actor import Emoji
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence


@dataclass(frozen=True, slots=True)
class Post:
    """One row of `posts`, without its rendered fragment. A boost has `boost_of_id` and no text of its own."""

    id: int
    uri: str
    """Of the object; of the Announce for a boost."""
    url: str
    """The page that a person opens."""
    type: str
    """The ActivityStreams type of the object: Note, Article, Event…"""
    author_id: int
    person_id: int | None
    """Which agent wrote for an organisation; never shown to strangers."""
    local: bool
    domain_id: int | None
    """The author's domain on this node."""
    visibility: str
    """public, unlisted, followers or direct."""
    boost_of_id: int | None
    reply_to_id: int | None
    """None too while the answered post has not arrived, and once it is gone."""
    reply_to_uri: str | None
    reply_to_author_id: int | None
    thread_id: int
    """The id of the first post of the conversation, as far as it is known."""
    context: str
    """FEP-7888 `context` or Mastodon's `conversation`, as it came."""
    name: str
    """The title of an Article, Event, Page, Video…; readers show it above `content`."""
    content: str
    """Clean HTML."""
    source: str
    """What the author typed; empty for what came from elsewhere."""
    summary: str
    """Plain text: the content warning of a Note, the abstract of anything else."""
    sensitive: bool
    language: str
    """BCP 47, or empty."""
    emojis: str
    """JSON: a list of {"name", "url"}; of a post of ours `url` is a key in the storage, beside "static", "id", "updated_ms"."""
    application: str | None
    """The name of the client it was written with."""
    hidden: bool
    replies_count: int
    boosts_count: int
    favourites_count: int
    published_ms: int
    edited_ms: int | None
    created_ms: int
    extras: int = 0
    """What hangs on it, as bits (node.timeline.extras)."""
    policy: str = ""
    """Who may answer, like, boost and quote it (node.timeline.policies); empty: nothing was said."""
    held: bool = False
    """It waits for somebody's yes, and nobody but its author sees it (node.timeline.held)."""

    @property
    def distributable(self) -> bool:
        """Whether anyone may read it, and so boost it."""
        return self.visibility in ("public", "unlisted")

    @property
    def pictured(self) -> list[Emoji]:
        """Custom emojis."""
        return pictured(self.emojis)


COLUMNS = tuple(field.name for field in fields(Post))
_SELECT = "SELECT " + ", ".join(COLUMNS) + " FROM posts"
_WRITTEN = (*COLUMNS, "fragment")
_INSERT = f"INSERT INTO posts ({', '.join(_WRITTEN)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(_WRITTEN)))})"
_values = attrgetter(*COLUMNS)
_BOOLEANS = tuple(COLUMNS.index(name) for name in ("local", "sensitive", "hidden", "held"))


def pictured(column: str) -> list[Emoji]:
    """The column `posts.emojis`."""
    return [] if column == "[]" else [Emoji(item.pop("name"), **item) for item in orjson.loads(column)]


async def by_id(reader: Reader, post_id: int) -> Post | None:
    """The post of that id. Whether a reader may have it is asked at node.timeline.visibility."""
    return _post(await reader.row(f"{_SELECT} WHERE id = $1", post_id))


async def by_uri(reader: Reader, uri: str) -> Post | None:
    """The post of that ActivityPub id."""
    return _post(await reader.row(f"{_SELECT} WHERE uri = $1", uri))


async def by_ids(reader: Reader, post_ids: Sequence[int]) -> dict[int, Post]:
    """The posts of those ids that exist."""
    if not post_ids:
        return {}
    rows = await reader.fetch(f"{_SELECT} WHERE id = ANY($1::bigint[])", list(post_ids))
    return {row["id"]: read(row) for row in rows}


async def require(reader: Reader, post_id: int) -> Post:
    """The post of that id.

    Raises:
        NotFound: there is none.
    """
    post = await by_id(reader, post_id)
    if post is None:
        raise NotFound(sentence("This post does not exist, or not for you."))
    return post


async def original(reader: Reader, post: Post) -> Post:
    """What a boost boosts; any other post itself."""
    return post if post.boost_of_id is None else await require(reader, post.boost_of_id)


async def boost_by(reader: Reader, *, author_id: int, post_id: int) -> Post | None:
    """The boost of a post by an actor."""
    return _post(await reader.row(f"{_SELECT} WHERE author_id = $1 AND boost_of_id = $2", author_id, post_id))


async def by_uris(reader: Reader, uris: Collection[str]) -> dict[str, Post]:
    """The posts of those ActivityPub ids that exist."""
    if not uris:
        return {}
    rows = await reader.fetch(f"{_SELECT} WHERE uri = ANY($1::text[])", list(uris))
    return {row["uri"]: read(row) for row in rows}


async def insert(tx: Tx, posts: Sequence[Post], fragments: Mapping[int, bytes] = {}) -> None:
    """Write the rows, with what is rendered of them already."""
    await tx.executemany(_INSERT, [(*_values(post), fragments.get(post.id)) for post in posts])


def read(row: Row) -> Post:
    """The post in a row of `COLUMNS`."""
    values: list[Any] = list(row)
    for place in _BOOLEANS:  # SQLite has no booleans
        values[place] = bool(values[place])
    return Post(*values)


def _post(row: Row | None) -> Post | None:
    return None if row is None else read(row)
