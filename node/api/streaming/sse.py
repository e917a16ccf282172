"""Server-sent events: GET /api/v1/streaming/user, /public, /public/local, /hashtag?tag=…, and `?stream=`."""

import asyncio
import contextlib
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from node.api import auth, cors, errors, limits
from node.api.answers import Answer
from node.api.streaming import channels
from node.api.streaming.connection import Connection
from node.runtime.context import Context
from node.runtime.errors import BeffroiError

PREFIX: Final = "/api/v1/streaming"
_HEALTHY: Final = Answer(b"OK", type=b"text/plain; charset=utf-8")


class ServerSentEvents:
    """The ASGI application of streams over plain HTTP."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rest = scope["path"].removeprefix(PREFIX).strip("/")
        if scope["method"] == "OPTIONS":
            await _answer(send, cors.preflight(Headers(scope=scope)))
            return
        if rest == "health":
            await _answer(send, _HEALTHY)
            return
        try:
            connection = await _open(Request(scope), rest)
        except BeffroiError as error:
            await _answer(send, errors.answer(error))
            return
        with connection:
            await _stream(connection, receive, send)


async def _open(request: Request, rest: str) -> Connection:
    """The connection that a request asks for.

    Raises:
        BeffroiError: no such stream, not for this token, or too often.
    """
    ctx: Context = request.app.state.ctx
    at = await auth.domains_at(ctx, request.headers.get("host", ""))
    secret = auth.bearer(request.headers) or request.query_params.get("access_token")
    client = limits.subscriber(request.scope.get("state", {}).get("client") or "local")
    standing = limits.hit(ctx, limits.USUAL, client)
    limits.refuse_exceeded(ctx, standing)
    token, domain = await auth.token_of(ctx, secret, at)
    name = rest.replace("/", ":") or request.query_params.get("stream", "")
    if request.query_params.get("only_media", "") in ("true", "1") and name.startswith("public"):
        name += ":media"
    asked = channels.Asked.read({**request.query_params, "stream": name})
    stream = await channels.read(ctx.db.reader, asked, token, domain)
    connection = Connection(ctx, domain, token, secret)
    connection.join(stream)
    return connection


async def _stream(connection: Connection, receive: Receive, send: Send) -> None:
    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def tell() -> None:
        await send({"type": "http.response.body", "body": b":)\n\n", "more_body": True})
        async for told in connection.events():
            said = ":thump\n\n" if told is None else f"event: {told.event}\ndata: {told.payload}\n\n"
            await send({"type": "http.response.body", "body": said.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"private, no-store")]
    # nginx would keep the events back until its buffer is full.
    headers += [(b"x-accel-buffering", b"no"), *cors.HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    telling, leaving = asyncio.create_task(tell()), asyncio.create_task(gone())
    try:
        await asyncio.wait([telling, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (telling, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task


async def _answer(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.type),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", b"no-store"),
        *answer.headers,
        *cors.HEADERS,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
