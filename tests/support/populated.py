"""A database with rows in every table, whatever the tables are: what a migration must carry over.

The tables, their columns and their foreign keys are read from the database itself, so that a new migration is
tested by the same code. Each table gets `ROWS` rows whose values tell them apart; nullable columns are empty in
every second one; text holds accents, quotes and line breaks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.runtime.database import Database, Reader, Tx

ROWS = 4
_ID = 1 << 62  # ids need all their 64 bits
_LEDGER = "schema_migrations"

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table -> its rows, in the order of their keys."""


@dataclass
class Column:
    """One column, as the database declares it."""

    name: str
    type: str
    nullable: bool
    default: str
    parent: tuple[str, str] | None = None
    """(table, column) that it refers to."""


@dataclass
class Table:
    """One table."""

    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)


async def tables(reader: Reader) -> dict[str, Table]:
    """Every table, parents before their children."""
    found = await (_of_sqlite(reader) if reader.dialect == "sqlite" else _of_postgresql(reader))
    found.pop(_LEDGER, None)
    ordered: dict[str, Table] = {}
    while len(ordered) < len(found):
        ready = [
            table for name, table in found.items() if name not in ordered
            and all(c.parent is None or c.parent[0] in (*ordered, name) for c in table.columns.values())
        ]  # fmt: skip
        assert ready, f"these tables refer to each other in a circle: {set(found) - set(ordered)}"
        ordered.update({table.name: table for table in ready})
    return ordered


async def _of_sqlite(reader: Reader) -> dict[str, Table]:
    found = {}
    rows = await reader.fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    for (name,) in rows:
        table = found[name] = Table(name)
        described = await reader.fetch(f"PRAGMA table_info({name})")
        for row in described:
            table.columns[row["name"]] = Column(
                row["name"], row["type"].lower(), not (row["notnull"] or row["pk"]), row["dflt_value"] or ""
            )
        table.key = [row["name"] for row in sorted(described, key=lambda row: row["pk"]) if row["pk"]]
        for row in await reader.fetch(f"PRAGMA foreign_key_list({name})"):
            table.columns[row["from"]].parent = (row["table"], row["to"])
    return found


async def _of_postgresql(reader: Reader) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for row in await reader.fetch(
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    ):
        table = found.setdefault(row[0], Table(row[0]))
        table.columns[row[1]] = Column(row[1], row[2], row[3] == "YES", row[4] or "")
    for row in await reader.fetch(
        "SELECT c.conrelid::regclass::text, c.contype::text, a.attname::text, c.confrelid::regclass::text, "
        "f.attname::text FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace AND n.nspname = 'public' "
        "CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place) "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number "
        "LEFT JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[k.place] "
        "WHERE c.contype IN ('p', 'f') ORDER BY c.conrelid, k.place"
    ):
        if row[1] == "p":
            found[row[0]].key.append(row[2])
        else:
            found[row[0]].columns[row[2]].parent = (row[3], row[4])
    return found


async def populate(db: Database) -> None:
    """Put rows into every table."""
    known = await tables(db.reader)

    async def step(tx: Tx) -> None:
        for table in known.values():
            places = ", ".join(f"${place}" for place in range(1, len(table.columns) + 1))
            await tx.executemany(
                f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})",
                [[_value(known, table, column, n) for column in table.columns.values()] for n in range(ROWS)],
            )

    await db.write(step)


def _value(known: Mapping[str, Table], table: Table, column: Column, n: int) -> Any:
    if column.nullable and n % 2 and column.name not in table.key:
        return None
    if column.parent is not None:
        parent = known[column.parent[0]]
        return _value(known, parent, parent.columns[column.parent[1]], n)
    match re.sub(r"\W.*", "", column.type):
        case "text" | "varchar" | "character":
            json = {"'[]'": f'["é {n}"]', "'{}'": f'{{"é": {n}}}'}.get(column.default.partition("::")[0])
            return json or f'{table.name}.{column.name} l\'été «{n}»\n"€"'
        case "boolean":
            return n % 2 == 0
        case "blob" | "bytea":
            return bytes([n, 0, 255]) * 5
        case "real" | "double":
            return n / 4
        case "integer" | "bigint":
            return _ID + n if table.key == [column.name] or column.type == "bigint" else n
        case other:
            raise AssertionError(f"{table.name}.{column.name}: say in this file what a {other} may hold")


async def contents(db: Database) -> Rows:
    """Every row of every table."""
    held = {}
    for table in (await tables(db.reader)).values():
        names = list(table.columns)
        rows = await db.reader.fetch(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {', '.join(table.key)}")
        held[table.name] = [dict(zip(names, row, strict=True)) for row in rows]
    return held


async def orphans(db: Database) -> list[str]:
    """Rows whose parent is gone, as `table.column: count`."""
    found = []
    for table in (await tables(db.reader)).values():
        for column in table.columns.values():
            if column.parent is None:
                continue
            parent, key = column.parent
            count = await db.reader.value(
                f"SELECT COUNT(*) FROM {table.name} c WHERE c.{column.name} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = c.{column.name})"
            )
            if count:
                found.append(f"{table.name}.{column.name}: {count}")
    return found
