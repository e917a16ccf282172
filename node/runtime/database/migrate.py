"""Migrations: numbered SQL files, written by hand, applied once each, in order.

`0001_name.sql` serves both dialects; where they must differ, `0002_name.sqlite.sql` and
`0002_name.postgresql.sql` stand side by side. A file that was applied is never edited: its hash is kept.

SQLite rebuilds a table to change it, so nothing cascades there while a migration runs: a row that is left without
its parent at the end refuses the whole migration.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from node.runtime.clock import Clock
from node.runtime.database import Database

SHIPPED: Traversable = resources.files("node.runtime.database.migrations")

_WORDS = {
    "sqlite": {"{id}": "INTEGER", "{blob}": "BLOB", "{without_rowid}": "WITHOUT ROWID"},
    "postgresql": {"{id}": "BIGINT", "{blob}": "BYTEA", "{without_rowid}": ""},
}
_FILE = re.compile(r"(\d{4})_(\w+?)(?:\.(sqlite|postgresql))?\.sql$")
LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_ms BIGINT NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    digest: str
    statements: tuple[str, ...]


class SchemaMismatch(RuntimeError):
    """The database was migrated by other files than these."""


def known(dialect: str, folder: Traversable | None = None) -> list[Migration]:
    """The migrations in *folder*, in order; by default those that ship with the node."""
    return list(_shipped(dialect)) if folder is None else _read(dialect, folder)


@cache
def _shipped(dialect: str) -> Sequence[Migration]:
    return _read(dialect, SHIPPED)


def _read(dialect: str, folder: Traversable) -> list[Migration]:
    found: dict[int, Migration] = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        matched = _FILE.fullmatch(entry.name)
        if matched is None or matched[3] not in (None, dialect):
            continue
        text = entry.read_text("utf-8")
        found[int(matched[1])] = Migration(
            int(matched[1]), matched[2], hashlib.sha256(text.encode()).hexdigest(), _statements(text, dialect)
        )
    return [found[version] for version in sorted(found)]


def _statements(text: str, dialect: str) -> tuple[str, ...]:
    """A statement ends with a semicolon at the end of a line; a comment has its lines for itself."""
    for word, meaning in _WORDS[dialect].items():
        text = text.replace(word, meaning)
    bare = "\n".join(line.rstrip() for line in text.splitlines() if not line.lstrip().startswith("--"))
    return tuple(statement.strip() for statement in f"{bare}\n".split(";\n") if statement.strip())


async def pending(db: Database, folder: Traversable | None = None) -> list[Migration]:
    """What has still to be applied.

    Raises:
        SchemaMismatch: an applied file was changed since, or the database is newer than this node.
    """
    ledger = "SELECT version, name, digest FROM schema_migrations ORDER BY version"
    try:
        rows = await db.reader.fetch(ledger)
    except Exception:  # noqa: BLE001 (each driver has its own 'no such table'; another failure comes again below)
        await db.script([LEDGER])
        rows = await db.reader.fetch(ledger)
    here = {migration.version: migration for migration in known(db.dialect, folder)}
    for row in rows:
        migration = here.pop(row["version"], None)
        if migration is None:
            raise SchemaMismatch(
                f"the database has migration {row['version']} ({row['name']}), which this version of Beffroi does not "
                "know; run the newer version, or restore the backup made before the upgrade"
            )
        if row["digest"] != migration.digest:
            raise SchemaMismatch(f"migration {migration.version} was edited after it was applied")
    return [here[version] for version in sorted(here)]


def record(migration: Migration, now_ms: int) -> str:
    """The statement that enters *migration* in the ledger."""
    return (
        "INSERT INTO schema_migrations (version, name, digest, applied_ms) VALUES "
        f"({migration.version}, '{migration.name}', '{migration.digest}', {now_ms})"
    )


async def migrate(
    db: Database, clock: Clock, upto: int | None = None, folder: Traversable | None = None
) -> Sequence[Migration]:
    """Apply what is pending, each in one transaction; returns what was applied.

    *upto* stops at that version (tests start from older schemas).
    """
    done = []
    for migration in await pending(db, folder):
        if upto is not None and migration.version > upto:
            break
        try:
            await db.script([*migration.statements, record(migration, clock.now_ms())])
        except Exception:
            if migration in await pending(db, folder):
                raise
            continue  # another process that started at the same time was first
        done.append(migration)
    return done
