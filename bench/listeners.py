"""Readers who listen over WebSocket, in a process of their own: when each event reached each of them.

`Audience` is the side of whoever measures; this module run as a program is the other side. They speak over the
program's standard streams: the plan goes in as a pickle, `ready` comes out once all are connected, `tell` goes in, and
one line of JSON comes out. Times are of the clock that all processes share (`time.perf_counter`).
"""

import asyncio
import base64
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from bench.seeding import HOST

_AT_ONCE: Final = 25
_AN_ADDRESS: Final = 200
"""Connections from one address: it may open 300 in five minutes, and no limit is switched off."""
_CLOSE_S: Final = 30
_TEXT, _PING, _CLOSE = 0x1, 0x9, 0x8


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to connect: one connection for each token, to one stream."""

    port: int
    tokens: Sequence[str]
    stream: str = "user"


class Audience:
    """Connected when made."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.listeners"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        pickle.dump(plan, self._process.stdin)
        self._process.stdin.flush()
        self._hear()

    def heard(self) -> list[list[float]]:
        """When each reader got her first event, her second…: one list a reader; the connections end."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"tell\n")
        self._process.stdin.flush()
        found: list[list[float]] = json.loads(self._hear())
        self._process.communicate(timeout=_CLOSE_S)
        return found

    def _hear(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the audience ended: {self._process.wait()}")
        return line


class _Reader(asyncio.Protocol):
    """One client: notes when a text comes, answers pings, looks into nothing."""

    def __init__(self, request: bytes) -> None:
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times_s: list[float] = []
        self._request, self._kept = request, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now_s = time.perf_counter()
        self._kept += data
        if not self.connected.done():
            head, ended, self._kept = self._kept.partition(b"\r\n\r\n")
            if not ended:
                self._kept = head
            elif head.startswith(b"HTTP/1.1 101 "):
                self.connected.set_result(None)
            else:
                self.connected.set_exception(RuntimeError(f"no stream: {head[:200]!r}"))
        while self.connected.done() and (length := self._frame(now_s)):
            self._kept = self._kept[length:]

    def _frame(self, now_s: float) -> int:
        """The bytes of the first frame that is there whole (RFC 6455 §5.2), noted; 0: none is."""
        kept = self._kept
        if len(kept) < 2:
            return 0
        begin, length = 2, kept[1] & 0x7F
        if length >= 126:
            begin = 4 if length == 126 else 10
            length = int.from_bytes(kept[2:begin], "big")
        if len(kept) < begin + length:
            return 0
        code = kept[0] & 0x0F
        if code == _TEXT:
            self.times_s.append(now_s)
        elif code == _PING:
            assert self._transport is not None
            self._transport.write(bytes([0x8A, 0x80 | length]) + bytes(4) + kept[begin : begin + length])
        elif code == _CLOSE:
            raise RuntimeError("the node hung up")
        return begin + length

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.connected.done():
            self.connected.set_exception(exc or RuntimeError("the node hung up"))

    def close(self) -> None:
        assert self._transport is not None
        self._transport.abort()


def _request(plan: Plan, token: str) -> bytes:
    # Compression as browsers and most libraries ask for it.
    return (
        f"GET /api/v1/streaming?stream={plan.stream} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    ).encode()


async def _listen(plan: Plan) -> list[list[float]]:
    loop, readers = asyncio.get_running_loop(), list[_Reader]()

    async def connect(number: int, token: str) -> _Reader:
        address = f"127.0.1.{1 + number // _AN_ADDRESS}"
        _, reader = await loop.create_connection(
            lambda: _Reader(_request(plan, token)), "127.0.0.1", plan.port, local_addr=(address, 0)
        )
        await reader.connected
        return reader

    for begin in range(0, len(plan.tokens), _AT_ONCE):
        some = plan.tokens[begin : begin + _AT_ONCE]
        readers += await asyncio.gather(*(connect(begin + at, token) for at, token in enumerate(some)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.readline)
    for reader in readers:
        reader.close()
    return [reader.times_s for reader in readers]


def main() -> None:
    """The audience's own process."""
    import uvloop

    plan = pickle.load(sys.stdin.buffer)  # noqa: S301 (from the process that started this one)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_listen(plan))), flush=True)


if __name__ == "__main__":
    main()
