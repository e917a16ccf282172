"""Posts in bulk: the rows that the node's own verbs would have made, rendered by the same code, many at once."""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.api.entities import status
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.ids import first_at
from node.timeline import records
from node.timeline.hashtags import Tag
from node.timeline.records import Post


def post(
    author: Actor, ms: int, name: str, *, content: str = "", boosted: Post | None = None, answered: Post | None = None
) -> Post:
    """A public post of *author*, or her boost of one, or her answer to one; a local one is called by its id."""
    if author.local:
        name = str(first_at(ms))
    return Post(
        id=first_at(ms), uri=f"{author.uri}/statuses/{name}", url=f"https://{author.service_host}/@{author.username}/{name}",
        type="Note", author_id=author.id, person_id=None, local=author.local, domain_id=author.domain_id,
        visibility="public", boost_of_id=boosted.id if boosted else None,
        reply_to_id=answered.id if answered else None, reply_to_uri=answered.uri if answered else None,
        reply_to_author_id=answered.author_id if answered else None,
        thread_id=answered.thread_id if answered else first_at(ms), context="", name="", content=content, source="",
        summary="", sensitive=False, language="fr", emojis="[]", application=None, hidden=False, replies_count=0,
        boosts_count=0, favourites_count=0, published_ms=ms, edited_ms=None, created_ms=ms,
    )  # fmt: skip


async def store(ctx: Context, posts: Sequence[tuple[Post, Tag | None]]) -> None:
    """Write them, each with its hashtag; a boost that is there already is left out."""
    columns = (*records.COLUMNS, "fragment")
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    insert = f"INSERT INTO posts ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"

    async def step(tx: Tx) -> None:
        await tx.executemany(insert, [_row(each, tag) for each, tag in posts])
        await tx.executemany(
            "INSERT INTO post_tags (tag_id, post_id) VALUES ($1, $2)",
            [(tag.id, each.id) for each, tag in posts if tag is not None],
        )

    await ctx.db.write(step)


def _row(post: Post, tag: Tag | None) -> tuple[Any, ...]:
    fragment = None if post.boost_of_id else status.core(post, (), () if tag is None else (tag,), ())
    return (*(getattr(post, name) for name in records.COLUMNS), fragment)
