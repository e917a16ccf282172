"""Whole servers that an account wants nothing of. For that account alone: the node's own policy is `hosts`.

A host is the one of handles, without those below it. Follows both ways end, and so do requests; nothing of it is shown
or told from then on.
"""

from typing import Final

from node.actors import actors, domains, follows, hosts, tastes
from node.actors.actor import Actor
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

MAX_PAGE: Final = 201
_ENDED_AT_ONCE: Final = 5_000
_HELD = "SELECT 1 FROM host_blocks h WHERE h.actor_id = $1"
_BETWEEN = (
    "SELECT f.{other} FROM follows f JOIN actors a ON a.id = f.{other} "
    "WHERE f.{own} = $1 AND a.handle_host = $2 AND a.domain_id IS NULL"
)


async def block(tx: Tx, ctx: Context, *, actor: Actor, host: str) -> None:
    """*actor* wants nothing more of *host*. Again: nothing more happens.

    Raises:
        Invalid: it is no host, or one of this node's.
    """
    host = hosts.normal(host)
    if await domains.is_local(tx, host):
        raise Invalid(sentence("This is a site of this server; block its accounts one by one."))
    await tastes.alone(tx, actor.id)
    await tx.execute(
        "INSERT INTO host_blocks (id, actor_id, host, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (actor_id, host) DO NOTHING",
        ctx.ids.next(), actor.id, host, ctx.clock.now_ms(),
    )  # fmt: skip
    for other in await _ends(tx, actor, host, own="follower_id", other="followee_id"):
        await follows.undo(tx, ctx, follower=actor, followee=other)
    for other in await _ends(tx, actor, host, own="followee_id", other="follower_id"):
        await follows.reject(tx, ctx, follower=other, followee=actor)
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.HOSTS, held=_HELD)


async def _ends(tx: Tx, actor: Actor, host: str, *, own: str, other: str) -> list[Actor]:
    rows = await tx.fetch(
        f"{_BETWEEN.format(own=own, other=other)} ORDER BY f.id LIMIT {_ENDED_AT_ONCE}", actor.id, host
    )
    found = await actors.by_ids(tx, [row[0] for row in rows])
    return list(found.values())


async def unblock(tx: Tx, ctx: Context, *, actor: Actor, host: str) -> None:
    """*actor* takes *host* again; the follows do not come back.

    Raises:
        Invalid: it is no host.
    """
    await tastes.alone(tx, actor.id)
    await tx.execute("DELETE FROM host_blocks WHERE actor_id = $1 AND host = $2", actor.id, hosts.normal(host))
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.HOSTS, held=_HELD)


async def concerned(reader: Reader, *, actor_id: int, host: str) -> tuple[int, int]:
    """What a block of *host* would end: (how many whom the actor follows, how many followers).

    Raises:
        Invalid: it is no host.
    """
    host = hosts.normal(host)
    counts = [
        await reader.value(f"SELECT COUNT(*) FROM ({_BETWEEN.format(own=own, other=other)}) AS c", actor_id, host)
        for own, other in (("follower_id", "followee_id"), ("followee_id", "follower_id"))
    ]
    return int(counts[0]), int(counts[1])


async def page(reader: Reader, actor_id: int, *, max_id: int | None = None, limit: int = 100) -> list[tuple[int, str]]:
    """(Id of the block, host), the last first, older than *max_id*. One range of host_blocks_actor."""
    older, args = ("", [actor_id]) if max_id is None else ("AND id < $2 ", [actor_id, max_id])
    rows = await reader.fetch(
        f"SELECT id, host FROM host_blocks WHERE actor_id = $1 {older}ORDER BY id DESC "
        f"LIMIT {min(max(1, int(limit)), MAX_PAGE)}",
        *args,
    )
    return [(row[0], row[1]) for row in rows]
