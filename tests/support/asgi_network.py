"""A network inside the test process: host names lead to whole ASGI applications, and things can go wrong.

It keeps the promise of `node.runtime.net.Network` with the same URLs, the same guard, the same limits and the
headers that really travel, so that a story told here holds over TCP (`tests/runtime/net/` tells the same ones
to both).
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from multidict import CIMultiDict, CIMultiDictProxy

from node.runtime.net import (
    AddressRefused,
    ConnectionFailed,
    NetworkFailure,
    NotResolved,
    Response,
    TooMuch,
    TooSlow,
    encoding,
)
from node.runtime.net.guard import Laboratory, check, is_public
from node.runtime.net.urls import Target, parse

Message = MutableMapping[str, Any]
App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
_PIECE_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went on the wire."""

    method: str
    url: str
    headers: CIMultiDictProxy[str]
    body: bytes


Fault = NetworkFailure | int | Callable[[Sent], Response | None]
"""What a host does instead of answering: fail, answer an empty page of this status, or decide (None: it answers)."""


class AsgiNetwork:
    """Routes `host` or `host:port` to applications.

    Turn the knobs while the story runs, each by the name under which the host is in `apps`:
    `down` (nothing listens), `slow` (seconds before an answer; beyond the caller's patience nobody waits for real),
    `faults`, and `addresses` (what a name resolves to: only public ones are dialled).
    Look at `sent`, and at `crashes`: what applications raised, which the caller saw as a 500.
    """

    def __init__(self, apps: Mapping[str, App] | None = None, *, laboratory: Laboratory = frozenset()) -> None:
        self.apps: dict[str, App] = dict(apps or {})
        self.down: set[str] = set()
        self.slow: dict[str, float] = {}
        self.faults: dict[str, Fault] = {}
        self.addresses: dict[str, str] = {}
        self.sent: list[Sent] = []
        self.crashes: list[BaseException] = []
        self._laboratory = laboratory
        self._running: set[asyncio.Task[None]] = set()

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
        """See `node.runtime.net.Network.request`."""
        target = parse(url)
        check(target, self._laboratory)
        sent = Sent(method, target.url, _on_the_wire(method, target, headers, body), body)
        patience_s = 30.0 if timeout_s is None else timeout_s
        name = f"{target.host}:{target.port}"
        if name not in self.apps:
            name = target.host
        if not is_public(self.addresses.get(name, "1.1.1.1")) and (target.host, target.port) not in self._laboratory:
            raise AddressRefused(f"{target.host} has no public address")
        if name not in self.apps:
            raise NotResolved(f"{target.host} has no address")
        if name in self.down:
            raise ConnectionFailed(f"the connection to {target.host} failed")
        if self.slow.get(name, 0) >= patience_s:
            raise TooSlow(f"{target.host} did not answer in time")
        self.sent.append(sent)
        answer = _faulty(self.faults.get(name), sent)
        if answer is not None:
            return answer
        exchange = _Exchange(sent, target, max_bytes)
        try:
            async with asyncio.timeout(patience_s):
                await asyncio.sleep(self.slow.get(name, 0))
                # A fresh context: on TCP nothing of the sender's (log fields, database) reaches the receiver.
                task = asyncio.create_task(self._run(self.apps[name], exchange), context=contextvars.Context())
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                await exchange.answered.wait()
        except TimeoutError:
            raise TooSlow(f"{target.host} did not answer in time") from None
        finally:
            exchange.gone.set()
        return exchange.response()

    async def idle(self) -> None:
        """Wait until every application has finished what it does after its answer."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Stop what still runs."""
        for task in self._running:
            task.cancel()
        await self.idle()

    async def _run(self, app: App, exchange: "_Exchange") -> None:
        try:
            await app(exchange.scope, exchange.receive, exchange.send)
        except Exception as crash:  # noqa: BLE001 - a server answers 500 whatever its application raises
            self.crashes.append(crash)
        finally:
            exchange.finish()


class _Exchange:
    """One request and its answer, as a server shows them to an application (ASGI 3, http)."""

    def __init__(self, sent: Sent, target: Target, max_bytes: int) -> None:
        raw_path, _, query = ("/" + target.url.split("/", 3)[3]).partition("?")
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": sent.method,
            "scheme": target.scheme,
            "path": unquote(raw_path),
            "raw_path": raw_path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.lower().encode("ascii"), value.encode()) for name, value in sent.headers.items()],
            "client": ("192.0.2.1", 50000),
            "server": (target.host, target.port),
            "state": {},
        }
        self.answered = asyncio.Event()
        self.gone = asyncio.Event()
        self._sent, self._target, self._max_bytes = sent, target, max_bytes
        self._left: bytes | None = sent.body
        self._status = 500
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._body = bytearray()
        self._started = False

    async def receive(self) -> Message:
        """The body in pieces, then the disconnection, once it has come."""
        if self._left is None:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        piece, rest = self._left[:_PIECE_BYTES], self._left[_PIECE_BYTES:]
        self._left = rest or None
        await asyncio.sleep(0)
        return {"type": "http.request", "body": piece, "more_body": bool(rest)}

    async def send(self, message: Message) -> None:
        """Take a piece of the answer; what comes after its end or after the client has left falls."""
        await asyncio.sleep(0)
        if self.answered.is_set() or self.gone.is_set():
            return
        if message["type"] == "http.response.start":
            assert not self._started, "the application started its answer twice"
            self._started = True
            self._status = message["status"]
            for name, value in message.get("headers", ()):
                self._headers.add(bytes(name).decode("ascii"), bytes(value).decode("utf-8", "surrogateescape"))
        elif message["type"] == "http.response.body":
            assert self._started, "the application sent a body before its start"
            if self._sent.method != "HEAD":
                self._body += message.get("body", b"")
            if not message.get("more_body", False) or len(self._body) > self._max_bytes:
                self.answered.set()

    def finish(self) -> None:
        """The application returned: an answer that is not complete is a server error."""
        if not self.answered.is_set():
            self._status, self._body, self._headers = 500, bytearray(), CIMultiDict()
            self.answered.set()

    def response(self) -> Response:
        """The answer, within the limit and unpacked."""
        body, host = bytes(self._body), self._target.host
        too_much = TooMuch(f"{host} sent more than {self._max_bytes} bytes", answered=self._status)
        if len(body) > self._max_bytes:
            raise too_much
        try:
            body = encoding.unpacked(body, self._headers.get("Content-Encoding", ""), self._max_bytes)
        except encoding.Swollen:
            raise too_much from None
        except encoding.Garbled as why:
            raise ConnectionFailed(f"the answer of {host} cannot be read: {why}") from None
        return Response(self._status, CIMultiDictProxy(self._headers), body, self._target.url)


def _on_the_wire(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> CIMultiDictProxy[str]:
    """*headers* and what every HTTP/1.1 client adds to them."""
    given = CIMultiDict(headers)
    if "User-Agent" not in given:
        raise ValueError("a request names its User-Agent: some servers refuse it otherwise")
    if any(mark in name + value for name, value in given.items() for mark in "\r\n\0"):
        raise ValueError("a header holds a line break")
    sent = CIMultiDict({"Host": target.url.split("/", 3)[2], "Accept": "*/*", "Accept-Encoding": "identity"})
    sent.update(given)
    if body or method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
        sent["Content-Length"] = str(len(body))
    return CIMultiDictProxy(sent)


def _faulty(fault: Fault | None, sent: Sent) -> Response | None:
    match fault:
        case NetworkFailure():
            raise fault
        case int():
            return Response(fault, CIMultiDictProxy(CIMultiDict()), b"", sent.url)
        case None:
            return None
        case _:
            return fault(sent)
