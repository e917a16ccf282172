"""What was deleted stays deleted, also when it arrives after its Delete."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors import hosts
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid


async def buried(reader: Reader, uri: str, *, by: str | None = None) -> bool:
    """Whether the object or activity *uri* was deleted or undone.

    One that was never here counts only if its own actor, *by*, said so: a neighbour on the same server could
    otherwise forbid us a post before it comes.
    """
    grave = (await of(reader, [uri])).get(uri)
    return grave is not None and grave.counts(by=by)


@dataclass(frozen=True, slots=True)
class Grave:
    """What remains of an object or activity."""

    actor_uri: str
    was_here: bool

    def counts(self, *, by: str | None) -> bool:
        """Whether it stands in the way of what *by* sends (None: of anybody)."""
        return by is None or self.was_here or self.actor_uri == by


async def of(reader: Reader, uris: Sequence[str]) -> dict[str, Grave]:
    """Those of *uris* that were deleted or undone."""
    rows = await reader.fetch("SELECT uri, actor_uri, type FROM tombstones WHERE uri = ANY($1::text[])", list(uris))
    return {row["uri"]: Grave(row["actor_uri"], bool(row["type"])) for row in rows}


async def told_to_all(reader: Reader, uri: str) -> bool:
    """Whether anyone who asks is told that *uri* was here (410): anyone could read it. Of others nobody learns."""
    row = await reader.row("SELECT visibility FROM tombstones WHERE uri = $1", uri)
    return row is not None and row["visibility"] in ("public", "unlisted")


async def bury(
    tx: Tx,
    ctx: Context,
    *,
    uri: str,
    actor_uri: str,
    type: str,  # noqa: A002 - AS2's word
    visibility: str = "",
) -> None:
    """Remember that *uri* was here, for whom, and is gone."""
    await tx.execute(
        "INSERT INTO tombstones (uri, actor_uri, type, deleted_ms, visibility) VALUES ($1, $2, $3, $4, $5) "
        # A guess of a neighbour, made before it came, must not stand in the way of what is true.
        "ON CONFLICT (uri) DO UPDATE SET actor_uri = excluded.actor_uri, type = excluded.type, "
        "deleted_ms = excluded.deleted_ms, visibility = excluded.visibility "
        "WHERE tombstones.type = '' AND excluded.type <> ''",
        uri, actor_uri, type, ctx.clock.now_ms(), visibility,
    )  # fmt: skip


async def exhume(tx: Tx, *, uri: str, actor_uri: str) -> bool:
    """*actor_uri* takes its Delete of the post *uri* back; whether it was here. An account that is gone stays gone."""
    return bool(
        await tx.execute(
            "DELETE FROM tombstones WHERE uri = $1 AND actor_uri = $2 AND type <> '' "
            "AND NOT EXISTS (SELECT 1 FROM actors a WHERE a.uri = $1)",
            uri, actor_uri,
        )
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
