"""Follows: who reads whom. `requested`, then `accepted`; a refusal or an end removes the row.

Every verb may be repeated, and two at once about the same pair run one after the other. The counters of both
actors move in the same transaction, the smaller id first so that two follows never wait for each other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from node.actors.actor import Actor
from node.actors.circles import (
    Relationship,
    followers_page,
    following_page,
    is_followed_here,
    local_followers,
    relationships,
    requests_page,
)
from node.actors.facts import FollowAccepted, FollowRejected, FollowRequested, Unfollowed
from node.actors.freezing import Frozen
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence

__all__ = [
    "Follow", "FollowRefused", "FollowState", "Relationship", "accept", "alone", "between", "by_uri", "end_all", "end_between",
    "followers_page", "following_page", "is_followed_here", "local_followers", "reject", "relationships", "request", "requests_page",
    "state", "undo", "uri_of",
]  # fmt: skip

FollowState = Literal["none", "requested", "accepted"]

_COLUMNS = "id, follower_id, followee_id, uri, state, show_boosts, notify, created_ms"


class FollowRefused(Forbidden):
    """Oneself, over a block, or somebody who is not there for this."""


@dataclass(frozen=True, slots=True)
class Follow:
    """One follow."""

    id: int
    follower_id: int
    followee_id: int
    uri: str
    state: FollowState
    show_boosts: bool
    notify: bool
    created_ms: int


def uri_of(follower: Actor, follow_id: int) -> str:
    """The id of the Follow activity of a local follower."""
    return f"{follower.uri}#follows/{follow_id}"


async def request(
    tx: Tx,
    ctx: Context,
    *,
    follower: Actor,
    followee: Actor,
    uri: str | None = None,
    show_boosts: bool = True,
    notify: bool = False,
) -> FollowState:
    """Record that *follower* asks to follow *followee* (ActivityPub §7.5); accepted at once by an open local actor.

    Asking again is safe: the standing state is returned, and a remote follower's Accept is sent again for the
    *uri* of its latest Follow. None for *uri*: a local follower's is made here.

    Raises:
        FollowRefused: oneself, over a block either way, or one of the two is not active; nothing is stored.
        Frozen: *follower* is one of ours and may only read now.
    """
    locked = await _refuse(tx, follower, followee)
    row_id = ctx.ids.next()
    uri = uri or uri_of(follower, row_id)
    state: FollowState = "accepted" if followee.local and not locked else "requested"
    inserted = await tx.execute(
        f"INSERT INTO follows ({_COLUMNS}, remote) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (follower_id, followee_id) DO NOTHING",
        row_id, follower.id, followee.id, uri, state, show_boosts, notify, ctx.clock.now_ms(), not follower.local,
    )  # fmt: skip
    if not inserted:
        return await _ask_again(tx, follower, followee, uri, show_boosts, notify)
    if state == "accepted":
        await _count(tx, follower.id, followee.id, 1)
        tx.state(FollowAccepted(row_id, follower.id, followee.id, uri, not follower.local))
    else:
        tx.state(FollowRequested(row_id, follower.id, followee.id, uri))
    return state


async def accept(tx: Tx, _ctx: Context, *, follower: Actor, followee: Actor) -> FollowState:
    """*followee* says yes. Without a request nothing happens, and "none" is returned."""
    await alone(tx, follower.id, followee.id)
    row = await tx.row(
        "UPDATE follows SET state = 'accepted' WHERE follower_id = $1 AND followee_id = $2 AND state = 'requested' "
        "RETURNING id, uri",
        follower.id, followee.id,
    )  # fmt: skip
    if row is None:
        return await state(tx, follower.id, followee.id)
    await _count(tx, follower.id, followee.id, 1)
    tx.state(FollowAccepted(row["id"], follower.id, followee.id, row["uri"], not follower.local))
    return "accepted"


async def reject(tx: Tx, _ctx: Context, *, follower: Actor, followee: Actor) -> bool:
    """*followee* says no, or removes a follower it had; whether there was a follow to end."""
    uri = await _end(tx, follower.id, followee.id)
    if uri is None:
        return False
    tx.state(FollowRejected(follower.id, followee.id, uri))
    return True


async def undo(tx: Tx, _ctx: Context, *, follower: Actor, followee: Actor) -> bool:
    """*follower* ends the follow, or takes the request back; whether there was one."""
    uri = await _end(tx, follower.id, followee.id)
    if uri is None:
        return False
    tx.state(Unfollowed(follower.id, followee.id, uri))
    return True


async def end_all(tx: Tx, *, actor_id: int, keep_remote: bool) -> None:
    """End every follow from and to an actor that goes, without a word to anybody.

    With *keep_remote* the rows with remote actors stay, for the Delete to find them; their counters move too.
    """
    for mine, theirs, counter in (
        ("follower_id", "followee_id", "followers_count"),
        ("followee_id", "follower_id", "following_count"),
    ):
        await tx.execute(
            f"UPDATE actors SET {counter} = {counter} - 1 WHERE id IN "
            f"(SELECT {theirs} FROM follows WHERE {mine} = $1 AND state = 'accepted')",
            actor_id,
        )
        kept = f"AND {theirs} IN (SELECT id FROM actors WHERE domain_id IS NOT NULL)" if keep_remote else ""
        await tx.execute(f"DELETE FROM follows WHERE {mine} = $1 {kept}", actor_id)
    await tx.execute("UPDATE actors SET followers_count = 0, following_count = 0 WHERE id = $1", actor_id)


async def end_between(tx: Tx, *, actor_ids: Collection[int]) -> int:
    """End every follow from and to the actors of *actor_ids*, all on hosts that are cut off; how many ended."""
    ended = 0
    for theirs, ours, counter, own in (
        ("follower_id", "followee_id", "followers_count", "following_count"),
        ("followee_id", "follower_id", "following_count", "followers_count"),
    ):
        await tx.execute(
            f"UPDATE actors SET {counter} = {counter} - (SELECT COUNT(*) FROM follows f WHERE f.{ours} = actors.id "
            f"AND f.state = 'accepted' AND f.{theirs} = ANY($1::bigint[])) "
            f"WHERE id IN (SELECT {ours} FROM follows WHERE state = 'accepted' AND {theirs} = ANY($1::bigint[]))",
            list(actor_ids),
        )
        await tx.execute(f"UPDATE actors SET {own} = 0 WHERE id = ANY($1::bigint[]) AND {own} <> 0", list(actor_ids))
        ended += await tx.execute(f"DELETE FROM follows WHERE {theirs} = ANY($1::bigint[])", list(actor_ids))
    return ended


async def state(reader: Reader, follower_id: int, followee_id: int) -> FollowState:
    """How things stand from *follower* to *followee*."""
    found: FollowState | None = await reader.value(
        "SELECT state FROM follows WHERE follower_id = $1 AND followee_id = $2", follower_id, followee_id
    )
    return found or "none"


async def by_uri(reader: Reader, uri: str) -> Follow | None:
    """The follow whose activity has the id *uri*; the caller checks whose it is."""
    if not uri.isprintable():
        return None
    row = await reader.row(f"SELECT {_COLUMNS} FROM follows WHERE uri = $1 ORDER BY id DESC LIMIT 1", uri)
    return None if row is None else _follow(row)


async def between(reader: Reader, *, follower_id: int, followee_id: int) -> Follow | None:
    """The follow from one to the other."""
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM follows WHERE follower_id = $1 AND followee_id = $2", follower_id, followee_id
    )
    return None if row is None else _follow(row)


async def _refuse(tx: Tx, follower: Actor, followee: Actor) -> bool:
    """Whether *followee* wants to be asked; raises as `request`."""
    if follower.id == followee.id:
        raise FollowRefused(sentence("Nobody follows oneself."))
    if not follower.local and not followee.local:
        raise FollowRefused(sentence("Neither of the two is an account of this server."))
    await alone(tx, follower.id, followee.id)
    # What the caller holds may be old: the rows decide.
    rows = await tx.fetch(
        "SELECT 'state', state, id = $1 AND frozen, id = $2 AND locked FROM actors WHERE id = $1 OR id = $2 UNION ALL "
        "SELECT 'block', '', FALSE, FALSE FROM blocks WHERE (actor_id = $1 AND target_id = $2) OR (actor_id = $2 AND target_id = $1) "
        "UNION ALL SELECT 'block', '', FALSE, FALSE FROM host_blocks WHERE (actor_id = $2 AND host = $3) OR (actor_id = $1 AND host = $4)",
        follower.id, followee.id, follower.handle_host, followee.handle_host,
    )  # fmt: skip
    if any(row[0] == "block" for row in rows):
        raise FollowRefused(sentence("One of the two blocks the other."))
    if [row[1] for row in rows] != ["active", "active"]:
        raise FollowRefused(sentence("This account is suspended or was deleted."))
    if follower.local and any(row[2] for row in rows):
        raise Frozen
    return any(row[3] for row in rows)


async def _ask_again(
    tx: Tx, follower: Actor, followee: Actor, uri: str, show_boosts: bool, notify: bool
) -> FollowState:
    standing = await between(tx, follower_id=follower.id, followee_id=followee.id)
    assert standing is not None, "the lock on the pair keeps it there"
    # A local follower keeps the id it first asked with; a remote one may have lost the first, and means the latest.
    uri = standing.uri if follower.local else uri
    await tx.execute(
        "UPDATE follows SET uri = $2, show_boosts = $3, notify = $4 WHERE id = $1",
        standing.id,
        uri,
        show_boosts,
        notify,
    )
    if not follower.local and standing.state == "accepted":
        tx.state(FollowAccepted(standing.id, follower.id, followee.id, uri, remote=True))
    elif not follower.local:
        tx.state(FollowRequested(standing.id, follower.id, followee.id, uri))
    return standing.state


async def _end(tx: Tx, follower_id: int, followee_id: int) -> str | None:
    await alone(tx, follower_id, followee_id)
    row = await tx.row(
        "DELETE FROM follows WHERE follower_id = $1 AND followee_id = $2 RETURNING uri, state",
        follower_id, followee_id,
    )  # fmt: skip
    if row is None:
        return None
    if row["state"] == "accepted":
        await _count(tx, follower_id, followee_id, -1)
    uri: str = row["uri"]
    return uri


async def alone(tx: Tx, one: int, other: int) -> None:
    """Nothing else happens between these two until the commit (`blocks.py` takes the same lock)."""
    await tx.lock(f"pair:{min(one, other)}:{max(one, other)}")


async def _count(tx: Tx, follower_id: int, followee_id: int, step: int) -> None:
    for actor_id in sorted((follower_id, followee_id)):
        counter = "following_count" if actor_id == follower_id else "followers_count"
        await tx.execute(f"UPDATE actors SET {counter} = {counter} + $2 WHERE id = $1", actor_id, step)


def _follow(row: Row) -> Follow:
    id_, follower_id, followee_id, uri, standing, show_boosts, notify, created_ms = row
    return Follow(id_, follower_id, followee_id, uri, standing, bool(show_boosts), bool(notify), created_ms)
