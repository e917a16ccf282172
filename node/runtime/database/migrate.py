"""Migrations: numbered SQL files, written by hand, applied once each, in order.

`0001_name.sql` serves both dialects; where they must differ, `0002_name.sqlite.sql` and
`0002_name.postgresql.sql` stand side by side. A file that was applied is never edited: its hash is kept.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from node.runtime.clock import Clock
from node.runtime.database import Database, Row

_WORDS = {
    "sqlite": {"{id}": "INTEGER", "{blob}": "BLOB", "{without_rowid}": "WITHOUT ROWID"},
    "postgresql": {"{id}": "BIGINT", "{blob}": "BYTEA", "{without_rowid}": ""},
}
_FILE = re.compile(r"(\d{4})_(\w+?)(?:\.(sqlite|postgresql))?\.sql$")
_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migrations (
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


def known(dialect: str) -> list[Migration]:
    """The migrations that ship with the node, in order."""
    found: dict[int, Migration] = {}
    for entry in sorted(resources.files("node.runtime.database.migrations").iterdir(), key=lambda e: e.name):
        matched = _FILE.fullmatch(entry.name)
        if matched is None or matched[3] not in (None, dialect):
            continue
        text = entry.read_text("utf-8")
        found[int(matched[1])] = Migration(
            int(matched[1]), matched[2], hashlib.sha256(text.encode()).hexdigest(), _statements(text, dialect)
        )
    return [found[version] for version in sorted(found)]


def _statements(text: str, dialect: str) -> tuple[str, ...]:
    for word, meaning in _WORDS[dialect].items():
        text = text.replace(word, meaning)
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return tuple(statement.strip() for statement in bare.split(";\n") if statement.strip(" ;\n"))


async def pending(db: Database) -> list[Migration]:
    """What has still to be applied.

    Raises:
        SchemaMismatch: an applied file was changed since, or the database is newer than this node.
    """
    try:
        rows = await db.reader.fetch("SELECT version, name, digest FROM schema_migrations")
    except Exception:  # noqa: BLE001 (each driver has its own 'no such table')
        await db.script([_LEDGER])
        rows = ()
    applied: dict[int, Row] = {row["version"]: row for row in rows}
    here = known(db.dialect)
    newest = here[-1].version
    for version, row in applied.items():
        if version > newest:
            raise SchemaMismatch(
                f"the database has migration {version} ({row['name']}), which this version of Beffroi does not know; "
                "run the newer version, or restore the backup made before the upgrade"
            )
    for migration in here:
        known_row = applied.get(migration.version)
        if known_row is not None and known_row["digest"] != migration.digest:
            raise SchemaMismatch(f"migration {migration.version} was edited after it was applied")
    return [migration for migration in here if migration.version not in applied]


async def migrate(db: Database, clock: Clock, upto: int | None = None) -> Sequence[Migration]:
    """Apply what is pending, each in one transaction; returns what was applied.

    *upto* stops at that version (tests start from older schemas).
    """
    done = []
    for migration in await pending(db):
        if upto is not None and migration.version > upto:
            break
        record = (
            "INSERT INTO schema_migrations (version, name, digest, applied_ms) VALUES "
            f"({migration.version}, '{migration.name}', '{migration.digest}', {clock.now_ms()})"
        )
        await db.script([*migration.statements, record])
        done.append(migration)
    return done
