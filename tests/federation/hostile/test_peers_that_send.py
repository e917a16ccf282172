"""Requests that are too long, too slow, too many, sent to a node's own server over real sockets."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import Self

import pytest

from node.cli import server as serving
from node.federation.inbox import receive
from tests.federation.conftest import Scene

HUNDRED_MB = 100_000_000
PIECE = bytes(65_536)


@pytest.fixture
async def port(scene: Scene) -> AsyncIterator[int]:
    """Bob's node listens here."""
    listening = serving.listen("127.0.0.1:0")
    server = serving._made(scene.ctx, scene.node.app)
    task = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    async with asyncio.timeout(20):
        await task


def head(host: str, *more: str, path: str = "/inbox") -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/activity+json", *more, "", ""]
    return "\r\n".join(lines).encode()


class Caller:
    """One connection, and how many bytes of its body the node took."""

    def __init__(self, port: int) -> None:
        self.port, self.sent = port, 0

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                await self.writer.wait_closed()

    async def push(self, pieces: Iterator[bytes]) -> None:
        """Send until the node wants no more."""
        with contextlib.suppress(OSError):
            for piece in pieces:
                self.writer.write(piece)
                await self.writer.drain()
                self.sent += len(piece)

    async def status(self) -> int:
        """What the node answers; 0 when it hung up, and the answer was lost in what was still on its way."""
        try:
            async with asyncio.timeout(30):
                line = await self.reader.readline()
        except TimeoutError:
            raise
        except OSError:
            return 0
        return int(line.split()[1]) if line else 0


def chunked() -> Iterator[bytes]:
    for _ in range(HUNDRED_MB // len(PIECE)):
        yield b"%x\r\n" % len(PIECE) + PIECE + b"\r\n"
    yield b"0\r\n\r\n"


def plain() -> Iterator[bytes]:
    for _ in range(HUNDRED_MB // len(PIECE)):
        yield PIECE


@pytest.mark.parametrize(
    ("header", "pieces"),
    [(f"Content-Length: {HUNDRED_MB}", plain), ("Transfer-Encoding: chunked", chunked)],
    ids=["announced", "hidden"],
)
async def test_a_request_of_100_mb(scene: Scene, port: int, header: str, pieces) -> None:
    """Refused at its first megabyte, or at its first byte when it says how long it is."""
    async with Caller(port) as caller:
        caller.writer.write(head(scene.node.host, header))
        pushing = asyncio.create_task(caller.push(pieces()))
        assert await caller.status() in (413, 0)
        async with asyncio.timeout(20):
            await pushing
        assert caller.sent < HUNDRED_MB // 4, "the node went on reading what it had refused"
    assert scene.refused("TooLarge") == 1


async def test_twenty_of_them_fit_into_memory(scene: Scene, port: int) -> None:
    async def one() -> int:
        async with Caller(port) as caller:
            caller.writer.write(head(scene.node.host, "Transfer-Encoding: chunked"))
            pushing = asyncio.create_task(caller.push(chunked()))
            status = await caller.status()
            async with asyncio.timeout(20):
                await pushing
            return status

    tracemalloc.start()
    try:
        statuses = await asyncio.gather(*(one() for _ in range(20)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert set(statuses) <= {413, 0}
    assert peak < 80_000_000, f"twenty callers cost {peak / 1e6:.0f} MB"


@pytest.mark.parametrize("size", [1_500_000, 4_500_000])
async def test_who_is_a_little_too_long_reads_why(scene: Scene, port: int, size: int) -> None:
    """A sender that reads the answer after its last byte, as most do."""
    async with Caller(port) as caller:
        caller.writer.write(head(scene.node.host, f"Content-Length: {size}"))
        await caller.push(bytes(50_000) for _ in range(size // 50_000))
        assert caller.sent == size
        assert await caller.status() == 413


@pytest.mark.parametrize("length", [1_000, 900_000])
async def test_a_request_a_byte_at_a_time(
    scene: Scene,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    length: int,
) -> None:
    """It has one deadline for its whole body, and others are served meanwhile."""
    monkeypatch.setattr(receive, "_BODY_S", 0.5)

    def drops() -> Iterator[bytes]:
        for _ in range(length):
            yield b" "

    async with contextlib.AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(Caller(port)) for _ in range(30)]
        tasks = []
        for caller in callers:
            caller.writer.write(head(scene.node.host, f"Content-Length: {length}"))

            async def drip(caller: Caller = caller) -> None:
                for drop in drops():
                    with contextlib.suppress(OSError):
                        caller.writer.write(drop)
                    await asyncio.sleep(0.02)

            tasks.append(asyncio.create_task(drip()))
        async with Caller(port) as other:
            other.writer.write(f"GET /nodeinfo/2.1 HTTP/1.1\r\nHost: {scene.node.host}\r\n\r\n".encode())
            assert await other.status() == 200
        assert {await caller.status() for caller in callers} == {408}
        for task in tasks:
            task.cancel()
    assert scene.refused("Dawdled") == 30


async def test_who_says_one_length_and_sends_less(scene: Scene, port: int) -> None:
    async with Caller(port) as caller:
        caller.writer.write(head(scene.node.host, "Content-Length: 1000") + b"{}")
        caller.writer.write_eof()
        async with asyncio.timeout(20):
            await caller.reader.read()
    assert not await scene.rows("SELECT 1 FROM inbox")


async def test_two_lengths_are_no_request(scene: Scene, port: int) -> None:
    """A proxy and we must not read two requests where there is one."""
    async with Caller(port) as caller:
        caller.writer.write(
            head(scene.node.host, "Content-Length: 2", "Transfer-Encoding: chunked")
            + b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        )
        assert await caller.status() == 400
