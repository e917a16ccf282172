"""Moves: an account says that it is now another one, and the other one says so too (FEP-7628).

Whoever calls has asked both. Our readers of the old account then read the new one, in small steps by a job, and those
of ours who block the old account block the new one. An account that moved, or was moved to, does not move again soon:
nobody can lead a town's readers around.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.actors import actors, blocks, follows, local
from node.actors.actor import Actor
from node.actors.facts import ActorMoved
from node.actors.follows import FollowRefused
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue

CARRY_JOB: Final = "actors.carry_followers"
REST_MS: Final = 7 * 86_400_000
LOCAL_REST_MS: Final = 30 * 86_400_000
"""As Mastodon's: its servers would not carry anybody over before."""
MAX_ALIASES: Final = 10
_AT_ONCE: Final = 50


class MoveRefused(Forbidden):
    """The two are one, one of them is gone, or it moved not long ago."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where an account went."""

    actor_id: int
    target_id: int
    uri: str
    moved_ms: int


async def of(reader: Reader, actor_ids: Iterable[int]) -> dict[int, Move]:
    """The moves of those actors that moved, in one query."""
    wanted = list(actor_ids)
    if not wanted:
        return {}
    rows = await reader.fetch(
        "SELECT actor_id, target_id, uri, moved_ms FROM moves WHERE actor_id = ANY($1::bigint[])", wanted
    )
    return {row[0]: Move(*row) for row in rows}


async def targets(reader: Reader, people: Iterable[Actor]) -> dict[int, Actor]:
    """For each of *people* that moved, the account it is now. No query where nobody says so."""
    people = list(people)
    found = await of(reader, [actor.id for actor in people if actor.moved_to])
    there = await actors.by_ids(reader, [move.target_id for move in found.values()])
    said = {actor.id: actor.moved_to for actor in people}
    return {
        move.actor_id: there[move.target_id]
        for move in found.values()
        # What it says now must be what was proved then.
        if move.target_id in there and there[move.target_id].active and there[move.target_id].uri == said[move.actor_id]
    }


async def is_blocked_here(reader: Reader, actor_id: int) -> bool:
    """Whether any local actor blocks *actor_id*: its move concerns them."""
    found = await reader.value(
        "SELECT 1 FROM blocks b JOIN actors a ON a.id = b.actor_id "
        "WHERE b.target_id = $1 AND a.domain_id IS NOT NULL LIMIT 1",
        actor_id,
    )
    return found is not None


async def record(tx: Tx, ctx: Context, *, actor: Actor, target: Actor, uri: str) -> bool:
    """Keep that *actor* is now *target*, as both have said, and have its readers here follow; whether it is news.

    Raises:
        MoveRefused: the two are one, one is not there, *target* has moved away, or either moved a short while ago.
    """
    if actor.id == target.id:
        raise MoveRefused(sentence("An account does not move to itself."))
    if not actor.active or not target.active:
        raise MoveRefused(sentence("This account is suspended or was deleted."))
    for actor_id in sorted((actor.id, target.id)):
        await tx.lock(f"move:{actor_id}")
    now_ms = ctx.clock.now_ms()
    standing = await of(tx, (actor.id, target.id))
    before, onward = standing.get(actor.id), standing.get(target.id)
    if before is not None and before.target_id == target.id and actor.moved_to == target.uri:
        return False
    if onward is not None and onward.target_id != actor.id:
        raise MoveRefused(sentence("That account has moved away itself."))
    rest_ms = LOCAL_REST_MS if actor.local else REST_MS
    arrived_ms = await tx.value("SELECT MAX(moved_ms) FROM moves WHERE target_id = $1", actor.id)
    last_ms = max((before.moved_ms if before else 0), arrived_ms or 0)
    if last_ms and now_ms - last_ms < rest_ms:
        raise MoveRefused(sentence("This account moved a short while ago."))
    await tx.execute("DELETE FROM moves WHERE actor_id = $1", target.id)
    await tx.execute(
        "INSERT INTO moves (actor_id, target_id, uri, moved_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (actor_id) "
        "DO UPDATE SET target_id = excluded.target_id, uri = excluded.uri, moved_ms = excluded.moved_ms",
        actor.id, target.id, uri, now_ms,
    )  # fmt: skip
    if not actor.local:  # its document is read again later; what it said is shown from now on
        await tx.execute("UPDATE actors SET moved_to = $2 WHERE id = $1", actor.id, target.uri)
    await enqueue(
        tx, ctx, CARRY_JOB, {"actor_id": actor.id, "target_id": target.id},
        unique=f"{CARRY_JOB}:{actor.id}:{target.id}",
    )  # fmt: skip
    tx.state(ActorMoved(actor.id, target.id, uri, actor.local))
    return True


async def leave(tx: Tx, ctx: Context, *, actor: Actor, target: Actor) -> Actor:
    """A local account moves to *target*, which names it in `alsoKnownAs`: it is asked anew before. It speaks no more.

    Raises:
        MoveRefused: as `record`; or *target* does not say so.
        Invalid: a territory, or the account that the node itself speaks with.
    """
    if not actor.local or actor.type in ("Group", "Application"):
        raise Invalid(sentence("Only persons and organisations of this server move."))
    if actor.uri not in target.also_known_as:
        raise MoveRefused(
            sentence("%(handle)s does not name this account as one of its own yet.", handle=f"@{target.handle}")
        )
    # The profile first: who hears the Move looks whether it says so.
    moved = await local.update_profile(tx, ctx, actor=actor, changes={"moved_to": target.uri})
    await record(tx, ctx, actor=actor, target=target, uri=f"{actor.uri}#moves/{ctx.ids.next()}")
    return moved


async def come_back(tx: Tx, ctx: Context, *, actor: Actor) -> Actor:
    """A local account that moved speaks here again. Who followed it elsewhere stays there."""
    return await local.update_profile(tx, ctx, actor=actor, changes={"moved_to": None})


async def add_alias(tx: Tx, ctx: Context, *, actor: Actor, alias: Actor) -> Actor:
    """A local account says that *alias* is, or was, its own too: *alias* may then move here.

    Raises:
        Invalid: itself, or too many.
    """
    if alias.id == actor.id:
        raise Invalid(sentence("An account is no alias of itself."))
    held = [uri for uri in actor.also_known_as if uri != alias.uri]
    if len(held) >= MAX_ALIASES:
        raise Invalid(sentence("An account has at most %(count)s aliases.", count=MAX_ALIASES))
    return await local.update_profile(tx, ctx, actor=actor, changes={"also_known_as": [*held, alias.uri]})


async def remove_alias(tx: Tx, ctx: Context, *, actor: Actor, uri: str) -> Actor:
    """A local account no longer says so. Who has moved here stays."""
    kept = [each for each in actor.also_known_as if each != uri]
    return await local.update_profile(tx, ctx, actor=actor, changes={"also_known_as": kept})


async def carry_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `actors.carry_followers`: some of our readers, and of those who block, then itself again for the rest."""
    actor_id, target_id = int(args["actor_id"]), int(args["target_id"])

    async def step(tx: Tx) -> None:
        pair = await actors.by_ids(tx, (actor_id, target_id))
        standing = (await of(tx, (actor_id,))).get(actor_id)
        if len(pair) < 2 or standing is None or standing.target_id != target_id:
            return
        actor, target = pair[actor_id], pair[target_id]
        followed = await _carry_some(tx, ctx, actor, target, after=int(args.get("follow_id", 0)))
        blocked = await _block_some(tx, ctx, actor, target, after=int(args.get("block_id", 0)))
        if followed is not None or blocked is not None:
            rest = {"follow_id": followed or _END, "block_id": blocked or _END}
            await enqueue(tx, ctx, CARRY_JOB, {"actor_id": actor_id, "target_id": target_id, **rest})

    await ctx.db.write(step)


_END: Final = 2**63 - 1


async def _carry_some(tx: Tx, ctx: Context, actor: Actor, target: Actor, *, after: int) -> int | None:
    """Some local followers of *actor* follow *target* in its place, as they did; where to go on, None at the end."""
    rows = await tx.fetch(
        "SELECT f.id, f.follower_id, f.show_boosts, f.notify FROM follows f JOIN actors a ON a.id = f.follower_id "
        "WHERE f.followee_id = $1 AND f.state = 'accepted' AND f.id > $2 AND a.domain_id IS NOT NULL "
        f"ORDER BY f.id LIMIT {_AT_ONCE}",
        actor.id, after,
    )  # fmt: skip
    readers = await actors.by_ids(tx, [row["follower_id"] for row in rows])
    for row in rows:
        reader = readers[row["follower_id"]]
        if not reader.active:
            continue
        if reader.id != target.id:
            try:
                await follows.request(
                    tx, ctx, follower=reader, followee=target,
                    show_boosts=bool(row["show_boosts"]), notify=bool(row["notify"]),
                )  # fmt: skip
            except FollowRefused:  # one blocks the other: she keeps what she had
                continue
        await follows.undo(tx, ctx, follower=reader, followee=actor)
    return rows[-1]["id"] if len(rows) == _AT_ONCE else None


async def _block_some(tx: Tx, ctx: Context, actor: Actor, target: Actor, *, after: int) -> int | None:
    """Those of ours who block *actor* block *target*, unless they chose to follow it; where to go on."""
    rows: Sequence[Any] = await tx.fetch(
        "SELECT b.id, b.actor_id FROM blocks b JOIN actors a ON a.id = b.actor_id WHERE b.target_id = $1 AND b.id > $2 "
        "AND a.domain_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM follows f WHERE f.follower_id = b.actor_id AND f.followee_id = $3) "
        f"ORDER BY b.id LIMIT {_AT_ONCE}",
        actor.id, after, target.id,
    )  # fmt: skip
    people = await actors.by_ids(tx, [row["actor_id"] for row in rows])
    for row in rows:
        blocker = people[row["actor_id"]]
        if blocker.active and blocker.id != target.id:
            await blocks.block(tx, ctx, actor=blocker, target=target)
    return rows[-1]["id"] if len(rows) == _AT_ONCE else None
