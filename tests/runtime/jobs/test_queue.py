"""Jobs: done at least once whatever happens, by one worker at a time, and a slow one delays nobody."""

import asyncio
import contextlib
from itertools import pairwise

import pytest

from admin import operations
from node.runtime.errors import Forbidden, TooMany, Unavailable
from node.runtime.jobs import MAX_ATTEMPTS, enqueue
from node.runtime.jobs.queue import PLACES, JobQueue


async def put(ctx, kind, args=None, **more):
    await ctx.db.write(lambda tx: enqueue(tx, ctx, kind, args or {}, **more))


async def rows(ctx):
    return await ctx.db.reader.fetch("SELECT * FROM jobs ORDER BY id")


@contextlib.asynccontextmanager
async def running(ctx, queue):
    """The queue as a node runs it."""
    stop = asyncio.Event()
    task = asyncio.create_task(queue.run(ctx, stop))
    yield
    stop.set()
    async with asyncio.timeout(20):
        await task


async def until(condition):
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 (what is waited for is a row)
            await asyncio.sleep(0.005)


async def test_a_job_is_done_once_with_its_arguments(ctx):
    done = []

    async def handler(ctx, args):
        done.append(args)

    queue = JobQueue({"greet": handler})
    assert await queue.turn(ctx) == 0
    await put(ctx, "greet", {"name": "Besançon", "id": 2**62})
    assert await queue.next_due_ms(ctx) == ctx.clock.now_ms()
    assert await queue.turn(ctx) == 1
    assert await queue.turn(ctx) == 0
    assert done == [{"name": "Besançon", "id": 2**62}]
    assert not await rows(ctx)
    assert ctx.metrics.counted("jobs", kind="greet", outcome="done") == 1


async def test_a_job_of_a_transaction_that_fails_never_was(ctx):
    async def step(tx):
        await enqueue(tx, ctx, "greet", {})
        raise Forbidden("no")

    bell = ctx.live.bell("jobs")
    with pytest.raises(Forbidden):
        await ctx.db.write(step)
    assert not await rows(ctx)
    assert not bell.is_set(), "a worker was woken for nothing"
    await put(ctx, "greet")
    assert bell.is_set()


async def test_what_may_pass_is_tried_again_later_and_then_given_up(ctx):
    asked = []

    async def handler(ctx, args):
        asked.append(ctx.clock.now_ms())
        raise (Unavailable("the server does not answer") if len(asked) % 2 else ValueError("a fault of ours"))

    queue = JobQueue({"fetch": handler})
    await put(ctx, "fetch")
    start_ms = ctx.clock.now_ms()
    while (due_ms := await queue.next_due_ms(ctx)) is not None:
        ctx.clock.forward(max(0, due_ms - ctx.clock.now_ms()) / 1000)
        await queue.turn(ctx)
    assert len(asked) == MAX_ATTEMPTS
    waits = [later - sooner for sooner, later in pairwise(asked)]
    assert all(later > sooner for sooner, later in pairwise(waits))
    assert 2 < (ctx.clock.now_ms() - start_ms) / 86_400_000 < 3
    [dead] = await rows(ctx)
    assert (dead["state"], dead["error"]) == ("dead", "ValueError: a fault of ours")
    ctx.clock.forward(1e6)
    assert await queue.turn(ctx) == 0, "a dead letter was worked"


async def test_a_dead_job_is_seen_and_retried_by_a_keeper(ctx):
    broken = True

    async def handler(ctx, args):
        if broken:
            raise Unavailable("not yet")

    queue = JobQueue({"fetch": handler})
    await put(ctx, "fetch")
    await ctx.db.write(lambda tx: tx.execute("UPDATE jobs SET attempts = $1", MAX_ATTEMPTS - 1))
    await queue.turn(ctx)
    said = (await operations.perform(ctx, "deliveries.list", {}))[-1]
    assert "Tâches abandonnées : 1." in said.replace("\xa0", " ")
    broken = False
    await operations.perform(ctx, "deliveries.retry", {})
    assert await queue.turn(ctx) == 1
    assert not await rows(ctx)


async def test_what_is_refused_for_good_is_not_tried_again(ctx):
    async def handler(ctx, args):
        raise Forbidden("this node has no dealings with that server")

    queue = JobQueue({"fetch": handler})
    await put(ctx, "fetch")
    await queue.turn(ctx)
    assert not await rows(ctx)
    assert ctx.metrics.counted("jobs", kind="fetch", outcome="refused") == 1


async def test_who_asks_for_patience_gets_it(ctx):
    async def handler(ctx, args):
        raise TooMany("slowly", retry_s=3_600)

    queue = JobQueue({"fetch": handler})
    await put(ctx, "fetch")
    await queue.turn(ctx)
    due_ms = await queue.next_due_ms(ctx)
    assert due_ms is not None
    assert due_ms - ctx.clock.now_ms() >= 3_600_000


async def test_an_unknown_kind_is_kept(ctx):
    """A newer version enqueued it: it waits for its handler instead of vanishing."""
    await put(ctx, "tomorrow")
    await JobQueue({}).turn(ctx)
    [kept] = await rows(ctx)
    assert (kept["state"], kept["error"]) == ("ready", "LookupError: no handler for jobs of kind tomorrow")


# -- unique keys


async def test_a_waiting_job_stands_for_those_asked_later(ctx):
    done = []

    async def handler(ctx, args):
        done.append(args["n"])

    for number in range(3):
        await put(ctx, "merge", {"n": number}, unique="merge")
    await put(ctx, "merge", {"n": 9}, unique="other")
    await put(ctx, "merge", {"n": 7})
    await put(ctx, "merge", {"n": 8})
    queue = JobQueue({"merge": handler})
    await queue.turn(ctx)
    assert sorted(done) == [0, 7, 8, 9]


async def test_a_waiting_job_runs_at_the_earlier_time(ctx):
    now_ms = ctx.clock.now_ms()
    await put(ctx, "merge", unique="merge", at_ms=now_ms + 60_000)
    await put(ctx, "merge", unique="merge", at_ms=now_ms + 90_000)
    assert [row["run_at_ms"] for row in await rows(ctx)] == [now_ms + 60_000]
    await put(ctx, "merge", unique="merge")
    assert [row["run_at_ms"] for row in await rows(ctx)] == [now_ms]


async def test_a_job_that_runs_may_be_asked_for_again(ctx):
    """What is asked while it runs may concern what it has already looked at."""
    turns = []

    async def handler(ctx, args):
        turns.append(1)
        if len(turns) == 1:
            await put(ctx, "merge", unique="merge")

    queue = JobQueue({"merge": handler})
    await put(ctx, "merge", unique="merge")
    assert await queue.turn(ctx) == 1
    assert await queue.turn(ctx) == 1
    assert await queue.turn(ctx) == 0


async def test_a_job_that_fails_keeps_its_key(ctx):
    async def handler(ctx, args):
        raise Unavailable("not yet")

    queue = JobQueue({"merge": handler})
    await put(ctx, "merge", unique="merge")
    for _ in range(5):
        await queue.turn(ctx)
        await put(ctx, "merge", unique="merge")
        assert len(await rows(ctx)) == 1, "each failure leaves one more row"


async def test_a_job_that_fails_makes_way_for_the_one_asked_meanwhile(ctx):
    async def handler(ctx, args):
        await put(ctx, "merge", {"n": 2}, unique="merge")
        raise Unavailable("not yet")

    await put(ctx, "merge", {"n": 1}, unique="merge")
    await JobQueue({"merge": handler}).turn(ctx)
    [left] = await rows(ctx)
    assert left["args"] == '{"n":2}'


# -- as a node runs it


async def test_a_slow_job_delays_nobody(ctx):
    """One job waits for a server that thinks for half a minute: all others are done meanwhile."""
    go, done = asyncio.Event(), []

    async def slow(ctx, args):
        await go.wait()

    async def quick(ctx, args):
        done.append(1)

    async with running(ctx, JobQueue({"slow": slow, "quick": quick})):
        await put(ctx, "slow")
        for _ in range(100):
            await put(ctx, "quick")

        async def all_done():
            return len(done) == 100

        await until(all_done)

        async def only_the_slow_one():
            return [row["kind"] for row in await rows(ctx)] == ["slow"]

        await until(only_the_slow_one)
        go.set()

        async def empty():
            return not await rows(ctx)

        await until(empty)


async def test_many_run_at_once_but_not_all(ctx):
    inside, most, done = 0, 0, 0

    async def handler(ctx, args):
        nonlocal inside, most, done
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        done += 1

    async def step(tx):
        for _ in range(PLACES * 3):
            await enqueue(tx, ctx, "job", {})

    await ctx.db.write(step)
    async with running(ctx, JobQueue({"job": handler})):

        async def all_done():
            return done == PLACES * 3

        await until(all_done)
    assert most == PLACES


async def test_a_poll_finds_what_no_bell_announced(ctx, monkeypatch):
    """Another process enqueued it, or the bell was lost: the row is the truth."""
    done = asyncio.Event()

    async def handler(ctx, args):
        done.set()

    queue = JobQueue({"job": handler})
    async with running(ctx, queue):
        await asyncio.sleep(0.02)  # it rests
        ring = ctx.live.ring
        monkeypatch.setattr(type(ctx.live), "ring", lambda self, name: None)
        await put(ctx, "job")
        async with asyncio.timeout(10):
            await done.wait()
        monkeypatch.setattr(type(ctx.live), "ring", lambda self, name: ring(name))


async def test_a_lease_is_renewed_while_the_work_goes_on(ctx):
    go, begun = asyncio.Event(), asyncio.Event()

    async def slow(ctx, args):
        begun.set()
        await go.wait()

    async with running(ctx, JobQueue({"slow": slow})):
        await put(ctx, "slow")
        await begun.wait()
        [row] = await rows(ctx)
        for _ in range(8):
            ctx.clock.forward(40)
            ctx.live.ring("jobs")

            async def renewed():
                [now] = await rows(ctx)
                return now["lease_until_ms"] > ctx.clock.now_ms() + 60_000

            await until(renewed)
        [row] = await rows(ctx)
        assert row["attempts"] == 1, "a job that still ran was given to another worker"
        go.set()


async def test_a_stop_lets_jobs_end_and_gives_the_others_back(ctx, monkeypatch):
    monkeypatch.setattr("node.runtime.jobs.queue._GRACE_S", 0.2)
    begun, cancelled = asyncio.Event(), []

    async def endless(ctx, args):
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    async def short(ctx, args):
        await asyncio.sleep(0.05)

    await put(ctx, "short")
    await put(ctx, "endless")
    async with running(ctx, JobQueue({"endless": endless, "short": short})):
        await begun.wait()
    [left] = await rows(ctx)
    assert (left["kind"], left["state"], left["attempts"]) == ("endless", "ready", 0)
    assert cancelled


async def test_a_database_that_fails_does_not_end_the_queue(ctx, monkeypatch):
    done = asyncio.Event()

    async def handler(ctx, args):
        done.set()

    queue = JobQueue({"job": handler})
    claim, failures = queue._claim, list[int]()

    async def failing(*args):
        if len(failures) < 2:
            failures.append(1)
            raise OSError("the disk is gone")
        return await claim(*args)

    monkeypatch.setattr(queue, "_claim", failing)
    async with running(ctx, queue):
        await put(ctx, "job")
        async with asyncio.timeout(10):
            await done.wait()
    assert len(failures) == 2


async def test_a_job_that_kills_its_process_is_buried_in_the_end(ctx):
    """Each restart would run it and die again: after sixteen deaths a keeper decides."""
    await put(ctx, "poison")
    await ctx.db.write(lambda tx: tx.execute("UPDATE jobs SET attempts = $1", MAX_ATTEMPTS))

    async def poison(ctx, args):
        raise AssertionError("it was run once more")

    await JobQueue({"poison": poison}).turn(ctx)
    [row] = await rows(ctx)
    assert row["state"] == "dead"
    assert "interrupted" in row["error"]
