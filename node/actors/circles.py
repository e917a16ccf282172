"""Lists of who follows whom, and what stands between one actor and many; read as `follows.followers_page` and so on.

Newest first, a page at a time by the follow's id.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from node.actors.actor import Actor, columns, read
from node.runtime.database import Reader

MAX_PAGE = 81
"""80 for a reader, and one that tells whether there are more."""


@dataclass(slots=True)
class Relationship:
    """How one actor stands to another; all false between strangers."""

    following: bool = False
    requested: bool = False
    showing_boosts: bool = False
    notifying: bool = False
    followed_by: bool = False
    requested_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    """Until `mute_expires_ms`; a mute that is over may still stand there."""
    muting_notifications: bool = False
    mute_expires_ms: int | None = None
    blocking_host: bool = False
    endorsed: bool = False
    note: str = ""


async def relationships(reader: Reader, actor_id: int, ids: Iterable[int]) -> dict[int, Relationship]:
    """How *actor_id* stands to each of *ids*: one query, each branch on an index of its own."""
    others = list(dict.fromkeys(ids))
    found = {other: Relationship() for other in others}
    if not others:
        return found
    rows = await reader.fetch(
        "SELECT followee_id, 'follows', state, show_boosts, notify, NULL::bigint FROM follows "
        "WHERE follower_id = $1 AND followee_id = ANY($2::bigint[]) "
        "UNION ALL SELECT follower_id, 'followed', state, show_boosts, notify, NULL::bigint FROM follows "
        "WHERE followee_id = $1 AND follower_id = ANY($2::bigint[]) "
        "UNION ALL SELECT target_id, 'blocks', '', FALSE, FALSE, NULL::bigint FROM blocks "
        "WHERE actor_id = $1 AND target_id = ANY($2::bigint[]) "
        "UNION ALL SELECT actor_id, 'blocked', '', FALSE, FALSE, NULL::bigint FROM blocks "
        "WHERE target_id = $1 AND actor_id = ANY($2::bigint[]) "
        "UNION ALL SELECT target_id, 'mutes', '', notifications, FALSE, expires_ms FROM mutes "
        "WHERE actor_id = $1 AND target_id = ANY($2::bigint[]) "
        "UNION ALL SELECT target_id, 'endorses', '', FALSE, FALSE, NULL::bigint FROM endorsements "
        "WHERE actor_id = $1 AND target_id = ANY($2::bigint[]) "
        "UNION ALL SELECT target_id, 'notes', words, FALSE, FALSE, NULL::bigint FROM account_notes "
        "WHERE actor_id = $1 AND target_id = ANY($2::bigint[]) "
        "UNION ALL SELECT a.id, 'host', '', FALSE, FALSE, NULL::bigint FROM actors a "
        "JOIN host_blocks h ON h.actor_id = $1 AND h.host = a.handle_host WHERE a.id = ANY($2::bigint[])",
        actor_id, others,
    )  # fmt: skip
    for row in rows:
        other, what, state, show_boosts, notify, expires_ms = row
        standing = found[other]
        match what:
            case "follows":
                standing.following, standing.requested = state == "accepted", state == "requested"
                standing.showing_boosts, standing.notifying = bool(show_boosts), bool(notify)
            case "followed":
                standing.followed_by, standing.requested_by = state == "accepted", state == "requested"
            case "blocks":
                standing.blocking = True
            case "mutes":
                standing.muting, standing.muting_notifications = True, bool(show_boosts)
                standing.mute_expires_ms = expires_ms
            case "endorses":
                standing.endorsed = True
            case "notes":
                standing.note = state
            case "host":
                standing.blocking_host = True
            case _:
                standing.blocked_by = True
    return found


async def followers_page(
    reader: Reader, actor_id: int, *, max_id: int | None = None, since_id: int | None = None,
    min_id: int | None = None, limit: int = 40,
) -> list[tuple[int, Actor]]:  # fmt: skip
    """Who follows *actor_id*: (id of the follow, follower), newest first."""
    return await _page(reader, "followee_id", "follower_id", "accepted", actor_id, (max_id, since_id, min_id), limit)


async def following_page(
    reader: Reader, actor_id: int, *, max_id: int | None = None, since_id: int | None = None,
    min_id: int | None = None, limit: int = 40,
) -> list[tuple[int, Actor]]:  # fmt: skip
    """Whom *actor_id* follows: (id of the follow, followee), newest first."""
    return await _page(reader, "follower_id", "followee_id", "accepted", actor_id, (max_id, since_id, min_id), limit)


async def requests_page(
    reader: Reader, actor_id: int, *, max_id: int | None = None, since_id: int | None = None,
    min_id: int | None = None, limit: int = 40,
) -> list[tuple[int, Actor]]:  # fmt: skip
    """Who waits for an answer of *actor_id*: (id of the follow, follower), newest first."""
    return await _page(reader, "followee_id", "follower_id", "requested", actor_id, (max_id, since_id, min_id), limit)


async def local_followers(reader: Reader, actor_id: int, among: Collection[int] | None = None) -> list[int]:
    """The ids of the local actors that follow *actor_id*, of all or of *among*."""
    within = "" if among is None else "AND f.follower_id = ANY($2::bigint[])"
    rows = await reader.fetch(
        "SELECT f.follower_id FROM follows f "
        f"WHERE f.followee_id = $1 AND f.state = 'accepted' AND NOT f.remote {within}",
        *((actor_id,) if among is None else (actor_id, list(among))),
    )
    return [row[0] for row in rows]


async def familiar(reader: Reader, actor_id: int, ids: Iterable[int]) -> dict[int, list[Actor]]:
    """Of those whom *actor_id* follows, who follows each of *ids*; without who hides whom it follows. One query.

    Bounded: `MAX_PAGE` for all together, whom one follows longest first. Plan: follows_follower of the reader, then the
    unique pair of each.
    """
    others = [other for other in dict.fromkeys(ids) if other != actor_id]
    found: dict[int, list[Actor]] = {other: [] for other in others}
    if not others:
        return found
    rows = await reader.fetch(
        f"SELECT t.followee_id, {columns('a')} FROM follows m JOIN follows t ON t.follower_id = m.followee_id "
        "AND t.followee_id = ANY($2::bigint[]) AND t.state = 'accepted' JOIN actors a ON a.id = m.followee_id "
        "WHERE m.follower_id = $1 AND m.state = 'accepted' AND a.state = 'active' AND NOT a.hides_network "
        f"ORDER BY m.id LIMIT {MAX_PAGE}",
        actor_id, others,
    )  # fmt: skip
    for row in rows:
        found[row[0]].append(read(row, 1))
    return found


async def is_followed_here(reader: Reader, actor_id: int) -> bool:
    """Whether any local actor follows *actor_id*: what a stranger's post is kept for."""
    found = await reader.value(
        "SELECT 1 FROM follows f WHERE f.followee_id = $1 AND f.state = 'accepted' AND NOT f.remote LIMIT 1",
        actor_id,
    )
    return found is not None


async def _page(
    reader: Reader, ours: str, theirs: str, state: str, actor_id: int, bounds: tuple[int | None, ...], limit: int
) -> list[tuple[int, Actor]]:
    # Plan: index (ours, state, id) read from one end, each actor by its primary key.
    max_id, since_id, min_id = bounds
    wheres, args, order = [], [actor_id], "DESC"
    for bound, comparison in ((max_id, "<"), (since_id, ">"), (min_id, ">")):
        if bound is not None:
            args.append(bound)
            wheres.append(f"AND f.id {comparison} ${len(args)} ")
    if min_id is not None:
        order = "ASC"
    rows = await reader.fetch(
        f"SELECT f.id, {columns('a')} FROM follows f JOIN actors a ON a.id = f.{theirs} "
        f"WHERE f.{ours} = $1 AND f.state = '{state}' AND a.state = 'active' {''.join(wheres)}"
        f"ORDER BY f.id {order} LIMIT {min(max(1, int(limit)), MAX_PAGE)}",
        *args,
    )
    found = [(row[0], read(row, 1)) for row in rows]
    return found if order == "DESC" else found[::-1]
