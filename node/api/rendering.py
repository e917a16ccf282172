"""Lists of ids -> lists of entities: the one way in which statuses and accounts are put together.

What is listed has passed the one door already (node.timeline.visibility). A page of any list costs one query for its
rows and what the reader did (none where the list brought them itself: home, public, an account's), and at most one
each for posts and accounts that are not in memory; posts that were never rendered cost five more, whatever their
number. What hangs on posts costs something only where there is any (`supplements`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from node.actors import tastes
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.tastes import Taste
from node.api import filtering, fragments, supplements
from node.api.entities import account, status
from node.api.splicing import splice
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline import filters, shown, thread_mutes
from node.timeline.extras import PER_READER
from node.timeline.shown import (
    ACTED,
    AUTHOR,
    AUTHOR_ID,
    BOOSTED,
    BOOSTED_AUTHOR,
    BOOSTED_AUTHOR_ID,
    BOOSTED_ID,
    EXTRAS,
    MUTED,
    POST,
    POST_ID,
    Line,
)

_LINES_KEPT = 4096
"""About 3 kB each: 12 MB at most."""
_BOOSTED_EXTRAS = BOOSTED.start + EXTRAS


async def statuses(
    ctx: Context, viewer_id: int | None, post_ids: Sequence[int], reader: Reader | None = None
) -> dict[int, bytes]:
    """The statuses of those ids as JSON with the marks of `splicing`; in their order, those that are gone left out."""
    reader = reader or ctx.db.reader
    return await _rendered(ctx, viewer_id, await shown.rows(reader, viewer_id, post_ids), reader)


async def of_line(ctx: Context, viewer_id: int | None, line: Line) -> bytes | None:
    """The status of a line at hand, made of `shown.columns` for that reader; None when it is gone since."""
    return (await _rendered(ctx, viewer_id, [line], ctx.db.reader)).get(line[POST_ID])


async def status_list(ctx: Context, viewer_id: int | None, post_ids: Sequence[int]) -> bytes:
    """The same as a JSON array."""
    return b"[%s]" % b",".join((await statuses(ctx, viewer_id, post_ids)).values())


async def page(ctx: Context, domain: Domain, viewer_id: int | None, rows: Sequence[Line]) -> bytes:
    """The same of rows at hand, made of `shown.columns`, as the clients of *domain* get it (see `splicing`)."""
    reader = ctx.db.reader
    kept = ctx.cache.of("lines", _LINES_KEPT)
    here = domain.handle_host, domain.service_host
    keys = [(here, tuple(row[: shown.WIDTH])) for row in rows]
    starts: list[bytes | None] = kept.get_all(keys)
    if None in starts:
        missing = [at for at, start in enumerate(starts) if start is None]
        for at, start in zip(missing, await _starts(ctx, reader, [rows[at] for at in missing]), strict=True):
            if start is not None:
                starts[at] = spliced = splice(start, domain, ctx.settings.scheme)
                kept.put(keys[at], spliced)
    hanging = await _hanging(ctx, reader, viewer_id, rows)
    if hanging:
        hanging = {post_id: splice(each, domain, ctx.settings.scheme) for post_id, each in hanging.items()}
    own = await _own(ctx, reader, viewer_id, rows, starts, hanging)
    ends = _ends(viewer_id, rows, hanging, own)
    return b"[%s]" % b",".join([start + end for start, end in zip(starts, ends, strict=True) if start is not None])


def cursor(row: Line) -> int:
    """What `max_id` means in a list of such rows."""
    return int(row[POST_ID])


async def _rendered(
    ctx: Context, viewer_id: int | None, rows: Sequence[Line], reader: Reader, *, quoted: bool = False
) -> dict[int, bytes]:
    starts = await _starts(ctx, reader, rows)
    hanging = await _hanging(ctx, reader, viewer_id, rows, quoted=quoted)
    own = await _own(ctx, reader, viewer_id, rows, starts, hanging)
    ends = _ends(viewer_id, rows, hanging, own)
    return {row[POST_ID]: start + end for row, start, end in zip(rows, starts, ends, strict=True) if start is not None}


async def _starts(ctx: Context, reader: Reader, rows: Sequence[Line]) -> list[bytes | None]:
    """What is the same for every reader, of each row in turn; None for one that is gone since the list was read."""
    versions, versions_of_authors = (
        [tuple(row[POST]) for row in rows],
        {row[AUTHOR_ID]: tuple(row[AUTHOR]) for row in rows},
    )
    for row in rows:
        if row[BOOSTED_ID] is not None:
            versions.append(tuple(row[BOOSTED]))
            versions_of_authors[row[BOOSTED_AUTHOR_ID]] = tuple(row[BOOSTED_AUTHOR])
    posts = await fragments.posts(ctx, reader, versions) if versions else []
    authors = await fragments.accounts(ctx, reader, versions_of_authors) if versions else {}
    boosted = iter(posts[len(rows) :])
    found: list[bytes | None] = []
    for row, post in zip(rows, posts, strict=False):
        author, original, its_author = authors.get(row[AUTHOR_ID]), None, None
        if row[BOOSTED_ID] is not None:
            original, its_author = next(boosted), authors.get(row[BOOSTED_AUTHOR_ID])
        if post is None or author is None:
            found.append(None)
        elif row[BOOSTED_ID] is None:
            found.append(status.start(post, author))
        elif original is None or its_author is None:
            found.append(None)
        else:
            found.append(status.boost_start(post, author, status.start(original, its_author)))
    return found


async def _hanging(
    ctx: Context, reader: Reader, viewer_id: int | None, rows: Sequence[Line], *, quoted: bool = False
) -> Mapping[int, bytes]:
    """What hangs on those posts and on what they boost (see `supplements`)."""
    versions = [tuple(row[POST]) for row in rows if row[EXTRAS] & PER_READER]
    versions += [
        tuple(row[BOOSTED]) for row in rows if row[BOOSTED_ID] is not None and row[_BOOSTED_EXTRAS] & PER_READER
    ]
    if not versions:
        return {}

    async def render_quoted(post_ids: Sequence[int]) -> dict[int, bytes]:
        return await _rendered(ctx, viewer_id, await shown.rows(reader, viewer_id, post_ids), reader, quoted=True)

    return await supplements.of(ctx, reader, viewer_id, versions, None if quoted else render_quoted)


@dataclass(frozen=True, slots=True)
class _Own:
    """What a reader set about posts, by their ids."""

    muted: Collection[int] = ()
    filtered: Mapping[int, bytes] = field(default_factory=dict)


_NOTHING = _Own()


async def _own(
    ctx: Context, reader: Reader, viewer_id: int | None, rows: Sequence[Line], starts: Sequence[bytes | None],
    hanging: Mapping[int, bytes],
) -> _Own:  # fmt: skip
    """Nothing for most; one query for who muted conversations, none for who has filters (but every few seconds)."""
    bits = await tastes.of(ctx, viewer_id, reader)
    if viewer_id is None or not bits & _SAID or not rows:
        return _NOTHING
    muted: Collection[int] = ()
    if bits & Taste.THREADS:
        ids = [row[POST_ID] if row[BOOSTED_ID] is None else row[BOOSTED_ID] for row in rows]
        muted = await thread_mutes.among(reader, actor_id=viewer_id, post_ids=ids)
    filtered: Mapping[int, bytes] = {}
    if bits & Taste.FILTERS:
        lines = [(row, start) for row, start in zip(rows, starts, strict=True) if start is not None]
        filtered = filtering.met(await filters.active(ctx, reader, viewer_id), lines, hanging)
    return _Own(muted, filtered)


_SAID = int(Taste.THREADS | Taste.FILTERS)


def _ends(viewer_id: int | None, rows: Sequence[Line], hanging: Mapping[int, bytes], own_: _Own) -> list[bytes]:
    """What follows on each of the `_starts`: what this reader did, whose it is, what hangs on it."""
    untouched = status.end(b"" if viewer_id is None else status.marks(0, own=False))

    def end(post_id: int, acted: int, own: bool) -> bytes:
        if post_id in own_.muted:
            acted |= MUTED
        met = own_.filtered.get(post_id)
        if not acted and not own and met is None and post_id not in hanging:
            return untouched
        done = b"" if viewer_id is None else status.marks(acted, own=own, filtered=met)
        return status.end(done + hanging.get(post_id, b""))

    found = []
    for row in rows:
        boosted_id, acted = row[BOOSTED_ID], 0 if viewer_id is None else row[ACTED]
        if boosted_id is None:
            found.append(end(row[POST_ID], acted, row[AUTHOR_ID] == viewer_id))
        else:  # a boost is nobody's to pin
            its_own = end(boosted_id, acted, row[BOOSTED_AUTHOR_ID] == viewer_id)
            found.append(its_own + end(boosted_id, acted, False))
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
