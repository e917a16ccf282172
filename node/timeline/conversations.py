"""Private talks: for each actor here, the direct posts of one circle of people in one thread, and whether the last is read.

As Mastodon has it, a talk is one thread among the same people: who names one more begins another. What is direct is
rare, and only what is direct costs anything here. What an actor asked not to hear (a muted account or conversation, a
blocked server) is kept and told to nobody: it makes nothing unread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.actors.facts import Blocked
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import mentions, unwanted
from node.timeline.facts import ConversationChanged, PostDeleted, PostEdited, PostsPublished
from node.timeline.pages import Page, Places
from node.timeline.records import Post, by_id
from node.timeline.visibility import WITH_AUTHORS, readable_sql, readers_among


@dataclass(frozen=True, slots=True)
class Conversation:
    """One talk, as one actor sees it."""

    id: int
    participants: tuple[int, ...]
    """The others, by their ids; none: a word to oneself."""
    last_post_id: int
    unread: bool


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Reaction: a direct post stands in the talks of its author and of those it names."""
    for each in fact.posts:
        if each.visibility == "direct" and each.boost_of_id is None:
            named = [actor.id for actor in each.named]
            told = {actor.id for actor in each.named if actor.local}
            if each.local:
                told.add(each.author_id)
            await _add(tx, ctx, each.post, named, told)


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """Reaction: who is newly named in a direct post takes part from now on; the others' talk stays what it was."""
    if not fact.new_mentions:
        return
    post = await by_id(tx, fact.post_id)
    if post is None or post.visibility != "direct":
        return
    local = await tx.fetch(
        "SELECT id FROM actors WHERE id = ANY($1::bigint[]) AND domain_id IS NOT NULL", list(fact.new_mentions)
    )
    if local:
        named = (await mentions.of_posts(tx, [post.id]))[post.id]
        await _add(tx, ctx, post, named, {row[0] for row in local})


async def on_deleted(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """Reaction: the post before it is the last one again; a talk of which nothing is left goes."""
    if fact.visibility == "direct" and fact.boost_of_id is None:
        await _look_again(tx, fact.post_id)


async def _add(tx: Tx, ctx: Context, post: Post, named: Iterable[int], told: Iterable[int]) -> None:
    """Put *post* into the talk of each of *told* who may read it."""
    circle = {post.author_id, *named}
    readers = sorted(await readers_among(tx, post_id=post.id, actor_ids=sorted(told)))
    deaf = await _deaf_to(tx, ctx, post, readers)
    for actor_id in readers:
        participants = ",".join(str(other) for other in sorted(circle - {actor_id}))
        conversation_id = await tx.value(
            "INSERT INTO conversations (id, actor_id, thread_id, participants, last_post_id, unread) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (actor_id, thread_id, participants) DO UPDATE SET "
            "unread = CASE WHEN excluded.last_post_id >= conversations.last_post_id AND NOT $7 THEN excluded.unread "
            "ELSE conversations.unread END, "
            "last_post_id = CASE WHEN excluded.last_post_id >= conversations.last_post_id THEN excluded.last_post_id "
            "ELSE conversations.last_post_id END RETURNING id",
            ctx.ids.next(), actor_id, post.thread_id, participants, post.id,
            post.author_id != actor_id and actor_id not in deaf, actor_id in deaf,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO conversation_posts (actor_id, post_id, conversation_id) VALUES ($1, $2, $3) "
            "ON CONFLICT DO NOTHING",
            actor_id, post.id, conversation_id,
        )  # fmt: skip
        if actor_id not in deaf:
            tx.state(ConversationChanged(int(conversation_id), actor_id))


async def _deaf_to(tx: Tx, ctx: Context, post: Post, actor_ids: Sequence[int]) -> set[int]:
    """Those of *actor_ids* who asked not to hear of its author, of its server or of the thread. One query."""
    if not actor_ids:
        return set()
    rows = await tx.fetch(
        "SELECT r.id FROM actors r JOIN actors a ON a.id = $2 WHERE r.id = ANY($1::bigint[]) AND r.id <> a.id AND ("
        f"(r.tastes & {int(Taste.MUTES)} <> 0 AND EXISTS (SELECT 1 FROM mutes mu WHERE mu.actor_id = r.id "
        "AND mu.target_id = a.id AND (mu.expires_ms IS NULL OR mu.expires_ms > $4))) "
        f"OR (r.tastes & {int(Taste.HOSTS)} <> 0 AND EXISTS (SELECT 1 FROM host_blocks hb WHERE hb.actor_id = r.id "
        "AND hb.host = a.handle_host)) "
        f"OR (r.tastes & {int(Taste.THREADS)} <> 0 AND EXISTS (SELECT 1 FROM thread_mutes tm WHERE tm.actor_id = r.id "
        "AND tm.thread_id = $3)))",
        list(actor_ids), post.author_id, post.thread_id, ctx.clock.now_ms(),
    )  # fmt: skip
    return {row[0] for row in rows}


async def _look_again(tx: Tx, gone_post_id: int) -> None:
    await tx.execute(
        "DELETE FROM conversations WHERE last_post_id = $1 "
        "AND NOT EXISTS (SELECT 1 FROM conversation_posts cp WHERE cp.conversation_id = conversations.id)",
        gone_post_id,
    )
    await tx.execute(
        "UPDATE conversations SET last_post_id = "
        "(SELECT MAX(cp.post_id) FROM conversation_posts cp WHERE cp.conversation_id = conversations.id) "
        "WHERE last_post_id = $1",
        gone_post_id,
    )


async def on_blocked(tx: Tx, ctx: Context, fact: Blocked) -> None:
    """Reaction: talks between the two alone end, as Mastodon ends them; in a larger circle the door hides their words."""
    for actor_id, other_id in ((fact.actor_id, fact.target_id), (fact.target_id, fact.actor_id)):
        await tx.execute("DELETE FROM conversations WHERE actor_id = $1 AND participants = $2", actor_id, str(other_id))


async def join_threads(tx: Tx, *, into: int, threads: list[int]) -> None:
    """The thread *into* goes on what stood in *threads*: talks of the same people become one."""
    rows = await tx.fetch(
        "SELECT id, actor_id, participants, last_post_id, unread FROM conversations "
        "WHERE thread_id = ANY($1::bigint[]) AND thread_id <> $2 ORDER BY id",
        threads, into,
    )  # fmt: skip
    for row in rows:
        standing = await tx.value(
            "SELECT id FROM conversations WHERE actor_id = $1 AND thread_id = $2 AND participants = $3",
            row["actor_id"], into, row["participants"],
        )  # fmt: skip
        if standing is None:
            await tx.execute("UPDATE conversations SET thread_id = $2 WHERE id = $1", row["id"], into)
            continue
        await tx.execute(
            "UPDATE conversation_posts SET conversation_id = $2 WHERE conversation_id = $1", row["id"], standing
        )
        await tx.execute("DELETE FROM conversations WHERE id = $1", row["id"])
        await tx.execute(
            "UPDATE conversations SET unread = unread OR $3, "
            "last_post_id = CASE WHEN last_post_id > $2 THEN last_post_id ELSE $2 END WHERE id = $1",
            standing, row["last_post_id"], bool(row["unread"]),
        )  # fmt: skip


_COLUMNS = "c.id, c.participants, c.last_post_id, c.unread"


async def page(reader: Reader, actor_id: int, page: Page, *, bits: int = 0, now_ms: int = 0) -> list[Conversation]:
    """The actor's talks, the one with the newest word first; the page's bounds are ids of last posts. One query.

    *bits*: what the actor has of `tastes`, which counts at *now_ms*. One whose last word may not be read (any more), or is
    not wanted, is left out until somebody says another.
    Plan: conversations_list (actor_id, last_post_id), the rest by primary key.
    """
    places = Places(actor_id)
    kept = unwanted.kept_sql("$1", bits, places, now_ms)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM conversations c JOIN posts p ON p.id = +c.last_post_id {WITH_AUTHORS} "
        f"WHERE c.actor_id = $1{page.bounds('c.last_post_id', places)} AND {readable_sql('$1')}{kept} "
        f"ORDER BY c.last_post_id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(_read(row) for row in rows)


async def posts_page(reader: Reader, actor_id: int, page: Page, *, bits: int = 0, now_ms: int = 0) -> list[int]:
    """The ids of the direct posts in the actor's talks, newest first. Plan: conversation_posts by primary key."""
    places = Places(actor_id)
    kept = unwanted.kept_sql("$1", bits, places, now_ms)
    rows = await reader.fetch(
        f"SELECT p.id FROM conversation_posts cp JOIN posts p ON p.id = +cp.post_id {WITH_AUTHORS} "
        f"WHERE cp.actor_id = $1{page.bounds('cp.post_id', places)} AND {readable_sql('$1')}{kept} "
        f"ORDER BY cp.post_id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(row[0] for row in rows)


async def of_actor(reader: Reader, *, actor_id: int, conversation_id: int) -> Conversation:
    """One talk of the actor.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM conversations c WHERE c.id = $1 AND c.actor_id = $2", conversation_id, actor_id
    )
    if row is None:
        raise NotFound(sentence("There is no such conversation."))
    return _read(row)


async def mark(tx: Tx, *, actor_id: int, conversation_id: int, unread: bool) -> Conversation:
    """Remember that the last word was read, or that it is to be read again.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await of_actor(tx, actor_id=actor_id, conversation_id=conversation_id)
    await tx.execute("UPDATE conversations SET unread = $2 WHERE id = $1", found.id, unread)
    return Conversation(found.id, found.participants, found.last_post_id, unread)


async def forget(tx: Tx, *, actor_id: int, conversation_id: int) -> None:
    """Take the talk out of the actor's list; its posts stay where they are.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await of_actor(tx, actor_id=actor_id, conversation_id=conversation_id)
    await tx.execute("DELETE FROM conversations WHERE id = $1", found.id)


def _read(row: Row) -> Conversation:
    others = tuple(int(each) for each in row["participants"].split(",") if each)
    return Conversation(row["id"], others, row["last_post_id"], bool(row["unread"]))
