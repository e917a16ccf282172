"""The network over TCP: one aiohttp session, kept alive, that no stranger can point at our own machines.

Where each limit is held:
- the address, in the connector's socket factory, which sees what is dialled and not what was looked up: a name
  that changes its answer between a check and its use (DNS rebinding) finds no such gap;
- the time, by one deadline around everything: a server that sends a byte a second is cut with the others;
- the size, while the body is read. `Accept-Encoding: identity` is asked, because the documents are a few kB;
  a server that compresses all the same is unpacked within the same limit (`encoding`).

Measured warm on loopback: about 150 µs of processor a request, nearly all of it aiohttp's.
"""

import asyncio
import io
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import AddrInfoType
from aiohttp.http import HttpProcessingError
from yarl import URL

from node.runtime.net import (
    AddressRefused,
    BadUrl,
    ConnectionFailed,
    NetworkFailure,
    NotResolved,
    Response,
    TlsFailed,
    TooMuch,
    TooSlow,
    encoding,
)
from node.runtime.net.guard import Laboratory, check, is_public
from node.runtime.net.resolver import ThreadResolver
from node.runtime.net.urls import Target, parse

_CONNECT_S: Final = 5.0
_READ_S: Final = 10.0
_TOTAL_S: Final = 30.0
_DNS_CACHE_S: Final = 60
_DNS_CACHE_NAMES: Final = 4096
# Below the 60 to 75 s after which common servers hang up: the side that leaves first never writes into a void.
_KEEP_ALIVE_S: Final = 30.0
_KNOWN_URLS: Final = 4096
_WHOLE_BODY_BYTES: Final = 1 << 19  # aiohttp warns when more is handed over in one piece


class AiohttpNetwork:
    """The `Network` that production uses. Made outside the event loop or in it; bound to the first loop that asks."""

    def __init__(
        self,
        *,
        laboratory: Laboratory = frozenset(),
        extra_ca: Path | None = None,
        connections: int = 512,
        connections_per_host: int = 16,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Prepare the trust store (about 20 ms of disk); connect to nothing.

        Args:
            laboratory: pairs that are dialled without a look at their address (see `guard.check_laboratory`).
            extra_ca: a PEM file of authorities trusted besides the system's.
            connections: open at once, all hosts together; more wait their turn within their own time.
            connections_per_host: the same for one host, so that a slow one leaves room for others.
            resolver: how names become addresses, if not through the system.
        """
        self._laboratory = laboratory
        self._connections = connections
        self._connections_per_host = connections_per_host
        self._resolver = resolver
        self._trust = ssl.create_default_context()
        if extra_ca is not None:
            self._trust.load_verify_locations(cafile=extra_ca)
        self._trust.set_alpn_protocols(["http/1.1"])
        self._session: aiohttp.ClientSession | None = None
        # A second session, made only where there is a laboratory, keeps every exception out of the guarded one.
        self._laboratory_session: aiohttp.ClientSession | None = None
        self._route = lru_cache(_KNOWN_URLS)(self._checked)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        max_bytes: int,
        timeout_s: float | None = None,
    ) -> Response:
        """See `Network.request`."""
        if "User-Agent" not in headers and "user-agent" not in {name.lower() for name in headers}:
            raise ValueError("a request names its User-Agent: some servers refuse it otherwise")
        target, wire, laboratory = self._route(url)
        session = self._open(laboratory=laboratory)
        data = body if len(body) <= _WHOLE_BODY_BYTES else io.BytesIO(body)
        try:
            async with asyncio.timeout(_TOTAL_S if timeout_s is None else timeout_s):
                async with session.request(
                    method, wire, headers=headers, data=data or None, allow_redirects=False
                ) as answer:
                    content = b"" if method == "HEAD" else await _read(answer, target.host, max_bytes)
        except (TimeoutError, aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise _named(error, target.host) from error
        return Response(answer.status, answer.headers, content, target.url)

    async def close(self) -> None:
        """Let go of every connection and of the resolver's threads."""
        for session in (self._session, self._laboratory_session):
            if session is not None:
                await session.close()
        if self._resolver is not None:
            await self._resolver.close()

    def _checked(self, url: str) -> tuple[Target, URL, bool]:
        """*url* read, permitted, and ready for aiohttp, which must not quote it a second time."""
        target = parse(url)
        check(target, self._laboratory)
        return target, URL(target.url, encoded=True), (target.host, target.port) in self._laboratory

    def _open(self, *, laboratory: bool) -> aiohttp.ClientSession:
        if laboratory:
            if self._laboratory_session is None:
                self._laboratory_session = self._new_session(guarded=False)
            return self._laboratory_session
        if self._session is None:
            self._session = self._new_session(guarded=True)
        return self._session

    def _new_session(self, *, guarded: bool) -> aiohttp.ClientSession:
        if self._resolver is None:
            self._resolver = ThreadResolver()
        connector = aiohttp.TCPConnector(
            socket_factory=_public_socket if guarded else None,
            resolver=self._resolver,
            ttl_dns_cache=_DNS_CACHE_S,
            dns_cache_max_size=_DNS_CACHE_NAMES,
            limit=self._connections,
            limit_per_host=self._connections_per_host,
            keepalive_timeout=_KEEP_ALIVE_S,
            ssl=self._trust,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would dial in our place, unguarded, and .netrc would send passwords
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
            skip_auto_headers=("Content-Type", "User-Agent"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_READ_S),
        )


class _NotPublic(OSError):
    """One constant message, because the connector merges the errors of several addresses only if they are equal."""

    def __init__(self) -> None:
        super().__init__("not a public address")


def _public_socket(dialled: AddrInfoType) -> socket.socket:
    """A socket for the address that is about to be *dialled*, or a refusal that moves on to the next address."""
    family, kind, proto, _name, address = dialled
    if not is_public(str(address[0])):
        raise _NotPublic
    return socket.socket(family, kind, proto)


async def _read(answer: aiohttp.ClientResponse, host: str, max_bytes: int) -> bytes:
    """The body of *answer*, unpacked; the connection is cut as soon as the body is known to be too long."""
    body = await _at_most(answer, max_bytes)
    if body is None:
        answer.close()
        raise TooMuch(f"{host} sent more than {max_bytes} bytes", answered=answer.status)
    packed = answer.headers.get("Content-Encoding")
    if packed is None:
        return body
    try:
        return encoding.unpacked(body, packed, max_bytes)
    except encoding.Swollen:
        raise TooMuch(f"{host} sent more than {max_bytes} bytes", answered=answer.status) from None
    except encoding.Garbled as why:
        raise ConnectionFailed(f"the answer of {host} cannot be read: {why}") from None


async def _at_most(answer: aiohttp.ClientResponse, max_bytes: int) -> bytes | None:
    """The body of *answer* as it came, or None when it is longer than *max_bytes*."""
    if (answer.content_length or 0) > max_bytes:
        return None
    body = await answer.content.readany()  # nearly always all of it
    if answer.content.at_eof():
        return body if len(body) <= max_bytes else None
    gathered = bytearray(body)
    while len(gathered) <= max_bytes:
        chunk = await answer.content.readany()
        if not chunk:
            return bytes(gathered)
        gathered += chunk
    return None


def _named(error: Exception, host: str) -> NetworkFailure:
    """The failure that says what happened, without the addresses and ports behind *host*."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "") or "not trusted"
            return TlsFailed(f"the certificate of {host} is refused: {why}")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return TlsFailed(f"{host} does not speak TLS as it should")
        case aiohttp.ClientConnectorDNSError():
            return NotResolved(f"{host} has no address")
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, _NotPublic):
            return AddressRefused(f"{host} has no public address")
        case aiohttp.InvalidURL():
            return BadUrl(f"{host} cannot be asked")
        case TimeoutError():
            return TooSlow(f"{host} did not answer in time")
        case _:
            return ConnectionFailed(f"the connection to {host} failed")
