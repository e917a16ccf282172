"""Clients that connect and never read, at a served node: they are hung up on, and nobody else waits for them."""

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator

import pytest

from node.cli import patience, server
from node.runtime import log

_WITHIN_S = 30.0
_SMALL_BYTES = 4_096


@pytest.fixture
async def served(place, monkeypatch) -> AsyncIterator[tuple[str, int]]:
    """The node at an address; the system keeps little of what it sends, and it is impatient."""
    monkeypatch.setattr(patience, "STALLED_S", 0.5)
    failed: list[str] = []
    monkeypatch.setattr(log, "fail", lambda event, error, **_: failed.append(f"{event}: {error!r}"))
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_BYTES)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    listening.setblocking(False)
    serving = server.make_inside(place.ctx, server.make(place.ctx))
    task = asyncio.create_task(serving.serve([listening]))
    yield listening.getsockname()
    serving.should_exit = True
    await asyncio.wait_for(task, _WITHIN_S)
    listening.close()
    await asyncio.sleep(0.1)  # for the connections to be gone
    assert failed == [], "who does not read is no fault of the node"


def request(path: str, token: str, *more: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", "Host: ville.example", f"Authorization: Bearer {token}", *more)
    return "\r\n".join([*lines, "", ""]).encode()


def upgrade() -> tuple[str, ...]:
    key = base64.b64encode(os.urandom(16)).decode()
    return "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"


async def connected(address: tuple[str, int], asked: bytes, first: bytes) -> socket.socket:
    """A connection on which the stream has begun, and of which nothing more is read."""
    loop, made = asyncio.get_running_loop(), socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BYTES)
    made.setblocking(False)
    await loop.sock_connect(made, address)
    await loop.sock_sendall(made, asked)
    said = b""
    while first not in said:
        said += await asyncio.wait_for(loop.sock_recv(made, 1_000), _WITHIN_S)
    return made


def listening(place, actor_id: int) -> int:
    """How many connections listen for that account."""
    return len(place.ctx.live._listeners.get(f"actor:{actor_id}", ()))


@pytest.mark.parametrize("way", ["socket", "events"])
async def test_a_reader_that_never_reads_is_dropped(place, served, way):
    """Its connection ends, and what was kept for it is freed; who reads beside it hears everything."""
    alice, bruno, carla = [await place.person(name) for name in ("alice", "bruno", "carla")]
    for who in (alice, carla):
        await who.do(f"/api/v1/accounts/{bruno.id}/follow")
    if way == "socket":
        asked, first = request("/api/v1/streaming?stream=user", alice.client.token, *upgrade()), b"101"
    else:
        asked, first = request("/api/v1/streaming/user", alice.client.token), b":)"
    deaf = await connected(served, asked, first)
    heard, reader, writer = 0, *await asyncio.open_connection(*served)
    writer.write(request("/api/v1/streaming/user", carla.client.token))
    assert b":)" in await asyncio.wait_for(reader.readuntil(b":)"), _WITHIN_S)
    assert (listening(place, alice.actor.id), listening(place, carla.actor.id)) == (1, 1)
    said = 0
    async with asyncio.timeout(_WITHIN_S):
        while listening(place, alice.actor.id):
            await bruno.post("Bonjour " * 60)
            said += 1
            while heard < said:
                heard += (await reader.readuntil(b"\n")).startswith(b"event: update")
            await asyncio.sleep(0.05)  # it is dropped before the writer has written too much
    assert listening(place, carla.actor.id) == 1
    with deaf:
        rest = b""
        try:
            async with asyncio.timeout(_WITHIN_S):
                while more := await asyncio.get_running_loop().sock_recv(deaf, 1_000_000):
                    rest += more
        except ConnectionError:
            pass
    assert rest.count(b"Bonjour") < said * 60, "it got everything: the test slowed nothing down"
    writer.close()
    await writer.wait_closed()
