"""Connections whose client does not read are given up after a while, so that they hold nothing for ever.

What is sent waits in the connection's buffer until the client takes it; when that is full, whoever sends waits too. A
client that reads slowly is waited for; one that takes nothing for a minute (nginx waits as long) is hung up on: its
stream ends, its buffer is freed. Without this a client could hold an answer, or the end of a WebSocket, for ever.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

STALLED_S: Final = 60.0
GOOD_BYE_S: Final = 10.0


class _Patience:
    """When a connection is given up. `transport.abort` drops what was not sent; `close` would wait for it."""

    def __init__(self) -> None:
        self._end: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport, after_s: float) -> None:
        self.rest()
        self._end = asyncio.get_running_loop().call_later(after_s, transport.abort)

    def rest(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


class Answers(HttpToolsProtocol):
    """HTTP/1.1."""

    def __init__(self, *said: Any, **named: Any) -> None:
        super().__init__(*said, **named)
        self._patience = _Patience()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._patience.begin(self.transport, STALLED_S)

    def resume_writing(self) -> None:
        self._patience.rest()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.rest()
        super().connection_lost(exc)


class Sockets(WebSocketsSansIOProtocol):
    """WebSocket."""

    def __init__(self, *said: Any, **named: Any) -> None:
        super().__init__(*said, **named)
        self._patience = _Patience()
        self._lost = False

    def pause_writing(self) -> None:
        super().pause_writing()
        self._patience.begin(self.transport, STALLED_S)

    def resume_writing(self) -> None:
        self._patience.rest()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self._lost:  # the other end may never say good-bye, nor read ours
            self._patience.begin(self.transport, GOOD_BYE_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._patience.rest()
        super().connection_lost(exc)
