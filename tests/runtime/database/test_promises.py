"""What a step is promised, on SQLite and on PostgreSQL alike: all or nothing, alone, durable before the answer."""

import asyncio
import contextvars

import pytest

from node.runtime.database import AlreadyThere, open_database
from node.runtime.database.dialect import UnstorableText
from node.runtime.errors import Forbidden

INSERT = "INSERT INTO words (id, word) VALUES ($1, $2)"


async def words(db):
    return [row["word"] for row in await db.reader.fetch("SELECT word FROM words ORDER BY id")]


def adding(number, word=None):
    return lambda tx: tx.execute(INSERT, number, word or f"mot {number}")


async def test_a_step_is_there_when_its_answer_is(db):
    async def step(tx):
        await tx.execute(INSERT, 1, "beffroi")
        return await tx.value("SELECT word FROM words WHERE id = $1", 1)

    assert await db.write(step) == "beffroi", "a step does not see what it wrote itself"
    assert await words(db) == ["beffroi"], "an acknowledged write is not seen by the next read"


async def test_rows_are_read_by_name_and_by_position(db):
    await db.write(adding(1, "un"))
    row = await db.reader.row("SELECT id, word, number FROM words WHERE word = $1", "un")
    assert (row["id"], row[1], list(row), len(row), list(row.keys())) == (
        1, "un", [1, "un", 0], 3, ["id", "word", "number"],
    )  # fmt: skip
    assert await db.reader.row("SELECT id FROM words WHERE id = $1", 2) is None
    assert await db.reader.value("SELECT id FROM words WHERE id = $1", 2) is None
    assert await db.survey.value("SELECT word FROM words") == "un"
    assert (await db.survey.row("SELECT word FROM words"))["word"] == "un"


async def test_counts_of_rows_are_true(db):
    async def step(tx):
        first = await tx.execute("INSERT INTO words (id, word) VALUES ($1, 'a'), ($2, 'b'), ($3, 'c')", 1, 2, 3)
        again = await tx.execute("INSERT INTO words (id, word) VALUES ($1, 'a') ON CONFLICT DO NOTHING", 9)
        named = await tx.execute(
            "WITH few AS (SELECT id FROM words WHERE id < $1) UPDATE words SET number = 1 "
            "WHERE id IN (SELECT id FROM few)",
            3,
        )
        none = await tx.execute("WITH few AS (SELECT id FROM words WHERE id > 5) DELETE FROM words "
                                "WHERE id IN (SELECT id FROM few)")  # fmt: skip
        told = await tx.execute("UPDATE words SET number = 2 WHERE id = ANY($1::bigint[]) RETURNING id", [1, 3])
        gone = await tx.execute("DELETE FROM words")
        return first, again, named, none, told, gone

    assert await db.write(step) == (3, 0, 2, 0, 2, 3)


async def test_returned_rows_are_all_written_even_when_one_is_read(db):
    async def step(tx):
        return await tx.value("INSERT INTO words (id, word) VALUES (1, 'a'), (2, 'b') RETURNING id")

    assert await db.write(step) == 1
    assert await words(db) == ["a", "b"]


async def test_many_rows_at_once(db):
    await db.write(lambda tx: tx.executemany(INSERT, ((n, f"mot {n}") for n in range(1000))))
    assert await db.reader.value("SELECT COUNT(*) FROM words") == 1000


async def test_a_failing_step_rolls_back_alone(db):
    async def failing(tx):
        await tx.execute(INSERT, 100, "jamais")
        raise Forbidden("no")

    outcomes = await asyncio.gather(
        *(db.write(adding(n)) for n in range(5)),
        db.write(failing),
        *(db.write(adding(n)) for n in range(5, 10)),
        return_exceptions=True,
    )
    assert [type(each) for each in outcomes].count(Forbidden) == 1
    assert isinstance(outcomes[5], Forbidden)
    assert await words(db) == [f"mot {n}" for n in range(10)]


async def test_a_step_that_cancels_ends_no_more_than_itself(db):
    async def step(tx):
        await tx.execute(INSERT, 1, "jamais")
        raise asyncio.CancelledError

    outcomes = await asyncio.gather(db.write(adding(2)), db.write(step), db.write(adding(3)), return_exceptions=True)
    assert isinstance(outcomes[1], BaseException)
    assert not isinstance(outcomes[0], BaseException), f"another's write failed too: {outcomes[0]!r}"
    assert await words(db) == ["mot 2", "mot 3"]


async def test_a_unique_value_that_is_there_has_a_name(db):
    await db.write(adding(1, "beffroi"))
    with pytest.raises(AlreadyThere):
        await db.write(adding(2, "beffroi"))
    with pytest.raises(AlreadyThere):
        await db.write(adding(1, "campanile"))
    assert await words(db) == ["beffroi"]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_text_that_neither_keeps_is_refused_by_both(db, text):
    """A stranger's null character is his mistake (400), never a failure of the node (500)."""
    with pytest.raises(UnstorableText) as refused:
        await db.write(adding(1, text))
    assert refused.value.status == 400
    with pytest.raises(UnstorableText):
        await db.write(lambda tx: tx.executemany(INSERT, [(1, text)]))
    with pytest.raises(UnstorableText):
        await db.write(lambda tx: tx.fetch("INSERT INTO words (id, word) VALUES ($1, $2) RETURNING id", 1, text))
    assert await words(db) == []


async def test_a_null_character_in_a_list_finds_nothing(db):
    await db.write(adding(1, "a"))
    try:
        found = await db.reader.fetch("SELECT id FROM words WHERE word = ANY($1::text[])", ["a\0b"])
    except UnstorableText:
        found = []
    assert not found, "'a\\0b' was taken for 'a': what was asked is not what was found"


# -- facts


async def test_reactions_run_before_the_commit_and_may_state_facts(db):
    told = []

    async def react(tx, fact):
        told.append(fact)
        assert await tx.value("SELECT COUNT(*) FROM words") >= 1, "a reaction does not see its fact's own writes"
        if fact == "posted":
            await tx.execute(INSERT, 2, "suite")
            tx.state("notified")

    db.before_commit = react

    async def step(tx):
        await tx.execute(INSERT, 1, "début")
        tx.state("posted")

    await db.write(step)
    assert told == ["posted", "notified"]
    assert await words(db) == ["début", "suite"]


async def test_a_reaction_that_fails_takes_its_step_with_it(db):
    called = []

    async def react(tx, fact):
        raise Forbidden("the reaction refuses")

    db.before_commit = react

    async def step(tx):
        await tx.execute(INSERT, 1, "jamais")
        tx.after_commit(lambda: called.append(1))
        tx.state("posted")

    with pytest.raises(Forbidden):
        await db.write(step)
    db.before_commit = None
    assert await words(db) == []
    assert not called, "what follows a commit was done without one"


async def test_what_follows_a_commit_is_done_on_the_loop_once_others_can_read_it(db):
    seen = []

    async def step(tx):
        await tx.execute(INSERT, 1, "beffroi")
        tx.after_commit(lambda: seen.append(asyncio.get_running_loop()))

    await db.write(step)
    assert seen == [asyncio.get_running_loop()], "it was not done before the caller went on, or not on the loop"


async def test_what_follows_a_commit_and_fails_harms_nobody(db, caplog):
    done = []

    def broken():
        raise ValueError("a listener is broken")

    def step(number):
        async def inner(tx):
            await tx.execute(INSERT, number, f"mot {number}")
            if number == 1:
                tx.after_commit(broken)
            tx.after_commit(lambda: done.append(number))

        return inner

    await asyncio.gather(*(db.write(step(n)) for n in range(3)))
    assert sorted(done) == [0, 1, 2], "one broken listener kept the others from hearing"


# -- who waits


async def test_a_caller_who_leaves_loses_nothing_and_blocks_nobody(db):
    followed = asyncio.Event()

    async def step(tx):
        await tx.execute(INSERT, 1, "beffroi")
        tx.after_commit(followed.set)

    task = asyncio.create_task(db.write(step))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await db.write(adding(2))
    async with asyncio.timeout(10):
        await followed.wait()
    assert await words(db) == ["beffroi", "mot 2"]


async def test_a_step_sees_the_context_of_who_asked(db):
    name = contextvars.ContextVar("name", default="nobody")

    async def ask(who):
        name.set(who)

        async def step(tx):
            await tx.value("SELECT 1")
            return name.get()

        return await db.write(step)

    assert await asyncio.gather(*(ask(f"request {n}") for n in range(20))) == [f"request {n}" for n in range(20)]


async def test_closing_finishes_what_was_accepted(database_url):
    url = database_url()
    db = await open_database(url)
    await db.script(["CREATE TABLE words (id BIGINT PRIMARY KEY, word TEXT NOT NULL)"])
    waiting = [asyncio.create_task(db.write(adding(n))) for n in range(300)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*waiting) == [1] * 300
    with pytest.raises(RuntimeError, match="closed"):
        await db.write(adding(1000))
    await db.close()
    again = await open_database(url)
    assert await again.reader.value("SELECT COUNT(*) FROM words") == 300
    await again.close()


async def test_steps_about_the_same_object_run_one_after_the_other(db):
    """Read, think, write: with `lock`, no one reads what another is about to change."""
    await db.write(adding(1, "compteur"))

    async def step(tx):
        await tx.lock("counter:1")
        number = await tx.value("SELECT number FROM words WHERE id = 1")
        if db.dialect == "postgresql":
            await asyncio.sleep(0.005)
        await tx.execute("UPDATE words SET number = $1 WHERE id = 1", number + 1)

    await asyncio.gather(*(db.write(step) for _ in range(25)))
    assert await db.reader.value("SELECT number FROM words WHERE id = 1") == 25, "two steps counted as one"


@pytest.mark.parametrize(("items", "found"), [([], []), ([1, 3], [1, 3]), ([2**62], []), ((1, 2), [1, 2])])
async def test_lists_are_lists(db, items, found):
    await db.write(lambda tx: tx.executemany(INSERT, [(n, str(n)) for n in (1, 2, 3)]))
    rows = await db.reader.fetch("SELECT id FROM words WHERE id = ANY($1::bigint[]) ORDER BY id", items)
    assert [row[0] for row in rows] == found
    rows = await db.reader.fetch("SELECT id FROM words WHERE id <> ALL($1::bigint[]) ORDER BY id", items)
    assert [row[0] for row in rows] == [n for n in (1, 2, 3) if n not in found]
