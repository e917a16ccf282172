"""THE ONE DOOR: who may read a post. Every list takes its condition from here, every single read asks here.

A post can be read when its author is active and not on a suspended host, moderators did not hide it, it is not
held until somebody says yes, no block stands between author and reader in either direction, and the reader is one of
those it was written for: anyone (`public`, `unlisted`), an accepted follower (`followers`), somebody named or addressed
in it, the author. What is marked as local (`Extra.LOCAL_ONLY`) is, of all those, for accounts of this node alone. A boost can be read when it and what it boosts can be.

Lists write `FROM posts p {WITH_AUTHORS} WHERE … AND {listed_sql("$1")}`. The rows come by primary key, so each
costs the same whatever the tables hold; the conditions never choose the index.
"""

from collections.abc import Sequence
from typing import Literal

from node.runtime.database import Reader
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline.extras import Extra
from node.timeline.records import Post, by_id

_ASKED_AT_HOST = 50

Visibility = Literal["public", "unlisted", "followers", "direct"]
VISIBILITIES: tuple[Visibility, ...] = ("public", "unlisted", "followers", "direct")

_LOCAL_ONLY = int(Extra.LOCAL_ONLY)

WITH_AUTHORS = "JOIN actors a ON a.id = +p.author_id LEFT JOIN posts o ON o.id = p.boost_of_id LEFT JOIN actors oa ON oa.id = o.author_id"
"""`p` the row, `a` its author; `o` what it boosts, `oa` that post's author.

The + means: from the list to the author, never from the authors to their posts and a sort of all of them. Once
it has statistics (ANALYZE), SQLite takes that other way on a table that was empty or small: measured, a home page
of 9 ms instead of 0.1. Lists with a table of their own write `p.id = +s.post_id` for the same reason.
"""


def readable_sql(viewer: str | None, post: str = "p", author: str = "a") -> str:
    """The condition on one post row and its author's row, boosted post left out.

    *viewer* is an SQL expression of the reader's actor id (`$1`, `f.follower_id`), or None for a stranger.
    """
    # A suspended host is a state of its actors (host_suspended), so that no list asks about hosts.
    exists = f"{author}.state = 'active'"
    if viewer is None:
        return (
            f"({exists} AND NOT {post}.hidden AND NOT {post}.held AND {post}.visibility IN ('public', 'unlisted')"
            f" AND {post}.extras & {_LOCAL_ONLY} = 0)"
        )
    return (
        f"({exists} AND ({post}.author_id = {viewer} OR (NOT {post}.hidden AND NOT {post}.held"
        f" AND ({post}.visibility IN ('public', 'unlisted')"
        f" OR ({post}.visibility = 'followers' AND {follows_sql(viewer, f'{post}.author_id')})"
        f" OR EXISTS (SELECT 1 FROM post_mentions pm WHERE pm.post_id = {post}.id AND pm.actor_id = {viewer}))"
        f" AND ({post}.extras & {_LOCAL_ONLY} = 0 OR (SELECT lv.domain_id FROM actors lv WHERE lv.id = {viewer}) IS NOT NULL)"
        f" AND NOT {blocked_sql(viewer, f'{post}.author_id')})))"
    )


def listed_sql(viewer: str | None) -> str:
    """The condition on a row of a list made with `WITH_AUTHORS`: it, and what it boosts."""
    return f"{readable_sql(viewer)} AND (p.boost_of_id IS NULL OR {readable_sql(viewer, 'o', 'oa')})"


def follows_sql(follower: str, followee: str) -> str:
    """Whether *follower* follows *followee* and was accepted.

    Not as EXISTS: of that PostgreSQL thinks that all whom the reader follows are worth reading first (with 1,500 of them
    0.25 ms a page). This is asked of the index, for the lines that need it.
    """
    return (
        f"((SELECT 1 FROM follows fw WHERE fw.follower_id = {follower} AND fw.followee_id = {followee}"
        " AND fw.state = 'accepted') IS NOT NULL)"
    )


def blocked_sql(one: str, other: str) -> str:
    """Whether a block stands between the two, whoever made it."""
    return (
        f"(EXISTS (SELECT 1 FROM blocks bl WHERE bl.actor_id = {one} AND bl.target_id = {other})"
        f" OR EXISTS (SELECT 1 FROM blocks bl WHERE bl.actor_id = {other} AND bl.target_id = {one}))"
    )


async def readable_ids(reader: Reader, *, viewer_id: int | None, post_ids: Sequence[int]) -> list[int]:
    """Those of *post_ids* that the viewer may read, in their order."""
    if not post_ids:
        return []
    door, args = _door(viewer_id, list(post_ids))
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.id = ANY($1::bigint[]) AND {door}", *args
    )
    allowed = {row[0] for row in rows}
    return [post_id for post_id in post_ids if post_id in allowed]


async def may_read(reader: Reader, *, viewer_id: int | None, post: Post) -> bool:
    """Whether the viewer (None: a stranger) may read *post*."""
    door, args = _door(viewer_id, post.id)
    return await reader.value(f"SELECT 1 FROM posts p {WITH_AUTHORS} WHERE p.id = $1 AND {door}", *args) is not None


async def readers_among(reader: Reader, *, post_id: int, actor_ids: Sequence[int]) -> list[int]:
    """Those of *actor_ids*, here or elsewhere, who may read the post: whom it may be sent to."""
    if not actor_ids:
        return []
    rows = await reader.fetch(
        f"SELECT v.id FROM posts p {WITH_AUTHORS} JOIN actors v ON v.id = ANY($2::bigint[]) "
        f"WHERE p.id = $1 AND v.state = 'active' AND {listed_sql('v.id')}",
        post_id, list(actor_ids),
    )  # fmt: skip
    allowed = {row[0] for row in rows}
    return [actor_id for actor_id in actor_ids if actor_id in allowed]


async def readable_at(reader: Reader, *, host: str, author_id: int, post_ids: Sequence[int]) -> list[int]:
    """Those of an author's *post_ids* that somebody on that server may read, in their order. Two queries at most.

    Who is asked: whom they name, and who follows the author, some of each.
    """
    public = await readable_ids(reader, viewer_id=None, post_ids=post_ids)
    others = [post_id for post_id in post_ids if post_id not in public]
    if not others:
        return public
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} JOIN actors v ON v.id IN ("
        "SELECT id FROM (SELECT n.id FROM post_mentions pm JOIN actors n ON n.id = pm.actor_id "
        f"WHERE pm.post_id = ANY($1::bigint[]) AND n.service_host = $2 LIMIT {_ASKED_AT_HOST}) AS named UNION "
        "SELECT id FROM (SELECT n.id FROM follows fo JOIN actors n ON n.id = fo.follower_id WHERE fo.followee_id = $3 "
        f"AND fo.remote AND fo.state = 'accepted' AND n.service_host = $2 LIMIT {_ASKED_AT_HOST}) AS follower) "
        f"WHERE p.id = ANY($1::bigint[]) AND v.state = 'active' AND {listed_sql('v.id')}",
        others, host, author_id,
    )  # fmt: skip
    allowed = {*public, *(row[0] for row in rows)}
    return [post_id for post_id in post_ids if post_id in allowed]


async def require_readable(reader: Reader, *, viewer_id: int | None, post_id: int) -> Post:
    """The post, for a reader who may have it.

    Raises:
        NotFound: it does not exist or is not for this reader; the two are never told apart.
    """
    post = await by_id(reader, post_id)
    if post is None or not await may_read(reader, viewer_id=viewer_id, post=post):
        raise NotFound(sentence("This post does not exist, or not for you."))
    return post


def _door(viewer_id: int | None, asked: int | list[int]) -> tuple[str, tuple[int | list[int], ...]]:
    return (listed_sql(None), (asked,)) if viewer_id is None else (listed_sql("$2"), (asked, viewer_id))
