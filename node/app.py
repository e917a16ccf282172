"""The only place that wires a node together: its context, its routes, its reactions, its worker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

import admin.api.routes
import admin.console.routes
import admin.first_run.routes
import node.api.errors
import node.api.routes
import node.federation.routes
import node.web.errors
import node.web.routes
from node import reactions, worker
from node.api import fragments
from node.api.streaming.events import Event
from node.federation.inbox import receive as receiving
from node.media import workers
from node.runtime import log
from node.runtime.asgi import Frame
from node.runtime.clock import Clock, of_this_machine
from node.runtime.context import Context
from node.runtime.database import Database, Tx, open_database
from node.runtime.database.migrate import pending
from node.runtime.database.sqlite_reading import SqliteReading
from node.runtime.hints.bus import Bus
from node.runtime.ids import Ids
from node.runtime.keyring import Keyring
from node.runtime.net import Network
from node.runtime.net.client import AiohttpNetwork
from node.runtime.seats import PostgresqlSeat, take
from node.runtime.settings import Settings
from node.runtime.storage import FolderStorage


async def open_context(
    settings: Settings, *, network: Network | None = None, clock: Clock | None = None, reading: bool = False
) -> Context:
    """Open everything that a node stands on. `close_context` closes it.

    With *reading*, SQLite is opened beside the process that writes, and nothing can be written here.

    Raises:
        node.runtime.database.DatabaseBusy: another node holds this SQLite file.
        FileNotFoundError: there is no keyring yet (`beffroi init` makes it).
    """
    clock = clock or of_this_machine()
    keyring = Keyring.load(settings.keyring_path)
    seat = await take(settings.database_url)
    try:
        db = await _database(settings.database_url, reading)
    except BaseException:
        await seat.leave()
        raise
    ids = Ids(clock, seat.number)
    ctx = Context(
        settings=settings,
        db=db,
        network=network or AiohttpNetwork(laboratory=settings.laboratory_pairs, extra_ca=settings.extra_ca),
        clock=clock,
        ids=ids,
        keyring=keyring,
        storage=FolderStorage(settings.media_path),
        seat=seat,
        fragment=fragments.fresh,
    )

    if isinstance(seat, PostgresqlSeat):
        following: set[asyncio.Task[None]] = set()

        def moved(number: int) -> None:
            ids.sit(number)
            following.add(asyncio.ensure_future(worker.take_over(ctx)))

        seat.moved = moved

    async def react(tx: Tx, fact: object) -> None:
        await reactions.react(tx, ctx, fact)

    db.before_commit = react
    return ctx


async def _database(url: str, reading: bool) -> Database:
    if reading and url.startswith("sqlite:///"):
        return SqliteReading(url.removeprefix("sqlite:///"))
    return await open_database(url)


async def join_others(ctx: Context) -> None:
    """Join the other processes of the node, once the schema is there: inherit from who had this seat, and speak to them
    over Redis where the keeper gave one."""  # noqa: D205, D209
    if ctx.settings.several_processes:
        await worker.take_over(ctx)
    if ctx.settings.redis:
        ctx.live.elsewhere = await Bus.open(ctx, kinds=[Event])


async def close_context(ctx: Context) -> None:
    """Finish what was accepted, then let go."""
    await workers.close(ctx)
    await ctx.network.close()
    if isinstance(ctx.live.elsewhere, Bus):
        await ctx.live.elsewhere.close()
    await ctx.db.close()
    await ctx.seat.leave()


def create_app(ctx: Context, *, with_worker: bool = True) -> Frame:
    """The node as one ASGI application. With *with_worker*, its lifespan runs the jobs too."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(ctx, stop)) if with_worker else None
        yield {}
        stop.set()
        if running is not None:
            await running

    inner = Starlette(
        routes=[
            *node.federation.routes.inboxes,
            *admin.api.routes.routes,
            *node.api.routes.routes,
            *node.federation.routes.routes,
            Route("/healthz", health),
            Route("/readyz", ready),
            *node.web.routes.routes,
            *admin.console.routes.routes,
            *admin.first_run.routes.routes,
        ],
        exception_handlers={**node.web.errors.handlers, Exception: failed},
        lifespan=lifespan,
    )
    inner.state.ctx = ctx
    inner.router.redirect_slashes = False

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        # What clients ask goes straight to its table, what other servers tell to the shared inbox: Starlette's layers and
        # routes before them cost a tenth of a page.
        path: str = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/api/") and not path.startswith("/api/v1/streaming"):
            scope["app"] = inner
            await admin.api.routes.api(scope, receive, send)
        elif path == "/inbox" and scope["type"] == "http" and scope["method"] == "POST":
            scope["app"] = inner
            await (await receiving.inbox(Request(scope, receive)))(scope, receive, send)
        else:
            await inner(scope, receive, send)

    return Frame(front, ctx, broken)


async def health(_request: Request) -> Response:
    """The process is alive."""
    return PlainTextResponse("OK\n", headers={"Cache-Control": "no-store"})


async def ready(request: Request) -> Response:
    """The database answers and its schema is this version's: traffic may come."""
    ctx: Context = request.app.state.ctx
    try:
        late = await pending(ctx.db)
    except Exception as error:  # noqa: BLE001 (any failure means: not ready)
        log.warn("readyz.failed", error=str(error))
        return PlainTextResponse("the database does not answer\n", status_code=503)
    if late:
        return PlainTextResponse("migrations are waiting: run 'beffroi migrate'\n", status_code=503)
    return PlainTextResponse("OK\n", headers={"Cache-Control": "no-store"})


async def failed(request: Request, _error: Exception) -> Response:
    """The node's own fault. Starlette raises it again after this answer (else its own bare text): the frame logs it."""
    headers, body = broken(request.scope, 500, request.scope["state"]["request_id"])
    answer = Response(body, 500)
    answer.raw_headers = headers
    return answer


def broken(scope: Scope, status: int, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """What a client gets when the node itself failed: JSON for programs, a page for people."""
    path: str = scope["path"]
    if path.startswith(("/api/", "/oauth/token", "/oauth/revoke", "/inbox", "/users/", "/.well-known/", "/nodeinfo/")):
        return node.api.errors.broken(status, request_id)
    return node.web.errors.broken(scope, status, request_id)
