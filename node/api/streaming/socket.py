"""WebSocket at /api/v1/streaming: `?stream=`, then `{"type": "subscribe", "stream": …}` as long as it lasts.

The token travels in Authorization, in `access_token`, or as the subprotocol (browsers can set nothing else), which
is echoed in every case: a browser gives up a connection whose subprotocol is not confirmed.
"""

import asyncio
import contextlib
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from node.api import auth, limits
from node.api.streaming import channels
from node.api.streaming.connection import Connection
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Malformed

_MAX_MESSAGE_CHARS = 4096


async def socket(websocket: WebSocket) -> None:
    """One connection, from its opening to its end."""
    try:
        connection = await _open(websocket)
    except BeffroiError as error:
        await websocket.close(code=4000 + error.status % 1000, reason=str(error)[:100])
        return
    offered = websocket.scope.get("subprotocols") or [None]
    await websocket.accept(subprotocol=offered[0])
    with connection:
        first = websocket.query_params.get("stream")
        if first:
            await _obey(websocket, connection, {"type": "subscribe", **dict(websocket.query_params)})
        telling = asyncio.create_task(_tell(websocket, connection))
        hearing = asyncio.create_task(_hear(websocket, connection))
        try:
            await asyncio.wait([telling, hearing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (telling, hearing):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
                    await task
            with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):  # it is closed already
                await websocket.close()


async def _open(websocket: WebSocket) -> Connection:
    ctx: Context = websocket.app.state.ctx
    at = await auth.domains_at(ctx, websocket.headers.get("host", ""))
    standing = limits.hit(
        ctx, limits.USUAL, limits.subscriber(websocket.scope.get("state", {}).get("client") or "local")
    )
    limits.refuse_exceeded(ctx, standing)
    offered = websocket.scope.get("subprotocols") or []
    secret = (
        auth.bearer(websocket.headers)
        or websocket.query_params.get("access_token")
        or (offered[0] if offered else None)
    )
    token, domain = await auth.token_of(ctx, secret, at)
    return Connection(ctx, domain, token, secret)


async def _tell(websocket: WebSocket, connection: Connection) -> None:
    async for told in connection.events():
        if told is None:
            continue  # the server's own pings keep the connection alive
        for name in told.streams:
            said = {"stream": name, "event": told.event, "payload": told.payload}
            await websocket.send_text(orjson.dumps(said).decode())


async def _hear(websocket: WebSocket, connection: Connection) -> None:
    while True:
        try:
            text = await websocket.receive_text()
        except (WebSocketDisconnect, KeyError):  # gone; or bytes, which no client sends
            return
        try:
            asked = orjson.loads(text) if len(text) <= _MAX_MESSAGE_CHARS else None
        except orjson.JSONDecodeError:
            asked = None
        await _obey(websocket, connection, asked)


async def _obey(websocket: WebSocket, connection: Connection, asked: Any) -> None:
    try:
        match asked:
            case {"type": "subscribe" | "unsubscribe" as verb, "stream": str()}:
                wanted = channels.Asked.read(asked)
                reader = connection.ctx.db.reader
                stream = await channels.read(reader, wanted, connection.token, connection.domain)
            case _:
                raise Malformed("Unknown message")
        if verb == "subscribe":
            connection.join(stream)
        else:
            connection.leave(stream.name)
    except BeffroiError as error:
        await websocket.send_text(orjson.dumps({"error": str(error), "status": error.status}).decode())
