"""The table `jobs`: small pieces of work that are not tied to one table of their own.

A job runs at least once, perhaps twice (a crash between its work and its end): handlers are written for that. Many
run side by side, so that one that waits for a slow server delays nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import AlreadyThere, Row, Tx
from node.runtime.errors import BeffroiError, TooMany
from node.runtime.jobs import leases
from node.runtime.jobs.part import Part, rest

Handler = Callable[[Context, dict[str, Any]], Awaitable[None]]

PLACES = 32
"""Jobs that run at once."""
_LEASE_MS = 120_000
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """One row, claimed."""

    id: int
    kind: str
    args: dict[str, Any]
    attempts: int
    unique: str | None = None


async def enqueue(
    tx: Tx, ctx: Context, kind: str, args: Mapping[str, Any], *, at_ms: int | None = None, unique: str | None = None
) -> None:
    """Have *kind* done after this transaction, at *at_ms* or at once.

    With *unique*, a job of that key that still waits stands for this one; it then runs at the earlier of both times.
    """
    now_ms = ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO jobs (id, kind, args, unique_key, state, run_at_ms, created_ms) "
        "VALUES ($1, $2, $3, $4, 'ready', $5, $6) ON CONFLICT (unique_key) DO UPDATE SET "
        "run_at_ms = excluded.run_at_ms WHERE jobs.run_at_ms > excluded.run_at_ms",
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
        self._active: set[int] = set()
        self._doubt = False

    async def turn(self, ctx: Context) -> int:
        jobs = await self._claim(ctx, PLACES)
        await asyncio.gather(*(self._run(ctx, job) for job in jobs))
        return len(jobs)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(run_at_ms) FROM jobs WHERE state = 'ready'")
        return None if found is None else int(found)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        bell = ctx.live.bell(self.bell)
        running: dict[asyncio.Task[None], Job] = {}
        renewed_ms = ctx.clock.now_ms()

        def ended(task: asyncio.Task[None]) -> None:
            del running[task]
            bell.set()

        while not stop.is_set():
            bell.clear()
            jobs: Sequence[Job] = ()
            try:
                if len(running) < PLACES:
                    jobs = await self._claim(ctx, PLACES - len(running))
                if running and ctx.clock.now_ms() - renewed_ms >= _LEASE_MS // 4:
                    renewed_ms = ctx.clock.now_ms()
                    await self._renew(ctx, running.values())
            except Exception as error:  # noqa: BLE001 (the database is away: try again in a while)
                self._doubt = True  # it may have been committed all the same
                log.fail("jobs.claim_failed", error)
            for job in jobs:
                task = asyncio.create_task(self._run(ctx, job))
                running[task] = job
                task.add_done_callback(ended)
            if not jobs:
                await rest(bell, stop)
        await self._leave(ctx, dict(running))

    async def _leave(self, ctx: Context, running: Mapping[asyncio.Task[None], Job]) -> None:
        """Let what runs end within a few seconds; the rest is given back as if it had not begun."""
        if not running:
            return
        _done, late = await asyncio.wait(running, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            row_ids, now_ms = [running[task].id for task in late], ctx.clock.now_ms()
            await ctx.db.write(lambda tx: leases.release(tx, "jobs", row_ids=row_ids, now_ms=now_ms))

    async def _claim(self, ctx: Context, limit: int) -> Sequence[Job]:
        now_ms = ctx.clock.now_ms()
        known, doubt = list(self._active), self._doubt
        if not doubt and not await leases.due(ctx.db.reader, "jobs", now_ms=now_ms):
            return ()

        async def step(tx: Tx) -> Sequence[Row]:
            await leases.reap(tx, "jobs", now_ms=now_ms)
            if doubt:
                await leases.release_forgotten(tx, "jobs", holder=ctx.seat.number, known=known, now_ms=now_ms)
            rows = await leases.claim(
                tx, "jobs", now_ms=now_ms, lease_ms=_LEASE_MS, limit=limit, holder=ctx.seat.number
            )
            keyed = [row["id"] for row in rows if row["unique_key"] is not None]
            if keyed:
                # A unique key stands for jobs that wait; one that runs may be asked for again.
                await tx.execute("UPDATE jobs SET unique_key = NULL WHERE id = ANY($1::bigint[])", keyed)
            return rows

        claimed = await ctx.db.write(step)
        self._doubt = self._doubt and not doubt
        self._active.update(row["id"] for row in claimed)
        return [
            Job(row["id"], row["kind"], orjson.loads(row["args"]), row["attempts"], row["unique_key"])
            for row in claimed
        ]

    async def _renew(self, ctx: Context, jobs: Collection[Job]) -> None:
        row_ids, now_ms = [job.id for job in jobs], ctx.clock.now_ms()
        await ctx.db.write(lambda tx: leases.renew(tx, "jobs", row_ids=row_ids, now_ms=now_ms, lease_ms=_LEASE_MS))

    async def _run(self, ctx: Context, job: Job) -> None:
        with structlog.contextvars.bound_contextvars(job=job.kind, job_id=job.id):
            try:
                await self._work(ctx, job)
            except Exception as error:  # noqa: BLE001 (the end could not be written: it runs again)
                self._doubt = True
                log.fail("job.not_ended", error)
            finally:
                self._active.discard(job.id)

    async def _work(self, ctx: Context, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        try:
            if job.attempts > leases.MAX_ATTEMPTS:
                raise InterruptedError("interrupted at every attempt: does it end the process?")
            if handler is None:
                raise LookupError(f"no handler for jobs of kind {job.kind}")
            await handler(ctx, job.args)
        except BeffroiError as error:
            await self._after_refusal(ctx, job, error)
        except Exception as error:  # noqa: BLE001 (a job's failure is told in its row)
            log.fail("job.failed", error, attempts=job.attempts)
            await self._later(ctx, job, f"{type(error).__name__}: {error}")
        else:
            await self._delete(ctx, job)
            ctx.metrics.count("jobs", kind=job.kind, outcome="done")

    async def _after_refusal(self, ctx: Context, job: Job, error: BeffroiError) -> None:
        if error.again:
            wait_ms = error.retry_s * 1000 if isinstance(error, TooMany) else 0
            await self._later(ctx, job, str(error), wait_ms)
            return
        log.log("job.refused", reason=str(error))
        ctx.metrics.count("jobs", kind=job.kind, outcome="refused")
        await self._delete(ctx, job)

    async def _later(self, ctx: Context, job: Job, reason: str, wait_ms: int = 0) -> None:
        if job.attempts >= leases.MAX_ATTEMPTS:
            ctx.metrics.count("jobs", kind=job.kind, outcome="dead")
            await ctx.db.write(lambda tx: leases.bury(tx, "jobs", row_id=job.id, error=reason, attempts=job.attempts))
            return
        ctx.metrics.count("jobs", kind=job.kind, outcome="again")
        at_ms = ctx.clock.now_ms() + max(wait_ms, leases.backoff_ms(job.attempts))

        async def step(tx: Tx) -> None:
            if job.unique is not None:
                kept = "UPDATE jobs SET unique_key = $2 WHERE id = $1 AND attempts = $3"
                await tx.execute(kept, job.id, job.unique, job.attempts)
            await leases.again(tx, "jobs", row_id=job.id, at_ms=at_ms, error=reason, attempts=job.attempts)

        try:
            await ctx.db.write(step)
        except AlreadyThere:
            await self._delete(ctx, job)  # asked for again while it ran: that one stands for both

    async def _delete(self, ctx: Context, job: Job) -> None:
        # By its attempt: one whose lease had ended is another worker's by now.
        sql = "DELETE FROM jobs WHERE id = $1 AND attempts = $2"
        await ctx.db.write(lambda tx: tx.execute(sql, job.id, job.attempts))
