"""Custom emojis in what accounts of ours say: held by the row that uses them, taken out of it when one is removed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from node.actors import pictured
from node.media import emojis
from node.media.emojis import CustomEmoji
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import enqueue

FORGET_JOB: Final = emojis.FORGET_JOB
_POSTS_AT_ONCE: Final = 200


async def said_in(tx: Tx, ctx: Context, texts: Iterable[str]) -> str:
    """The column `posts.emojis` of a post of ours that says *texts*."""
    return column(await emojis.used(tx, ctx, texts))


def column(used: Sequence[CustomEmoji]) -> str:
    """What the row of a post holds of them."""
    return orjson.dumps([
        {"name": each.shortcode, "url": each.image_key, "static": each.static_key, "id": each.id,
         "updated_ms": each.updated_ms}
        for each in used
    ]).decode()  # fmt: skip


async def forget_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `emojis.forget`: take an emoji that was removed out of accounts and posts here, bite by bite.

    Nothing is sent: servers elsewhere keep what they have, as they do of any picture.
    """
    emoji_id, after = int(args["id"]), int(args.get("after", 0))

    async def bite(tx: Tx) -> None:
        if not after:
            await pictured.forget(tx, ctx, emoji_id=emoji_id)
        rows = await tx.fetch(
            f"SELECT id, emojis FROM posts WHERE local AND emojis <> '[]' AND id > $1 ORDER BY id LIMIT {_POSTS_AT_ONCE}",
            after,
        )
        left = [(row["id"], _without(row["emojis"], emoji_id)) for row in rows]
        changed = [(post_id, said) for (post_id, said), row in zip(left, rows, strict=True) if said != row["emojis"]]
        if changed:
            await tx.executemany("UPDATE posts SET emojis = $2, fragment = NULL WHERE id = $1", changed)
        if len(rows) == _POSTS_AT_ONCE:
            more = {**args, "after": rows[-1]["id"]}
            await enqueue(tx, ctx, FORGET_JOB, more, unique=f"{FORGET_JOB} {emoji_id} {rows[-1]['id']}")
        else:
            await emojis.drop_files(tx, ctx, args["keys"])

    await ctx.db.write(bite)


def _without(said: str, emoji_id: int) -> str:
    return orjson.dumps([each for each in orjson.loads(said) if each.get("id") != emoji_id]).decode()
