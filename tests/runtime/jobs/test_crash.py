"""kill -9 in the middle of a job: after the restart it runs again, and what had ended does not."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from node import worker
from node.runtime.jobs.queue import JobQueue
from tests.support.context import make_context

PROJECT = Path(__file__).parents[3]
VICTIM = """
import asyncio, sys
from pathlib import Path
from node.runtime.jobs import enqueue
from node.runtime.jobs.queue import JobQueue
from tests.support.context import make_context

async def main():
    ctx = await make_context(sys.argv[1], Path(sys.argv[2]))

    async def quick(ctx, args):
        pass

    async def slow(ctx, args):
        while await ctx.db.reader.value("SELECT COUNT(*) FROM jobs WHERE kind = 'quick'"):
            await asyncio.sleep(0.01)
        print('working', flush=True)
        await asyncio.Event().wait()

    async def step(tx):
        for number in range(10):
            await enqueue(tx, ctx, 'quick', {'n': number})
        await enqueue(tx, ctx, 'slow', {'n': 99}, unique='slow')

    await ctx.db.write(step)
    await JobQueue({'quick': quick, 'slow': slow}).run(ctx, asyncio.Event())

asyncio.run(main())
"""


@pytest.fixture
async def after_the_crash(database_url, tmp_path):
    url = database_url()
    victim = subprocess.Popen(  # noqa: ASYNC220 (nothing else runs on this loop)
        [sys.executable, "-c", VICTIM, url, str(tmp_path / "victim")], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == "working\n"
    victim.send_signal(signal.SIGKILL)
    victim.wait(10)
    victim.stdout.close()
    ctx = await make_context(url, tmp_path / "heir")
    yield ctx
    await ctx.db.close()


async def test_a_killed_workers_job_runs_again(after_the_crash):
    ctx, done = after_the_crash, []

    async def slow(ctx, args):
        done.append(args)

    queue = JobQueue({"slow": slow, "quick": slow})
    assert await queue.turn(ctx) == 0, "the lease of a worker that may live was not respected"
    if ctx.db.dialect == "sqlite":
        await worker.take_over(ctx)  # the only writer: whoever held it is dead
    else:
        ctx.clock.forward(121)
    assert await queue.turn(ctx) == 1
    assert done == [{"n": 99}]
    assert not await ctx.db.reader.fetch("SELECT * FROM jobs")


async def test_the_worker_of_a_node_takes_over_at_its_start(after_the_crash, monkeypatch):
    ctx, done = after_the_crash, asyncio.Event()

    async def slow(ctx, args):
        done.set()

    if ctx.db.dialect == "postgresql":
        ctx.clock.forward(121)
    monkeypatch.setattr(worker, "parts", lambda: (JobQueue({"slow": slow}),))
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(ctx, stop))
    async with asyncio.timeout(10):
        await done.wait()
    stop.set()
    await task
