"""A part of the worker goes on whatever happens to a turn, and ends when it is told to."""

import asyncio

from node import worker
from node.runtime.jobs import Part
from node.runtime.jobs.part import rest


class Counting(Part):
    bell = "counting"

    def __init__(self, *outcomes):
        self.turns = 0
        self.outcomes = list(outcomes)

    async def turn(self, ctx):
        self.turns += 1
        outcome = self.outcomes.pop(0) if self.outcomes else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def reached(part, turns):
    async with asyncio.timeout(10):
        while part.turns < turns:  # noqa: ASYNC110 (a counter rings no bell)
            await asyncio.sleep(0.005)


async def test_turns_follow_each_other_while_there_is_work(ctx, monkeypatch):
    monkeypatch.setattr("node.runtime.jobs.part._AFTER_FAILURE_S", 0.01)
    part, stop = Counting(3, 2, ValueError("a bad day"), 1, 0), asyncio.Event()
    task = asyncio.create_task(part.run(ctx, stop))
    await reached(part, 5)
    turns = part.turns
    ctx.live.ring("counting")
    await reached(part, turns + 1)
    stop.set()
    async with asyncio.timeout(5):
        await task


async def test_a_stop_is_heard_at_rest():
    stop = asyncio.Event()
    task = asyncio.create_task(rest(asyncio.Event(), stop, 3600))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(5):
        await task


async def test_a_part_that_ends_before_its_time_is_begun_again_and_harms_no_other(ctx, monkeypatch):
    begun = []

    class Broken(Part):
        bell = "broken"

        async def run(self, ctx, stop):
            begun.append(1)
            if len(begun) < 3:
                raise RuntimeError("broken")
            await stop.wait()

    monkeypatch.setattr("node.runtime.jobs.part.POLL_S", 0.01)
    other, stop = Counting(), asyncio.Event()
    monkeypatch.setattr(worker, "parts", lambda: (Broken(), other))
    monkeypatch.setattr(worker, "rest", lambda *_: asyncio.sleep(0.01))
    task = asyncio.create_task(worker.run(ctx, stop))
    async with asyncio.timeout(10):
        while len(begun) < 3:  # noqa: ASYNC110 (a counter rings no bell)
            await asyncio.sleep(0.005)
    assert not task.done()
    turns = other.turns
    ctx.live.ring("counting")
    await reached(other, turns + 1)
    stop.set()
    async with asyncio.timeout(5):
        await task
