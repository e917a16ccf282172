"""Blocks: the two no longer read, follow or notify each other. A block from elsewhere is honoured like our own."""

from dataclasses import dataclass

from node.actors import follows
from node.actors.actor import Actor, columns, read
from node.actors.circles import MAX_PAGE
from node.actors.facts import Blocked, Unblocked
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence

_COLUMNS = "id, actor_id, target_id, uri, created_ms"


@dataclass(frozen=True, slots=True)
class Block:
    """One block."""

    id: int
    actor_id: int
    target_id: int
    uri: str
    created_ms: int


def uri_of(actor: Actor, block_id: int) -> str:
    """The id of the Block activity of a local actor."""
    return f"{actor.uri}#blocks/{block_id}"


async def block(tx: Tx, ctx: Context, *, actor: Actor, target: Actor, uri: str | None = None) -> bool:
    """*actor* blocks *target* (ActivityPub §6.9): follows both ways end. Whether it did not before.

    Raises:
        Forbidden: oneself, or neither of the two is an account of this server.
    """
    if actor.id == target.id:
        raise Forbidden(sentence("Nobody blocks oneself."))
    if not actor.local and not target.local:
        raise Forbidden(sentence("Neither of the two is an account of this server."))
    await follows.alone(tx, actor.id, target.id)
    row_id = ctx.ids.next()
    uri = uri or uri_of(actor, row_id)
    inserted = await tx.execute(
        f"INSERT INTO blocks ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (actor_id, target_id) DO NOTHING",
        row_id, actor.id, target.id, uri, ctx.clock.now_ms(),
    )  # fmt: skip
    await follows.undo(tx, ctx, follower=actor, followee=target)
    await follows.reject(tx, ctx, follower=target, followee=actor)
    if not inserted:
        if not actor.local:  # its Undo will name the latest Block
            await tx.execute(
                "UPDATE blocks SET uri = $3 WHERE actor_id = $1 AND target_id = $2", actor.id, target.id, uri
            )
        return False
    tx.state(Blocked(actor.id, target.id, uri))
    return True


async def unblock(tx: Tx, _ctx: Context, *, actor: Actor, target: Actor) -> bool:
    """*actor* no longer blocks *target*; the follows do not come back. Whether it did until now."""
    await follows.alone(tx, actor.id, target.id)
    row = await tx.row("DELETE FROM blocks WHERE actor_id = $1 AND target_id = $2 RETURNING uri", actor.id, target.id)
    if row is None:
        return False
    tx.state(Unblocked(actor.id, target.id, row["uri"]))
    return True


async def between(reader: Reader, a: int, b: int) -> tuple[bool, bool]:
    """(a blocks b, b blocks a)."""
    rows = await reader.fetch(
        "SELECT actor_id FROM blocks WHERE actor_id = $1 AND target_id = $2 "
        "UNION ALL SELECT actor_id FROM blocks WHERE actor_id = $2 AND target_id = $1",
        a, b,
    )  # fmt: skip
    blockers = {row["actor_id"] for row in rows}
    return a in blockers, b in blockers


async def by_uri(reader: Reader, uri: str) -> Block | None:
    """The block whose activity has the id *uri*; the caller checks whose it is."""
    if not uri.isprintable():
        return None
    row: Row | None = await reader.row(f"SELECT {_COLUMNS} FROM blocks WHERE uri = $1 ORDER BY id DESC LIMIT 1", uri)
    return None if row is None else Block(*row)


async def page(reader: Reader, actor_id: int, *, max_id: int | None = None, limit: int = 40) -> list[tuple[int, Actor]]:
    """Whom *actor_id* blocks: (id of the block, actor), newest first, older than *max_id*."""
    older, args = ("", [actor_id]) if max_id is None else ("AND b.id < $2 ", [actor_id, max_id])
    rows = await reader.fetch(
        f"SELECT b.id, {columns('a')} FROM blocks b JOIN actors a ON a.id = b.target_id WHERE b.actor_id = $1 "
        f"{older}ORDER BY b.id DESC LIMIT {min(max(1, int(limit)), MAX_PAGE)}",
        *args,
    )
    return [(row[0], read(row, 1)) for row in rows]
