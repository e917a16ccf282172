"""The worker: everything that a node does by itself, in parts that each have turns."""

import asyncio
from collections.abc import Mapping, Sequence

from node.runtime.context import Context
from node.runtime.jobs import Part, leases
from node.runtime.jobs.queue import Handler, JobQueue

HANDLERS: Mapping[str, Handler] = {}
"""Kinds of jobs -> who does them."""


def parts() -> Sequence[Part]:
    """Fresh parts of one worker."""
    return (JobQueue(HANDLERS),)


async def run(ctx: Context, stop: asyncio.Event) -> None:
    """Work until *stop*. On SQLite this is the only worker, so what is leased at the start is orphaned."""
    if ctx.db.dialect == "sqlite":
        now_ms = ctx.clock.now_ms()
        for table in ("jobs", "inbox", "deliveries"):
            await ctx.db.write(lambda tx, table=table: leases.release_all(tx, table, now_ms=now_ms))  # type: ignore[misc]
    async with asyncio.TaskGroup() as group:
        for part in parts():
            group.create_task(part.run(ctx, stop))


async def settle(ctx: Context) -> int:
    """Take turns until nothing is due; how much was done."""
    done = 0
    while True:
        turned = 0
        for part in parts():
            turned += await part.turn(ctx)
        if not turned:
            return done
        done += turned
