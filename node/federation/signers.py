"""Signing in threads: RSA costs 0.3 ms, and OpenSSL lets go of Python's lock meanwhile.

What is asked for in one turn of the event loop goes to the threads together, and comes back together: a thousand
deliveries wake them, and the loop, a hundred times and not a thousand.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from node.runtime.context import Context

Headers = Mapping[str, str]

_THREADS: Final = 2
_AT_ONCE: Final = 8
"""So many are signed before the first of them is sent: two and a half milliseconds."""

_Asked = tuple[asyncio.Future[Headers], Callable[[], Headers]]
_Signed = tuple[asyncio.Future[Headers], Headers | None, BaseException | None]


class Signers:
    """Two threads, begun when first needed."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._asked: list[_Asked] = []

    async def sign(self, work: Callable[[], Headers]) -> Headers:
        """What *work* gives, run in one of the threads.

        Raises:
            What *work* raises.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Headers] = loop.create_future()
        if self._asked and self._asked[0][0].get_loop() is not loop:
            self._asked = []  # of a loop that ended before its next turn
        if not self._asked:
            loop.call_soon(self._hand_over, loop)
        self._asked.append((answer, work))
        return await answer

    def close(self) -> None:
        """Let the threads end; they begin again when they are needed."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        asked, self._asked = self._asked, []
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="signer")
        share = min(_AT_ONCE, -(-len(asked) // _THREADS))
        for start in range(0, len(asked), share):
            self._threads.submit(_sign, loop, asked[start : start + share])


def of(ctx: Context) -> Signers:
    """The node's own, for whoever signs a question."""
    cache = ctx.cache.of("signers", 1)
    found: Signers | None = cache.get("all")
    if found is None:
        found = Signers()
        cache.put("all", found)
    return found


def _sign(loop: asyncio.AbstractEventLoop, asked: Sequence[_Asked]) -> None:
    signed: list[_Signed] = []
    for answer, work in asked:
        if answer.cancelled():
            continue
        try:
            signed.append((answer, work(), None))
        except Exception as error:  # noqa: BLE001 (told to who waits)
            signed.append((answer, None, error))
    with contextlib.suppress(RuntimeError):  # the loop that asked is gone
        loop.call_soon_threadsafe(_tell, signed)


def _tell(signed: Sequence[_Signed]) -> None:
    for answer, headers, error in signed:
        if answer.done():  # who asked has given up
            continue
        if error is not None:
            answer.set_exception(error)
        elif headers is not None:
            answer.set_result(headers)
