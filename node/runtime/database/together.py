"""Small writes of one kind that are ready at the same moment: one transaction for all of them.

Who comes while a transaction runs is of the next one: a batch is as large as there is work, and nobody waits for it to
fill. What the database or a rule refuses must neither take the others with it nor delay them: then each is tried alone.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from node.runtime.database import Database, NotKept, Tx

T = TypeVar("T")
R = TypeVar("R")

_MOST = 100
"""Writes of one transaction: with posts, about a fortieth of a second in which other writers wait."""
_AWAITED_S = 0.02


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T, R]):
    item: T
    answer: asyncio.Future[R]


class Together(Generic[T, R]):
    """Takes what is ready, again and again while there is anything."""

    def __init__(
        self,
        take: Callable[[Tx, Sequence[T]], Awaitable[Sequence[R]]],
        failed: Callable[[], None] | None = None,
    ) -> None:
        """*take* writes some items, and says for each what its caller is told; it may be run again.

        *failed* is called when a transaction failed: where the connection broke, it may stand all the same.
        """
        self._take, self._failed = take, failed
        self._waiting: list[_Waiting[T, R]] = []
        self._running: asyncio.Task[None] | None = None
        self._coming = 0
        self._all_here = asyncio.Event()

    async def write(self, db: Database, item: T) -> R:
        """Have *item* written; what became of it, once that is durable.

        Raises:
            What the database, or a rule, refuses of this item alone.
        """
        waiting: _Waiting[T, R] = _Waiting(item, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._running is None:
            self._running = asyncio.create_task(self._run(db))
        return await waiting.answer

    @contextlib.contextmanager
    def coming(self) -> Iterator[None]:
        """Within it something is made ready, for which the others wait, but no longer than some milliseconds."""
        self._coming += 1
        self._all_here.clear()
        try:
            yield
        finally:
            self._coming -= 1
            if not self._coming:
                self._all_here.set()

    async def rest(self) -> None:
        """Wait for what has begun."""
        if self._running is not None:
            await self._running

    async def _run(self, db: Database) -> None:
        try:
            while self._waiting:
                if self._coming and len(self._waiting) < _MOST:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._all_here.wait(), _AWAITED_S)
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._write(db, batch)
        finally:
            self._running = None

    async def _write(self, db: Database, batch: Sequence[_Waiting[T, R]]) -> None:
        try:
            answers: Sequence[Any] = await db.write(lambda tx: self._take(tx, [each.item for each in batch]))
        except Exception as error:  # noqa: BLE001 (told to who waits)
            if self._failed is not None:
                self._failed()
            if len(batch) > 1 and not isinstance(error, NotKept):
                await asyncio.gather(*(self._write(db, [each]) for each in batch))
                return
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
        else:
            for each, answer in zip(batch, answers, strict=True):
                if not each.answer.done():
                    each.answer.set_result(answer)
