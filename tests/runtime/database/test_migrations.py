"""Migrations: each one carries a full database of the version before over, in both dialects; a mistake leaves it whole.

A new file under `node/runtime/database/migrations/` is tested by what stands here: nothing is to be added, unless it
changes or drops values on purpose. Then `ON_PURPOSE` says which, and a test of its own says what they become.
"""

import re
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

from node.runtime.clock import SystemClock
from node.runtime.database import open_database
from node.runtime.database.migrate import SHIPPED, SchemaMismatch, known, migrate, pending
from tests.support import populated

ON_PURPOSE: dict[int, frozenset[str]] = {}
"""Version -> `table` or `table.column` that this migration empties, drops or rewrites on purpose."""

VERSIONS = sorted({migration.version for dialect in ("sqlite", "postgresql") for migration in known(dialect)})
CLOCK = SystemClock()


async def carried_over(db, version, folder: Traversable = SHIPPED):
    """Migrate a full database of the version before to *version*, and look whether all is still there."""
    await migrate(db, CLOCK, version - 1, folder)
    await populated.populate(db)
    before = await populated.contents(db)
    assert all(len(rows) >= populated.ROWS for rows in before.values())  # triggers write too
    applied = await migrate(db, CLOCK, version, folder)
    assert [each.version for each in applied] == [version]
    after = await populated.contents(db)
    lost = []
    for table, rows in before.items():
        if table in ON_PURPOSE.get(version, ()):
            continue
        kept = [name for name in rows[0] if f"{table}.{name}" not in ON_PURPOSE.get(version, ())] if rows else []
        now = [{name: row.get(name, "(dropped)") for name in kept} for row in after.get(table, ())]
        if now != [{name: row[name] for name in kept} for row in rows]:
            lost.append(table)
    assert not lost, f"migration {version} loses or changes what was in {sorted(lost)}"
    assert not await populated.orphans(db)
    if db.dialect == "sqlite":
        assert not await db.reader.fetch("PRAGMA foreign_key_check")
        assert await db.reader.value("PRAGMA integrity_check") == "ok"
    return after


@pytest.fixture
async def db(database_url):
    opened = await open_database(database_url())
    yield opened
    await opened.close()


@pytest.fixture
def next_folder(tmp_path):
    """A folder with the shipped migrations, and a way to add the next one: `next_folder(sqlite_sql, postgresql_sql)`."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for entry in SHIPPED.iterdir():
        if entry.name.endswith(".sql"):
            (folder / entry.name).write_text(entry.read_text("utf-8"), "utf-8")

    def add(sqlite: str, postgresql: str) -> Path:
        number = VERSIONS[-1] + 1
        (folder / f"{number:04d}_next.sqlite.sql").write_text(sqlite, "utf-8")
        (folder / f"{number:04d}_next.postgresql.sql").write_text(postgresql, "utf-8")
        return folder

    return add


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_migration_carries_everything_over(db, version):
    await carried_over(db, version)


def test_a_number_is_one_migration():
    """Two files under one number would hide one another; gaps do no harm, numbers are taken before the work is done."""
    for dialect in ("sqlite", "postgresql"):
        files = [
            entry.name[:4] for entry in SHIPPED.iterdir() if re.search(rf"_[a-z]+(\.{dialect})?\.sql$", entry.name)
        ]
        assert sorted(set(files)) == sorted(files)
    for dialect in ("sqlite", "postgresql"):
        assert [each.version for each in known(dialect)] == VERSIONS, f"{dialect} lacks a migration"


async def test_a_number_that_was_taken_and_comes_late_is_made_up_for(db, next_folder):
    """A database that is ahead of a gap gets what fills it, and is full afterwards."""
    number = VERSIONS[-1] + 1
    folder = next_folder(*["CREATE TABLE early (id INTEGER PRIMARY KEY);\n"] * 2)
    for dialect in ("sqlite", "postgresql"):
        (folder / f"{number:04d}_next.{dialect}.sql").rename(folder / f"{number + 1:04d}_later.{dialect}.sql")
    await migrate(db, CLOCK, folder=folder)
    folder = next_folder(*["CREATE TABLE late (id INTEGER PRIMARY KEY);\n"] * 2)
    assert [each.version for each in await migrate(db, CLOCK, folder=folder)] == [number]
    assert not await pending(db, folder)
    assert await db.reader.value("SELECT COUNT(*) FROM late") == 0


async def test_migrating_again_does_nothing(db):
    assert len(await migrate(db, CLOCK)) == len(VERSIONS)
    assert not await migrate(db, CLOCK)
    assert not await pending(db)


# -- the harness itself, on a migration that is not ours


async def rebuilt(db, rows: str = "") -> str:
    """How SQLite changes a table that others refer to: made anew, copied, put in its place."""
    made = await db.reader.value("SELECT sql FROM sqlite_master WHERE name = 'people'")
    columns = ", ".join((await populated.tables(db.reader))["people"].columns)
    made = re.sub(r"CREATE TABLE \"?people\"?", "CREATE TABLE people_next", made)
    return (
        f"-- people get a nickname\n{made};\nINSERT INTO people_next ({columns}) SELECT {columns} FROM people {rows};\n"
        "DROP TABLE people;\nALTER TABLE people_next RENAME TO people;\n"
        "ALTER TABLE people ADD COLUMN nickname TEXT NOT NULL DEFAULT 'x';\n"
    )


async def test_a_table_with_children_can_be_rebuilt(db, next_folder):
    """On SQLite a parent is dropped and made anew: no child may go with it (memberships, sessions, posts…)."""
    await migrate(db, CLOCK)
    sqlite = await rebuilt(db) if db.dialect == "sqlite" else ""
    folder = next_folder(sqlite, "ALTER TABLE people ADD COLUMN nickname TEXT NOT NULL DEFAULT 'x';\n")
    after = await carried_over(db, VERSIONS[-1] + 1, folder)
    assert [row["nickname"] for row in after["people"]] == ["x"] * populated.ROWS

    async def step(tx):
        await tx.execute("DELETE FROM people")

    await db.write(step)
    left = await populated.contents(db)
    assert left["memberships"] == [], "after the rebuild the children no longer follow their parent"
    assert len(left["posts"]) == populated.ROWS


async def test_a_rebuild_that_loses_parents_is_refused(db, next_folder):
    await migrate(db, CLOCK)
    lossy = "DELETE FROM actors WHERE id IN (SELECT MIN(id) FROM actors);\n"
    if db.dialect == "sqlite":
        folder = next_folder(await rebuilt(db, "LIMIT 1"), "")
    else:
        folder = next_folder("", "ALTER TABLE memberships DROP CONSTRAINT memberships_person_id_fkey;\n" + lossy
                             + "DELETE FROM people;\nALTER TABLE memberships ADD FOREIGN KEY (person_id) "
                             "REFERENCES people (id);\n")  # fmt: skip
    await populated.populate(db)
    before = await populated.contents(db)
    with pytest.raises(Exception, match=r"without their parent|foreign key"):
        await migrate(db, CLOCK, folder=folder)
    assert await populated.contents(db) == before
    await db.write(lambda tx: tx.execute("DELETE FROM people"))
    assert (await populated.contents(db))["memberships"] == [], "foreign keys stayed off after the failed migration"


async def test_the_harness_sees_what_a_migration_loses(db, next_folder):
    folder = next_folder(*["DELETE FROM markers;\nUPDATE posts SET content = '';\n"] * 2)
    with pytest.raises(AssertionError, match=r"loses or changes what was in \['markers', 'posts'\]"):
        await carried_over(db, VERSIONS[-1] + 1, folder)


async def test_a_migration_that_fails_leaves_nothing_half_done(db, next_folder):
    await migrate(db, CLOCK)
    await populated.populate(db)
    before = await populated.contents(db)
    broken = (
        "CREATE TABLE halfway (id BIGINT PRIMARY KEY);\nUPDATE posts SET content = 'lost';\n"
        "INSERT INTO nowhere (id) VALUES (1);\n"
    )
    folder = next_folder(broken, broken)
    with pytest.raises(Exception, match="nowhere"):
        await migrate(db, CLOCK, folder=folder)
    assert "halfway" not in await populated.tables(db.reader)
    assert await populated.contents(db) == before
    assert [each.version for each in await pending(db, folder)] == [VERSIONS[-1] + 1]
    mended = "CREATE TABLE whole (id {id} PRIMARY KEY);\n"
    folder = next_folder(mended, mended)
    assert [each.name for each in await migrate(db, CLOCK, folder=folder)] == ["next"]
    assert "whole" in await populated.tables(db.reader)


async def test_a_file_that_was_applied_is_not_edited(db, next_folder):
    folder = next_folder(*["CREATE TABLE more (id BIGINT PRIMARY KEY);\n"] * 2)
    await migrate(db, CLOCK, folder=folder)
    next_folder(*["CREATE TABLE more (id BIGINT PRIMARY KEY, name TEXT);\n"] * 2)
    with pytest.raises(SchemaMismatch, match="was edited after it was applied"):
        await pending(db, folder)
    with pytest.raises(SchemaMismatch):
        await migrate(db, CLOCK, folder=folder)


async def test_a_newer_database_is_refused(db, next_folder):
    """An older program on a newer database: it says so, instead of writing into a schema that it does not know."""
    await migrate(db, CLOCK, folder=next_folder(*["CREATE TABLE more (id BIGINT PRIMARY KEY);\n"] * 2))
    with pytest.raises(SchemaMismatch, match="run the newer version, or restore the backup"):
        await pending(db)
    with pytest.raises(SchemaMismatch):
        await migrate(db, CLOCK)


def test_statements_end_where_a_line_does(next_folder):
    folder = next_folder(
        "-- a comment; with a semicolon;\nCREATE TABLE a (\n  -- inside\n  note TEXT DEFAULT 'a;b'\n);  \nDROP TABLE a;",
        "",
    )
    assert known("sqlite", folder)[-1].statements == ("CREATE TABLE a (\n  note TEXT DEFAULT 'a;b'\n)", "DROP TABLE a")
