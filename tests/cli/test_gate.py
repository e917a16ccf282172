"""The gate of processes that share a socket: each takes its share of those who come together."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from node.cli.gate import Gate


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen(64)
        made.setblocking(False)
        yield made


class Counting(asyncio.Protocol):
    """Somebody who came in by one gate."""

    def __init__(self, seen: list[asyncio.BaseTransport], left: asyncio.Semaphore) -> None:
        self.seen, self.left = seen, left

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.seen.append(transport)
        self.left.release()


async def test_sixteen_that_come_together_are_shared(listening: socket.socket) -> None:
    """A second process is of no use if the first one takes every connection that waits."""
    one: list[asyncio.BaseTransport] = []
    other: list[asyncio.BaseTransport] = []
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        left = asyncio.Semaphore(0)
        gates = [
            Gate(stack.enter_context(listening.dup()), lambda seen=seen: Counting(seen, left), None)
            for seen in (one, other)
        ]
        async with asyncio.timeout(10):
            for _ in range(16):
                await left.acquire()
        assert min(len(one), len(other)) >= 4, f"one took {len(one)} of sixteen, the other {len(other)}"
        for gate in gates:
            gate.close()
            await gate.wait_closed()
        for transport in (*one, *other):
            transport.close()


async def test_a_closed_gate_lets_nobody_in(listening: socket.socket) -> None:
    """Who comes later waits for another process."""
    seen: list[asyncio.BaseTransport] = []
    gate = Gate(listening, lambda: Counting(seen, asyncio.Semaphore(0)), None)
    gate.close()
    with socket.create_connection(listening.getsockname()):
        await asyncio.sleep(0.05)
        assert not seen
    await gate.wait_closed()
