"""SQLite as the node uses it: one writer, many steps a commit, an answer that survives a power cut."""

import asyncio
import os
import signal
import sqlite3 as driver
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from node.runtime.database import DatabaseBusy, DatabaseUnusable, NotKept, open_database
from node.runtime.database.sqlite_statements import ReadOnlySqlite

TABLE = "CREATE TABLE words (id BIGINT PRIMARY KEY, word TEXT NOT NULL)"

INSERT = "INSERT INTO words (id, word) VALUES ($1, $2)"
PROJECT = Path(__file__).parents[3]


def adding(number, word=None):
    return lambda tx: tx.execute(INSERT, number, word or f"mot {number}")


class Commits:
    """Counts what the writer really does."""

    def __init__(self, db):
        self.statements: list[str] = []
        db._writer.set_trace_callback(self.statements.append)

    def count(self, statement):
        return sum(each.startswith(statement) for each in self.statements)


async def held(db):
    """A step that holds the writer until the returned event is set, so that others gather behind it."""
    import threading

    begun, go = threading.Event(), threading.Event()

    async def step(tx):
        begun.set()
        go.wait(10)

    task = asyncio.create_task(db.write(step))
    await asyncio.to_thread(begun.wait, 10)
    return go, task


async def test_many_steps_share_one_commit(sqlite):
    """One fsync for all that wait: what makes a hundred posts as cheap as a few."""
    go, holding = await held(sqlite)
    commits = Commits(sqlite)
    waiting = [asyncio.create_task(sqlite.write(adding(n))) for n in range(150)]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(holding, *waiting)
    assert commits.count("COMMIT") == 2, "the steps that waited were committed one by one"
    assert commits.count("SAVEPOINT") == 150
    assert await sqlite.reader.value("SELECT COUNT(*) FROM words") == 150


async def test_no_commit_is_endless(sqlite):
    go, holding = await held(sqlite)
    commits = Commits(sqlite)
    waiting = [asyncio.create_task(sqlite.write(adding(n))) for n in range(450)]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(holding, *waiting)
    assert commits.count("COMMIT") == 4, "450 steps are three commits of at most 200, after the one that held them"


async def test_an_idle_database_does_not_commit(sqlite):
    commits = Commits(sqlite)
    await asyncio.sleep(0.05)
    assert not commits.statements


async def test_the_writer_promises_what_the_disk_has(sqlite):
    """An answer is a promise: `synchronous=FULL` is 2, and the log is written ahead."""

    async def step(tx):
        return (
            await tx.value("PRAGMA synchronous"),
            await tx.value("PRAGMA journal_mode"),
            await tx.value("PRAGMA foreign_keys"),
        )

    assert await sqlite.write(step) == (2, "wal", 1)


async def test_readers_cannot_write(sqlite):
    for reader in (sqlite.reader, sqlite.survey):
        with pytest.raises(driver.OperationalError, match="readonly"):
            await reader.fetch("INSERT INTO words (id, word) VALUES (1, 'a') RETURNING id")


@pytest.mark.parametrize("wait", [lambda: asyncio.sleep(0), lambda: asyncio.sleep(1), lambda: asyncio.Event().wait()])
async def test_a_step_that_waits_for_anything_else_is_refused(sqlite, wait):
    """A network call inside a transaction would hold every writer of the node: it is an error, not a habit."""

    async def step(tx):
        await tx.execute(INSERT, 1, "jamais")
        await wait()

    with pytest.raises((RuntimeError, AttributeError)):  # asyncio's own words differ: there is no loop to wait on
        await sqlite.write(step)
    assert await sqlite.reader.value("SELECT COUNT(*) FROM words") == 0
    await sqlite.write(adding(2))


async def test_a_step_cannot_write_beside_itself(sqlite):
    async def step(tx):
        await sqlite.write(adding(1))

    with pytest.raises(RuntimeError):
        await sqlite.write(step)
    await sqlite.write(adding(2))


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
async def test_nothing_that_a_step_raises_ends_the_writer(sqlite, wrong):
    async def step(tx):
        raise wrong

    go, holding = await held(sqlite)
    tasks = [asyncio.create_task(each) for each in (sqlite.write(adding(1)), sqlite.write(step))]
    await asyncio.sleep(0)
    go.set()
    await holding
    assert await tasks[0] == 1, "another's write failed too"
    with pytest.raises((RuntimeError, MemoryError)):
        await tasks[1]
    await sqlite.write(adding(2))


async def test_a_full_disk_answers_nobody_and_says_so_to_all(tmp_path):
    """Nobody was promised anything, everybody is told, and once there is room again the node goes on."""
    db = await open_database(f"sqlite:///{tmp_path / 'node.db'}")
    await db.script(["CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)"])
    await db.write(adding(0))

    async def limit(pages):
        return await db.write(lambda tx: tx.value(f"PRAGMA max_page_count = {pages}"))

    full = await limit(1)  # SQLite answers with the pages that there are: not one more
    await limit(full)
    followed = []

    async def step(number, tx):
        await tx.execute(INSERT, number, "x" * 20_000)
        tx.after_commit(lambda: followed.append(number))

    outcomes = await asyncio.gather(*(db.write(partial(step, n)) for n in range(1, 20)), return_exceptions=True)
    assert all(isinstance(each, NotKept) for each in outcomes), outcomes
    assert NotKept.again, "a job that meets a full disk must come back"
    assert not followed
    assert await db.reader.value("SELECT COUNT(*) FROM words") == 1
    await limit(1_000_000)
    await db.write(partial(step, 50))
    assert followed == [50]
    await db.close()


async def test_a_commit_that_fails_fails_everyone_in_it(sqlite):
    """The commit itself is refused (here by a foreign key that is checked at its end): no step of it was answered."""
    await sqlite.script([
        "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent BIGINT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
    ])  # fmt: skip
    followed = []

    async def orphan(tx):
        await tx.execute("INSERT INTO children (id, parent) VALUES (1, 99)")
        tx.after_commit(lambda: followed.append("orphan"))

    async def innocent(tx):
        await tx.execute(INSERT, 1, "innocent")
        tx.after_commit(lambda: followed.append("innocent"))

    go, holding = await held(sqlite)
    tasks = [asyncio.create_task(sqlite.write(each)) for each in (innocent, orphan)]
    await asyncio.sleep(0)
    go.set()
    await holding
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in outcomes] == [NotKept, NotKept]
    assert outcomes[0] is not outcomes[1], "two tasks share one exception, and with it each other's traceback"
    assert not followed
    assert await sqlite.reader.value("SELECT COUNT(*) FROM words") == 0
    await sqlite.write(innocent)
    assert followed == ["innocent"]


async def test_another_program_in_the_way_is_not_a_crash(sqlite, monkeypatch):
    """A keeper's `sqlite3` holds the file: the write fails as 'try again later', and nothing is lost of the next."""
    sqlite._writer.execute("PRAGMA busy_timeout=10")
    with driver.connect(sqlite._path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotKept):
            await sqlite.write(adding(1))
        other.execute("ROLLBACK")
    other.close()
    await sqlite.write(adding(2))


# -- the log


async def test_the_log_stays_small_while_everybody_writes(tmp_path, monkeypatch):
    """Under steady writing the log is never 'finished' for a passive checkpoint; the writer helps in time."""
    monkeypatch.setattr("node.runtime.database.sqlite._LOG_MAX_PAGES", 300)
    monkeypatch.setattr("node.runtime.database.sqlite._CHECKPOINT_EVERY_S", 0.02)
    sqlite = await open_database(f"sqlite:///{tmp_path / 'node.db'}")
    await sqlite.script([TABLE])
    log, largest, number = tmp_path / "node.db-wal", 0, 0
    for _round in range(150):
        await asyncio.gather(*(sqlite.write(adding(number + n, f"{number + n}" + "x" * 3000)) for n in range(20)))
        number += 20
        largest = max(largest, log.stat().st_size)
    await sqlite.close()
    assert number * 3000 > 8_000_000
    assert largest < 6_000_000, f"the log grew to {largest} bytes while {number * 3000} were written"


async def test_closing_leaves_one_file_and_its_lock(tmp_path):
    db = await open_database(f"sqlite:///{tmp_path / 'node.db'}")
    await db.script(["CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)"])
    await db.write(adding(1))
    await db.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["node.db", "node.db.lock"]


async def test_others_on_the_machine_cannot_read_it(sqlite):
    await sqlite.write(adding(1))
    for name in ("", "-wal", "-shm"):
        mode = stat.S_IMODE(Path(sqlite._path + name).stat().st_mode)
        assert not mode & 0o077, f"{sqlite._path}{name} may be read by others ({mode:o}): it holds private messages"


# -- one node


async def test_a_second_node_is_refused_and_may_only_read(sqlite, tmp_path):
    await sqlite.write(adding(1, "beffroi"))
    with pytest.raises(DatabaseBusy):
        await open_database(f"sqlite:///{tmp_path / 'node.db'}")
    (tmp_path / "same.db").symlink_to(tmp_path / "node.db")
    with pytest.raises(DatabaseBusy):
        await open_database(f"sqlite:///{tmp_path / 'same.db'}")
    beside = ReadOnlySqlite(str(tmp_path / "node.db"))
    assert await beside.reader.value("SELECT word FROM words") == "beffroi"
    with pytest.raises(DatabaseBusy):
        await beside.write(adding(2))
    with pytest.raises(DatabaseBusy):
        await beside.script(["DROP TABLE words"])
    await beside.close()
    await sqlite.write(adding(3))


def run(script, *args, **more):
    return subprocess.run(
        [sys.executable, "-c", script, *args],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


async def test_a_second_process_is_refused(sqlite):
    said = run(
        "import asyncio, sys; from node.runtime.database import open_database, DatabaseBusy\n"
        "try: asyncio.run(open_database('sqlite:///' + sys.argv[1]))\n"
        "except DatabaseBusy as error: print('refused:', error)",
        sqlite._path,
    )
    assert said.stdout.startswith("refused: another process is writing"), said.stdout + said.stderr


async def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "letter.txt").write_text("Monsieur le Maire, " * 200)
    (tmp_path / "folder").mkdir()
    for name in ("letter.txt", "folder", "letter.txt/node.db"):
        with pytest.raises(DatabaseUnusable) as refused:
            await open_database(f"sqlite:///{tmp_path / name}")
        assert name in str(refused.value)
    (tmp_path / "letter.txt").unlink()
    db = await open_database(f"sqlite:///{tmp_path / 'letter.txt'}")  # the lock was let go
    await db.close()


WRITER = """
import asyncio, sys
from node.runtime.database import open_database

async def main():
    db = await open_database('sqlite:///' + sys.argv[1])
    await db.script(['CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)'])
    async def one(start):
        for number in range(start, 10_000_000, 20):
            await db.write(lambda tx: tx.execute('INSERT INTO words (id, word) VALUES ($1, $2)', number, 'x' * 200))
            sys.stdout.write(f'{number}\\n')
            sys.stdout.flush()
    await asyncio.gather(*(one(n) for n in range(20)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_a_kill(tmp_path):
    """Kill -9 in the middle of writing: each row whose answer was given is there, and the file is whole."""
    path = str(tmp_path / "node.db")
    writer = subprocess.Popen(  # noqa: ASYNC220 (nothing else runs on this loop)
        [sys.executable, "-c", WRITER, path], cwd=PROJECT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(500)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    writer.wait(10)
    writer.stdout.close()
    db = await open_database(f"sqlite:///{path}")
    kept = {row[0] for row in await db.reader.fetch("SELECT id FROM words")}
    lost = set(acknowledged) - kept
    assert not lost, f"{len(lost)} acknowledged rows of {len(acknowledged)} are gone"
    assert await db.reader.value("PRAGMA integrity_check") == "ok"
    await db.write(adding(99_999_999))
    await db.close()
