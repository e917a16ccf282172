"""The frame around every request: an id, the client's address, the last word on errors, one figure counted.

Pure ASGI, one layer: three stacked middleware classes cost half a millisecond a request.
"""

import random
import re
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.runtime import log
from node.runtime.context import Context

_ADDRESS_MAX_CHARS = 64  # an IPv6 address with its scope
_HOPS_AT_MOST = 32
_SHORT_BYTES = 128
"""Who came along a longer way is worked out each time: no stranger fills the memory."""
_MAILED_TOKEN = re.compile(r"/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")

Answer = Callable[[Scope, int, str], tuple[list[tuple[bytes, bytes]], bytes]]
"""How an error of the node itself is said: headers and body, for (scope, status, request id)."""


class Frame:
    """Wraps the application. `scope["state"]` gains `ctx`, `request_id` and `client` (an address, as text)."""

    def __init__(self, app: ASGIApp, ctx: Context, broken: Answer) -> None:
        self._app = app
        self._ctx = ctx
        self._broken = broken
        self._proxies = tuple(ip_network(each, strict=False) for each in ctx.settings.trusted_proxies)
        self._scheme = ctx.settings.scheme
        self._known = lru_cache(maxsize=4096)(self._named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # Nothing is guarded by it. The system's own source would give the thread that writes a turn at each request.
        request_id = f"{random.getrandbits(64):016x}"
        client = self.client_of(scope)
        # Built anew: a client's own words never decide the scheme of the links that we write.
        scope["scheme"] = self._scheme if scope["type"] == "http" else "wss" if self._scheme == "https" else "ws"
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["ctx"] = self._ctx
        state["request_id"] = request_id
        state["client"] = client
        started = False

        async def tagged(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
                self._ctx.metrics.count("requests", method=_method(scope), status=f"{message['status'] // 100}xx")
            await send(message)

        said = log.REQUEST.set(request_id)
        try:
            await self._app(scope, receive, tagged)
        except ClientDisconnect:
            log.log("request.left", path=_shown(scope["path"]))  # who asked did not wait for the end of her own request
        except Exception as error:  # noqa: BLE001 (the last word: a clear answer, and the traceback in the log)
            log.fail("request.failed", error, method=scope.get("method", "WS"), path=_shown(scope["path"]))
            if started or scope["type"] != "http":
                return
            headers, body = self._broken(scope, 500, request_id)
            await tagged({"type": "http.response.start", "status": 500, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        finally:
            log.REQUEST.reset(said)

    def client_of(self, scope: Scope) -> str:
        """The address of who asks: the last one in X-Forwarded-For that no trusted proxy added itself.

        What stands before it was written by the client, who may write anything (CVE-2023-49952).
        """
        peer = scope.get("client")
        address = str(peer[0]) if peer else "127.0.0.1"  # a Unix socket has no address: its proxy is local
        # Some proxies add to the line that they received, some add a line of their own: the last word is the newest.
        lines = b",".join([value for name, value in scope["headers"] if name == b"x-forwarded-for"])
        return (self._known if len(address) + len(lines) <= _SHORT_BYTES else self._named)(address, lines)

    def _named(self, address: str, forwarded: bytes) -> str:
        parsed = _parsed(address)
        if parsed is None or not self._trusted(parsed):
            return address if parsed is None else str(parsed)
        words = forwarded.decode("latin-1").split(",") if forwarded else []
        for word in reversed(words[-_HOPS_AT_MOST:]):
            claimed = _parsed(_without_port(word.strip()))
            if claimed is None:
                break
            parsed = claimed
            if not self._trusted(claimed):
                break
        return str(parsed)

    def _trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._proxies)


def _shown(path: str) -> str:
    """A path for the log, without the token of a link that was mailed."""
    return _MAILED_TOKEN.sub("/[blank]", path)


def _without_port(text: str) -> str:
    """`1.2.3.4` of `1.2.3.4:5678`, `::1` of `[::1]:5678`: some proxies write the port too."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.partition(":")
    return host if colon and port.isdecimal() and "." in host else text


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address, if it is one; no longer text is remembered."""
    return _remembered(text) if len(text) <= _ADDRESS_MAX_CHARS else None


@lru_cache(maxsize=4096)
def _remembered(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # A socket that listens on IPv6 sees 127.0.0.1 as ::ffff:127.0.0.1.
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def _method(scope: Scope) -> str:
    method = str(scope.get("method", "WS"))
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WS") else "other"
