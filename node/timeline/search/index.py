"""The index: which word stands in which post, kept by a part of the worker soon after a post was written.

A posting is a row (term, post) of one table, the same on both databases, read from its newest end: a search stops
when its page is full. Everybody's texts are in it; who may find one is asked when it is looked for, so that a
changed mind (`indexable`), a block or a deletion holds at once.

Terms are numbered as they are first seen, so the commonest have the smallest numbers; a beginning of a word stands for
the first of them.
"""

import asyncio
import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.jobs import Part
from node.runtime.jobs.part import rest
from node.runtime.text.words import kept, stem, text_of
from node.timeline.search import names

MAX_TERMS: Final = 400
"""Of one post. Mastodon's 500 characters have about sixty words; a long article is found by its first four hundred."""

_MAX_CHARS: Final = 20_000
_POSTS_AT_ONCE: Final = 50
_ACTORS_AT_ONCE: Final = 100
_QUEUED_AT_ONCE: Final = 20_000
_SHARE: Final = 3
"""After each turn the part rests three times as long: posts that arrive in crowds are shown before they are found."""
_AFTER_FAILURE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Read:
    """A post as it was read: its words, and of which edit."""

    edited_ms: int | None
    words: frozenset[str]


class Indexer(Part):
    """Reads what was written, changed or deleted, newest first."""

    bell = "search"

    async def turn(self, ctx: Context) -> int:
        return await index_posts(ctx) + await names.index(ctx, _ACTORS_AT_ONCE)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        """Take turns; nobody rings: what is written is found a second later."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                done = await self.turn(ctx)
            except Exception as error:  # noqa: BLE001 (what is queued stays queued; the part goes on)
                log.fail("worker.failed", error, part=self.bell)
                await rest(stop, stop, _AFTER_FAILURE_S)
                continue
            await rest(stop, stop, _SHARE * (time.monotonic() - began) if done else 1.0)


async def index_posts(ctx: Context) -> int:
    """Bring the index up to date with the newest queued posts, at most fifty; how many."""
    rows = await ctx.db.reader.fetch(
        f"SELECT row_id FROM search_queue WHERE kind = 'post' ORDER BY row_id DESC LIMIT {_POSTS_AT_ONCE}"
    )
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    await ctx.db.write(partial(_keep, ids=ids, read=await _read(ctx.db.reader, ids)))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Size:
    """How many can be found, and how many are not in the index as they are now."""

    posts: int
    actors: int
    waiting: int


async def size(survey: Reader) -> Size:
    """Counted: each table is read once."""
    row = await survey.row(
        "SELECT (SELECT COUNT(*) FROM search_posts), (SELECT COUNT(DISTINCT actor_id) FROM search_actors), "
        "(SELECT COUNT(*) FROM search_queue)"
    )
    assert row is not None
    return Size(*row)


async def rebuild(ctx: Context) -> int:
    """Have every post and account read again, and what is gone taken out, while what is there goes on being found; how many."""
    queued = 0
    unknown = "NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = s.post_id)"
    for kind, source in (
        ("post", "SELECT id FROM posts WHERE boost_of_id IS NULL AND id > $1"),
        ("post", f"SELECT post_id AS id FROM search_posts s WHERE post_id > $1 AND {unknown}"),
        ("actor", "SELECT id FROM actors WHERE kind <> 'instance' AND id > $1"),
    ):
        last = 0
        while True:
            rows = await ctx.db.survey.fetch(f"{source} ORDER BY id LIMIT {_QUEUED_AT_ONCE}", last)
            if not rows:
                break
            last, ids = rows[-1][0], [row[0] for row in rows]
            queued += await ctx.db.write(partial(_queue, kind=kind, ids=ids))
    return queued


async def _queue(tx: Tx, *, kind: str, ids: Sequence[int]) -> int:
    await tx.executemany(
        "INSERT INTO search_queue (kind, row_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", [(kind, each) for each in ids]
    )
    return len(ids)


async def texts(reader: Reader, ids: Sequence[int]) -> dict[int, tuple[int | None, str]]:
    """What is looked for in each of those posts: title, warning, text, descriptions of its media, answers of its poll.

    With the time of its last edit. Three queries.
    """
    rows = await reader.fetch(
        "SELECT id, edited_ms, name, summary, content FROM posts WHERE id = ANY($1::bigint[])", list(ids)
    )
    found = {row[0]: (row[1], [row[2], row[3], text_of(row[4])]) for row in rows}
    for sql in (
        "SELECT post_id, description FROM media WHERE post_id = ANY($1::bigint[]) AND description <> '' ORDER BY position",
        "SELECT post_id, title FROM poll_options WHERE post_id = ANY($1::bigint[]) ORDER BY position",
    ):
        for post_id, text in await reader.fetch(sql, list(ids)):
            if post_id in found:
                found[post_id][1].append(text)
    return {post_id: (edited_ms, "\n".join(filter(None, parts))) for post_id, (edited_ms, parts) in found.items()}


async def _read(reader: Reader, ids: Sequence[int]) -> dict[int, _Read]:
    found = {}
    for post_id, (edited_ms, text) in (await texts(reader, ids)).items():
        words = dict.fromkeys(kept(text[:_MAX_CHARS]))
        found[post_id] = _Read(edited_ms, frozenset(list(words)[:MAX_TERMS]))
        await asyncio.sleep(0)  # requests are answered between two posts
    return found


async def _keep(tx: Tx, *, ids: Sequence[int], read: Mapping[int, _Read]) -> None:
    """Write what was read. What was changed since is left in the queue."""
    await tx.lock("search")
    taken = [
        row[0]
        for row in await tx.fetch(
            "DELETE FROM search_queue WHERE kind = 'post' AND row_id = ANY($1::bigint[]) RETURNING row_id", list(ids)
        )
    ]
    now = dict(
        tuple(row) for row in await tx.fetch("SELECT id, edited_ms FROM posts WHERE id = ANY($1::bigint[])", taken)
    )
    changed = [each for each in taken if each in now and (each not in read or read[each].edited_ms != now[each])]
    if changed:
        await tx.executemany(
            "INSERT INTO search_queue (kind, row_id) VALUES ('post', $1) ON CONFLICT DO NOTHING",
            [(post_id,) for post_id in changed],
        )
    settled = [post_id for post_id in taken if post_id not in set(changed)]
    known = await tx.fetch("SELECT post_id, terms FROM search_posts WHERE post_id = ANY($1::bigint[])", settled)
    before = {row["post_id"]: set(_unpacked(bytes(row["terms"]))) for row in known}
    terms = await _terms(tx, sorted({word for each in settled if each in now for word in read[each].words}))
    after = {each: {terms[word] for word in read[each].words} for each in settled if each in now}
    # In the order of the primary key: neighbours lie on one page.
    fresh = sorted((term, each) for each, found in after.items() for term in found - before.get(each, set()))
    stale = sorted((term, each) for each, found in before.items() for term in found - after.get(each, set()))
    if fresh:
        await tx.executemany(
            "INSERT INTO search_postings (term_id, post_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", fresh
        )
    if stale:
        await tx.executemany("DELETE FROM search_postings WHERE term_id = $1 AND post_id = $2", stale)
    if after:
        await tx.executemany(
            "INSERT INTO search_posts (post_id, terms) VALUES ($1, $2) ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms",
            [(post_id, _packed(found)) for post_id, found in after.items()],
        )
    gone = [post_id for post_id in settled if post_id not in now]
    if gone:
        await tx.execute("DELETE FROM search_posts WHERE post_id = ANY($1::bigint[])", gone)


async def _terms(tx: Tx, words: Sequence[str]) -> dict[str, int]:
    """The number of each word's term; new words and terms are made. At most five statements."""
    if not words:
        return {}
    rows = await tx.fetch("SELECT word, term_id FROM search_words WHERE word = ANY($1::text[])", list(words))
    found = {row[0]: row[1] for row in rows}
    missing = {word: stem(word) for word in words if word not in found}
    if not missing:
        return found
    stems = sorted(set(missing.values()))
    rows = await tx.fetch("SELECT term, id FROM search_terms WHERE term = ANY($1::text[])", stems)
    numbers = {row[0]: row[1] for row in rows}
    last = await tx.value("SELECT COALESCE(MAX(id), 0) FROM search_terms")
    made = [(number, term) for number, term in enumerate((each for each in stems if each not in numbers), last + 1)]
    if made:
        await tx.executemany("INSERT INTO search_terms (id, term) VALUES ($1, $2)", made)
        numbers |= {term: number for number, term in made}
    await tx.executemany(
        "INSERT INTO search_words (word, term_id) VALUES ($1, $2)",
        [(word, numbers[term]) for word, term in missing.items()],
    )
    return found | {word: numbers[term] for word, term in missing.items()}


def _packed(terms: set[int]) -> bytes:
    return array("I", sorted(terms)).tobytes()


def _unpacked(packed: bytes) -> Sequence[int]:
    return array("I", packed)
