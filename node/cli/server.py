"""The web server of a node: uvicorn, set up as this node needs it."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from node.app import create_app
from node.cli.gate import Gate, Shares
from node.cli.inside import Inside, Reading
from node.cli.patience import Answers, Sockets
from node.runtime.context import Context
from node.runtime.errors import Invalid

_BACKLOG: Final = 2048
_FINISH_S: Final = 10
# Longer than any client of ours keeps one: who hangs up first never writes into a void.
_KEEP_ALIVE_S: Final = 75
_GOOD_BYE_S: Final = 0.5


class Server(uvicorn.Server):
    """Leaves the signals to whoever runs it; at its end it waits for answers under way, not for clients that listen."""

    def __init__(self, config: uvicorn.Config, ctx: Context) -> None:
        super().__init__(config)
        self._ctx = ctx
        self._among: tuple[Shares, int] | None = None

    def share(self, shares: Shares, place: int) -> None:
        """Serve as the process in *place* of several on one socket."""
        self._among = shares, place

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again when it has served: the process would end with its database open.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._among is None:
            await super().startup(sockets)
            return
        await super().startup([])
        if self.lifespan.should_exit:
            return
        made = partial(Answers, self.config, self.server_state, self.lifespan.state)
        (shares, place), connections = self._among, self.server_state.connections
        gates = [
            Gate(each, made, self.config.ssl, shares=shares, place=place, held=connections.__len__)
            for each in sockets or []
        ]
        self.servers = cast(list[asyncio.Server], gates)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ctx.live.end()
        # Over TLS a closed connection stays until its other end says good-bye, which an idle client never does.
        asyncio.get_running_loop().call_later(_GOOD_BYE_S, self._let_go)
        await super().shutdown(sockets)

    def _let_go(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, HttpToolsProtocol):
                under_way: RequestResponseCycle | None = connection.cycle
                if under_way is None or under_way.response_complete:
                    connection.transport.abort()


def make(ctx: Context) -> Server:
    """The server of *ctx*, ready to be given its socket.

    Raises:
        Invalid: the certificate and its key cannot be used.
    """
    return _made(ctx, create_app(ctx, with_worker=ctx.settings.jobs == "inside"))


def make_reading(ctx: Context) -> tuple[Server, Reading]:
    """The server of a process that reads beside the one that writes; its application, to be closed at the end.

    Raises:
        Invalid: the certificate and its key cannot be used.
    """
    app = create_app(ctx, with_worker=False)
    reading = Reading(app, ctx.settings.data, app.client_of)
    return _made(ctx, reading), reading


def make_inside(ctx: Context, public: Server) -> Server:
    """The same node as *public*, for the processes that read beside it: no TLS, no life of its own."""
    app: Any = public.config.app
    return _made(ctx, Inside(app), inside=True)


def _made(ctx: Context, app: ASGIApp, *, inside: bool = False) -> Server:
    settings = ctx.settings
    config = uvicorn.Config(
        app, http=Answers, ws=Sockets, lifespan="off" if inside else "on", log_config=None, access_log=False,
        server_header=False, date_header=True, proxy_headers=False, timeout_graceful_shutdown=_FINISH_S,
        timeout_keep_alive=_KEEP_ALIVE_S, backlog=_BACKLOG,
        ssl_certfile=None if inside else settings.tls_cert, ssl_keyfile=None if inside else settings.tls_key,
    )  # fmt: skip
    try:
        config.load()
    except (ssl.SSLError, OSError) as error:
        raise Invalid(f"tls_cert and tls_key cannot be used: {error}") from None
    return Server(config, ctx)


def listen(where: str) -> socket.socket:
    """A socket that takes connections at `address:port` or `unix:/path`.

    Raises:
        Invalid: the address is taken, or not this machine's.
    """
    if where.startswith("unix:"):
        path = Path(where.removeprefix("unix:"))
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        path.chmod(0o660)
    else:
        host, _, port = where.rpartition(":")
        host = host.strip("[]")
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, int(port)))
        except OSError as error:
            listening.close()
            raise Invalid(f"cannot listen on {where}: {error.strerror}; choose another with BEFFROI_LISTEN") from None
    listening.listen(_BACKLOG)
    listening.setblocking(False)
    return listening
