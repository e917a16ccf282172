"""The worker: everything that a node does by itself, in parts that each have turns."""

import asyncio
from collections.abc import Mapping, Sequence

from node.agreements import announcing
from node.agreements import requests as agreement_requests
from node.federation import requests
from node.federation.delivery.expansion import Expansion
from node.federation.delivery.sender import Sender
from node.federation.inbox import forwarded
from node.federation.inbox.processing import Inbox
from node.federation.outbox.agreements import Reminders
from node.federation.resolve import posts as resolving
from node.federation.resolve import software
from node.housekeeping import Housekeeping
from node.media import attachments, remote
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import Part, leases
from node.runtime.jobs.part import rest
from node.runtime.jobs.queue import Handler, JobQueue
from node.timeline import erasure
from node.timeline.home import Merger

HANDLERS: Mapping[str, Handler] = {
    attachments.REMOVE_JOB: attachments.remove_files,
    remote.EXPIRE_JOB: remote.expire,
    erasure.ERASE_JOB: erasure.erase,
    resolving.FETCH_JOB: resolving.fetch_job,
    forwarded.REFETCH_JOB: forwarded.refetch_job,
    software.LEARN_JOB: software.learn_job,
    agreement_requests.READ_JOB: requests.read_job,
    announcing.WITHDRAW_JOB: announcing.withdraw_job,
}
"""Kinds of jobs -> who does them."""


def parts() -> Sequence[Part]:
    """Fresh parts of one worker: what came in, what follows from it, what goes out."""
    return (Inbox(), JobQueue(HANDLERS), Merger(), Reminders(), Expansion(), Sender(), Housekeeping())


TABLES: Sequence[leases.Table] = ("jobs", "inbox", "deliveries")
"""Where leased rows are."""


async def run(ctx: Context, stop: asyncio.Event) -> None:
    """Work until *stop*."""
    if ctx.db.dialect == "sqlite":
        await _take_over(ctx)
    async with asyncio.TaskGroup() as group:
        for part in parts():
            group.create_task(_run(part, ctx, stop))


async def _take_over(ctx: Context) -> None:
    """On SQLite this is the only worker: what is leased at its start was held by a process that died."""
    now_ms = ctx.clock.now_ms()

    async def step(tx: Tx) -> None:
        for table in TABLES:
            await leases.release_all(tx, table, now_ms=now_ms)

    try:
        await ctx.db.write(step)
    except Exception as error:  # noqa: BLE001 (their leases end by themselves, only later)
        log.fail("worker.take_over_failed", error)


async def _run(part: Part, ctx: Context, stop: asyncio.Event) -> None:
    """Run a part, again if it ends before its time: the others must not end with it."""
    while not stop.is_set():
        try:
            await part.run(ctx, stop)
        except Exception as error:  # noqa: BLE001 (the node goes on)
            log.fail("worker.part_ended", error, part=type(part).__name__)
            await rest(stop, stop)
