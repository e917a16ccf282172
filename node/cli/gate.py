"""The gate of a process that shares its listening socket: who holds fewer connections takes the next one.

A loop's own server takes all that wait at once: of sixteen clients that came together the first process to wake got
nearly every one, and the second processor stood idle. Here a process takes one connection a turn, and leaves it for a
moment to another one that holds fewer.
"""

import asyncio
import mmap
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Final

from node.runtime import log

_LEFT_FOR_S: Final = 0.002
"""How long the others have for a connection that is rather theirs: they may be at work, or gone."""
_PAUSE_S: Final = 0.5
"""Without descriptors to spare, nothing is gained by asking at once again."""
_NUMBER: Final = struct.Struct("=Q")


class Shares:
    """How many connections each process holds; made before the fork, seen by all. A rough figure is enough."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._held = mmap.mmap(-1, count * _NUMBER.size)

    def tell(self, place: int, held: int) -> None:
        """The process in *place* holds so many."""
        _NUMBER.pack_into(self._held, place * _NUMBER.size, held)

    def least_of_others(self, place: int) -> int:
        """What the one among the others holds that holds fewest."""
        held = [_NUMBER.unpack_from(self._held, each * _NUMBER.size)[0] for each in range(self._count) if each != place]
        return min(held, default=0)


class Gate:
    """Takes connections until it is closed; the two verbs are those of `asyncio.Server`."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        *,
        shares: Shares,
        place: int,
        held: Callable[[], int],
    ) -> None:
        """Take from *listening*, as the process in *place* that now has *held* connections."""
        self._listening, self._protocol, self._tls = listening, protocol, tls
        self._shares, self._place, self._held = shares, place, held
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[None]] = set()
        self._open = True
        self._look()

    def close(self) -> None:
        """Take no more; who has not finished its TLS handshake is not waited for."""
        self._open = False
        self._loop.remove_reader(self._listening)
        for coming in self._coming:
            coming.cancel()

    async def wait_closed(self) -> None:
        """Wait for those that are halfway in."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _look(self) -> None:
        if self._open:
            self._loop.add_reader(self._listening, self._seen)

    def _seen(self) -> None:
        held = self._held() + len(self._coming)
        self._shares.tell(self._place, held)
        if held <= self._shares.least_of_others(self._place):
            self._take()
        else:
            self._loop.remove_reader(self._listening)
            self._loop.call_later(_LEFT_FOR_S, self._take_what_is_left)

    def _take_what_is_left(self) -> None:
        if self._open:
            self._look()
            self._take()

    def _take(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was faster, or the client has left
        except OSError as error:
            log.warn("connections.none_taken", error=str(error))
            self._loop.remove_reader(self._listening)
            self._loop.call_later(_PAUSE_S, self._look)
            return
        coming = self._loop.create_task(self._let_in(connection))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)

    async def _let_in(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls)
        except (OSError, ssl.SSLError, asyncio.CancelledError):  # it left, spoke no TLS, or was too slow to come
            connection.close()
