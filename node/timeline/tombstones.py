"""What was deleted stays deleted, also when it arrives after its Delete."""

from node.actors import hosts
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid


async def buried(reader: Reader, uri: str, *, by: str | None = None) -> bool:
    """Whether the object or activity *uri* was deleted or undone.

    One that was never here counts only if its own actor, *by*, said so: a neighbour on the same server could
    otherwise forbid us a post before it comes.
    """
    row = await reader.row("SELECT actor_uri, type FROM tombstones WHERE uri = $1", uri)
    return row is not None and (by is None or bool(row["type"]) or row["actor_uri"] == by)


async def bury(tx: Tx, ctx: Context, *, uri: str, actor_uri: str, type: str) -> None:  # noqa: A002 - AS2's word
    """Remember that *uri* was here and is gone (410)."""
    await tx.execute(
        "INSERT INTO tombstones (uri, actor_uri, type, deleted_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (uri) DO UPDATE "
        # A guess of a neighbour, made before it came, must not stand in the way of what is true.
        "SET actor_uri = excluded.actor_uri, type = excluded.type, deleted_ms = excluded.deleted_ms "
        "WHERE tombstones.type = '' AND excluded.type <> ''",
        uri, actor_uri, type, ctx.clock.now_ms(),
    )  # fmt: skip


async def remember_deleted(tx: Tx, ctx: Context, *, uri: str, actor_uri: str) -> bool:
    """Remember a Delete or Undo of what has not arrived; whether it was believed.

    Only the host of an object can say that it is gone: anyone else could forbid us a stranger's post.
    """
    try:
        if hosts.of_uri(uri) != hosts.of_uri(actor_uri):
            return False
    except Invalid:
        return False
    await tx.lock(f"post:{uri}")
    await bury(tx, ctx, uri=uri, actor_uri=actor_uri, type="")
    return True
