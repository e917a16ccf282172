"""The media of a post: ours by their ids, a stranger's by their addresses. The files are node.media's."""

from collections.abc import Iterable, Sequence
from typing import NoReturn, Protocol

import orjson

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

MAX_LOCAL = 4
MAX_REMOTE = 16

_KINDS = {"image": "image", "video": "video", "audio": "audio"}
_REMOTE = "remote_url, kind, mime, description, blurhash, width, height, focus_x, focus_y"
_BY_TYPE = {"Image": "image", "Video": "video", "Audio": "audio"}


class RemoteMedia(Protocol):
    """A file that a stranger's document points at (node.federation.vocab.pictures.Media)."""

    @property
    def type(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def media_type(self) -> str | None: ...
    @property
    def alt(self) -> str | None: ...
    @property
    def blurhash(self) -> str | None: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def focal_point(self) -> tuple[float, float] | None: ...


async def attach(tx: Tx, *, actor_id: int, post_id: int, media_ids: Sequence[int]) -> None:
    """Give the post exactly these media, in this order; what it had before and is not named is let go.

    Raises:
        Invalid: too many, or one that is not the author's or belongs to another post.
    """
    wanted = list(dict.fromkeys(media_ids))
    if len(wanted) > MAX_LOCAL:
        raise Invalid(sentence("A post has at most %(count)s media.", count=MAX_LOCAL))
    await tx.execute("UPDATE media SET post_id = NULL WHERE post_id = $1 AND id <> ALL($2::bigint[])", post_id, wanted)
    for position, media_id in enumerate(wanted):
        taken = await tx.execute(
            "UPDATE media SET post_id = $1, position = $2 "
            "WHERE id = $3 AND actor_id = $4 AND (post_id IS NULL OR post_id = $1) AND scheduled_id IS NULL "
            "AND state = 'ready'",
            post_id, position, media_id, actor_id,
        )  # fmt: skip
        if not taken:
            await _refuse(tx, actor_id, media_id)


async def reserve(tx: Tx, *, actor_id: int, scheduled_id: int, media_ids: Sequence[int]) -> None:
    """Keep these media for a post that is published later; they are free again when its row goes.

    Raises: as `attach`.
    """
    wanted = list(dict.fromkeys(media_ids))
    if len(wanted) > MAX_LOCAL:
        raise Invalid(sentence("A post has at most %(count)s media.", count=MAX_LOCAL))
    for position, media_id in enumerate(wanted):
        taken = await tx.execute(
            "UPDATE media SET scheduled_id = $1, position = $2 "
            "WHERE id = $3 AND actor_id = $4 AND post_id IS NULL AND scheduled_id IS NULL AND state = 'ready'",
            scheduled_id, position, media_id, actor_id,
        )  # fmt: skip
        if not taken:
            await _refuse(tx, actor_id, media_id)


async def _refuse(tx: Tx, actor_id: int, media_id: int) -> NoReturn:
    state = await tx.value("SELECT state FROM media WHERE id = $1 AND actor_id = $2", media_id, actor_id)
    if state == "drawing":
        raise Invalid(sentence("A film is still being prepared: try again in a moment."))
    raise Invalid(sentence("One of the media is not yours, or belongs to another post."))


async def give_remote(tx: Tx, ctx: Context, given: Iterable[tuple[int, int, Sequence[RemoteMedia]]]) -> None:
    """Give posts that have none their remote media: (author's id, post's id, media) for each. One statement."""
    now_ms = ctx.clock.now_ms()
    rows = [
        (ctx.ids.next(), actor_id, post_id, position, *row, now_ms)
        for actor_id, post_id, media in given
        for position, row in enumerate(_rows(media))
    ]
    if rows:
        await tx.executemany(
            f"INSERT INTO media (id, actor_id, post_id, position, {_REMOTE}, created_ms) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            rows,
        )


async def put_remote(tx: Tx, ctx: Context, *, actor_id: int, post_id: int, media: Sequence[RemoteMedia]) -> bool:
    """Give the post these remote media instead of those it had; whether they are others."""
    before = await tx.fetch(f"SELECT {_REMOTE} FROM media WHERE post_id = $1 ORDER BY position", post_id)
    if [tuple(row)[:7] for row in before] == [row[:7] for row in _rows(media)]:
        return False
    await tx.execute("DELETE FROM media WHERE post_id = $1", post_id)
    await give_remote(tx, ctx, [(actor_id, post_id, media)])
    return True


def _rows(media: Sequence[RemoteMedia]) -> list[tuple[object, ...]]:
    """The columns of `_REMOTE` for each file that is one."""
    shown = ((item, _kind(item)) for item in media)
    return [
        (
            item.url, kind, item.media_type or "", item.alt or "", item.blurhash, item.width, item.height,
            *(item.focal_point or (None, None)),
        )
        for item, kind in shown
        if kind is not None
    ][:MAX_REMOTE]  # fmt: skip


async def release(tx: Tx, *, post_id: int) -> None:
    """Before its post is deleted: our own files stay without a post, for a new version of it or for the sweeper."""
    await tx.execute("UPDATE media SET post_id = NULL WHERE post_id = $1 AND storage_key IS NOT NULL", post_id)


async def ids_of(reader: Reader, post_id: int) -> list[int]:
    """The media of a post, in their order."""
    return [
        row[0] for row in await reader.fetch("SELECT id FROM media WHERE post_id = $1 ORDER BY position, id", post_id)
    ]


async def snapshot(reader: Reader, post_id: int) -> str:
    """What the history of a post keeps of its media: JSON, a list of {"id", "description"}."""
    rows = await reader.fetch("SELECT id, description FROM media WHERE post_id = $1 ORDER BY position, id", post_id)
    return orjson.dumps([{"id": row["id"], "description": row["description"]} for row in rows]).decode()


def _kind(item: RemoteMedia) -> str | None:
    if item.type == "Link":  # Lemmy: the page that a post is about, not a file of it
        return None
    stated = (item.media_type or "").partition("/")[0]
    return _KINDS.get(stated) or _BY_TYPE.get(item.type, "unknown")
