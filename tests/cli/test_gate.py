"""The gate of processes that share a socket: each takes its share of those who come together."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.cli.demo.authority import Authority
from node.cli.gate import Gate, Shares


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


def gate(listening: socket.socket, shares: Shares, place: int, seen: list[Any], left: asyncio.Semaphore) -> Gate:
    return Gate(listening, lambda: Counting(seen, left), None, shares=shares, place=place, held=seen.__len__)


async def test_sixteen_that_come_together_are_shared(listening: socket.socket) -> None:
    """A second process is of no use if the first one takes every connection that waits."""
    seen: tuple[list[Any], list[Any]] = ([], [])
    left, shares = asyncio.Semaphore(0), Shares(2)
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        gates = [
            gate(stack.enter_context(listening.dup()), shares, place, each, left) for place, each in enumerate(seen)
        ]
        async with asyncio.timeout(10):
            for _ in range(16):
                await left.acquire()
        assert min(map(len, seen)) >= 6, f"one took {len(seen[0])} of sixteen, the other {len(seen[1])}"
        for each in gates:
            each.close()
            await each.wait_closed()
        for transport in (*seen[0], *seen[1]):
            transport.close()


async def test_who_holds_fewer_takes_the_next(listening: socket.socket) -> None:
    """Connections are kept for minutes: a process that was alone for a while has enough of them."""
    few: list[Any] = []
    left, shares = asyncio.Semaphore(0), Shares(2)
    shares.tell(1, 0)
    with contextlib.ExitStack() as stack:
        many: list[Any] = []
        busy = Gate(
            stack.enter_context(listening.dup()), lambda: Counting(many, left), None, shares=shares, place=0,
            held=lambda: 8,
        )  # fmt: skip
        free = gate(listening, shares, 1, few, left)
        for _ in range(3):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        async with asyncio.timeout(10):
            for _ in range(3):
                await left.acquire()
        assert not many, f"the one with eight took {len(many)} more"
        for each in (busy, free):
            each.close()
            await each.wait_closed()
        for transport in few:
            transport.close()


async def test_who_holds_more_takes_what_nobody_else_takes(listening: socket.socket) -> None:
    """Another process may be gone, or busy for seconds: nobody waits for it."""
    left, shares = asyncio.Semaphore(0), Shares(2)
    seen: list[Any] = []
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        alone = gate(listening, shares, 0, seen, left)
        async with asyncio.timeout(10):
            for _ in range(3):
                await left.acquire()
        alone.close()
        await alone.wait_closed()
        for transport in seen:
            transport.close()


async def test_a_closed_gate_lets_nobody_in(listening: socket.socket) -> None:
    """Who comes later waits for another process."""
    seen: list[Any] = []
    closed = gate(listening, Shares(2), 0, seen, asyncio.Semaphore(0))
    closed.close()
    with socket.create_connection(listening.getsockname()):
        await asyncio.sleep(0.05)
        assert not seen
    await closed.wait_closed()


async def test_who_never_finishes_its_handshake_holds_nobody_up(listening: socket.socket, tmp_path: Path) -> None:
    """A client that connects and says nothing would otherwise keep the process for as long as a handshake may take."""
    authority = Authority(tmp_path)
    certificate = authority.certificate("localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate.cert, certificate.key)
    taken: list[Any] = []
    one = Gate(listening, lambda: Counting(taken, asyncio.Semaphore(0)), tls, shares=Shares(1), place=0, held=lambda: 0)
    with socket.create_connection(listening.getsockname()) as silent:
        await asyncio.sleep(0.05)
        one.close()
        async with asyncio.timeout(5):
            await one.wait_closed()
        silent.settimeout(5)
        assert silent.recv(1) == b"", "the connection is still held"
    assert not taken
