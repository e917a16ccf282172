"""What the law keeps of people: sealed, for a judge, and used for nothing else.

From where an account was made, for one year from it (décret 2021-1362, article 5); addresses of later connections are
not kept at all. The address and the name that a person gave are hers (`people`) while she is here; when she leaves
they are kept for five years (CPCE, article L. 34-1 II bis 1°; décret, article 2), the names of her accounts for one
(2°; article 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.keyring import KeyringError

KEPT_MS: Final = 365 * 86_400_000
IDENTITY_KEPT_MS: Final = 5 * KEPT_MS
_IDENTITY: Final = "identity"


@dataclass(frozen=True, slots=True)
class Trace:
    """One connection."""

    act: str
    client: str
    """From where; of who left: who she was."""
    at_ms: int


async def keep(tx: Tx, ctx: Context, *, person_id: int, client: str, act: str, at_ms: int) -> None:
    """Keep from where *person_id* did *act*."""
    trace_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO connection_traces (id, person_id, act, sealed, at_ms) VALUES ($1, $2, $3, $4, $5)",
        trace_id, person_id, act, seal(ctx, trace_id, client), at_ms,
    )  # fmt: skip


async def keep_identity(tx: Tx, ctx: Context, *, person: Person, handles: Sequence[str]) -> None:
    """Keep who *person* was, and how her own accounts were called: she leaves now."""
    said = {_IDENTITY: f"{person.name} <{person.email}>".strip(), "names": " ".join(f"@{handle}" for handle in handles)}
    for act, words in said.items():
        if words:
            await keep(tx, ctx, person_id=person.id, client=words, act=act, at_ms=ctx.clock.now_ms())


async def find_former(reader: Reader, ctx: Context, *, email: str) -> int | None:
    """The number of the last person who left with that address. Each one is opened: this is asked once in years."""
    rows = await reader.fetch(
        f"SELECT id, person_id, sealed FROM connection_traces WHERE act = '{_IDENTITY}' ORDER BY id DESC"
    )
    wanted = f"<{email.strip().lower()}>"
    return next((row["person_id"] for row in rows if opened(ctx, row["id"], row["sealed"]).endswith(wanted)), None)


async def of_person(reader: Reader, ctx: Context, *, person_id: int) -> Sequence[Trace]:
    """What is kept of a person, the oldest first."""
    rows = await reader.fetch(
        "SELECT id, act, sealed, at_ms FROM connection_traces WHERE person_id = $1 "
        f"AND (at_ms > $2 OR act = '{_IDENTITY}') ORDER BY at_ms, id",
        person_id, ctx.clock.now_ms() - KEPT_MS,
    )  # fmt: skip
    return [Trace(row["act"], opened(ctx, row["id"], row["sealed"]), row["at_ms"]) for row in rows]


def seal(ctx: Context, row_id: int, client: str) -> bytes:
    """*client* as a row keeps it."""
    return ctx.keyring.seal(client.encode(), f"trace {row_id}".encode())


def opened(ctx: Context, row_id: int, sealed: bytes) -> str:
    """The address in a row; `?` where the keyring has lost it."""
    try:
        return ctx.keyring.open(bytes(sealed), f"trace {row_id}".encode()).decode()
    except KeyringError:
        return "?"
