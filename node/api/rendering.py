"""Lists of ids -> lists of entities: the one way in which statuses and accounts are put together.

The ids have passed the one door already (node.timeline.visibility). A page of any list costs one query for its
rows, one for what the reader did, and at most one each for posts and accounts that are not in memory; posts
that were never rendered cost five more, whatever their number.
"""

from collections.abc import Iterable, Sequence

import orjson

from node.actors.actor import Actor
from node.api import fragments
from node.api.entities import account, status
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline import shown
from node.timeline.shown import NO_FLAGS


async def statuses(
    ctx: Context, viewer_id: int | None, post_ids: Sequence[int], reader: Reader | None = None
) -> dict[int, bytes]:
    """The statuses of those ids as JSON with the marks of `splicing`; in their order, those that are gone left out."""
    if not post_ids:
        return {}
    reader = reader or ctx.db.reader
    rows = await shown.rows(reader, post_ids)
    marks = None
    if viewer_id is not None:
        acted = {row.boost_of_id or row.id for row in rows.values()}
        marks = await shown.flags(reader, viewer_id=viewer_id, post_ids=list(acted))
    cores = await fragments.cores(ctx, reader, rows.values())
    authors = await fragments.accounts(ctx, reader, {row.author_id: row.author for row in rows.values()})

    def one(post_id: int) -> bytes | None:
        row = rows.get(post_id)
        if row is None or post_id not in cores or row.author_id not in authors:
            return None  # gone since the list was read
        reblog = None if row.boost_of_id is None else one(row.boost_of_id)
        if row.boost_of_id is not None and reblog is None:
            return None
        return status.whole(
            cores[post_id],
            row,
            authors[row.author_id],
            reblog=reblog,
            flags=None if marks is None else marks.get(row.boost_of_id or row.id, NO_FLAGS),
            own=row.author_id == viewer_id and row.boost_of_id is None,
        )

    return {post_id: rendered for post_id in post_ids if (rendered := one(post_id)) is not None}


async def status_list(ctx: Context, viewer_id: int | None, post_ids: Sequence[int]) -> bytes:
    """The same as a JSON array."""
    return b"[" + b",".join((await statuses(ctx, viewer_id, post_ids)).values()) + b"]"


async def accounts(ctx: Context, actor_ids: Iterable[int]) -> dict[int, orjson.Fragment]:
    """The accounts of those ids that exist: one query, and one more for those that are not in memory."""
    versions = await shown.versions(ctx.db.reader, list(set(actor_ids)))
    found = await fragments.accounts(ctx, ctx.db.reader, versions)
    return {actor_id: orjson.Fragment(rendered) for actor_id, rendered in found.items()}


def as_json(rendered: bytes) -> orjson.Fragment:
    """Bytes that are JSON already, to be put into a larger answer."""
    return orjson.Fragment(rendered)


def account_list(found: Iterable[Actor]) -> list[orjson.Fragment]:
    """Accounts of actors at hand."""
    return [orjson.Fragment(account.fragment(actor)) for actor in found]
