"""What a post said before: its versions, the first one included, and the text its author typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline import attached, records
from node.timeline.records import Post


@dataclass(frozen=True, slots=True)
class Version:
    """What readers saw from *created_ms* on."""

    content: str
    summary: str
    sensitive: bool
    media: tuple[dict[str, Any], ...]
    """Its media: {"id", "description"}; the file may be gone."""
    created_ms: int


@dataclass(frozen=True, slots=True)
class Source:
    """What the author typed, to be edited."""

    text: str
    summary: str


async def history(reader: Reader, post: Post) -> list[Version]:
    """All versions, the oldest first, the present one last."""
    rows = await reader.fetch(
        "SELECT content, summary, sensitive, media, created_ms FROM post_edits WHERE post_id = $1 ORDER BY id", post.id
    )
    if not rows:
        media = orjson.loads(await attached.snapshot(reader, post.id))
        return [Version(post.content, post.summary, post.sensitive, tuple(media), post.published_ms)]
    return [
        Version(
            row["content"], row["summary"], bool(row["sensitive"]), tuple(orjson.loads(row["media"])), row["created_ms"]
        )
        for row in rows
    ]


async def counted(reader: Reader, post_ids: Sequence[int]) -> dict[int, int]:
    """How many versions each post has; those never edited are left out."""
    rows = await reader.fetch(
        "SELECT post_id, COUNT(*) FROM post_edits WHERE post_id = ANY($1::bigint[]) GROUP BY post_id", list(post_ids)
    )
    return {row[0]: row[1] for row in rows}


def source(post: Post) -> Source:
    """The text to edit. Only for its author: what is typed may say more than what is shown."""
    return Source(post.source, post.summary)


async def keep_original(tx: Tx, ctx: Context, post: Post, *, media: str | None = None) -> None:
    """At its first edit: what *post* said at first. *media* is its `attached.snapshot` when they changed already."""
    if await tx.value("SELECT 1 FROM post_edits WHERE post_id = $1 LIMIT 1", post.id) is None:
        await _keep(tx, ctx, post, post.published_ms, media)


async def write(tx: Tx, ctx: Context, changed: Post) -> Post:
    """Store what *changed* says now, as the newest version too. It must have `edited_ms`."""
    await tx.execute(
        "UPDATE posts SET type = $2, url = $3, name = $4, content = $5, source = $6, summary = $7, sensitive = $8, "
        "language = $9, emojis = $10, edited_ms = $11, extras = $12, policy = $13, fragment = NULL WHERE id = $1",
        changed.id, changed.type, changed.url, changed.name, changed.content, changed.source, changed.summary,
        changed.sensitive, changed.language, changed.emojis, changed.edited_ms, changed.extras, changed.policy,
    )  # fmt: skip
    await _keep(tx, ctx, changed, changed.edited_ms or ctx.clock.now_ms())
    return await records.require(tx, changed.id)


async def _keep(tx: Tx, ctx: Context, post: Post, at_ms: int, media: str | None = None) -> None:
    shown = await attached.snapshot(tx, post.id) if media is None else media
    await tx.execute(
        "INSERT INTO post_edits (id, post_id, content, summary, sensitive, media, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        ctx.ids.next(), post.id, post.content, post.summary, post.sensitive, shown, at_ms,
    )  # fmt: skip
