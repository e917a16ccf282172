"""The way from a reading process to the writing one: every request that is no hot read, as it came, and its answer.

Over a Unix socket in the data folder that only its owner can open. Bodies stream both ways, so do server-sent events;
a WebSocket is two pumps. The client's address travels in a header that is believed on this socket alone.
"""

import asyncio
import contextlib
import os
import socket
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

_CLIENT: Final = b"x-beffroi-client"
# A header of which a byte is no ASCII, in Base64: written as text it would arrive in another encoding.
_RAW: Final = b"x-beffroi-raw"
# Said between two neighbours, not from end to end (RFC 9110 §7.6.1); uvicorn writes the date itself.
_HOPS: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_NOT_ON: Final = _HOPS | {_CLIENT, _RAW, b"x-forwarded-for", b"expect"}
_NOT_BACK: Final = _HOPS | {b"date"}
_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_KEPT_S: Final = 30.0  # less than the server keeps an idle connection
_CONNECT_S: Final = 5.0
_TRIES: Final = 15
_AGAIN_S: Final = 0.2
_FRAME_MAX_BYTES: Final = 1_048_576

HOT: Final = (
    "/api/v1/timelines/", "/api/v1/notifications", "/api/v1/favourites", "/api/v1/bookmarks", "/api/v1/instance",
    "/api/v2/instance",
)  # fmt: skip
"""What a reading process answers itself, to GET and HEAD: reads that never write, by the tens of thousands."""


def path(data: Path) -> Path:
    """Where the writing process listens for the others."""
    return data / "inside.sock"


def listen(data: Path) -> socket.socket:
    """The writing process's end."""
    where = path(data)
    where.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with _short(where) as name:
            listening.bind(name)
    finally:
        os.umask(before)
    listening.listen(1024)
    listening.setblocking(False)
    return listening


@contextlib.contextmanager
def _short(where: Path) -> Any:
    """A name of the socket that fits into its 107 bytes."""
    folder = os.open(where.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{where.name}"
    finally:
        os.close(folder)


class Inside:
    """The node as the other processes ask it: the client is who they say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            said = next((value for name, value in scope["headers"] if name == _CLIENT), b"127.0.0.1")
            headers = [_whole(*pair) for pair in scope["headers"] if pair[0] != _CLIENT]
            scope = {**scope, "headers": headers, "client": (said.decode("latin-1"), 0)}
        await self._app(scope, receive, send)


class Reading:
    """The node in a reading process: hot reads from its own snapshot, everything else from the writing process."""

    def __init__(self, app: ASGIApp, data: Path, client_of: Callable[[Scope], str]) -> None:
        self._app, self._client_of = app, client_of
        self._folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        self._name = f"/proc/self/fd/{self._folder}/{path(data).name}"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (
            scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(HOT)
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._forward(scope, receive, send)
        else:
            await self._forward_socket(scope, receive, send)

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
        os.close(self._folder)

    def _asking(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(self._name, limit=0, keepalive_timeout=_KEPT_S),
                auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=_NOT_ADDED,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
            )  # fmt: skip
        return self._session

    def _target(self, scope: Scope, scheme: str) -> URL:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope.get("query_string", b"")
        # As it came, byte by byte: signatures cover it.
        return URL(
            f"{scheme}://inside{raw.decode('latin-1')}{'?' if query else ''}{query.decode('latin-1')}", encoded=True
        )

    def _headers(self, scope: Scope, without: frozenset[bytes] = frozenset()) -> list[tuple[str, str]]:
        kept = [_packed(name, value) for name, value in scope["headers"] if name not in _NOT_ON and name not in without]
        return [*kept, (_CLIENT.decode(), self._client_of(scope))]

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._headers(scope)
        names = {name for name, _ in scope["headers"]}
        sent = asyncio.Event()
        body = _body(receive, sent) if names & {b"content-length", b"transfer-encoding"} else None
        if body is None:
            sent.set()
        answer = await self._answer(scope, headers, body, sent)
        if answer is None:
            await _away(send)
            return
        leaving = asyncio.create_task(_gone(receive, sent))
        telling = asyncio.create_task(_tell(answer, send))
        try:
            await asyncio.wait({leaving, telling}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            for task in (leaving, telling):
                task.cancel()
            await asyncio.gather(leaving, telling, return_exceptions=True)
            answer.close() if not telling.done() or telling.cancelled() else answer.release()

    async def _answer(
        self, scope: Scope, headers: list[tuple[str, str]], body: AsyncIterator[bytes] | None, sent: asyncio.Event
    ) -> aiohttp.ClientResponse | None:
        """The writing process's answer; None if it stays away, or broke off in the middle of what it was told."""
        for _ in range(_TRIES):
            try:
                return await self._asking().request(
                    scope["method"], self._target(scope, "http"), headers=headers, data=body, allow_redirects=False
                )
            except aiohttp.ClientConnectorError:  # it is being started again, and has taken nothing
                await asyncio.sleep(_AGAIN_S)
            except (aiohttp.ClientError, OSError):
                return None
        return None

    async def _forward_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        own = frozenset(name for name, _ in scope["headers"] if name.startswith(b"sec-websocket-"))
        try:
            far = await self._asking().ws_connect(
                self._target(scope, "ws"), headers=self._headers(scope, own),
                protocols=tuple(scope.get("subprotocols") or ()), max_msg_size=_FRAME_MAX_BYTES,
            )  # fmt: skip
        except (aiohttp.ClientError, OSError):
            await send({"type": "websocket.close", "code": 1013, "reason": ""})
            return
        await send({"type": "websocket.accept", "subprotocol": far.protocol})
        pumps = {asyncio.create_task(_there(far, receive)), asyncio.create_task(_here(far, send))}
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await far.close()


def _packed(name: bytes, value: bytes) -> tuple[str, str]:
    if value.isascii():
        return name.decode("latin-1"), value.decode("ascii")
    return _RAW.decode(), b64encode(name + b":" + value).decode()


def _whole(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name != _RAW:
        return name, value
    named, _, bare = b64decode(value).partition(b":")
    return named, bare


async def _body(receive: Receive, sent: asyncio.Event) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left in the middle of its request")
        more = message.get("more_body", False)
        yield message.get("body", b"")
    sent.set()


async def _gone(receive: Receive, sent: asyncio.Event) -> None:
    await sent.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _tell(answer: aiohttp.ClientResponse, send: Send) -> None:
    headers = [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in _NOT_BACK]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    async for piece in answer.content.iter_any():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _away(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"1"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"this server is being started again; try again in a moment\n"})


async def _there(far: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    while True:
        message: Message = await receive()
        if message["type"] != "websocket.receive":
            return
        if message.get("text") is not None:
            await far.send_str(message["text"])
        else:
            await far.send_bytes(message.get("bytes") or b"")


async def _here(far: aiohttp.ClientWebSocketResponse, send: Send) -> None:
    async for message in far:
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
    await send({"type": "websocket.close", "code": far.close_code or 1000, "reason": ""})
