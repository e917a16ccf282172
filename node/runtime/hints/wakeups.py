"""Bells between processes, carried by arq: one function per part of the worker, and no data.

A bell that rings while its wake-up still waits adds none: the job's id is the bell's name. arq gives each wake-up to
one worker, so that one post does not make every worker ask the database. What it wakes finds its rows itself; where
the wake-up is lost, the poll of each part finds them a second later.
"""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from node.runtime import hints, log
from node.runtime.context import Context

if TYPE_CHECKING:
    from arq.connections import ArqRedis

BELLS: Final = ("inbox", "jobs", "feeds", "orders", "deliveries")
"""Whose parts poll often enough for a wake-up to bring something."""
_POLL_S: Final = 0.05
_EXPIRES_S: Final = 30
_TURN_S: Final = 5
_CLOSE_S: Final = 2.0


async def call(redis: "ArqRedis", node: str, bell: str) -> None:
    """Have one worker look what waits for *bell*."""
    if bell in BELLS:
        await redis.enqueue_job(f"turn:{bell}", _job_id=f"{node}:{bell}", _expires=_EXPIRES_S)


async def hear(ctx: Context, stop: asyncio.Event) -> None:
    """Ring the bells of this process that others ring, until *stop*; while Redis is away, the polls do it."""
    logging.getLogger("arq").setLevel(logging.WARNING)
    node, pause_s = await hints.name_of(ctx.db.reader), hints.FIRST_PAUSE_S
    while not stop.is_set():
        redis = hints.connect(ctx.settings.redis, node)
        began_s = asyncio.get_running_loop().time()
        try:
            await _work(ctx, redis, node, stop)
        except hints.troubles() as error:
            log.warn("wakeups.lost", error=str(error))
        except Exception as error:  # noqa: BLE001 (a fault of the carrier: the polls go on)
            log.fail("wakeups.failed", error)
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await redis.aclose(close_connection_pool=True)
        if asyncio.get_running_loop().time() - began_s > hints.LONGEST_PAUSE_S:
            pause_s = hints.FIRST_PAUSE_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await stop.wait()
        pause_s = min(pause_s * 2, hints.LONGEST_PAUSE_S)


async def _work(ctx: Context, redis: "ArqRedis", node: str, stop: asyncio.Event) -> None:
    from arq.worker import Function, Worker, func

    def turn(bell: str) -> Function:
        async def ring(_arq: dict[Any, Any]) -> None:
            ctx.live.ring_here(bell)

        return func(ring, name=f"turn:{bell}", keep_result=0, timeout=_TURN_S, max_tries=1)  # type: ignore[arg-type]

    # What waited when we came is looked for by the parts themselves, which have just begun.
    worker = Worker(
        [turn(bell) for bell in BELLS], redis_pool=redis, queue_name=redis.default_queue_name, handle_signals=False,
        poll_delay=_POLL_S, keep_result=0, job_timeout=_TURN_S, log_results=False, retry_jobs=False,
        job_serializer=redis.job_serializer, job_deserializer=redis.job_deserializer,
    )  # fmt: skip
    working = asyncio.ensure_future(worker.async_run())
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        await hints.ended([working, stopping, *worker.tasks.values()])
