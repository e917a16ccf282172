"""Posts go: a tombstone stays, counters are corrected, and the fact carries what others need to be told."""

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import attached, counts, records
from node.timeline.extras import Extra
from node.timeline.facts import PostDeleted, WaitingGone
from node.timeline.records import Post
from node.timeline.tombstones import bury

_MAX_TOLD = 1_000
# One of ours that was sent before its consent ended.
_SENT = int(Extra.AWAITS | Extra.APPROVED)


async def delete(tx: Tx, ctx: Context, *, post: Post) -> None:
    """Delete *post* (a boost: take it back), with its boosts, favourites, bookmarks and pins; state PostDeleted.

    Replies stay, answering nothing. Deleting again does nothing.
    """
    if post.extras & Extra.WAITS:
        await take_out(tx, post=post)
        return
    await tx.lock(f"post:{post.uri}")
    row = await tx.row(
        "SELECT a.uri AS author_uri, o.uri AS boost_of_uri, o.author_id AS boost_of_author_id "
        "FROM posts p JOIN actors a ON a.id = p.author_id LEFT JOIN posts o ON o.id = p.boost_of_id WHERE p.id = $1",
        post.id,
    )
    if row is None:
        return
    told = await reached(tx, post)
    for boost in await _boosts_of_ours(tx, post):  # their readers elsewhere are told, as of any boost taken back
        await delete(tx, ctx, post=boost)
    boosts = await tx.fetch(f"SELECT id, author_id FROM posts WHERE boost_of_id = $1 LIMIT {_MAX_TOLD}", post.id)
    await _count_boosters(tx, post)
    await tx.execute(
        "INSERT INTO tombstones (uri, actor_uri, type, deleted_ms, visibility) "
        "SELECT b.uri, a.uri, 'Announce', $2, b.visibility FROM posts b JOIN actors a ON a.id = b.author_id "
        "WHERE b.boost_of_id = $1 ON CONFLICT DO NOTHING",
        post.id, ctx.clock.now_ms(),
    )  # fmt: skip
    await tx.execute(
        "DELETE FROM feed_tail WHERE post_id = $1 OR post_id IN (SELECT id FROM posts WHERE boost_of_id = $1)", post.id
    )
    await attached.release(tx, post_id=post.id)
    await tx.execute("DELETE FROM posts WHERE id = $1", post.id)  # the rest goes by ON DELETE CASCADE
    if not post.held:
        await counts.removed(tx, post)
    kind = "Announce" if post.boost_of_id is not None else post.type
    local_only = bool(post.extras & Extra.LOCAL_ONLY)
    told_to = "direct" if local_only else post.visibility
    await bury(tx, ctx, uri=post.uri, actor_uri=row["author_uri"], type=kind, visibility=told_to)
    if post.held and not post.extras & _SENT:
        return  # nobody heard of it
    tx.state(
        PostDeleted(
            post.id, post.uri, post.author_id, row["author_uri"], post.local, post.visibility, post.boost_of_id,
            row["boost_of_uri"], told, row["boost_of_author_id"], post.reply_to_id, post.reply_to_author_id,
            tuple((boost["id"], boost["author_id"]) for boost in boosts), local_only,
        )
    )  # fmt: skip


async def take_out(tx: Tx, *, post: Post) -> None:
    """Take out a post that waits: nobody but its team is told, and nothing tells later that it was there."""
    await tx.execute("DELETE FROM waiting_posts WHERE id = $1 AND state <> 'published'", post.id)
    await attached.release(tx, post_id=post.id)
    await tx.execute("DELETE FROM posts WHERE id = $1", post.id)
    await tx.execute("DELETE FROM home_feed WHERE actor_id = $1 AND post_id = $2", post.author_id, post.id)
    tx.state(WaitingGone(post.id, post.author_id))


async def delete_some_of(tx: Tx, ctx: Context, *, author: Actor, limit: int = 50) -> int:
    """Delete up to *limit* posts of an author who is gone; how many. A job calls it until it answers 0."""
    rows = await tx.fetch(f"SELECT id FROM posts WHERE author_id = $1 ORDER BY id DESC LIMIT {int(limit)}", author.id)
    found = await records.by_ids(tx, [row[0] for row in rows])
    for post in found.values():
        await delete(tx, ctx, post=post)
    return len(found)


async def reached(tx: Tx, post: Post) -> tuple[int, ...]:
    """Whom its deletion concerns beside followers: named, addressed, answered, boosted, and who reacted to it."""
    ids = [row[0] for row in await tx.fetch("SELECT actor_id FROM post_mentions WHERE post_id = $1", post.id)]
    if post.reply_to_author_id is not None:
        ids.append(post.reply_to_author_id)
    if post.boost_of_id is not None:
        ids.append(await tx.value("SELECT author_id FROM posts WHERE id = $1", post.boost_of_id))
    elif post.local:
        reacted = await tx.fetch(
            "SELECT author_id FROM posts WHERE boost_of_id = $1 UNION SELECT actor_id FROM favourites WHERE post_id = $1 "
            "UNION SELECT author_id FROM posts WHERE reply_to_id = $1 "
            "UNION SELECT actor_id FROM poll_votes WHERE post_id = $1 "
            f"UNION SELECT actor_id FROM post_holders WHERE post_id = $1 LIMIT {_MAX_TOLD}",
            post.id,
        )
        ids.extend(row[0] for row in reacted)
    return tuple(actor_id for actor_id in dict.fromkeys(ids) if actor_id is not None and actor_id != post.author_id)


async def _boosts_of_ours(tx: Tx, post: Post) -> list[Post]:
    rows = await tx.fetch(
        f"SELECT id FROM posts WHERE boost_of_id = $1 AND local ORDER BY id LIMIT {_MAX_TOLD}", post.id
    )
    return list((await records.by_ids(tx, [row[0] for row in rows])).values())


async def _count_boosters(tx: Tx, post: Post) -> None:
    """Those who boosted it have one post less each (posts_boost is unique by author and boosted post)."""
    await tx.execute(
        "UPDATE actors SET posts_count = CASE WHEN posts_count > 0 THEN posts_count - 1 ELSE 0 END "
        "WHERE id IN (SELECT author_id FROM posts WHERE boost_of_id = $1 AND visibility <> 'direct')",
        post.id,
    )
