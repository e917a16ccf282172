"""The home feed: what the followed wrote, waiting in `feed_tail`, then spread over `home_feed`.

A new post is one row of `feed_tail`; the merger copies the tail to one row for each local follower, in chunks
ordered by reader, so that a chunk touches neighbouring pages (1,000 followers of one post lie on 1,000 pages).
Readers join both and apply the same conditions to both: `home_feed` only says where to look, so an unfollow, a
block or an edit of what may be seen holds at once.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache, partial

from node.actors.facts import FollowAccepted, FollowRejected, Unfollowed
from node.actors.tastes import Taste
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import AlreadyThere, Reader, Row, Tx
from node.runtime.ids import first_at
from node.runtime.jobs import Part
from node.runtime.jobs.part import rest
from node.timeline import lists, shown
from node.timeline.facts import PostsPublished, PostWaits
from node.timeline.pages import MAX_ID, Page, Places
from node.timeline.shown import POST_ID, Line
from node.timeline.unwanted import AT_HOME, EVERYWHERE, kept_by_each_sql, kept_sql
from node.timeline.visibility import WITH_AUTHORS, follows_sql, listed_sql

BACKFILL_POSTS = 40
"""What a new follow brings at once: about two screens."""
KEPT_MS = 180 * 86_400_000
"""Older rows leave the feeds; the posts themselves stay where their authors' pages show them."""

_POSTS_PER_MERGE = 500
# What one transaction of the merger writes: about a tenth of a second in which other writers wait.
_ROWS_PER_CHUNK = 20_000
_COLLECTED_FOR_S = 2.0
_AFTER_FAILURE_S = 5.0
_READERS_PER_TRIM = 50
_FORGOTTEN_AT_UNFOLLOW = 5_000


def wanted_sql(reader: str) -> str:
    """What *reader* wants at home: own posts; of those followed (`f`) all but direct posts, boosts unless turned
    off, and replies only to oneself, to the author's own posts, or to someone followed."""  # noqa: D205, D209
    return (
        f"(p.author_id = {reader} OR (f.id IS NOT NULL AND p.visibility <> 'direct'"
        " AND (p.boost_of_id IS NULL OR f.show_boosts)"
        f" AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id OR p.reply_to_author_id = {reader}"
        f" OR {follows_sql(reader, 'p.reply_to_author_id')})))"
    )


def tagged_sql(reader: str) -> str:
    """What *reader* wants at home by a hashtag that she follows: public posts, of nobody whom a moderator limited."""
    return (
        "(p.visibility = 'public' AND p.boost_of_id IS NULL AND NOT a.limited AND EXISTS (SELECT 1 FROM post_tags pt "
        f"JOIN tag_follows tf ON tf.actor_id = {reader} AND tf.tag_id = pt.tag_id WHERE pt.post_id = p.id))"
    )


async def rows(
    reader: Reader, actor_id: int, page: Page, *, bits: int = 0, now_ms: int = 0, only: lists.List | None = None
) -> list[Line]:
    """The reader's home feed: posts and boosts as `shown.columns`, newest first. One query.

    *bits*: what she has of `tastes`, which counts at *now_ms*; *only*: what stands in that list of hers.

    What stands in the feed and in the tail (a chunk is merged while its posts still wait) is told apart here, which
    costs less than a sort by the database.
    """
    places = Places(actor_id)
    bounds = page.bounds("s.post_id", places)
    kept = kept_sql("$1", bits, places, now_ms, among=AT_HOME if only is None else EVERYWHERE) if bits else ""
    if only is not None:
        kept += lists.narrowed_sql(places.put(only.id), only.replies)
    tagged = bool(bits & Taste.TAGS)
    count = page.count
    found = await shown.read(reader, _page_sql(bounds, page.order, count, reader.dialect, kept, tagged), *places.values)
    once = {row[POST_ID]: row for row in found}
    if len(once) < len(found) == count:  # doubles took the place of others; half of twice as many are enough
        found = await shown.read(
            reader, _page_sql(bounds, page.order, 2 * count, reader.dialect, kept, tagged), *places.values
        )
        once = {row[POST_ID]: row for row in found}
    return page.arranged(page.sorted(once.values(), shown.place)[:count])


@lru_cache(maxsize=512)
def _page_sql(bounds: str, order: str, count: int, dialect: str, kept: str = "", tagged: bool = False) -> str:
    """Two sources in their order, merged until the limit is reached: neither is read further than the page.

    SQLite merges two statements (MERGE): SEARCH s USING PRIMARY KEY (actor_id=? AND post_id<?) on home_feed, SEARCH s
    USING INTEGER PRIMARY KEY (rowid<?) on feed_tail, then every other table by its primary key or unique index; one
    source joined once would be written down first. (The node never runs ANALYZE on SQLite: with statistics it reads all posts into a
    Bloom filter while anything is waiting, 3.5 ms instead of 0.1 with 20,000 posts.)

    PostgreSQL merges two index scans, then joins once for both: half the plan is set up, 0.04 ms less.

    In the tail the reader's follows are asked before the posts, since most of what waits is for others: with two hundred
    posts waiting 0.1 ms instead of 0.3 on SQLite, 0.25 instead of 1 on PostgreSQL.
    """
    if dialect == "sqlite":
        known = f"(s.author_id = $1 OR {follows_sql('$1', 's.author_id')})"
        merged = _branch("home_feed s", f"s.actor_id = $1{bounds}{kept}", dialect, tagged)
        waiting = _branch("feed_tail s", f"{known}{bounds}{kept}", dialect)
        listed = f"{merged} UNION ALL {waiting} ORDER BY place {order} LIMIT {count}"
        return shown.page_sql(dialect, "$1", listed)
    both = (
        "SELECT actor_id, post_id FROM home_feed "
        "UNION ALL SELECT $1::bigint AS actor_id, s.post_id FROM feed_tail s WHERE s.author_id = $1 "
        "OR s.author_id IN (SELECT fw.followee_id FROM follows fw WHERE fw.follower_id = $1 AND fw.state = 'accepted')"
    )
    branch = _branch(f"({both}) s", f"s.actor_id = $1{bounds}{kept}", dialect, tagged)
    listed = f"{branch} ORDER BY s.post_id {order} LIMIT {count}"
    return shown.page_sql(dialect, "$1", listed)


def _branch(source: str, where: str, dialect: str, tagged: bool = False) -> str:
    wanted = f"({wanted_sql('$1')} OR {tagged_sql('$1')})" if tagged else wanted_sql("$1")
    return (
        f"SELECT {shown.columns(dialect, '$1')}, s.post_id AS place FROM {source} JOIN posts p ON p.id = +s.post_id {WITH_AUTHORS} "
        "LEFT JOIN follows f ON f.follower_id = $1 AND f.followee_id = p.author_id AND f.state = 'accepted' "
        f"WHERE {where} AND {wanted} AND {listed_sql('$1')}"
    )


async def readers_of(reader: Reader, post_id: int, *, now_ms: int = 0) -> list[int]:
    """The local actors in whose home feed the post stands at *now_ms*: to whom streams send it."""
    rows = await reader.fetch(
        f"SELECT f.follower_id FROM posts p {WITH_AUTHORS} JOIN follows f ON f.followee_id = p.author_id "
        "AND f.state = 'accepted' AND NOT f.remote JOIN actors v ON v.id = f.follower_id "
        f"WHERE p.id = $1 AND {wanted_sql('f.follower_id')} AND {listed_sql('f.follower_id')}"
        f"{kept_by_each_sql('f.follower_id', 'v', '$2')} "
        f"UNION SELECT v.id FROM posts p {WITH_AUTHORS} JOIN post_tags t ON t.post_id = p.id "
        "JOIN tag_follows g ON g.tag_id = t.tag_id JOIN actors v ON v.id = g.actor_id "
        f"WHERE p.id = $1 AND {tagged_sql('v.id')} AND {listed_sql('v.id')}{kept_by_each_sql('v.id', 'v', '$2')} "
        "UNION SELECT p.author_id FROM posts p WHERE p.id = $1 AND p.local",
        post_id, now_ms,
    )  # fmt: skip
    return [row[0] for row in rows]


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Let posts wait in the tail, those whose author anyone here reads at home."""
    placed = await tx.execute(
        "INSERT INTO feed_tail (post_id, author_id) SELECT p.id, p.author_id FROM posts p WHERE p.id = ANY($1::bigint[]) AND (p.local "
        "OR (p.visibility <> 'direct' AND EXISTS (SELECT 1 FROM follows f "
        "WHERE f.followee_id = p.author_id AND f.state = 'accepted' AND NOT f.remote))) "
        "ON CONFLICT DO NOTHING",
        [post.post_id for post in fact.posts],
    )
    if placed:
        tx.after_commit(lambda: ctx.live.ring("feeds"))
    tagged = [post.post_id for post in fact.posts if post.tags and post.visibility == "public"]
    if tagged:  # few follow a hashtag: their rows are written at once
        await tx.execute(
            "INSERT INTO home_feed (actor_id, post_id) SELECT tf.actor_id, pt.post_id FROM post_tags pt "
            "JOIN tag_follows tf ON tf.tag_id = pt.tag_id WHERE pt.post_id = ANY($1::bigint[]) "
            "ORDER BY tf.actor_id ON CONFLICT DO NOTHING",
            tagged,
        )


async def on_waiting(tx: Tx, ctx: Context, fact: PostWaits) -> None:
    """Let what waits for approval stand at home of its own team."""
    await tx.execute(
        "INSERT INTO home_feed (actor_id, post_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", fact.author_id, fact.post_id
    )


async def on_followed(tx: Tx, ctx: Context, fact: FollowAccepted) -> None:
    """Bring the last posts of the one followed to a local follower's feed."""
    if fact.remote:
        return
    await tx.execute(
        "INSERT INTO home_feed (actor_id, post_id) SELECT f.follower_id, p.id FROM follows f "
        "JOIN posts p ON p.author_id = f.followee_id WHERE f.follower_id = $1 AND f.followee_id = $2 "
        f"AND f.state = 'accepted' AND NOT f.remote AND {wanted_sql('f.follower_id')} "
        f"ORDER BY p.id DESC LIMIT {BACKFILL_POSTS} ON CONFLICT DO NOTHING",
        fact.follower_id, fact.followee_id,
    )  # fmt: skip
    await tx.execute("UPDATE feed_tail SET again = TRUE WHERE author_id = $1", fact.followee_id)


async def on_unfollowed(tx: Tx, ctx: Context, fact: Unfollowed | FollowRejected) -> None:
    """Take the posts of the one no longer followed out of the feed (older leftovers are hidden by the door)."""
    await tx.execute(
        "DELETE FROM home_feed WHERE actor_id = $1 AND post_id IN "
        f"(SELECT id FROM posts WHERE author_id = $2 ORDER BY id DESC LIMIT {_FORGOTTEN_AT_UNFOLLOW})",
        fact.follower_id, fact.followee_id,
    )  # fmt: skip


class Merger(Part):
    """Moves the tail into the feeds; runs beside the jobs, woken by each post."""

    bell = "feeds"

    async def turn(self, ctx: Context) -> int:
        return await merge_tail(ctx)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        """Let posts collect between two merges: the more of them share a reader's page, the less each costs."""
        bell = ctx.live.bell(self.bell)
        while not stop.is_set():
            bell.clear()
            try:
                done = await self.turn(ctx)
            except Exception as error:  # noqa: BLE001 (readers look into the tail; the part goes on)
                log.fail("worker.failed", error, part=self.bell)
                await rest(stop, stop, _AFTER_FAILURE_S)
                continue
            if not done:
                await rest(bell, stop)
            elif done < _POSTS_PER_MERGE:
                await rest(stop, stop, _COLLECTED_FOR_S)


async def merge_tail(ctx: Context) -> int:
    """Spread what waits in the tail now, at most 500 posts, each chunk in a transaction of its own; how many posts.

    A crash in between loses nothing: rows leave the tail last, and merging again adds nothing.
    """
    rows = await ctx.db.reader.fetch(
        f"SELECT post_id, author_id, again FROM feed_tail ORDER BY post_id LIMIT {_POSTS_PER_MERGE}"
    )
    if rows:
        await (_merge_in_chunks(ctx, rows) if ctx.db.dialect == "sqlite" else _merge_at_once(ctx, rows))
    return len(rows)


async def _merge_in_chunks(ctx: Context, rows: Sequence[Row]) -> None:
    """On SQLite, where one writes at a time, others write between the chunks."""
    waiting, above = [row["post_id"] for row in rows], 0
    ends = await _ends_of_chunks(ctx, list({row["author_id"] for row in rows}), max(20, _ROWS_PER_CHUNK // len(rows)))
    for last in (*ends, MAX_ID):
        await ctx.db.write(lambda tx, first=above + 1, last=last: merge_chunk(tx, waiting, first=first, last=last))  # type: ignore[misc]
        above = last
    await ctx.db.write(lambda tx: _leave(tx, waiting))


async def _merge_at_once(ctx: Context, rows: Sequence[Row]) -> None:
    """PostgreSQL does better with one statement, and best where no row need be compared with those that are there."""
    fresh = [row["post_id"] for row in rows if not row["again"]]
    others = [row["post_id"] for row in rows if row["again"]]

    async def step(tx: Tx, *, anew: bool) -> None:
        await merge_chunk(tx, fresh, anew=anew)
        if others:
            await merge_chunk(tx, others)
        await _leave(tx, [*fresh, *others])

    try:
        await ctx.db.write(partial(step, anew=True))
    except AlreadyThere:  # somebody followed an author in this very moment
        await ctx.db.write(partial(step, anew=False))


async def _leave(tx: Tx, post_ids: Sequence[int]) -> None:
    await tx.execute("DELETE FROM feed_tail WHERE post_id = ANY($1::bigint[])", list(post_ids))


async def _ends_of_chunks(ctx: Context, author_ids: Sequence[int], readers: int) -> list[int]:
    """The ids that cut the local followers of those authors into chunks of so many *readers*.

    Counted by the database, and off the event loop: a page of a thousand ids read there, each row letting the
    writer's thread in, held up every request.
    """
    found = await ctx.db.survey.fetch(
        "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number FROM ("
        "SELECT DISTINCT f.follower_id AS id FROM follows f "
        "WHERE f.followee_id = ANY($1::bigint[]) AND f.state = 'accepted' AND NOT f.remote) AS readers) AS numbered "
        f"WHERE number % {int(readers)} = 0 ORDER BY id",
        list(author_ids),
    )
    return [row[0] for row in found]


async def merge_chunk(
    tx: Tx, post_ids: Sequence[int], *, first: int = 1, last: int = MAX_ID, anew: bool = False
) -> None:
    """Give the local readers from *first* to *last* their rows of those posts, in the order of the primary key.

    Only what a reader wants is copied; whether it may be read is asked when it is read. One range of
    follows_readers (followee_id, follower_id) for each post: a chunk costs what it writes. With *anew*, none of the
    rows is there yet.

    Raises:
        AlreadyThere: with *anew*, and one was.
    """
    args: tuple[object, ...] = (list(post_ids),)
    followers = authors = ""
    if (first, last) != (1, MAX_ID):
        # A range that nobody asked for must not stand there: PostgreSQL would walk through all follows of the node.
        args += (first, last)
        followers, authors = "AND f.follower_id >= $2 AND f.follower_id <= $3", "AND +p.author_id BETWEEN $2 AND $3"
    await tx.execute(
        "INSERT INTO home_feed (actor_id, post_id) SELECT reader_id, post_id FROM ("
        "SELECT f.follower_id AS reader_id, p.id AS post_id FROM posts p "
        "JOIN follows f ON f.followee_id = p.author_id AND f.state = 'accepted' AND NOT f.remote "
        f"WHERE p.id = ANY($1::bigint[]) {followers} AND {wanted_sql('f.follower_id')} "
        f"UNION ALL SELECT p.author_id, p.id FROM posts p WHERE p.id = ANY($1::bigint[]) AND p.local {authors}) AS rows_ "
        f"WHERE TRUE ORDER BY reader_id, post_id{'' if anew else ' ON CONFLICT DO NOTHING'}",
        *args,
    )


async def trim(tx: Tx, ctx: Context) -> int:
    """Drop rows older than `KEPT_MS` from the feeds of the next 50 local actors; how many rows.

    Where to go on is remembered in this process only: after a restart it begins anew.
    """
    memory = ctx.cache.of("home.trim", 1)
    rows = await tx.fetch(
        f"SELECT id FROM actors WHERE domain_id IS NOT NULL AND id > $1 ORDER BY id LIMIT {_READERS_PER_TRIM}",
        memory.get("last") or 0,
    )
    oldest = first_at(ctx.clock.now_ms() - KEPT_MS)
    done = 0
    for row in rows:
        done += await tx.execute("DELETE FROM home_feed WHERE actor_id = $1 AND post_id < $2", row[0], oldest)
    last = rows[-1][0] if len(rows) == _READERS_PER_TRIM else 0
    tx.after_commit(lambda: memory.put("last", last))
    return done
