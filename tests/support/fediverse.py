"""Whole nodes inside the test process, which speak to each other with real signatures and real databases.

    lyon = await fediverse.node("lyon.example")
    alice = await lyon.person("alice")
    await alice.follow("@bruno@villeurbanne.example")
    await fediverse.settle()          # every part of every node's worker takes its turns until nothing is due

People speak the client API over HTTP, as their applications do.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from node import reactions, worker
from node.actors import actors, domains, memberships, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.keys import NewKeys, make_keys
from node.app import create_app
from node.oauth import apps, tokens
from node.runtime.clock import SetClock
from node.runtime.context import Context
from node.runtime.database import Tx
from tests.support.asgi_network import AsgiNetwork
from tests.support.client import Client
from tests.support.context import NOON_MS, make_context

EVERYTHING = ("read", "write", "follow", "push")
_pairs: list[NewKeys] = []
_taken = itertools.count()


async def some_keys() -> NewKeys:
    """One of a few pairs made once a run: a pair costs a tenth of a second, and stories need many."""
    if len(_pairs) < 8:
        _pairs.append(await make_keys())
        return _pairs[-1]
    return _pairs[next(_taken) % len(_pairs)]


class Citizen:
    """Somebody with an account and a client."""

    def __init__(self, home: "Node", actor: Actor, client: Client) -> None:
        self.node, self.actor, self.client = home, actor, client
        self.handle = f"@{actor.handle}"

    async def find(self, handle: str) -> dict[str, Any]:
        """The account as this person's client sees it."""
        found = (await self.client.get("/api/v2/search", {"q": handle, "resolve": True, "type": "accounts"})).ok()
        assert found["accounts"], f"{self.handle} finds nobody called {handle}"
        account: dict[str, Any] = found["accounts"][0]
        return account

    async def follow(self, handle: str) -> dict[str, Any]:
        account = await self.find(handle)
        relationship: dict[str, Any] = (await self.client.post(f"/api/v1/accounts/{account['id']}/follow")).ok()
        return relationship

    async def post(self, text: str, **more: Any) -> dict[str, Any]:
        status: dict[str, Any] = (await self.client.post("/api/v1/statuses", {"status": text, **more})).ok()
        return status

    async def home(self, **params: Any) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = (await self.client.get("/api/v1/timelines/home", params)).ok()
        return page

    async def notifications(self, **params: Any) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = (await self.client.get("/api/v1/notifications", params)).ok()
        return page

    async def seen(self, uri: str) -> dict[str, Any]:
        """A post by its ActivityPub id, as this person's client sees it."""
        found = (await self.client.get("/api/v2/search", {"q": uri, "resolve": True, "type": "statuses"})).ok()
        assert found["statuses"], f"{self.handle} cannot see {uri}"
        status: dict[str, Any] = found["statuses"][0]
        return status

    async def act(self, verb: str, status_id: str) -> dict[str, Any]:
        """favourite, unfavourite, reblog, unreblog, bookmark, pin…"""
        status: dict[str, Any] = (await self.client.post(f"/api/v1/statuses/{status_id}/{verb}")).ok()
        return status


class Node:
    """One node with one domain."""

    def __init__(self, host: str, ctx: Context, app: ASGIApp, domain: Domain) -> None:
        self.host, self.ctx, self.app, self.domain = host, ctx, app, domain

    def visitor(self) -> Client:
        """A client without an account."""
        return Client(self.app, self.host)

    async def person(self, username: str, **profile: Any) -> Citizen:
        """A person with an actor of her own and a logged-in client."""
        return await self._citizen(username, type="Person", kind="person", **profile)

    async def town(self, username: str, **profile: Any) -> Citizen:
        """A town's Organization actor and the client of its agent."""
        return await self._citizen(username, type="Organization", kind="commune", **profile)

    async def territory(self, username: str, **profile: Any) -> Citizen:
        """A territory's Group actor and the client of its keeper."""
        return await self._citizen(username, type="Group", kind="territory", **profile)

    async def _citizen(self, username: str, **profile: Any) -> Citizen:
        keys = await some_keys()
        email = f"{username}@{self.host}"

        async def step(tx: Tx) -> tuple[Actor, str]:
            actor = await actors.create_local(
                tx, self.ctx, domain=self.domain, username=username, keys=keys, **{"name": username.title(), **profile}
            )
            person = await people.create(tx, self.ctx, email=email)
            await memberships.add(tx, self.ctx, person_id=person.id, actor_id=actor.id, role="owner")
            return actor, await self.token(tx, person.id, actor.id)

        actor, token = await self.ctx.db.write(step)
        return Citizen(self, actor, Client(self.app, self.host, token))

    async def token(self, tx: Tx, person_id: int, actor_id: int) -> str:
        """An application's token for everything that the person may do as the actor."""
        registration = apps.Registration("a test", None, ("urn:ietf:wg:oauth:2.0:oob",), EVERYTHING)
        registered = await apps.register(tx, self.ctx, registration=registration)
        issued = await tokens.issue(
            tx, self.ctx, app=registered.app, scopes=EVERYTHING, person_id=person_id, actor_id=actor_id
        )
        return issued.secret

    async def turn(self) -> int:
        """One round of the worker's parts; how much was done."""
        done = 0
        for part in worker.parts():
            done += await part.turn(self.ctx)
        return done


class Fediverse:
    """The nodes of one story, on one network and one clock."""

    def __init__(self, database_url: Callable[..., str], folder: Path) -> None:
        self.clock = SetClock(NOON_MS)
        self.network = AsgiNetwork({})
        self.nodes: dict[str, Node] = {}
        self._database_url, self._folder = database_url, folder

    async def node(self, host: str, **settings: Any) -> Node:
        """The node of that host, made at the first call, with *settings* that differ from the usual."""
        if host in self.nodes:
            return self.nodes[host]
        ctx = await make_context(
            self._database_url(migrated=True),
            self._folder / host.replace(":", "_"),
            network=self.network,
            clock=self.clock,
            **settings,
        )

        async def react(tx: Tx, fact: object) -> None:
            await reactions.react(tx, ctx, fact)

        ctx.db.before_commit = react
        keys = await some_keys()

        async def step(tx: Tx) -> Domain:
            domain = await domains.create(
                tx, ctx, handle_host=host, service_host=host, name=host, contact_email=f"contact@{host}"
            )
            await actors.create_instance_actor(tx, ctx, domain=domain, keys=keys)
            return domain

        domain = await ctx.db.write(step)
        app = create_app(ctx, with_worker=False)
        made = self.nodes[host] = Node(host, ctx, app, domain)
        self.network.apps[host] = app
        return made

    async def settle(self) -> None:
        """Let every node work until none has anything due."""
        for _ in range(200):
            if not sum([await node.turn() for node in self.nodes.values()]):
                await asyncio.sleep(0)
                return
        raise AssertionError("the nodes never come to rest: two of them answer each other for ever")

    async def later(self, seconds: float) -> None:
        """Turn the clock, then settle."""
        self.clock.forward(seconds)
        await self.settle()

    async def close(self) -> None:
        for each in self.nodes.values():
            await each.ctx.db.close()


@pytest.fixture
async def fediverse(database_url: Callable[..., str], tmp_path: Path) -> AsyncIterator[Fediverse]:
    """An empty network; `await fediverse.node(host)` fills it."""
    made = Fediverse(database_url, tmp_path)
    yield made
    await made.close()
    assert not made.network.crashes, f"a node answered 500: {made.network.crashes}"
