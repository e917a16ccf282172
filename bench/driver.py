"""Load from a process of its own: raw HTTP/1.1 over kept connections, so that the driver is not what is measured.

`Driver` is the side of whoever measures; this module run as a program is the other side. They speak over the
program's standard streams: the plan goes in as a pickle, `ready` comes out once the connections stand, `go` goes
in, and the result comes out as one line of JSON.
"""

import asyncio
import json
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self, cast

_ANSWER_S: Final = 30.0
_GIVE_UP_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. Each of *requests* goes out *repeat* times in a row; with *seconds*, round and round until then."""

    port: int
    requests: Sequence[bytes]
    connections: int = 1
    seconds: float | None = None
    repeat: int = 1
    per_s: float | None = None
    """Not faster than that, whatever the answers do: latencies count from the moment at which each was due."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. Times in milliseconds."""

    count: int
    wall_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    bytes: int
    statuses: dict[str, int] = field(default_factory=dict)
    broken: int = 0
    """Connections that ended within an answer."""
    cpu_s: float = 0.0
    """What the driver itself used."""

    @property
    def per_s(self) -> float:
        return self.count / self.wall_s

    def require(self, *statuses: int) -> Self:
        """Pass, if every answer was one of *statuses*.

        Raises:
            RuntimeError: some were not: what was measured is not what was meant.
        """
        strange = {status: count for status, count in self.statuses.items() if int(status) not in statuses}
        if strange or self.broken or not self.count:
            raise RuntimeError(f"unexpected answers: {strange}, {self.broken} broken off, of {self.count}")
        return self


class Driver:
    """One run in a process of its own: connected when made, begun by `go`, told by `result`."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.driver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._say(pickle.dumps(plan), end=b"")
        self._hear()

    def go(self) -> None:
        """Begin."""
        self._say(b"go")

    def result(self) -> Result:
        """Wait for the end."""
        found = Result(**json.loads(self._hear()))
        self._process.communicate(timeout=_GIVE_UP_S)
        return found

    def _say(self, words: bytes, end: bytes = b"\n") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + end)
        self._process.stdin.flush()

    def _hear(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the driver ended: {self._process.wait()}")
        return line


def run(plan: Plan) -> Result:
    """The whole of it."""
    driver = Driver(plan)
    driver.go()
    return driver.result()


class _Connection(asyncio.Protocol):
    """Sends what it is given, and measures until the answer is complete."""

    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._began_s = 0.0
        self._head = b""
        self._missing: int | None = None
        self._status = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self._load.connected(self)

    def send(self, request: bytes, due_s: float) -> None:
        assert self._transport is not None
        self._began_s = due_s
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._load.bytes += len(data)
        if self._missing is None:
            head = self._head + data if self._head else data
            end = head.find(b"\r\n\r\n")
            if end < 0:
                self._head = head
                return
            self._head = b""
            self._status = head[9:12].decode()
            at = head.lower().find(b"content-length:", 0, end)
            length = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
            self._missing = length - (len(head) - end - 4)
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            self._missing = None
            self._load.answered(self, self._status, time.perf_counter() - self._began_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Load:
    """All connections of one run."""

    def __init__(self, plan: Plan) -> None:
        self.bytes = 0
        self._plan = plan
        self._source = self._endless() if plan.seconds is not None else self._once()
        self._idle: list[_Connection] = []
        self._flying = 0
        self._late: list[tuple[bytes, float]] = []
        self._times_s: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._broken = 0
        self._end_s = float("inf")
        self._exhausted = False
        self._over = asyncio.Event()
        self.all_connected = asyncio.Event()

    def _once(self) -> Iterator[bytes]:
        for request in self._plan.requests:
            for _ in range(self._plan.repeat):
                yield request

    def _endless(self) -> Iterator[bytes]:
        while True:
            yield from self._once()

    def connected(self, connection: _Connection) -> None:
        self._idle.append(connection)
        if len(self._idle) == self._plan.connections:
            self.all_connected.set()

    async def run(self) -> Result:
        began_s, cpu_s = time.perf_counter(), time.process_time()
        if self._plan.seconds is not None:
            self._end_s = began_s + self._plan.seconds
        everyone = list(self._idle)
        if self._plan.per_s is None:
            self._idle.clear()
            for connection in everyone:
                self._next(connection)
        else:
            await self._in_time(began_s, self._plan.per_s)
        await asyncio.wait_for(self._over.wait(), (self._plan.seconds or _GIVE_UP_S) + _ANSWER_S)
        wall_s = time.perf_counter() - began_s
        for connection in everyone:
            connection.close()
        times = sorted(self._times_s) or [0.0]
        return Result(
            len(self._times_s), wall_s, 1000 * times[len(times) // 2], 1000 * times[int(len(times) * 0.99)],
            1000 * times[-1], self.bytes, dict(self._statuses), self._broken, time.process_time() - cpu_s,
        )  # fmt: skip

    async def _in_time(self, began_s: float, per_s: float) -> None:
        for number, request in enumerate(self._source):
            due_s = began_s + number / per_s
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            if time.perf_counter() >= self._end_s:
                break
            if self._idle:
                self._send(self._idle.pop(), request, due_s)
            else:
                self._late.append((request, due_s))
        self._exhausted = True
        self._look_for_the_end()

    def _next(self, connection: _Connection) -> None:
        now_s = time.perf_counter()
        request = None if now_s >= self._end_s else next(self._source, None)
        if request is None:
            self._exhausted = True
            self._look_for_the_end()
        else:
            self._send(connection, request, now_s)

    def _send(self, connection: _Connection, request: bytes, due_s: float) -> None:
        self._flying += 1
        connection.send(request, due_s)

    def answered(self, connection: _Connection, status: str, took_s: float) -> None:
        self._flying -= 1
        self._times_s.append(took_s)
        self._statuses[status] += 1
        if self._plan.per_s is None:
            self._next(connection)
        elif self._late:
            self._send(connection, *self._late.pop(0))
        else:
            self._idle.append(connection)
            self._look_for_the_end()

    def _look_for_the_end(self) -> None:
        if self._exhausted and not self._flying and not self._late:
            self._over.set()

    def lost(self) -> None:
        if not self._over.is_set():
            self._broken += 1
            self._over.set()


async def _drive(plan: Plan) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    load = _Load(plan)
    for _ in range(plan.connections):
        await loop.create_connection(lambda: _Connection(load), "127.0.0.1", plan.port)
    await load.all_connected.wait()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.buffer.readline()
    return asdict(await load.run())


def main() -> None:
    """The driver's own process."""
    import uvloop

    plan = pickle.load(sys.stdin.buffer)  # noqa: S301 (from the process that started this one)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_drive(plan))), flush=True)


if __name__ == "__main__":
    main()
