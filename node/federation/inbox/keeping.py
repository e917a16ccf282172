"""Strangers' posts are kept together: those that are ready at the same moment in one transaction, with one statement
of each kind for all.

Who comes while a transaction runs is of the next one, and those that are nearly ready are waited for, for milliseconds:
a batch is as large as there is work. A post that cannot be kept must neither take the others with it nor delay them: then each is kept alone.
"""  # noqa: D205

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from node.actors.actor import Actor
from node.federation.delivery import forwarding
from node.federation.inbox import rows
from node.federation.inbox.received import Received
from node.federation.inbox.rows import Arrival
from node.federation.resolve import posts as resolving
from node.runtime.context import Context
from node.runtime.database import NotKept, Tx
from node.timeline import posts
from node.timeline.posts import Arriving, Document

_MOST: Final = 100
"""Posts of one transaction: about a fortieth of a second in which other writers wait."""

_AWAITED_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Keeping:
    """The step that stores one post; several may be taken in one."""

    ctx: Context
    received: Received
    """The activity that told of it; its sender is the author."""
    document: Document
    mentions: Sequence[Actor]
    addressed: Sequence[Actor]

    async def __call__(self, tx: Tx) -> None:
        await _keep(tx, self.ctx, [self])


async def _keep(tx: Tx, ctx: Context, keepings: Sequence[Keeping]) -> None:
    kept = await posts.receive_all(
        tx, ctx, [Arriving(each.received.sender, each.document, each.mentions, each.addressed) for each in keepings]
    )
    await resolving.ask_for_parents(tx, ctx, [post for post in kept if post is not None], depth=0)
    for each, post in zip(keepings, kept, strict=True):
        if post is not None:
            await forwarding.pass_on(tx, ctx, said=each.received, about=post)


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    keeping: Keeping
    kept: asyncio.Future[None]


class Together:
    """Takes what is ready, again and again while there is anything."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None
        self._coming = 0
        self._all_here = asyncio.Event()

    @contextlib.contextmanager
    def coming(self) -> Iterator[None]:
        """Within it a row is made ready, which may turn out to be a post."""
        self._coming += 1
        self._all_here.clear()
        try:
            yield
        finally:
            self._coming -= 1
            if not self._coming:
                self._all_here.set()

    async def keep(self, ctx: Context, arrival: Arrival, keeping: Keeping) -> None:
        """Store the post and mark its row done; nothing happens to a row that somebody else has taken over.

        Raises:
            What the database, or the rules for this post alone, refuse.
        """
        waiting = _Waiting(arrival, keeping, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._running is None:
            self._running = asyncio.create_task(self._run(ctx))
        await waiting.kept

    async def rest(self) -> None:
        """Wait for what has begun."""
        if self._running is not None:
            await self._running

    async def _run(self, ctx: Context) -> None:
        try:
            while self._waiting:
                if self._coming and len(self._waiting) < _MOST:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._all_here.wait(), _AWAITED_S)
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._take(ctx, batch)
        finally:
            self._running = None

    async def _take(self, ctx: Context, batch: Sequence[_Waiting]) -> None:
        try:
            await ctx.db.write(lambda tx: _end(tx, ctx, batch))
        except Exception as error:  # noqa: BLE001 (told to who waits)
            if len(batch) == 1 or isinstance(error, NotKept):
                for each in batch:
                    if not each.kept.done():
                        each.kept.set_exception(error)
            else:
                await asyncio.gather(*(self._take(ctx, [each]) for each in batch))
        else:
            for each in batch:
                if not each.kept.done():
                    each.kept.set_result(None)


async def _end(tx: Tx, ctx: Context, batch: Sequence[_Waiting]) -> None:
    # As every other activity about the same object: one after the other.
    await tx.lock(*(f"inbox:{each.keeping.document.id}" for each in batch))
    ours = await rows.mark(tx, [each.arrival for each in batch], "done")
    await _keep(tx, ctx, [each.keeping for each in batch if each.arrival.id in ours])
