"""The stage: a node that runs as a process, servers of friends and of villains over TLS, and a machine nobody may call.

Everything listens on 127.0.0.1. The node is told (by its laboratory) that it may call the friends' server and the
villains', and nothing else: the machine of the keeper next to it (`Neighbour`) counts who knocks there anyway.
"""

import asyncio
import itertools
import json
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import uvicorn
from mastodon import Mastodon
from multidict import CIMultiDict, CIMultiDictProxy

from node.cli.demo import loopback
from node.cli.demo.agents import until
from node.cli.demo.nodes import NodeProcess
from node.runtime.net import Response
from tests.support.peer import Peer, PeerActor

Served = Callable[[Any, Callable[[Any], Awaitable[None]]], Awaitable[None]]
"""What a villain does instead of answering: (scope, send)."""


class Wire:
    """The way of the peers to the node: real requests, over TLS, trusting the laboratory's authority alone."""

    def __init__(self, authority: Path) -> None:
        self.apps: dict[str, Any] = {}
        self._authority = authority

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", **_more: Any
    ) -> Response:
        def ask() -> Response:
            with loopback.session(self._authority) as session:
                asked = session.request(
                    method, url, headers={k: str(v) for k, v in headers.items()}, data=body or None, timeout=60,
                    allow_redirects=False,
                )  # fmt: skip
            return Response(asked.status_code, CIMultiDictProxy(CIMultiDict(asked.headers)), asked.content, url)

        return await asyncio.to_thread(ask)


class Server(Peer):
    """A foreign server on a port of its own, which can also misbehave at chosen addresses."""

    tricks: dict[str, Served]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tricks = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        trick = self.tricks.get(scope["raw_path"].decode())
        if trick is not None:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.requests.append((scope["method"], f"{self.home}{scope['raw_path'].decode()}", headers))
            await trick(scope, send)
            return
        await super().__call__(scope, receive, send)

    def asked_for(self, path: str) -> int:
        """How many requests there were for that path, whatever their query."""
        return sum(1 for _, url, _ in self.requests if url.removeprefix(self.home).partition("?")[0] == path)


def serve(servers: Mapping[int, tuple[Server, Any]]) -> Iterator[None]:
    """Serve each server on its port, with its certificate, in a thread of its own; a generator for a fixture."""
    running = [
        uvicorn.Server(
            uvicorn.Config(
                server, host="127.0.0.1", port=port, lifespan="off", log_level="error",
                ssl_certfile=str(certificate.cert), ssl_keyfile=str(certificate.key), timeout_graceful_shutdown=1,
            )
        )
        for port, (server, certificate) in servers.items()
    ]  # fmt: skip

    async def all_of_them() -> None:
        await asyncio.gather(*(each.serve() for each in running))

    thread = threading.Thread(target=lambda: asyncio.run(all_of_them()), daemon=True)
    thread.start()
    until("the foreign servers listen", lambda: all(each.started for each in running))
    yield
    for each in running:
        each.should_exit = True
    thread.join(10)


class Neighbour:
    """Something private beside the node, as a database's console would be: it must never be called."""

    def __init__(self) -> None:
        self.called: list[str] = []
        called = self.called

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                called.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "application/activity+json")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_HEAD = do_GET  # noqa: N815 (the names that the standard library calls)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name it has there)
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Stage:
    """What a test finds."""

    node: NodeProcess
    clients: Iterator[Mastodon]
    uri: str
    """The town's id."""
    friends: Server
    villains: Server
    idlers: Server
    """Another villain's: the node leaves a server alone for a while once it did not answer in time."""
    neighbour: Neighbour
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def client(self) -> Mastodon:
        """The town's application; another one each time, since each may ask 300 times in five minutes."""
        return next(self.clients)

    async def friend(self, **more: Any) -> PeerActor:
        """Somebody new on the friends' server, with *more* in her document."""
        return await self.somebody(self.friends, "zoe", more)

    async def villain(self, **more: Any) -> PeerActor:
        """Somebody new on the villains' server, with *more* in his document."""
        return await self.somebody(self.villains, "mallory", more)

    async def somebody(self, server: Server, name: str, more: Mapping[str, Any] = {}) -> PeerActor:
        """Somebody new on *server*, with *more* in the document."""
        made = await server.actor(f"{name}{next(self._names)}")
        server.documents[made.uri] = made.document(**more)
        return made

    async def met(self, actor: PeerActor) -> Any:
        """The account of *actor* here, once the town follows it and the actor accepted."""
        account = self.account(actor)
        assert account is not None, f"{actor.handle} was not found"
        await asyncio.to_thread(self.client.account_follow, account.id)
        await self.tells(actor, actor.activity("Accept", self.follow_of(actor)))
        assert self.client.account_relationships(account.id)[0].following, "the Accept was not believed"
        return account

    def follow_of(self, actor: PeerActor) -> dict[str, Any]:
        """Wait for the Follow that the town sent to *actor*."""
        server = actor.peer
        return until(
            "the Follow arrives",
            lambda: next((a for a in server.of_type("Follow") if a["object"] == actor.uri), None),
        )

    def account(self, actor: PeerActor) -> Any:
        """The account of *actor* here, or None."""
        found = self.client.search_v2(actor.handle, resolve=True, result_type="accounts").accounts
        return found[0] if found else None

    async def tells(self, actor: PeerActor, activity: Any, **how: Any) -> int:
        """Deliver, wait until the node has done with it, and give the status that it was answered with."""
        answered = await actor.send(self.node.authority_part, activity, **how)
        self.settle()
        return answered.status

    def settle(self) -> None:
        """Wait until nothing is left in the node's inbox and among its jobs that are due."""
        with sqlite3.connect(f"file:{self.node.data / 'beffroi.db'}?mode=ro", uri=True) as database:
            until(
                "the node has done with its inbox",
                lambda: database.execute(
                    "SELECT (SELECT COUNT(*) FROM inbox WHERE state IN ('ready', 'leased') AND attempts < 2) + (SELECT "
                    "COUNT(*) FROM jobs WHERE state IN ('ready', 'leased') AND attempts = 0 AND run_at_ms < 1000 * "
                    "CAST(strftime('%s', 'now') AS INTEGER))"
                ).fetchone()[0] == 0,
            )  # fmt: skip

    def sees(self, uri: str) -> Any:
        """The post of that id as the town sees it, or None; nothing is fetched for it."""
        found = self.client.search_v2(uri, resolve=False, result_type="statuses").statuses
        return found[0] if found else None

    def look_up(self, url: str) -> Any:
        """What the town finds when it enters that address in its search."""
        return self.client.search_v2(url, resolve=True)

    def get(self, path_or_url: str, **headers: str) -> requests.Response:
        """A GET by a stranger."""
        url = path_or_url if path_or_url.startswith("http") else f"{self.node.url}{path_or_url}"
        with self.node.session() as session:
            return session.get(url, headers=headers, timeout=90, allow_redirects=False)

    def untouched(self) -> None:
        """Nobody called the neighbour."""
        assert self.neighbour.called == [], f"the node called what is private: {self.neighbour.called}"


def slowly(body: bytes, kind: str = "application/activity+json") -> Served:
    """Answers a byte a second, as long as anybody listens."""

    async def serve_it(_scope: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        for byte in body:
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(1)
        await send({"type": "http.response.body", "body": b""})

    return serve_it


def redirecting(to: str, status: int = 302) -> Served:
    """Sends whoever comes to *to*."""

    async def serve_it(_scope: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"location", to.encode())]})
        await send({"type": "http.response.body", "body": b""})

    return serve_it


def answering(document: Any, kind: str = "application/activity+json") -> Served:
    """Answers *document* as *kind*."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    async def serve_it(_scope: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": body})

    return serve_it
