"""Deliveries to peers that dawdle, swell, lead astray, or are somebody else: over real sockets.

Each is tried again or given up by its own rule, nothing of it is believed, and nobody else waits.
"""

import asyncio
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from node.runtime.net import client, guard
from tests.federation.hostile.conftest import TAKEN, Running, takes
from tests.runtime.net.conftest import Listener

HUNDRED_MB = 100_000_000
SOMEWHERE = "192.0.2.1"
"""An address where nobody answers (RFC 5737); here it passes for a public one."""


async def until(condition):
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 (what is waited for is a row)
            await asyncio.sleep(0.01)


def drips(opening):
    """A byte at a time, for ever, from *opening* on."""

    async def talk(head, writer):
        writer.write(opening)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    return talk


async def silent(head, writer):
    await asyncio.sleep(3600)


# -- time


@pytest.mark.parametrize(
    "opening",
    [b"HTTP/1.1 202 A", b"HTTP/1.1 202 Accepted\r\nX: ", b"HTTP/1.1 202 Accepted\r\nContent-Length: 9999\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
async def test_an_answer_a_byte_at_a_time(listen, office, impatient, opening):
    """The whole exchange has one deadline; the delivery waits for its next turn like any other."""
    slow = await listen(drips(opening))
    town = await office(slow)
    await town.to(slow)
    await town.send()
    state, error = await town.only_row()
    assert state == "ready"
    assert "in time" in error


async def test_who_never_answers_delays_nobody_and_holds_up_no_stop(listen, office):
    """Half the peers are silent: the others have their post, and the sender stops when it is asked."""
    mute = [await listen(silent, host=f"mute{number}.localhost") for number in range(12)]
    honest = [await listen(takes, host=f"honest{number}.localhost") for number in range(12)]
    town = await office(*mute, *honest)
    made = [await town.to(*mute, *honest) for _ in range(3)]

    async def done():
        return [(await town.figures(each))[2] for each in made] == [12, 12, 12]

    async with Running(town):
        await until(done)
        assert all(peer.connections <= 1 for peer in mute)
    assert await town.ctx.db.reader.value("SELECT COUNT(*) FROM deliveries WHERE state = 'leased'") == 0


async def test_a_peer_that_never_reads(office, impatient, tmp_path):
    """The request does not fit into its buffers, and it takes nothing."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        peer = Listener("deaf.localhost", deaf.getsockname()[1], "http")
        town = await office(peer)
        await town.to(peer)
        await town.ctx.db.write(lambda tx: tx.execute("UPDATE delivery_orders SET body = $1", b"x" * 20_000_000))
        await town.send()
    assert (await town.only_row())[0] == "ready"


# -- size


@pytest.mark.parametrize(("status", "left"), [("202 Accepted", None), ("410 Gone", "dead"), ("503 Busy", "ready")])
async def test_an_answer_of_100_mb(listen, office, status, left):
    """It is judged by its status; nobody reads the rest."""
    sent = 0

    async def swells(head, writer):
        nonlocal sent
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n".encode())
        piece = bytes(65_536)
        while sent < HUNDRED_MB:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    peer = await listen(swells)
    town = await office(peer)
    made = await town.to(peer)
    await town.send()
    assert sent < HUNDRED_MB // 5, "the page was read to its end"
    if left is None:
        assert await town.figures(made) == ("done", 1, 1, 0)
    else:
        assert (await town.only_row())[0] == left


# -- elsewhere


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize(
    "where", ["{inside}/inbox", "{self}/inbox", "http://127.0.0.1/", "http://169.254.169.254/", "x:"]
)
async def test_a_delivery_is_led_nowhere(listen, office, status, where):
    """Not to another server, not to our own machines, not round in circles: what is signed for one is for no other."""
    inside = await listen(takes, host="inside.localhost")

    async def leads(head, writer):
        to = where.format(inside=inside.url, self=peer.url)
        writer.write(f"HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())

    peer = await listen(leads)
    town = await office(peer, inside)
    await town.to(peer)
    await town.send()
    assert not inside.requests
    assert len(peer.requests) == 1
    assert (await town.only_row())[0] == "ready"


class Names(AbstractResolver):
    """A name server that says another address every time."""

    def __init__(self, *addresses):
        self.addresses, self.asked = list(addresses), 0

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        address = self.addresses[min(self.asked, len(self.addresses) - 1)]
        self.asked += 1
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self):
        pass


@pytest.mark.parametrize("answers", [("127.0.0.1",), (SOMEWHERE, "127.0.0.1"), ("10.0.0.1",), ("169.254.169.254",)])
async def test_a_name_that_changes_between_check_and_connection(listen, office, answers, monkeypatch):
    """What is checked is what is dialled, at each connection: there is no second look-up for an attacker to answer."""
    known = guard.is_public
    monkeypatch.setattr(client, "is_public", lambda address: address == SOMEWHERE or known(address))
    monkeypatch.setattr(client, "_CONNECT_S", 0.3)
    monkeypatch.setattr(client, "_DNS_CACHE_S", 0)
    inside = await listen(takes, host="inside.localhost")
    names = Names(*answers)
    town = await office(resolver=names)
    inside.host, inside.scheme = "rebinding.example", "https"
    for _ in range(3):
        await town.to(inside)
        await town.send()
    assert inside.connections == 0, "our own machine was dialled"


# -- somebody else


@pytest.mark.parametrize(
    ("name", "how", "trusted"),
    [
        ("peer.localhost", {"days": (-30, -1)}, True),
        ("peer.localhost", {"days": (1, 30)}, True),
        ("another.localhost", {}, True),
        ("peer.localhost", {"own": True}, True),
        ("peer.localhost", {}, False),
    ],
    ids=["expired", "not yet valid", "another name", "signed by itself", "unknown authority"],
)
async def test_who_cannot_prove_its_name_is_told_nothing(listen, office, authority, name, how, trusted):
    peer = await listen(takes, host="peer.localhost", tls=authority.server(name, **how))
    town = await office(peer, **({"extra_ca": authority.file} if trusted else {}))
    await town.to(peer)
    await town.send()
    state, error = await town.only_row()
    assert state == "ready", "a certificate may be renewed tomorrow"
    assert "certificate of peer.localhost" in error
    assert not peer.requests, "the post was shown to somebody who proved nothing"


async def test_a_renewed_certificate_is_enough(listen, office, authority):
    peer = await listen(takes, host="peer.localhost", tls=authority.server("peer.localhost"))
    town = await office(peer, extra_ca=authority.file)
    made = await town.to(peer)
    await town.send()
    assert await town.figures(made) == ("done", 1, 1, 0)


# -- noise


@pytest.mark.parametrize(
    "said",
    [
        b"", b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 202\x00 Accepted\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: -1\r\n\r\n", b"HTTP/9.9 999 ?\r\n\r\n" * 50,
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000, b"HTTP/1.1 202 Accepted\r\nX: " + b"y" * 200_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n" + TAKEN,
    ],
    ids=[
        "nothing", "TLS", "SSH", "a NUL", "a negative length", "another HTTP", "a chunk without end", "2,000 times 100",
        "a header without end", "another protocol",
    ],
)  # fmt: skip
async def test_noise_is_a_failed_attempt(listen, office, impatient, said):
    async def talk(head, writer):
        writer.write(said)
        await writer.drain()
        writer.close()

    peer = await listen(talk)
    town = await office(peer)
    await town.to(peer)
    await town.send()
    state, error = await town.only_row()
    assert state == "ready", error
    assert "Error" not in error, f"a fault of ours: {error}"


async def test_all_at_once_and_the_honest_are_served(listen, office, impatient):
    """Every kind of bad peer, several times each, and a few good ones in the middle; no place is lost."""

    async def hangs_up(head, writer):
        writer.close()

    async def swells(head, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2_000_000))

    kinds = [silent, drips(b"HTTP/1.1 2"), hangs_up, swells]
    bad = [await listen(kind, host=f"bad{n}-{m}.localhost") for n, kind in enumerate(kinds) for m in range(5)]
    good = [await listen(takes, host=f"good{number}.localhost") for number in range(5)]
    town = await office(*bad, *good)
    made = await town.to(*bad[:10], *good, *bad[10:])

    async def settled():
        _, total, done, dead = await town.figures(made)
        waiting = await town.ctx.db.reader.value(
            "SELECT COUNT(*) FROM deliveries WHERE state = 'ready' AND error <> ''"
        )
        return done + dead + waiting == total

    async def served():
        if all(peer.requests for peer in good):
            return True
        town.town.later(60)  # on a busy machine half a second is short for the honest too: their next turn comes
        town.ctx.live.ring("deliveries")
        await asyncio.sleep(0.2)
        return False

    async with Running(town):
        await until(settled)
        assert not town.sender._flying, "a place was never given back"
        assert not town.sender._active
        await until(served)
