"""Media: files that our people uploaded, and those that a stranger's post names (a URL).

An upload waits without a post until one takes it (node.timeline.attached), and is let go when its post is deleted;
what nobody took within a day is removed, unless a scheduled post keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from node.media import addresses, recordings, stills, workers
from node.media.images import PREVIEW_PX, Picture
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.runtime.text.cleaning import storable

Kind = Literal["image", "video", "audio", "unknown"]
State = Literal["ready", "drawing"]

MAX_DESCRIPTION_CHARS = 1_500
UNUSED_MS = 24 * 60 * 60 * 1000
REMOVE_JOB = "media.remove"
DRAW_JOB = "media.draw"

_COLUMNS = (
    "id, actor_id, post_id, position, kind, mime, storage_key, preview_key, remote_url, width, height, preview_width, "
    "preview_height, size_bytes, blurhash, description, focus_x, focus_y, created_ms, "
    "state, duration_ms"
)


@dataclass(frozen=True, slots=True)
class Media:
    """One row."""

    id: int
    actor_id: int
    post_id: int | None
    position: int
    kind: Kind
    mime: str
    storage_key: str | None
    """Ours: the file. None for a stranger's."""
    preview_key: str | None
    remote_url: str | None
    width: int | None
    height: int | None
    preview_width: int | None
    preview_height: int | None
    size_bytes: int
    blurhash: str | None
    description: str
    focus_x: float | None
    """-1 (left) to 1 (right); *focus_y* -1 (bottom) to 1 (top)."""
    focus_y: float | None
    created_ms: int
    state: State = "ready"
    """`drawing`: the picture of a film is being made, and no post can have it yet."""
    duration_ms: int | None = None


async def upload(
    ctx: Context,
    *,
    actor_id: int,
    data: bytes,
    description: str = "",
    focus: tuple[float, float] | None = None,
    thumbnail: bytes | None = None,
    waits: bool = False,
) -> Media:
    """Keep a file, so that neither place nor camera travels with it.

    An image is decoded and written anew; a film or a sound is emptied of what says such things (`recordings`). The picture of a film is *thumbnail*, or one that is drawn from it: by a job, or before this returns if it *waits*.
    Not to be called in a transaction. Nothing is kept of what is refused.

    Raises:
        TooLarge: more than `images.MAX_BYTES`, or `recordings.MAX_BYTES`.
        Invalid: not a file that is accepted, or its description is too long.
        Unavailable: too many images are waiting.
    """
    described = _described(description)
    if recordings.looks_like(data):
        return await _keep_recording(ctx, actor_id, data, described, _focused(focus), thumbnail, waits=waits)
    picture = await workers.of(ctx).decode(data)
    key = await _store(ctx, picture.data, picture.mime)
    preview_key = key if picture.preview is picture.data else await _store(ctx, picture.preview, picture.preview_mime)
    media = Media(
        ctx.ids.next(), actor_id, None, 0, "image", picture.mime, key, preview_key, None, picture.width, picture.height,
        picture.preview_width, picture.preview_height, len(picture.data), picture.blurhash, described, *_focused(focus),
        ctx.clock.now_ms(),
    )  # fmt: skip
    await _keep(ctx, media)
    return media


async def _keep_recording(
    ctx: Context,
    actor_id: int,
    data: bytes,
    description: str,
    focus: tuple[float | None, float | None],
    thumbnail: bytes | None,
    *,
    waits: bool,
) -> Media:
    contents = await recordings.clean(data)
    still = None if thumbnail is None else await workers.of(ctx).decode(thumbnail, max_side_px=PREVIEW_PX)
    key = await _store(ctx, contents.data, contents.mime)
    drawn = contents.kind == "video" and still is None and stills.program(ctx) is not None
    if drawn and waits:
        still, drawn = await stills.draw(ctx, key=key, mime=contents.mime), False
    media = Media(
        ctx.ids.next(), actor_id, None, 0, contents.kind, contents.mime, key, None, None, contents.width, contents.height,
        None, None, len(contents.data), None, description, *focus, ctx.clock.now_ms(), "drawing" if drawn else "ready",
        contents.duration_ms,
    )  # fmt: skip
    if still is not None:
        media = await _with_still(ctx, media, still)
    await _keep(ctx, media)
    return media


async def _keep(ctx: Context, media: Media) -> None:
    """Write the row of files that are stored already; without a row they go again."""

    async def step(tx: Tx) -> None:
        await _insert(tx, media)
        if media.state == "drawing":
            await enqueue(tx, ctx, DRAW_JOB, {"media": media.id}, unique=f"{DRAW_JOB}:{media.id}")

    try:
        await ctx.db.write(step)
    except BaseException:
        for key in {media.storage_key, media.preview_key} - {None}:
            await ctx.storage.delete(str(key))
        raise


async def draw_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `media.draw`: the picture of a film; one of which none can be drawn is ready without."""
    media = (await by_ids(ctx.db.reader, [int(args["media"])])).get(int(args["media"]))
    if media is None or media.state != "drawing" or media.storage_key is None:
        return
    still = await stills.draw(ctx, key=media.storage_key, mime=media.mime)
    shown = media if still is None else await _with_still(ctx, media, still)

    async def step(tx: Tx) -> None:
        kept = await tx.execute(
            "UPDATE media SET state = 'ready', preview_key = $2, preview_width = $3, preview_height = $4, blurhash = $5 "
            "WHERE id = $1 AND state = 'drawing'",
            shown.id, shown.preview_key, shown.preview_width, shown.preview_height, shown.blurhash,
        )  # fmt: skip
        if not kept and shown.preview_key:  # it was removed meanwhile
            await enqueue(tx, ctx, REMOVE_JOB, {"keys": [shown.preview_key]})

    await ctx.db.write(step)


async def give_still(
    ctx: Context,
    *,
    media: Media,
    thumbnail: bytes,
    description: str | None = None,
    focus: tuple[float, float] | None = None,
) -> Media:
    """Show a film or a sound by another picture, and describe it. Not to be called in a transaction.

    Raises:
        Invalid: it is an image itself, or *thumbnail* is none; TooLarge, Unavailable: as `upload`.
    """
    if media.kind not in ("video", "audio"):
        raise Invalid(sentence("A picture is given to films and sounds only."))
    _described(description or "")
    shown = await _with_still(ctx, media, await workers.of(ctx).decode(thumbnail, max_side_px=PREVIEW_PX))

    async def step(tx: Tx) -> Media:
        kept = await tx.execute(
            "UPDATE media SET state = 'ready', preview_key = $2, preview_width = $3, preview_height = $4, blurhash = $5 "
            "WHERE id = $1 AND post_id IS NULL",
            shown.id, shown.preview_key, shown.preview_width, shown.preview_height, shown.blurhash,
        )  # fmt: skip
        if not kept:
            raise NotFound("this file is gone")
        if media.preview_key:
            await enqueue(tx, ctx, REMOVE_JOB, {"keys": [media.preview_key]})
        return await describe(tx, media=media, description=description, focus=focus)

    try:
        return await ctx.db.write(step)
    except BaseException:
        await ctx.storage.delete(shown.preview_key or "")
        raise


async def _with_still(ctx: Context, media: Media, still: Picture) -> Media:
    """*media* with the picture that stands for it, whose file is kept."""
    key = await _store(ctx, still.preview, still.preview_mime)
    return replace(
        media, preview_key=key, preview_width=still.preview_width, preview_height=still.preview_height,
        blurhash=still.blurhash,
    )  # fmt: skip


async def _store(ctx: Context, data: bytes, mime: str) -> str:
    key = addresses.new_key("files", mime)
    await ctx.storage.put(key, data, mime)
    return key


async def describe(
    tx: Tx, *, media: Media, description: str | None = None, focus: tuple[float, float] | None = None
) -> Media:
    """Say anew what an image shows and where its middle is; what is None stays.

    Raises:
        Invalid: the description is too long.
    """
    text = media.description if description is None else _described(description)
    focus_x, focus_y = (media.focus_x, media.focus_y) if focus is None else _focused(focus)
    rows = await tx.fetch(
        f"UPDATE media SET description = $2, focus_x = $3, focus_y = $4 WHERE id = $1 RETURNING {_COLUMNS}",
        media.id, text, focus_x, focus_y,
    )  # fmt: skip
    if not rows:
        raise NotFound("this file is gone")
    return _read(rows[0])


async def by_ids(reader: Reader, media_ids: Sequence[int]) -> dict[int, Media]:
    """Those that exist."""
    if not media_ids:
        return {}
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM media WHERE id = ANY($1::bigint[])", list(media_ids))
    return {row["id"]: _read(row) for row in rows}


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, list[Media]]:
    """The media of those posts, in their order; a post without any has no entry. One query."""
    if not post_ids:
        return {}
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM media WHERE post_id = ANY($1::bigint[]) ORDER BY post_id, position", list(post_ids)
    )
    found: dict[int, list[Media]] = {}
    for row in rows:
        found.setdefault(row["post_id"], []).append(_read(row))
    return found


async def of_scheduled(reader: Reader, scheduled_ids: Sequence[int]) -> dict[int, list[Media]]:
    """The media that wait for those scheduled posts, in their order. One query: ranges of media_scheduled."""
    if not scheduled_ids:
        return {}
    rows = await reader.fetch(
        f"SELECT {_COLUMNS}, scheduled_id FROM media WHERE scheduled_id = ANY($1::bigint[]) ORDER BY scheduled_id, position",
        list(scheduled_ids),
    )
    found: dict[int, list[Media]] = {}
    for row in rows:
        found.setdefault(row["scheduled_id"], []).append(Media(*tuple(row)[:-1]))
    return found


async def belongs_to(reader: Reader, key: str, actor_ids: Sequence[int]) -> bool:
    """Whether the file *key* was uploaded by one of these actors: their rows of media_actor are looked through."""
    found = await reader.value(
        "SELECT 1 FROM media WHERE actor_id = ANY($1::bigint[]) AND (storage_key = $2 OR preview_key = $2) LIMIT 1",
        list(actor_ids), key,
    )  # fmt: skip
    return found is not None


async def remove(tx: Tx, ctx: Context, *, media: Media) -> None:
    """Remove an upload that no post has.

    Raises:
        Invalid: a post has it.
    """
    rows = await tx.fetch(
        "DELETE FROM media WHERE id = $1 AND post_id IS NULL AND scheduled_id IS NULL RETURNING storage_key, preview_key",
        media.id,
    )
    if not rows:
        raise Invalid("Media attachment is currently used by a status")
    await _remove_files(tx, ctx, rows)


async def remove_unused(tx: Tx, ctx: Context) -> int:
    """Remove uploads that no post took within a day; how many."""
    rows = await tx.fetch(
        "DELETE FROM media WHERE id IN (SELECT id FROM media WHERE post_id IS NULL AND scheduled_id IS NULL "
        "AND created_ms < $1 ORDER BY created_ms LIMIT 500) RETURNING storage_key, preview_key",
        ctx.clock.now_ms() - UNUSED_MS,
    )
    await _remove_files(tx, ctx, rows)
    return len(rows)


async def remove_files(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `media.remove`: files whose rows are gone."""
    for key in args["keys"]:
        await ctx.storage.delete(key)


async def _remove_files(tx: Tx, ctx: Context, rows: Sequence[Row]) -> None:
    keys = sorted({key for row in rows for key in row if key})
    if keys:
        await enqueue(tx, ctx, REMOVE_JOB, {"keys": keys})


async def _insert(tx: Tx, media: Media) -> None:
    await tx.execute(
        f"INSERT INTO media ({_COLUMNS}) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        media.id, media.actor_id, media.post_id, media.position, media.kind, media.mime, media.storage_key,
        media.preview_key, media.remote_url, media.width, media.height, media.preview_width, media.preview_height,
        media.size_bytes, media.blurhash, media.description, media.focus_x, media.focus_y, media.created_ms, media.state,
        media.duration_ms,
    )  # fmt: skip


def _described(description: str) -> str:
    text = storable(description).strip()
    if len(text) > MAX_DESCRIPTION_CHARS:
        raise Invalid(f"Validation failed: Description is too long (maximum is {MAX_DESCRIPTION_CHARS} characters)")
    return text


def _focused(focus: tuple[float, float] | None) -> tuple[float | None, float | None]:
    if focus is None:
        return None, None
    return max(-1.0, min(1.0, focus[0])), max(-1.0, min(1.0, focus[1]))


def _read(row: Row) -> Media:
    return Media(*row)
