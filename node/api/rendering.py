"""Lists of ids -> lists of entities: the one way in which statuses and accounts are put together.

What is listed has passed the one door already (node.timeline.visibility). A page of any list costs one query for its
rows (none where the list brought them itself: home, public, an account's), one for what the reader did, and at most
one each for posts and accounts that are not in memory; posts that were never rendered cost five more, whatever their
number. What hangs on posts costs something only where there is any (`supplements`).
"""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from node.actors.actor import Actor
from node.api import fragments, supplements
from node.api.entities import account, status
from node.runtime.context import Context
from node.runtime.database import Reader, Row
from node.timeline import shown
from node.timeline.shown import (
    AUTHOR,
    AUTHOR_ID,
    BOOSTED,
    BOOSTED_AUTHOR,
    BOOSTED_AUTHOR_ID,
    BOOSTED_ID,
    NO_FLAGS,
    POST,
    POST_ID,
    Flags,
)


async def statuses(
    ctx: Context, viewer_id: int | None, post_ids: Sequence[int], reader: Reader | None = None
) -> dict[int, bytes]:
    """The statuses of those ids as JSON with the marks of `splicing`; in their order, those that are gone left out."""
    reader = reader or ctx.db.reader
    return await _rendered(ctx, viewer_id, await shown.rows(reader, post_ids), reader)


async def status_list(ctx: Context, viewer_id: int | None, post_ids: Sequence[int]) -> bytes:
    """The same as a JSON array."""
    return b"[%s]" % b",".join((await statuses(ctx, viewer_id, post_ids)).values())


async def page(ctx: Context, viewer_id: int | None, rows: Sequence[Row]) -> bytes:
    """The same of rows at hand, made of `shown.COLUMNS`."""
    return b"[%s]" % b",".join((await _rendered(ctx, viewer_id, rows, ctx.db.reader)).values())


def cursor(row: Row) -> int:
    """What `max_id` means in a list of such rows."""
    return int(row[POST_ID])


async def _rendered(
    ctx: Context, viewer_id: int | None, rows: Sequence[Row], reader: Reader, *, quoted: bool = False
) -> dict[int, bytes]:
    if not rows:
        return {}

    async def render_quoted(post_ids: Sequence[int]) -> dict[int, bytes]:
        return await _rendered(ctx, viewer_id, await shown.rows(reader, post_ids), reader, quoted=True)

    flags: Mapping[int, Flags] = {}
    if viewer_id is not None:
        acted = {row[BOOSTED_ID] or row[POST_ID] for row in rows}
        flags = await shown.flags(reader, viewer_id=viewer_id, post_ids=list(acted))
    versions, versions_of_authors = [row[POST] for row in rows], {row[AUTHOR_ID]: row[AUTHOR] for row in rows}
    for row in rows:
        if row[BOOSTED_ID] is not None:
            versions.append(row[BOOSTED])
            versions_of_authors[row[BOOSTED_AUTHOR_ID]] = row[BOOSTED_AUTHOR]
    posts = await fragments.posts(ctx, reader, versions)
    authors = await fragments.accounts(ctx, reader, versions_of_authors)
    hanging = await supplements.of(ctx, reader, viewer_id, versions, None if quoted else render_quoted)
    boosted = iter(posts[len(rows) :])
    untouched = b"" if viewer_id is None else status.marks(NO_FLAGS, own=False)
    touched = flags.keys() | hanging.keys()

    def marks(post_id: int, author_id: int) -> bytes:
        own = author_id == viewer_id
        if post_id not in touched and not own:
            return untouched
        done = b"" if viewer_id is None else status.marks(flags.get(post_id, NO_FLAGS), own=own)
        return done + hanging.get(post_id, b"")

    found: dict[int, bytes] = {}
    for row, post in zip(rows, posts, strict=False):
        author_id, boosted_id = row[AUTHOR_ID], row[BOOSTED_ID]
        author, reblog = authors.get(author_id), status.NOT_A_BOOST
        if boosted_id is None:
            done = marks(row[POST_ID], author_id)
        else:
            original, its_author_id = next(boosted), row[BOOSTED_AUTHOR_ID]
            its_author = authors.get(its_author_id)
            if original is None or its_author is None:
                continue  # gone since the list was read
            done = marks(boosted_id, 0)  # a boost is nobody's to pin
            reblog = status.whole(original, its_author, status.NOT_A_BOOST, marks(boosted_id, its_author_id))
        if post is not None and author is not None:
            found[row[POST_ID]] = status.whole(post, author, reblog, done)
    return found


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
