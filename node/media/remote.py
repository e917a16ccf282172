"""Strangers' pictures, kept by the node: fetched when first asked for, made safe like an upload, served from here.

Who reads a post never shows its address to the server of its author. The caller has asked the policy on the
host (node.actors.hosts), and hands on what it thinks of each redirect: this room only fetches.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from node import __version__
from node.media import addresses, images, workers
from node.media.addresses import Kind
from node.media.attachments import REMOVE_JOB
from node.runtime import choices
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import BeffroiError, NotFound, Unavailable
from node.runtime.jobs import enqueue
from node.runtime.net.fetch import follow

Refuse = Callable[[str], None]
"""Raises a `BeffroiError` for an address that the node does not ask."""

EXPIRE_JOB: Final = "media.expire"
KEPT_DAYS: Final = "days of remote pictures"
"""The name of a choice (`node.runtime.choices`)."""
_USUAL_DAYS: Final = 30
_DAY_MS: Final = 24 * 60 * 60 * 1000
_RETRY_MS: Final = 15 * 60 * 1000
_USED_EVERY_MS: Final = 24 * 60 * 60 * 1000
_TIMEOUT_S: Final = 15.0
_FILES_AT_ONCE: Final = 500
_ACCEPT: Final = ("image/*", "application/octet-stream", "binary/octet-stream")
_CROPS: Final[Mapping[Kind, tuple[int, int]]] = {"avatar": images.AVATAR_PX, "header": images.HEADER_PX}
_PAIR: Final[tuple[Kind, ...]] = ("image", "preview")  # one fetch makes both


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture in the storage."""

    storage_key: str
    mime: str


def _refuse_nobody(_hop: str) -> None:
    return None


async def picture(ctx: Context, *, kind: Kind, url: str, refuse: Refuse = _refuse_nobody) -> Kept:
    """The picture at *url*, from the cache or fetched now; several who ask at once wait for one fetch.

    *refuse* is asked about the address and about each that it redirects to.

    Raises:
        NotFound: there is no picture there (remembered for a quarter of an hour).
        Unavailable: its server did not answer (remembered as well).
    """
    now_ms = ctx.clock.now_ms()
    row = await ctx.db.reader.row(
        "SELECT storage_key, mime, fetched_ms, used_ms FROM media_cache WHERE url = $1", _key(kind, url)
    )
    if row is not None and row["storage_key"]:
        if now_ms - row["used_ms"] > _USED_EVERY_MS:
            await ctx.db.write(lambda tx: _used(tx, _key(kind, url), now_ms))
        return Kept(row["storage_key"], row["mime"])
    if row is not None and now_ms - row["fetched_ms"] < _RETRY_MS:
        raise NotFound("this picture could not be fetched")
    fetches = ctx.cache.of("media_fetches", 4096)
    source = (url, "image" if kind in _PAIR else kind)
    task: asyncio.Task[dict[Kind, Kept]] | None = fetches.get(source)
    if task is None:
        task = asyncio.create_task(_fetch(ctx, kind, url, refuse))
        fetches.put(source, task)
        task.add_done_callback(lambda done: _done(fetches, source, done))
    # A reader who goes away does not end the fetch for the others.
    return (await asyncio.shield(task))[kind]


async def kept_days(reader: Reader) -> int:
    """How long a picture is kept that nobody looks at."""
    return await choices.number(reader, KEPT_DAYS, _USUAL_DAYS)


async def expire(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `media.expire`: forget pictures that nobody looked at for `days` (else: as a keeper chose), bite by bite."""
    days = int(args.get("days") or await kept_days(ctx.db.reader))

    async def forget(tx: Tx) -> list[str]:
        rows = await tx.fetch(
            "DELETE FROM media_cache WHERE url IN (SELECT url FROM media_cache WHERE used_ms < $1 LIMIT 500) "
            "RETURNING storage_key",
            ctx.clock.now_ms() - days * _DAY_MS,
        )
        if len(rows) == 500:
            await enqueue(tx, ctx, EXPIRE_JOB, args, unique=f"{EXPIRE_JOB} {args.get('days', '')}".strip())
        return [row["storage_key"] for row in rows if row["storage_key"]]

    for key in await ctx.db.write(forget):
        await ctx.storage.delete(key)


async def forget_hosts(tx: Tx, ctx: Context, *, refused: Callable[[str], bool]) -> None:
    """Remove what was kept from the hosts that are *refused* (keepers refuse their media): rows now, files by a job.

    One look at every row: keepers decide rarely, and about many hosts at once.
    """
    rows = await tx.fetch("SELECT url, storage_key FROM media_cache")
    gone = [row for row in rows if refused((urlsplit(row["url"].partition(" ")[2]).hostname or "").lower())]
    await tx.execute("DELETE FROM media_cache WHERE url = ANY($1::text[])", [row["url"] for row in gone])
    keys = [row["storage_key"] for row in gone if row["storage_key"]]
    for start in range(0, len(keys), _FILES_AT_ONCE):
        await enqueue(tx, ctx, REMOVE_JOB, {"keys": keys[start : start + _FILES_AT_ONCE]})


async def _fetch(ctx: Context, kind: Kind, url: str, refuse: Refuse) -> dict[Kind, Kept]:
    try:
        data = await _bytes(ctx, url, refuse)
        found = await workers.of(ctx).decode(data, crop_px=_CROPS.get(kind))
    except BeffroiError as error:
        failed = _PAIR if kind in _PAIR else (kind,)
        await ctx.db.write(lambda tx: _keep(tx, ctx, {_key(each, url): (None, "", 0) for each in failed}))
        ctx.metrics.count("remote_pictures", outcome="failed")
        if error.again:
            raise Unavailable("the server of this picture did not answer") from None
        raise NotFound("there is no picture there") from None
    first = await _store(ctx, found.data, found.mime)
    kept: dict[Kind, Kept] = {kind: first}
    if kind in _PAIR:
        small = first if found.preview is found.data else await _store(ctx, found.preview, found.preview_mime)
        kept = {"image": first, "preview": small}
    sizes = {first.storage_key: len(found.data)}  # the preview's own size is small beside it
    rows = {_key(each, url): (one.storage_key, one.mime, sizes.get(one.storage_key, 0)) for each, one in kept.items()}
    await ctx.db.write(lambda tx: _keep(tx, ctx, rows))
    ctx.metrics.count("remote_pictures", outcome="kept")
    return kept


async def _bytes(ctx: Context, url: str, refuse: Refuse) -> bytes:
    def headers_for(hop: str) -> dict[str, str]:
        refuse(hop)
        return {"User-Agent": f"Beffroi/{__version__} (picture cache)", "Accept": "image/*"}

    response = await follow(
        ctx.network, url, headers_for=headers_for, accept=_ACCEPT, max_bytes=images.MAX_BYTES,
        timeout_total_s=_TIMEOUT_S,
    )  # fmt: skip
    if response.status >= 500 or response.status == 429:
        raise Unavailable("the server of this picture did not answer")
    if response.status != 200:
        raise NotFound("there is no picture there")
    return response.body


async def _store(ctx: Context, data: bytes, mime: str) -> Kept:
    key = addresses.new_key("cache", mime)
    await ctx.storage.put(key, data, mime)
    return Kept(key, mime)


async def _keep(tx: Tx, ctx: Context, rows: Mapping[str, tuple[str | None, str, int]]) -> None:
    now_ms = ctx.clock.now_ms()
    for url, (storage_key, mime, size_bytes) in rows.items():
        await tx.execute(
            "INSERT INTO media_cache (url, storage_key, mime, size_bytes, fetched_ms, used_ms) "
            "VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (url) DO UPDATE SET storage_key = excluded.storage_key, "
            "mime = excluded.mime, size_bytes = excluded.size_bytes, fetched_ms = excluded.fetched_ms, "
            "used_ms = excluded.used_ms",
            url, storage_key, mime, size_bytes, now_ms,
        )  # fmt: skip


async def _used(tx: Tx, url: str, now_ms: int) -> None:
    await tx.execute("UPDATE media_cache SET used_ms = $2 WHERE url = $1", url, now_ms)


def _done(fetches: Any, source: object, task: "asyncio.Task[dict[Kind, Kept]]") -> None:
    fetches.drop(source)
    if not task.cancelled():
        task.exception()  # those who waited have been told; nobody else needs to be


def _key(kind: Kind, url: str) -> str:
    """One URL may be an avatar here and an attachment there, cut differently."""
    return f"{kind} {url}"
