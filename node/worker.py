"""The worker: everything that a node does by itself, in parts that each have turns."""

import asyncio
from collections.abc import Mapping, Sequence

from node.federation.delivery.expansion import Expansion
from node.federation.delivery.sender import Sender
from node.federation.inbox import forwarded
from node.federation.inbox.processing import Inbox
from node.federation.resolve import posts as resolving
from node.housekeeping import Housekeeping
from node.media import attachments, remote
from node.runtime.context import Context
from node.runtime.jobs import Part, leases
from node.runtime.jobs.queue import Handler, JobQueue
from node.timeline import erasure
from node.timeline.home import Merger

HANDLERS: Mapping[str, Handler] = {
    attachments.REMOVE_JOB: attachments.remove_files,
    remote.EXPIRE_JOB: remote.expire,
    erasure.ERASE_JOB: erasure.erase,
    resolving.FETCH_JOB: resolving.fetch_job,
    forwarded.REFETCH_JOB: forwarded.refetch_job,
}
"""Kinds of jobs -> who does them."""


def parts() -> Sequence[Part]:
    """Fresh parts of one worker: what came in, what follows from it, what goes out."""
    return (Inbox(), JobQueue(HANDLERS), Merger(), Expansion(), Sender(), Housekeeping())


async def run(ctx: Context, stop: asyncio.Event) -> None:
    """Work until *stop*. On SQLite this is the only worker, so what is leased at the start is orphaned."""
    if ctx.db.dialect == "sqlite":
        now_ms = ctx.clock.now_ms()
        for table in ("jobs", "inbox", "deliveries"):
            await ctx.db.write(lambda tx, table=table: leases.release_all(tx, table, now_ms=now_ms))  # type: ignore[misc]
    async with asyncio.TaskGroup() as group:
        for part in parts():
            group.create_task(part.run(ctx, stop))
