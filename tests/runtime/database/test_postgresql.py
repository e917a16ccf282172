"""PostgreSQL: what several processes at once may do to each other, and the node does not notice."""

import asyncio

import pytest

from node.runtime.database import Database, DatabaseUnusable, NotKept, open_database

INSERT = "INSERT INTO words (id, word) VALUES ($1, $2)"


@pytest.fixture(params=["postgresql"])
def dialect(request):
    """PostgreSQL alone."""
    request.getfixturevalue("postgresql")
    return request.param


async def test_a_deadlock_is_run_again(db):
    """Two steps that take two rows in opposite orders: the server ends one of them, and it simply runs again."""
    await db.write(lambda tx: tx.executemany(INSERT, [(1, "un"), (2, "deux")]))
    both, attempts = asyncio.Barrier(2), []
    followed: list[int] = []

    def crossing(first, second):
        async def step(tx):
            attempts.append(first)
            await tx.execute("UPDATE words SET number = number + 1 WHERE id = $1", first)
            if len(attempts) <= 2:
                await both.wait()
            await tx.execute("UPDATE words SET number = number + 1 WHERE id = $1", second)
            tx.after_commit(lambda: followed.append(first))

        return step

    await asyncio.gather(db.write(crossing(1, 2)), db.write(crossing(2, 1)))
    assert len(attempts) == 3, "there was no deadlock to run again"
    assert sorted(followed) == [1, 2], "what follows the commit was done for an attempt that failed"
    assert [row[0] for row in await db.reader.fetch("SELECT number FROM words")] == [2, 2]


async def test_a_serialization_failure_is_run_again(db):
    await db.write(lambda tx: tx.execute(INSERT, 1, "un"))
    both, attempts = asyncio.Barrier(2), []

    async def step(tx):
        attempts.append(1)
        await tx.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        number = await tx.value("SELECT number FROM words WHERE id = 1")
        if len(attempts) <= 2:
            await both.wait()
        await tx.execute("UPDATE words SET number = $1 WHERE id = 1", number + 1)

    await asyncio.gather(db.write(step), db.write(step))
    assert await db.reader.value("SELECT number FROM words WHERE id = 1") == 2, "an update was lost"


async def test_two_processes_lock_each_other_out(db, database_url):
    """The lock is the server's, not the process's."""
    await db.write(lambda tx: tx.execute(INSERT, 1, "un"))
    name = await db.reader.value("SELECT current_database()")
    other = await open_database(database_url().rsplit("/", 1)[0] + f"/{name}")
    inside, most = 0, 0

    async def step(tx):
        nonlocal inside, most
        await tx.lock("post:1")
        inside += 1
        most = max(most, inside)
        number = await tx.value("SELECT number FROM words WHERE id = 1")
        await asyncio.sleep(0.002)
        inside -= 1
        await tx.execute("UPDATE words SET number = $1 WHERE id = 1", number + 1)

    await asyncio.gather(*(each.write(step) for each in (db, other) for _ in range(10)))
    await other.close()
    assert most == 1
    assert await db.reader.value("SELECT number FROM words WHERE id = 1") == 20


async def test_a_schema_that_changes_under_a_running_process_is_noticed(db, database_url):
    """One process migrates; the statements that another one has prepared go on to work."""
    await db.write(lambda tx: tx.execute(INSERT, 1, "un"))

    async def step(tx):
        await tx.row("SELECT * FROM words WHERE id = $1", 1)
        return await tx.execute("UPDATE words SET number = 5 WHERE id = 1")

    await db.write(step)
    await db.reader.row("SELECT * FROM words WHERE id = $1", 1)
    name = await db.reader.value("SELECT current_database()")
    other = await open_database(database_url().rsplit("/", 1)[0] + f"/{name}")
    await other.script(["ALTER TABLE words ADD COLUMN extra TEXT"])
    await other.close()
    assert await db.write(step) == 1
    assert await db.reader.row("SELECT * FROM words WHERE id = $1", 1)


async def test_a_connection_that_is_cut_is_told_as_try_again_later(db, postgresql):
    name = await db.reader.value("SELECT current_database()")

    async def step(tx):
        await tx.execute(INSERT, 1, "jamais")
        postgresql.run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
        await tx.execute(INSERT, 2, "jamais")

    with pytest.raises(NotKept):
        await db.write(step)
    assert await db.write(lambda tx: tx.execute(INSERT, 3, "trois")) == 1, "the node did not find the way back"
    assert [row[0] for row in await db.reader.fetch("SELECT id FROM words")] == [3]


@pytest.mark.parametrize(
    "url", ["postgresql://beffroi@127.0.0.1:1/node", "postgresql://beffroi@127.0.0.1:99999/node", "postgresql://["]
)
async def test_a_server_that_is_not_there_is_named(url):
    with pytest.raises(DatabaseUnusable, match="cannot be reached"):
        await open_database(url)


async def test_a_database_that_does_not_exist_is_named(database_url):
    with pytest.raises(DatabaseUnusable, match="nowhere"):
        await open_database(database_url().rsplit("/", 1)[0] + "/nowhere")


async def test_two_processes_that_start_together_make_the_schema_once(database_url):
    from node.runtime.clock import SystemClock
    from node.runtime.database.migrate import known, migrate, pending

    url = database_url()
    both: list[Database] = [await open_database(url), await open_database(url)]
    done = await asyncio.gather(*(migrate(each, SystemClock()) for each in both))
    applied = [migration.version for each in done for migration in each]
    assert sorted(applied) == [migration.version for migration in known("postgresql")], (
        "one was applied twice, or never"
    )
    assert not await pending(both[0])
    for each in both:
        await each.close()
