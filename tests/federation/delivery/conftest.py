"""A town whose posts go out, and servers elsewhere that take them as the story wants."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
import pytest

from node.actors.actor import Actor
from node.federation import signatures
from node.federation.delivery import Audience, order
from node.federation.delivery.expansion import Expansion
from node.federation.delivery.sender import Sender
from node.federation.signatures import Request
from node.runtime import keypairs
from node.runtime.context import Context
from tests.support.asgi_network import AsgiNetwork
from tests.support.town import Town

Answer = int | tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """A server elsewhere: it keeps what it is sent and answers *answer*, or the next of *answers*."""

    answer: Answer = 202
    answers: list[Answer] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None
    inside: int = 0
    most: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        host = dict(scope["headers"])[b"host"].decode()
        self.requests.append(Request.from_wire(scope["method"], target, scope["headers"], host, body))
        self.received.append(orjson.loads(body))
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.before is not None:
            await self.before()
        self.inside -= 1
        answer = self.answers.pop(0) if self.answers else self.answer
        status, headers, content = (answer, {}, b"") if isinstance(answer, int) else (*answer, b"")[:3]
        wire = [(name.lower().encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": wire})
        await send({"type": "http.response.body", "body": content})


class Post:
    """The town's post office: orders, rows, sending, and the clock."""

    def __init__(self, ctx: Context, town: Town, mairie: Actor) -> None:
        assert isinstance(ctx.network, AsgiNetwork)
        self.ctx, self.town, self.mairie, self.network = ctx, town, mairie, ctx.network
        self.expansion, self.sender = Expansion(), Sender()
        self._number = 0

    def server(self, host: str, answer: Answer = 202, **more: Any) -> Server:
        """A server that answers on *host*."""
        made = self.network.apps[host] = Server(answer, **more)
        return made

    async def follower(self, name: str, host: str, *, shared: bool = True, **more: Any) -> Actor:
        """Somebody elsewhere who follows the town hall."""
        if shared:
            more = {"endpoints": {"sharedInbox": f"https://{host}/inbox"}, **more}
        made = await self.town.remote(name, host, **more)
        await self.town.follow(made, self.mairie)
        return made

    async def order(self, audience: Audience | None = None, **more: Any) -> int:
        """An order from the town hall to its followers, or to *audience*; its id."""
        self._number += 1
        activity = {"id": f"{self.mairie.uri}#{self._number}", "type": "Create", "actor": self.mairie.uri, **more}
        audience = audience or Audience(followers=True)
        await self.ctx.db.write(
            lambda tx: order(tx, self.ctx, actor_id=self.mairie.id, activity=activity, audience=audience)
        )
        found: int = await self.ctx.db.reader.value("SELECT MAX(id) FROM delivery_orders")
        return found

    async def to(self, *inboxes: str) -> int:
        """An order to these inboxes, expanded."""
        made = await self.order(Audience(inboxes=inboxes))
        await self.expand()
        return made

    async def expand(self) -> int:
        return await self.expansion.turn(self.ctx)

    async def send(self) -> int:
        """Send what is due until nothing is."""
        done = 0
        while turned := await self.sender.turn(self.ctx):
            done += turned
        return done

    async def settle(self) -> None:
        while await self.expand():
            pass
        await self.send()

    async def wait(self) -> float:
        """Turn the clock to the next delivery and send it; for how long we waited, in seconds."""
        due_ms = await self.sender.next_due_ms(self.ctx)
        assert due_ms is not None, "nothing waits"
        waited_s = max(0, due_ms - self.ctx.clock.now_ms()) / 1000
        self.town.later(waited_s + 0.001)
        await self.send()
        return waited_s

    async def rows(self) -> list[Any]:
        return list(await self.ctx.db.reader.fetch("SELECT * FROM deliveries ORDER BY id"))

    async def figures(self, order_id: int) -> tuple[str, int, int, int]:
        """state, total, done, dead."""
        row = await self.ctx.db.reader.row(
            "SELECT state, total, done, dead FROM delivery_orders WHERE id = $1", order_id
        )
        assert row is not None
        return tuple(row)

    async def host(self, host: str) -> Any:
        return await self.ctx.db.reader.row("SELECT * FROM hosts WHERE host = $1", host)

    def proved(self, request: Request) -> bool:
        """Whether the town hall's key signed *request* as other servers ask for it."""
        claim = signatures.read(request)
        signatures.check(request, claim, self.ctx.clock.now_ms())
        assert claim.key_id == f"{self.mairie.uri}#main-key"
        assert self.mairie.public_key is not None
        return signatures.verify(request, claim, keypairs.public_from_pem(self.mairie.public_key))

    def counted(self, outcome: str) -> float:
        return self.ctx.metrics.counted("deliveries", outcome=outcome)


class Running:
    """The sender as a node runs it."""

    def __init__(self, post: Post) -> None:
        self.post, self.stop = post, asyncio.Event()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.post.sender.run(self.post.ctx, self.stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        async with asyncio.timeout(20):
            await self.task


async def until(condition: Callable[[], Any]) -> None:
    """Wait for something that a story is waiting for."""
    async with asyncio.timeout(30):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.005)


@pytest.fixture
async def post(ctx: Context) -> Post:
    town = await Town.found(ctx, {})
    return Post(ctx, town, await town.local("mairie"))


@pytest.fixture
def running(post: Post) -> Running:
    return Running(post)
