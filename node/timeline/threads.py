"""Conversations: what a post answers, what answers it, and replies that came before what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors import actors
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline import conversations, counts, replies, thread_mutes
from node.timeline.extras import Extra
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS, listed_sql, readable_ids

MAX_ANCESTORS = 100
MAX_DESCENDANTS = 4_096
MAX_DEPTH = 100
"""Mastodon's bounds are 4,096, 4,096 and none for who is logged in; a chain of 100 replies is already a book."""
_MOST_ASKED = 200
STRANGER_ANCESTORS, STRANGER_DESCENDANTS, STRANGER_DEPTH = 40, 60, 20
"""For readers without an account, as Mastodon's: their cost is nobody's quota."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The posts around a post, as far as the reader may see them."""

    ancestors: list[int]
    """From the first post of the conversation down to the one answered."""
    descendants: list[int]
    """Each followed by its own replies, the oldest first."""


async def context(reader: Reader, viewer_id: int | None, post: Post) -> Conversation:
    """What is around *post*. Three queries, bounded; whether *post* itself may be read was asked before."""
    known = viewer_id is not None
    ancestors = await _ancestors(reader, post, MAX_ANCESTORS if known else STRANGER_ANCESTORS)
    readable = await readable_ids(reader, viewer_id=viewer_id, post_ids=ancestors) if ancestors else []
    return Conversation(readable, await _descendants(reader, viewer_id, post))


async def _ancestors(reader: Reader, post: Post, most: int) -> list[int]:
    if post.reply_to_id is None:
        return []
    # Each step is one look-up by primary key.
    rows = await reader.fetch(
        "WITH RECURSIVE above (id, parent_id, depth) AS ("
        "SELECT p.id, p.reply_to_id, 1 FROM posts p WHERE p.id = $1 "
        "UNION ALL SELECT p.id, p.reply_to_id, above.depth + 1 FROM above JOIN posts p ON p.id = above.parent_id "
        f"WHERE above.depth < {int(most)}) SELECT id FROM above ORDER BY depth DESC",
        post.reply_to_id,
    )
    return [row[0] for row in rows]


async def _descendants(reader: Reader, viewer_id: int | None, post: Post) -> list[int]:
    if viewer_id is None:
        door, args, most, depth = listed_sql(None), (post.id,), STRANGER_DESCENDANTS, STRANGER_DEPTH
    else:
        door, args, most, depth = listed_sql("$2"), (post.id, viewer_id), MAX_DESCENDANTS, MAX_DEPTH  # type: ignore[assignment]
    # Each step is one range of posts_replies (reply_to_id, id). What the reader may not see is walked through: the
    # answers to it are decided one by one. Twice the bound is walked at most.
    rows = await reader.fetch(
        "WITH RECURSIVE below (id, parent_id, depth) AS ("
        "SELECT p.id, p.reply_to_id, 1 FROM posts p WHERE p.reply_to_id = $1 "
        "UNION ALL SELECT p.id, p.reply_to_id, below.depth + 1 FROM below JOIN posts p ON p.reply_to_id = below.id "
        f"WHERE below.depth < {depth}), walked AS (SELECT id, parent_id FROM below LIMIT {2 * most}) "
        f"SELECT w.id, w.parent_id, CASE WHEN {door} THEN 1 ELSE 0 END AS shown "
        f"FROM walked w JOIN posts p ON p.id = w.id {WITH_AUTHORS}",
        *args,
    )
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row["parent_id"], []).append(row["id"])
    shown = {row["id"] for row in rows if row["shown"]}
    return _in_order(children, shown, post.id)[:most]


def _in_order(children: dict[int, list[int]], shown: set[int], root_id: int) -> list[int]:
    found: list[int] = []
    seen: set[int] = set()
    waiting = sorted(children.get(root_id, ()), reverse=True)
    while waiting:
        post_id = waiting.pop()
        if post_id in seen:
            continue
        seen.add(post_id)
        if post_id in shown:
            found.append(post_id)
        waiting.extend(sorted(children.get(post_id, ()), reverse=True))
    return found


async def conversation_page(reader: Reader, root_id: int, *, above: int = 0, limit: int = 20) -> list[int]:
    """What anyone may read of the conversation that *root_id* began, itself included, with ids above *above*.

    Plan: one range of posts_thread (thread_id, id).
    """
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.thread_id = $1 AND p.boost_of_id IS NULL AND p.id > $2 "
        f"AND {listed_sql(None)} ORDER BY p.id LIMIT {int(limit)}",
        root_id, above,
    )  # fmt: skip
    return [row[0] for row in rows]


async def begin_reading(tx: Tx, ctx: Context, post_id: int, *, every_ms: int) -> bool:
    """Note that the conversation around *post_id* is read elsewhere now; False when it was less than *every_ms* ago."""
    now_ms = ctx.clock.now_ms()
    return bool(
        await tx.execute(
            "INSERT INTO thread_reads (post_id, read_ms) VALUES ($1, $2) ON CONFLICT (post_id) DO UPDATE "
            "SET read_ms = excluded.read_ms WHERE thread_reads.read_ms <= $3",
            post_id, now_ms, now_ms - every_ms,
        )
    )  # fmt: skip


async def replies_page(reader: Reader, post_id: int, *, above: int = 0, limit: int = 20) -> list[int]:
    """The public and unlisted direct replies with ids above *above*: the `replies` collection of federation."""
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.reply_to_id = $1 AND p.id > $2 AND {listed_sql(None)} "
        f"ORDER BY p.id LIMIT {int(limit)}",
        post_id, above,
    )  # fmt: skip
    return [row[0] for row in rows]


async def adopt(tx: Tx, ctx: Context, posts: Sequence[Post]) -> None:
    """Link the replies that came before *posts*, and move their conversations into theirs.

    The feeds that left them out, because nobody knew whom they answer, look at them again. Mostly nobody waited: one
    range of posts_awaited for each.
    """
    rows = await tx.fetch(
        "SELECT DISTINCT reply_to_uri FROM posts WHERE reply_to_uri = ANY($1::text[]) AND reply_to_id IS NULL",
        [post.uri for post in posts],
    )
    awaited = {row[0] for row in rows}
    for post in posts:
        if post.uri in awaited:
            await _adopt(tx, ctx, post)


async def _adopt(tx: Tx, ctx: Context, post: Post) -> None:
    among = None if not post.extras & Extra.GOVERNED else await _permitted(tx, post)
    only, more = ("", ()) if among is None else (" AND id = ANY($5::bigint[])", (among,))
    # A reply in the post's own conversation is above it, or was: linking it would close a circle.
    rows = await tx.fetch(
        "UPDATE posts SET reply_to_id = $1, reply_to_author_id = $2 "
        f"WHERE reply_to_uri = $3 AND reply_to_id IS NULL AND thread_id <> $4 AND id <> $1{only} "
        "RETURNING id, visibility, thread_id",
        post.id, post.author_id, post.uri, post.thread_id, *more,
    )  # fmt: skip
    if not rows:
        return
    adopted = [row["id"] for row in rows]
    merged = list({row["thread_id"] for row in rows})
    await tx.execute("UPDATE posts SET thread_id = $1 WHERE thread_id = ANY($2::bigint[])", post.thread_id, merged)
    await thread_mutes.follow(tx, thread_ids=merged, into=post.thread_id)
    if any(row["visibility"] == "direct" for row in rows):
        await conversations.join_threads(tx, into=post.thread_id, threads=merged)
    known = sum(row["visibility"] in ("public", "unlisted") for row in rows)
    if known:
        await counts.step(tx, "replies_count", post.id, known)
    await tx.execute(
        "INSERT INTO feed_tail (post_id, author_id, again) SELECT id, author_id, TRUE FROM posts "
        "WHERE id = ANY($1::bigint[]) "
        "ON CONFLICT DO NOTHING",
        adopted,
    )
    tx.after_commit(lambda: ctx.live.ring("feeds"))


async def _permitted(tx: Tx, post: Post) -> list[int]:
    """Of the replies that wait for *post*, below a post of ours that has a rule, those that it lets through at once."""
    rows = await tx.fetch(
        f"SELECT id, author_id FROM posts WHERE reply_to_uri = $1 AND reply_to_id IS NULL LIMIT {_MOST_ASKED}", post.uri
    )
    people = await actors.by_ids(tx, [row[1] for row in rows])
    found: list[int] = []
    for row in rows:
        if row[1] in people:
            place = await replies.place(tx, parent=post, author=people[row[1]])
            if place.verdict == "automatic":
                found.append(row[0])
    await tx.execute("UPDATE posts SET extras = extras | $2 WHERE id = ANY($1::bigint[])", found, int(Extra.GOVERNED))
    return found
