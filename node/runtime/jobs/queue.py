"""The table `jobs`: small pieces of work that are not tied to one table of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError
from node.runtime.jobs import leases
from node.runtime.jobs.part import Part

Handler = Callable[[Context, dict[str, Any]], Awaitable[None]]
_LEASE_MS = 120_000
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Job:
    """One row, claimed."""

    id: int
    kind: str
    args: dict[str, Any]
    attempts: int


async def enqueue(
    tx: Tx, ctx: Context, kind: str, args: Mapping[str, Any], *, at_ms: int | None = None, unique: str | None = None
) -> None:
    """Have *kind* done after this transaction, at *at_ms* or at once.

    With *unique*, a job of that key that still waits stands for this one.
    """
    now_ms = ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO jobs (id, kind, args, unique_key, state, run_at_ms, created_ms) "
        "VALUES ($1, $2, $3, $4, 'ready', $5, $6) ON CONFLICT (unique_key) DO NOTHING",
        ctx.ids.next(),
        kind,
        orjson.dumps(args).decode(),
        unique,
        now_ms if at_ms is None else at_ms,
        now_ms,
    )
    tx.after_commit(lambda: ctx.live.ring("jobs"))


class JobQueue(Part):
    """Runs the jobs, by the table of *handlers*."""

    bell = "jobs"

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    async def turn(self, ctx: Context) -> int:
        now_ms = ctx.clock.now_ms()
        await ctx.db.write(lambda tx: leases.reap(tx, "jobs", now_ms=now_ms))
        rows = await ctx.db.write(lambda tx: leases.claim(tx, "jobs", now_ms=now_ms, lease_ms=_LEASE_MS, limit=_BATCH))
        jobs = [Job(row["id"], row["kind"], orjson.loads(row["args"]), row["attempts"]) for row in rows]
        await asyncio.gather(*(self._run(ctx, job) for job in jobs))
        return len(rows)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(run_at_ms) FROM jobs WHERE state = 'ready'")
        return None if found is None else int(found)

    async def _run(self, ctx: Context, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        with structlog.contextvars.bound_contextvars(job=job.kind, job_id=job.id):
            # A unique key stands for jobs that wait; one that runs may be asked for again.
            await ctx.db.write(lambda tx: tx.execute("UPDATE jobs SET unique_key = NULL WHERE id = $1", job.id))
            try:
                if handler is None:
                    raise LookupError(f"no handler for jobs of kind {job.kind}")
                await handler(ctx, job.args)
            except BeffroiError as error:
                await self._after_refusal(ctx, job, error)
            except Exception as error:  # noqa: BLE001 (a job's failure is told in its row)
                log.fail("job.failed", error, attempts=job.attempts)
                await self._later(ctx, job, f"{type(error).__name__}: {error}")
            else:
                await ctx.db.write(lambda tx: tx.execute("DELETE FROM jobs WHERE id = $1", job.id))
                ctx.metrics.count("jobs", kind=job.kind, outcome="done")

    async def _after_refusal(self, ctx: Context, job: Job, error: BeffroiError) -> None:
        if error.again:
            await self._later(ctx, job, str(error))
            return
        log.log("job.refused", reason=str(error))
        ctx.metrics.count("jobs", kind=job.kind, outcome="refused")
        await ctx.db.write(lambda tx: tx.execute("DELETE FROM jobs WHERE id = $1", job.id))

    async def _later(self, ctx: Context, job: Job, reason: str) -> None:
        if job.attempts >= leases.MAX_ATTEMPTS:
            ctx.metrics.count("jobs", kind=job.kind, outcome="dead")
            await ctx.db.write(lambda tx: leases.bury(tx, "jobs", row_id=job.id, error=reason))
            return
        ctx.metrics.count("jobs", kind=job.kind, outcome="again")
        at_ms = ctx.clock.now_ms() + leases.backoff_ms(job.attempts)
        await ctx.db.write(lambda tx: leases.again(tx, "jobs", row_id=job.id, at_ms=at_ms, error=reason))
