"""The TCP network against servers that lie, dawdle, swell and hang up."""

import asyncio
import gzip
import socket
import zlib

import pytest
import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.net import (
    AddressRefused,
    BadUrl,
    ConnectionFailed,
    NetworkFailure,
    NotResolved,
    TlsFailed,
    TooMuch,
    TooSlow,
)
from node.runtime.net.client import AiohttpNetwork, _public_socket
from node.runtime.net.encoding import Garbled, Swollen, unpacked

AGENT = {"User-Agent": "beffroi-test"}


def answer(body: bytes = b"bonjour", *more: str, status: str = "200 OK", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *more, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def bonjour(head, writer):
    writer.write(answer())


class Names(AbstractResolver):
    """A name server that answers what it was told, each time the next of its answers."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in given
        ]

    async def close(self):
        pass


# -- addresses


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["0.0.0.0"], ["::1"], ["::ffff:127.0.0.1"], ["::127.0.0.1"], ["169.254.169.254"],
        ["10.0.0.1", "127.0.0.1", "::1"], ["64:ff9b::7f00:1"],
    ],
)  # fmt: skip
async def test_a_name_that_resolves_to_a_private_address_is_not_dialled(listen, make_network, addresses):
    """The name is public, the port is right, and only the address betrays it: the server sees no connection."""
    inside = await listen(bonjour)
    network = make_network(resolver=Names(addresses))
    with pytest.raises(AddressRefused) as refused:
        await network.request("GET", f"https://evil.example:{inside.port}/", headers=AGENT, max_bytes=100)
    assert inside.connections == 0, "the private server was reached"
    assert not any(address in str(refused.value) for address in addresses), "the message maps our network"
    assert not refused.value.again


def test_a_name_that_changes_its_answer_is_refused_when_it_is_dialled():
    """DNS rebinding: what was public a moment ago does not open the way to 127.0.0.1."""
    public = _public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "evil.example", ("1.1.1.1", 443)))
    public.close()
    with pytest.raises(OSError, match="not a public address"):
        _public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "evil.example", ("127.0.0.1", 443)))


def test_the_guard_holds_on_uvloop():
    """The loop of production dials in its own way."""

    async def story() -> int:
        connections = 0

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        network = AiohttpNetwork(resolver=Names(["127.0.0.1"], ["::1", "127.0.0.1"]))
        try:
            url = f"https://evil.example:{server.sockets[0].getsockname()[1]}/"
            with pytest.raises(AddressRefused):
                await network.request("GET", url, headers=AGENT, max_bytes=1)
        finally:
            await network.close()
            server.close()
        return connections

    assert uvloop.run(story()) == 0, "the private server was reached"


async def test_the_laboratory_does_not_open_other_names(listen, make_network):
    """A stranger's name that points at the laboratory's own address and port stays outside."""
    inside = await listen(bonjour)
    network = make_network(inside, resolver=Names(["127.0.0.1"]))
    assert (await network.request("GET", inside.url, headers=AGENT, max_bytes=100)).status == 200
    with pytest.raises(AddressRefused):
        await network.request("GET", f"https://evil.example:{inside.port}/", headers=AGENT, max_bytes=100)
    assert inside.connections == 1


async def test_a_data_url_is_no_address(make_network):
    """CVE-2026-62857: a nodeinfo link may say anything."""
    for url in ("data:application/json,{}", "file:///etc/passwd", "http://lyon.example/"):
        with pytest.raises(BadUrl):
            await make_network().request("GET", url, headers=AGENT, max_bytes=100)


async def test_a_proxy_of_the_environment_is_not_used(listen, make_network, monkeypatch):
    """A proxy would dial in our place, without the guard."""
    proxy, server = await listen(bonjour), await listen(bonjour)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy.url)
    await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=100)
    assert (proxy.connections, server.connections) == (0, 1)


async def test_a_name_without_address_is_said_so(make_network):
    class Nobody(Names):
        async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
            raise OSError(socket.EAI_NONAME, "no such name")

    with pytest.raises(NotResolved, match=r"lyon\.example") as failure:
        await make_network(resolver=Nobody([])).request("GET", "https://lyon.example/", headers=AGENT, max_bytes=9)
    assert failure.value.again, "a name may come back"


# -- time


@pytest.mark.parametrize("opening", [b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\n", answer(b"x", length=False)])
async def test_a_byte_at_a_time_does_not_hold_us(listen, make_network, opening):
    """Slow loris: each byte comes before any read time-out, in the headers or in the body."""

    async def drip(head, writer):
        writer.write(opening)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    server = await listen(drip)
    with pytest.raises(TooSlow):
        await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=10**6, timeout_s=0.3)


async def test_waiting_for_a_free_connection_counts_as_time(listen, make_network):
    """A host that answers nobody delays those who wait for it, and for their own time only."""

    async def silent(head, writer):
        await asyncio.sleep(60)

    server, other = await listen(silent), await listen(bonjour, host="besancon.localhost")
    network = make_network(server, other, connections_per_host=1)
    waiting = [network.request("GET", server.url, headers=AGENT, max_bytes=9, timeout_s=0.3) for _ in range(3)]
    assert (await network.request("GET", other.url, headers=AGENT, max_bytes=9)).status == 200
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [TooSlow] * 3
    assert server.connections <= 3


# -- size


@pytest.mark.parametrize("length", [True, False])
async def test_a_body_of_100_mb_is_cut(listen, make_network, length):
    """The connection is closed at the limit, whether the length was announced or not."""
    total, piece, sent = 100_000_000, b"x" * 65536, 0

    async def endless(head, writer):
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n\r\n" % total if length else b"\r\n"))
        while sent < total:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    server = await listen(endless)
    network = make_network(server)
    with pytest.raises(TooMuch, match="1000000 bytes") as cut:
        await network.request("GET", server.url, headers=AGENT, max_bytes=1_000_000)
    assert cut.value.answered == 200
    assert sent < total // 2, "the body went on being downloaded"


@pytest.mark.parametrize("size", [0, 1, 99, 100])
async def test_a_body_up_to_the_limit_is_whole(listen, make_network, size):
    async def talk(head, writer):
        writer.write(answer(b"x" * size))

    server = await listen(talk)
    response = await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=100)
    assert response.body == b"x" * size


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_one_byte_over_the_limit_is_refused(listen, make_network, chunked):
    async def talk(head, writer):
        chunks = b"32\r\n" + b"x" * 50 + b"\r\n33\r\n" + b"x" * 51 + b"\r\n0\r\n\r\n"
        writer.write(answer(chunks, "Transfer-Encoding: chunked", length=False) if chunked else answer(b"x" * 101))

    server = await listen(talk)
    with pytest.raises(TooMuch):
        await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=100)


async def test_a_long_page_does_not_hide_that_an_inbox_is_gone(listen, make_network):
    async def gone(head, writer):
        writer.write(answer(b"x" * 5000, status="410 Gone"))

    server = await listen(gone)
    with pytest.raises(TooMuch) as cut:
        await make_network(server).request("POST", server.url, headers=AGENT, body=b"{}", max_bytes=100)
    assert cut.value.answered == 410


async def test_a_gzip_bomb_does_not_go_off(listen, make_network):
    """50 MB of zeros in 50 kB: unpacked no further than the limit, though we asked for no compression."""
    bomb = gzip.compress(bytes(50_000_000))

    async def talk(head, writer):
        writer.write(answer(bomb, "Content-Encoding: gzip"))

    server = await listen(talk)
    with pytest.raises(TooMuch):
        await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=1_000_000)
    assert b"accept-encoding: identity" in server.requests[0].lower()


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_server_that_compresses_all_the_same_is_read(listen, make_network, encoding, pack):
    async def talk(head, writer):
        writer.write(answer(pack(b"bonjour"), f"Content-Encoding: {encoding}"))

    server = await listen(talk)
    assert (await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=100)).body == b"bonjour"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"bonjour"), ("gzip", gzip.compress(b"bonjour")[:-3]), ("br", b"bonjour"), ("gzip, gzip", b"x"),
        ("gzip", gzip.compress(b"") * 1000),
    ],
    ids=["plain text", "cut short", "unknown", "twice", "a thousand empty ones"],
)  # fmt: skip
def test_a_broken_compression_is_refused(encoding, body):
    with pytest.raises(Garbled):
        unpacked(body, encoding, 100_000)


@given(st.binary(max_size=300), st.integers(0, 300), st.sampled_from(["gzip", "deflate", "identity", ""]))
def test_nothing_is_unpacked_beyond_the_limit(content, limit, encoding):
    """Whatever arrives is either the whole content or an error."""
    packed = {"gzip": gzip.compress(content), "deflate": zlib.compress(content)}.get(encoding, content)
    try:
        assert unpacked(packed, encoding, limit) == content
    except Swollen:
        assert len(content) > limit


@given(st.binary(max_size=300), st.integers(0, 100))
def test_any_bytes_are_unpacked_or_refused(body, limit):
    try:
        assert len(unpacked(body, "gzip", limit)) <= limit or not body
    except (Garbled, Swollen):
        pass


# -- HTTP


@pytest.mark.parametrize(
    "said",
    [
        b"", b"\x00\x01\x02garbage\r\n\r\n", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(1000)) + b"\r\n",
        answer(b"x", "Content-Encoding: br"),
    ],
)  # fmt: skip
async def test_what_is_no_http_is_a_failed_connection(listen, make_network, said):
    async def talk(head, writer):
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await listen(talk)
    with pytest.raises(ConnectionFailed):
        await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=1000)


@given(said=st.binary(max_size=200))
def test_any_answer_is_a_response_or_a_named_failure(said):
    """No bytes of a stranger raise anything that the callers do not expect."""

    async def story() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + said)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        network = AiohttpNetwork(laboratory=frozenset({("127.0.0.1", port)}))
        try:
            await network.request("GET", f"http://127.0.0.1:{port}/", headers=AGENT, max_bytes=100, timeout_s=5)
        except NetworkFailure:
            pass
        finally:
            await network.close()
            server.close()

    asyncio.run(story())


async def test_a_closed_port_is_a_failed_connection(make_network, listen):
    server = await listen(bonjour)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server.port = taken.getsockname()[1]
        with pytest.raises(ConnectionFailed) as failure:
            await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=9)
    assert failure.value.again


async def test_a_redirect_is_an_answer(listen, make_network):
    async def talk(head, writer):
        writer.write(answer(b"", "Location: http://169.254.169.254/", status="302 Found"))

    server = await listen(talk)
    response = await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=9)
    assert (response.status, response.headers["location"]) == (302, "http://169.254.169.254/")


async def test_cookies_are_not_kept(listen, make_network):
    """A server cannot mark this node."""

    async def talk(head, writer):
        writer.write(answer(b"", "Set-Cookie: marked=1; Path=/"))

    server = await listen(talk)
    network = make_network(server)
    for _ in range(2):
        await network.request("GET", server.url, headers=AGENT, max_bytes=9)
    assert all(b"cookie" not in request.lower() for request in server.requests)


async def test_connections_are_kept_alive(listen, make_network):
    """A hundred deliveries to one server shake hands once."""
    server = await listen(bonjour)
    network = make_network(server)
    for _ in range(100):
        await network.request("GET", server.url, headers=AGENT, max_bytes=100)
    assert (server.connections, len(server.requests)) == (1, 100)


async def test_a_request_without_user_agent_is_our_fault(make_network):
    with pytest.raises(ValueError, match="User-Agent"):
        await make_network().request("GET", "https://lyon.example/", headers={}, max_bytes=9)


# -- TLS


async def test_a_certificate_of_an_unknown_authority_is_refused(listen, make_network, authority):
    server = await listen(bonjour, tls=authority.server)
    with pytest.raises(TlsFailed, match=r"lyon\.localhost"):
        await make_network(server).request("GET", server.url, headers=AGENT, max_bytes=9)
    assert not server.requests, "the request was sent to a server that proved nothing"


async def test_an_extra_authority_is_trusted(listen, make_network, authority):
    server = await listen(bonjour, tls=authority.server)
    network = make_network(server, extra_ca=authority.file)
    assert (await network.request("GET", server.url, headers=AGENT, max_bytes=9)).body == b"bonjour"


async def test_a_certificate_of_another_name_is_refused(listen, make_network, authority):
    server = await listen(bonjour, host="besancon.localhost", tls=authority.server)
    with pytest.raises(TlsFailed):
        await make_network(server, extra_ca=authority.file).request("GET", server.url, headers=AGENT, max_bytes=9)


async def test_a_plain_server_behind_https_is_a_tls_failure(listen, make_network):
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status="400 Bad Request"))
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    listener = await listen(bonjour)
    listener.port, listener.scheme = server.sockets[0].getsockname()[1], "https"
    with pytest.raises(TlsFailed):
        await make_network(listener).request("GET", listener.url, headers=AGENT, max_bytes=9)
    server.close()


def test_an_authority_file_that_is_none_stops_the_start(tmp_path):
    """A typing error in the settings is seen at once, not as a failure of every connection."""
    (tmp_path / "ca.pem").write_text("")
    with pytest.raises(OSError, match=r"."):
        AiohttpNetwork(extra_ca=tmp_path / "ca.pem")
