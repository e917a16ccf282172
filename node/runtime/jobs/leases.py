"""Leases: a worker holds a row for a while; if it dies, the reaper gives the row back.

States of a row: `ready` (from run_at_ms on), `leased` (until lease_until_ms), `dead` (a keeper decides). A row
whose work is done is deleted or set to a state of its own table. `holder` is the seat (`seats.py`) of the process that leased it:
rows of a seat that nobody sits on are given back at once, without waiting for the end of their lease.
"""

import random
from collections.abc import Collection, Sequence
from typing import Any, Literal

from node.runtime.database import Reader, Row, Tx

Table = Literal["jobs", "inbox", "deliveries", "letters"]

MAX_ATTEMPTS = 16
"""Mastodon gives up after 16 attempts; with `backoff_ms` these spread over about three days."""


def backoff_ms(attempts: int) -> int:
    """How long to wait after that many failed attempts: n⁴ + 15 s, with up to a fifth more at random."""
    return int((attempts**4 + 15) * 1000 * (1 + random.random() / 5))  # noqa: S311 (spreads load, guards nothing)


async def due(reader: Reader, table: Table, *, now_ms: int, where: str = "TRUE") -> bool:
    """Whether there is anything to claim (of those that fit *where*) or to reap: a read, so that an idle worker writes
    nothing."""  # noqa: D205, D209
    found = await reader.value(
        f"SELECT 1 FROM {table} WHERE state = 'leased' AND lease_until_ms <= $1 UNION ALL "
        f"SELECT 1 FROM {table} WHERE state = 'ready' AND run_at_ms <= $1 AND {where} LIMIT 1",
        now_ms,
    )
    return found is not None


async def claim(
    tx: Tx, table: Table, *, now_ms: int, lease_ms: int, limit: int, where: str = "TRUE", args: Sequence[Any] = (),
    holder: int = 0,
) -> Sequence[Row]:  # fmt: skip
    """Take up to *limit* ready rows for the seat *holder*, oldest first; each counts as one attempt.

    *where* narrows the choice; its arguments are numbered from $3.
    """
    skip = "FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
    rows = await tx.fetch(
        f"UPDATE {table} SET state = 'leased', lease_until_ms = $1, attempts = attempts + 1, holder = {int(holder)} "
        f"WHERE state = 'ready' AND id IN (SELECT id FROM {table} WHERE state = 'ready' AND run_at_ms <= $2 "
        f"AND ({where}) ORDER BY run_at_ms, id LIMIT {int(limit)} {skip}) RETURNING *",
        now_ms + lease_ms,
        now_ms,
        *args,
    )
    return sorted(rows, key=lambda row: (row["run_at_ms"], row["id"]))


async def renew(tx: Tx, table: Table, *, row_ids: Sequence[int], now_ms: int, lease_ms: int) -> None:
    """Hold rows longer that are still being worked."""
    await tx.execute(
        f"UPDATE {table} SET lease_until_ms = $2 WHERE state = 'leased' AND id = ANY($1::bigint[])",
        list(row_ids),
        now_ms + lease_ms,
    )


async def release(tx: Tx, table: Table, *, row_ids: Sequence[int], now_ms: int) -> None:
    """Give rows back that were claimed and not worked: it was no attempt."""
    await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $2, attempts = attempts - 1 "
        "WHERE state = 'leased' AND id = ANY($1::bigint[])",
        list(row_ids),
        now_ms,
    )


async def again(tx: Tx, table: Table, *, row_id: int, at_ms: int, error: str, attempts: int | None = None) -> None:
    """Give the row back, to be tried at *at_ms*; with *attempts*, unless somebody else has tried it since."""
    await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $2, error = $3 WHERE id = $1"
        + _still(attempts),
        row_id,
        at_ms,
        error[:500],
    )


async def bury(tx: Tx, table: Table, *, row_id: int, error: str, attempts: int | None = None) -> None:
    """Set the row aside: a keeper sees it, and may retry or drop it. *attempts* as in `again`."""
    await tx.execute(
        f"UPDATE {table} SET state = 'dead', lease_until_ms = NULL, error = $2 WHERE id = $1" + _still(attempts),
        row_id,
        error[:500],
    )


async def reap(tx: Tx, table: Table, *, now_ms: int) -> int:
    """Give back the rows whose worker died; how many."""
    return await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $1 "
        "WHERE state = 'leased' AND lease_until_ms <= $1",
        now_ms,
    )


async def release_all(tx: Tx, table: Table, *, now_ms: int) -> int:
    """At the start of the only process: what is leased was held by a process that died."""
    return await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $1 WHERE state = 'leased'",
        now_ms,
    )


async def release_held(tx: Tx, table: Table, *, holders: Sequence[int], now_ms: int) -> int:
    """Give back at once what processes that died had leased, by their seats; how many rows."""
    return await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $1 "
        "WHERE state = 'leased' AND holder = ANY($2::int[])",
        now_ms,
        list(holders),
    )


async def release_forgotten(tx: Tx, table: Table, *, holder: int, known: Collection[int], now_ms: int) -> int:
    """Give back what the seat *holder* has leased and its own process does not work.

    Such rows are left when the database broke off: a claim that was committed and not answered, an end that could
    not be written. Their process lives, so nobody inherits them, and their lease is long.
    """
    return await tx.execute(
        f"UPDATE {table} SET state = 'ready', lease_until_ms = NULL, run_at_ms = $1 "
        "WHERE state = 'leased' AND holder = $2 AND id <> ALL($3::bigint[])",
        now_ms,
        holder,
        list(known),
    )


async def holders(reader: Reader, table: Table) -> set[int]:
    """The seats for which rows are leased."""
    rows = await reader.fetch(f"SELECT DISTINCT holder FROM {table} WHERE state = 'leased' AND holder IS NOT NULL")
    return {row[0] for row in rows}


def _still(attempts: int | None) -> str:
    """That a row is still ours, and not another worker's who took it when our lease had ended."""
    return "" if attempts is None else f" AND state = 'leased' AND attempts = {int(attempts)}"
