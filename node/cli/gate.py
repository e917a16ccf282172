"""The gate of a process that shares its listening socket: one connection a turn, so that the others get theirs.

A loop's own server takes all that wait at once: of sixteen clients that came together the first process to wake got
nearly every one, and the second processor stood idle. Who takes one, and looks again in its next turn, leaves the
rest to whoever is free; a process that is busy takes fewer.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

from node.runtime import log

_PAUSE_S: Final = 0.5
"""Without descriptors to spare, nothing is gained by asking at once again."""


class Gate:
    """Takes connections until it is closed; the two verbs are those of `asyncio.Server`."""

    def __init__(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None
    ) -> None:
        self._listening, self._protocol, self._tls = listening, protocol, tls
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[None]] = set()
        self._open = True
        self._look()

    def close(self) -> None:
        """Take no more."""
        self._open = False
        self._loop.remove_reader(self._listening)

    async def wait_closed(self) -> None:
        """Wait for those that are halfway in."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _look(self) -> None:
        if self._open:
            self._loop.add_reader(self._listening, self._take)

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
        except (OSError, ssl.SSLError):  # it left, or spoke no TLS
            connection.close()
