"""From where an account was made: kept sealed for one year, for a judge, and used for nothing else.

Décret 2021-1362, article 5: the source of a connection is kept for one year from it. Addresses of later connections are
not kept at all. The address and the name that a person gave are hers (`people`), and go with her.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.keyring import KeyringError

KEPT_MS: Final = 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Trace:
    """One connection."""

    act: str
    client: str
    at_ms: int


async def keep(tx: Tx, ctx: Context, *, person_id: int, client: str, act: str, at_ms: int) -> None:
    """Keep from where *person_id* did *act*."""
    trace_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO connection_traces (id, person_id, act, sealed, at_ms) VALUES ($1, $2, $3, $4, $5)",
        trace_id, person_id, act, seal(ctx, trace_id, client), at_ms,
    )  # fmt: skip


async def of_person(reader: Reader, ctx: Context, *, person_id: int) -> Sequence[Trace]:
    """What is kept of a person, the oldest first."""
    rows = await reader.fetch(
        "SELECT id, act, sealed, at_ms FROM connection_traces WHERE person_id = $1 AND at_ms > $2 ORDER BY at_ms",
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
