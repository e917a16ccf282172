"""A part of a worker: something that has turns. Tests take turns by hand; the node takes them for ever."""

import asyncio
import contextlib
from typing import ClassVar

from node.runtime import log
from node.runtime.context import Context

POLL_S = 1.0
_AFTER_FAILURE_S = 5.0


class Part:
    """One kind of work. Subclasses do a turn; those that need more keep their own `run`."""

    bell: ClassVar[str]
    """What wakes it (`ctx.live.ring(bell)`); a poll finds the rest."""

    async def turn(self, ctx: Context) -> int:
        """Do what is due now, in bounded batches; how much was done (0: nothing is due)."""
        raise NotImplementedError

    async def next_due_ms(self, ctx: Context) -> int | None:
        """When the next row is due, for tests that turn the clock; None: nothing waits."""
        return None

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        """Take turns until *stop*; a failure is logged and does not end it."""
        bell = ctx.live.bell(self.bell)
        while not stop.is_set():
            bell.clear()
            try:
                done = await self.turn(ctx)
            except Exception as error:  # noqa: BLE001 (the part goes on)
                log.fail("worker.failed", error, part=self.bell)
                await rest(stop, stop, _AFTER_FAILURE_S)
                continue
            if not done:
                await rest(bell, stop)


async def rest(bell: asyncio.Event, stop: asyncio.Event, at_most_s: float = POLL_S) -> None:
    """Wait until the *bell* rings, *stop* is set, or it is time to look without having been called."""
    waiting = {asyncio.ensure_future(each.wait()) for each in {bell, stop}}
    try:
        await asyncio.wait(waiting, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)
