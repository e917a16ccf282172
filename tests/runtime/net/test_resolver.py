"""Names into addresses, as the system's own look-up gives them."""

import socket

import pytest

from node.runtime.net.resolver import ThreadResolver


@pytest.fixture
async def resolver():
    found = ThreadResolver()
    yield found
    await found.close()


@pytest.mark.parametrize("name", ["localhost", "lyon.localhost"])
async def test_localhost_needs_no_name_server(resolver, name):
    """RFC 6761: a demonstration runs on a machine whose resolver does not know such names."""
    assert [(found["host"], found["port"]) for found in await resolver.resolve(name, 8443)] == [("127.0.0.1", 8443)]


async def test_both_families_come_back_and_no_more_than_eight(resolver, monkeypatch):
    """A hundred addresses that do not answer would cost a hundred connection time-outs."""
    known: list[tuple[object, ...]] = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (f"2a00::{n}", 443, 0, 0)) for n in range(4)
    ]
    known += [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"1.1.1.{n}", 443)) for n in range(96)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
    found = await resolver.resolve("lyon.example", 443)
    assert len(found) == 8
    assert {one["family"] for one in found} == {socket.AF_INET, socket.AF_INET6}


async def test_a_name_that_no_one_has_is_an_error(resolver, monkeypatch):
    def nobody(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(OSError, match="not known"):
        await resolver.resolve("nobody.example", 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(OSError, match="no address"):
        await resolver.resolve("nobody.example", 443)
