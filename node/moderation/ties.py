"""What ties strangers' posts and accounts to people here: what has none may be forgotten after a while (`pruning.py`).

A conversation stays or goes as a whole, with the conversations that it quotes or that quote it: whoever here looks at one
of them sees all that was there. What is not sure is kept. The SQL reads tables of other rooms, and writes none.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from node.runtime.database import Reader
from node.timeline import drafts
from node.timeline.extras import Extra

MAX_CONVERSATION: Final = 500
"""Longer conversations are kept: to look at one would take too long."""
_MAX_ROUNDS: Final = 4
"""So many steps from quote to quote are followed; what goes further is kept."""

# Of a post `p` and its author `a`; $2: since when nothing may have happened.
OF_POSTS: Final = (
    "p.local",
    "p.created_ms >= $2",
    "p.published_ms >= $2",
    "p.hidden",
    "p.held",
    f"(p.extras & {int(Extra.MARKED)}) <> 0",
    # Other conversations hang on it, or it on them.
    "EXISTS (SELECT 1 FROM posts c WHERE c.reply_to_id = p.id AND c.thread_id <> p.thread_id)",
    "EXISTS (SELECT 1 FROM posts c WHERE c.id = p.reply_to_id AND c.thread_id <> p.thread_id)",
    # Somebody here did something with it, or was told of it.
    "EXISTS (SELECT 1 FROM posts b WHERE b.boost_of_id = p.id AND (b.local OR b.created_ms >= $2 OR b.published_ms >= $2))",
    "EXISTS (SELECT 1 FROM posts b JOIN agreement_announcements g ON g.boost_id = b.id WHERE b.boost_of_id = p.id)",
    "EXISTS (SELECT 1 FROM posts b JOIN notifications n ON n.post_id = b.id WHERE b.boost_of_id = p.id)",
    "EXISTS (SELECT 1 FROM favourites f WHERE f.post_id = p.id)",
    "EXISTS (SELECT 1 FROM bookmarks k WHERE k.post_id = p.id)",
    "EXISTS (SELECT 1 FROM poll_votes v WHERE v.post_id = p.id)",
    "EXISTS (SELECT 1 FROM attendances t WHERE t.post_id = p.id)",
    "EXISTS (SELECT 1 FROM emoji_reactions r WHERE r.post_id = p.id)",
    "EXISTS (SELECT 1 FROM notifications n WHERE n.post_id = p.id)",
    "EXISTS (SELECT 1 FROM conversation_posts z WHERE z.post_id = p.id)",
    "EXISTS (SELECT 1 FROM filter_posts x WHERE x.post_id = p.id)",
    "EXISTS (SELECT 1 FROM thread_mutes y WHERE y.thread_id = p.thread_id)",
    "EXISTS (SELECT 1 FROM post_mentions m JOIN actors l ON l.id = m.actor_id WHERE m.post_id = p.id AND l.domain_id > 0)",
    # It is to come, or still asked.
    "EXISTS (SELECT 1 FROM events e WHERE e.post_id = p.id AND COALESCE(e.ends_ms, e.starts_ms) >= $2)",
    "EXISTS (SELECT 1 FROM polls q WHERE q.post_id = p.id AND q.ends_ms >= $2)",
    # Pinned to a profile that somebody here follows.
    "EXISTS (SELECT 1 FROM pins i JOIN follows w ON w.followee_id = i.actor_id AND NOT w.remote WHERE i.post_id = p.id)",
    # It was judged, or may be.
    "EXISTS (SELECT 1 FROM decided_posts d WHERE d.post_id = p.id)",
    "EXISTS (SELECT 1 FROM held_posts h WHERE h.post_id = p.id OR h.governing_id = p.id)",
    "EXISTS (SELECT 1 FROM spam_suspects s WHERE s.post_id = p.id)",
    "EXISTS (SELECT 1 FROM reports o WHERE o.target_id = p.author_id)",
    "EXISTS (SELECT 1 FROM cases u WHERE u.target_id = p.author_id)",
)

# Of an actor `a`; $2 as above.
OF_ACTORS: Final = (
    "a.domain_id IS NOT NULL",
    "a.created_ms >= $2",
    "COALESCE(a.fetched_ms, 0) >= $2",
    "a.state <> 'active'",  # what was decided stays
    "a.limited",
    "a.frozen",
    *(
        f"EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = a.id)"
        for table, column in (
            ("posts", "author_id"),
            ("follows", "follower_id"),
            ("follows", "followee_id"),
            ("blocks", "actor_id"),
            ("blocks", "target_id"),
            ("mutes", "target_id"),
            ("account_notes", "target_id"),
            ("list_members", "target_id"),
            ("endorsements", "target_id"),
            ("declined_suggestions", "target_id"),
            ("post_mentions", "actor_id"),
            ("favourites", "actor_id"),
            ("notifications", "from_actor_id"),
            ("notification_permissions", "from_actor_id"),
            ("poll_votes", "actor_id"),
            ("attendances", "actor_id"),
            ("emoji_reactions", "actor_id"),
            ("post_holders", "actor_id"),
            ("quote_stamps", "quoter_id"),
            ("reply_stamps", "replier_id"),
            ("agreements", "territory_id"),
            ("agreements", "member_id"),
            ("moves", "actor_id"),
            ("moves", "target_id"),
            ("reports", "reporter_id"),
            ("reports", "target_id"),
            ("cases", "target_id"),
            ("decisions", "target_id"),
            ("relays", "actor_id"),
            ("memberships", "actor_id"),
        )
    ),
    "EXISTS (SELECT 1 FROM relays y WHERE y.actor_uri = a.uri)",
)


async def untied_posts(reader: Reader, post_ids: Sequence[int], *, since_ms: int) -> list[int]:
    """Those of *post_ids*, in their order, that nobody here has a tie to and where nothing happened since.

    Boosts are none: they go with what they boost. About ten queries, whatever their number.
    """
    rows = await reader.fetch(
        "SELECT id, thread_id FROM posts WHERE id = ANY($1::bigint[]) AND NOT local AND boost_of_id IS NULL",
        list(post_ids),
    )
    thread_of = {row[0]: row[1] for row in rows}
    together, endless = await _together(reader, set(thread_of.values()))
    tied = endless | await _tied(reader, together.keys(), since_ms)
    kept = {together[thread] for thread in tied if thread in together}
    return [
        post_id
        for post_id in post_ids
        if post_id in thread_of and together[thread_of[post_id]] not in kept
    ]  # fmt: skip


async def untied_actors(reader: Reader, actor_ids: Sequence[int], *, since_ms: int) -> list[int]:
    """Those of *actor_ids* that nothing here refers to, and that nobody asked for since."""
    rows = await reader.fetch(
        f"SELECT a.id FROM actors a WHERE a.id = ANY($1::bigint[]) AND NOT ({_either(OF_ACTORS)})",
        list(actor_ids), since_ms,
    )  # fmt: skip
    _, named = await drafts.means(reader)
    free = {row[0] for row in rows} - named
    return [actor_id for actor_id in actor_ids if actor_id in free]


async def _tied(reader: Reader, threads: Iterable[int], since_ms: int) -> set[int]:
    asked = list(threads)
    if not asked:
        return set()
    long = await reader.fetch(
        "SELECT thread_id FROM posts WHERE thread_id = ANY($1::bigint[]) GROUP BY thread_id "
        f"HAVING COUNT(*) > {MAX_CONVERSATION}",
        asked,
    )
    meant, _ = await drafts.means(reader)
    answered = await reader.fetch("SELECT thread_id FROM posts WHERE id = ANY($1::bigint[])", list(meant))
    found = {row[0] for row in (*long, *answered)}
    rows = await reader.fetch(
        f"SELECT DISTINCT p.thread_id FROM posts p WHERE p.thread_id = ANY($1::bigint[]) AND ({_either(OF_POSTS)})",
        [thread for thread in asked if thread not in found], since_ms,
    )  # fmt: skip
    return found | {row[0] for row in rows}


async def _together(reader: Reader, threads: set[int]) -> tuple[dict[int, int], set[int]]:
    """Each conversation, and one that stands for all that quotes tie it to; and those of which the end was not seen."""
    stands_for = {thread: thread for thread in threads}
    new = set(threads)
    for _ in range(_MAX_ROUNDS):
        if not new:
            break
        rows = await _quoting(reader, new)
        new = {thread for row in rows for thread in row} - stands_for.keys()
        stands_for |= {thread: thread for thread in new}
        for one, other in rows:
            old, now = stands_for[one], stands_for[other]
            if old != now:
                stands_for |= {thread: now for thread, each in stands_for.items() if each == old}
    return stands_for, new


async def _quoting(reader: Reader, threads: set[int]) -> list[tuple[int, int]]:
    """Which conversation quotes which, of those with one of *threads* in it."""
    asked = list(threads)
    rows = [
        *await reader.fetch(
            "SELECT p.thread_id, o.thread_id FROM posts p JOIN quotes q ON q.post_id = p.id "
            "JOIN posts o ON o.id = q.quoted_id WHERE p.thread_id = ANY($1::bigint[])",
            asked,
        ),
        *await reader.fetch(
            "SELECT p.thread_id, o.thread_id FROM posts o JOIN quotes q ON q.quoted_id = o.id "
            "JOIN posts p ON p.id = q.post_id WHERE o.thread_id = ANY($1::bigint[])",
            asked,
        ),
    ]
    return [(row[0], row[1]) for row in rows]


def _either(conditions: Sequence[str]) -> str:
    return " OR ".join(conditions)
