"""A syndicat's server: one node, three towns, two of them on one service host, each with handles of its own.

An agent logs in at a browser with an unmodified application's way (OAuth), chooses a town, and everything she then
sees is that town's: her bare name, the local timeline, the instance. A neighbour on another node follows by the handle.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from node.actors import actors, domains, memberships, passwords, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.memberships import Role
from node.oauth import apps
from node.runtime.database import Tx
from tests.support.client import Client
from tests.support.fediverse import Fediverse, Node, some_keys
from tests.web.reader import Reader

PASSWORD = "quatre mots de passe"
CALLBACK = "https://app.example/done"
SHARED = "social.syndicat.example"


@dataclass
class Syndicat:
    """besancon.example at social.besancon.example; ornans.example and cleron.example both at social.syndicat.example."""

    node: Node
    towns: dict[str, Actor]
    agent: people.Person

    async def token(self, service_host: str, handle: str) -> str:
        """What an application has in hand after the agent logged in at that host and chose that town."""
        registration = apps.describe(name="Tusky", website="", redirect_uris=(CALLBACK,), scope="read write follow")
        registered = await self.node.ctx.db.write(
            lambda tx: apps.register(tx, self.node.ctx, registration=registration)
        )
        reader = Reader(Client(self.node.app, service_host))
        await reader.log_in(self.agent.email, PASSWORD)
        asked = {"response_type": "code", "client_id": registered.app.client_id, "redirect_uri": CALLBACK}
        page = await reader.open(
            f"/oauth/authorize?{'&'.join(f'{k}={v}' for k, v in asked.items())}&scope=read+write+follow"
        )
        form = page.form("/oauth/authorize")
        assert handle in [*form.choices.get("actor", []), form.fields.get("actor")], f"{handle} is not offered"
        await reader.send(form, {"decision": "allow", "actor": handle})
        [code] = parse_qs(urlsplit(reader.answer.headers["location"]).query)["code"]
        client = Client(self.node.app, service_host)
        given = await client.post(
            "/oauth/token",
            {
                "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
                "client_id": registered.app.client_id, "client_secret": registered.client_secret,
            },
        )  # fmt: skip
        return str(given.ok()["access_token"])

    async def become(self, handle: str, role: Role | None) -> None:
        """Change what the agent is to a town."""
        actor = self.towns[handle]

        async def step(tx: Tx) -> None:
            if role is None:
                await memberships.remove(tx, person_id=self.agent.id, actor_id=actor.id)
            else:
                await memberships.add(tx, self.node.ctx, person_id=self.agent.id, actor_id=actor.id, role=role)

        await self.node.ctx.db.write(step)


@pytest.fixture
async def syndicat(fediverse: Fediverse) -> Syndicat:
    node = await fediverse.node("social.besancon.example")
    ctx, keys = node.ctx, await some_keys()
    hashed = await passwords.digest(PASSWORD)

    async def step(tx: Tx) -> Syndicat:
        places: dict[str, Domain] = {}
        for host, service in (
            ("besancon.example", "www.besancon.example"),
            ("ornans.example", SHARED),
            ("cleron.example", SHARED),
        ):
            places[host] = await domains.create(
                tx, ctx, handle_host=host, service_host=service, name=host.partition(".")[0].title(),
                contact_email=f"contact@{host}",
            )  # fmt: skip
            await actors.create_instance_actor(tx, ctx, domain=places[host], keys=keys)
        agent = await people.create(tx, ctx, email="agent@syndicat.example", password=hashed)
        keeper = await people.create(tx, ctx, email="keeper@syndicat.example", password=hashed)
        towns = {}
        for name, host in (
            ("mairie", "besancon.example"),
            ("mairie-25434", "ornans.example"),
            ("mairie-25155", "cleron.example"),
        ):
            made = await actors.create_local(
                tx, ctx, domain=places[host], username=name, type="Organization", kind="commune", name=name, keys=keys
            )
            towns[made.handle] = made
            await memberships.add(tx, ctx, person_id=keeper.id, actor_id=made.id, role="owner")
            await memberships.add(tx, ctx, person_id=agent.id, actor_id=made.id, role="editor")
        return Syndicat(node, towns, agent)

    made = await ctx.db.write(step)
    for service in ("www.besancon.example", SHARED):
        fediverse.network.apps[service] = node.app
    for host in ("besancon.example", "ornans.example", "cleron.example"):
        fediverse.network.apps[host] = node.app  # the town's website leads this one path here
    return made


async def home(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/v1/timelines/home")).ok()
    return found


async def test_each_town_on_a_shared_host_is_itself(syndicat: Syndicat, fediverse: Fediverse) -> None:
    """Both towns of one service host can be chosen at log-in; each is bare at home, and has its own local timeline."""
    clients = {
        handle: Client(syndicat.node.app, SHARED, await syndicat.token(SHARED, handle))
        for handle in ("mairie-25434@ornans.example", "mairie-25155@cleron.example")
    }
    for handle, client in clients.items():
        me = (await client.get("/api/v1/accounts/verify_credentials")).ok()
        assert me["acct"] == handle.partition("@")[0], "a town has a bare name where it is at home"
        assert me["url"] == f"https://{SHARED}/@{me['username']}"
        (await client.post("/api/v1/statuses", {"status": f"Ici {handle}"})).ok()
    for handle, client in clients.items():
        local = (await client.get("/api/v1/timelines/public", {"local": True})).ok()
        assert [each["account"]["username"] for each in local] == [handle.partition("@")[0]]
        everyone = (await client.get("/api/v1/timelines/public")).ok()
        accts = {each["account"]["acct"] for each in everyone}
        assert accts == {handle.partition("@")[0], next(other for other in clients if other != handle)}
    elsewhere = Client(syndicat.node.app, "www.besancon.example", clients["mairie-25434@ornans.example"].token)
    assert (await elsewhere.get("/api/v1/accounts/verify_credentials")).status == 401, "a token is for one host"


async def test_a_neighbour_finds_each_town_by_its_handle(syndicat: Syndicat, fediverse: Fediverse) -> None:
    """`mairie-25155@cleron.example` is found, though its id is on the syndicat's host, followed, and heard."""
    alice = await (await fediverse.node("dole.example")).person("alice")
    for handle, actor in syndicat.towns.items():
        found = await alice.find(f"@{handle}")
        assert (found["acct"], found["uri"]) == (handle, actor.uri)
        await alice.follow(f"@{handle}")
    # What other servers make of the id alone (the pair that is unique) leads to the same actor.
    same = await alice.find(f"@mairie-25155@{SHARED}")
    assert same["acct"] == "mairie-25155@cleron.example"
    await fediverse.settle()
    for host, handle in (("www.besancon.example", "mairie@besancon.example"), (SHARED, "mairie-25155@cleron.example")):
        client = Client(syndicat.node.app, host, await syndicat.token(host, handle))
        (await client.post("/api/v1/statuses", {"status": f"Ici {handle}"})).ok()
    await fediverse.settle()
    assert {each["account"]["acct"] for each in await alice.home()} == {
        "mairie@besancon.example", "mairie-25155@cleron.example"
    }  # fmt: skip


async def test_each_service_host_has_its_instance_and_its_actor(syndicat: Syndicat) -> None:
    """Instance, NodeInfo and the Application actor answer for the host that was asked."""
    for host, name, contact in (
        ("www.besancon.example", "Besancon", "contact@besancon.example"),
        (SHARED, "Ornans", "contact@ornans.example"),
        ("cleron.example", "Cleron", "contact@cleron.example"),
    ):
        visitor = Client(syndicat.node.app, host)
        instance = (await visitor.get("/api/v2/instance")).ok()
        assert (instance["title"], instance["contact"]["email"]) == (name, contact)
        known = (await visitor.get("/.well-known/nodeinfo")).ok()
        for link in known["links"][:2]:
            info = (await visitor.get(urlsplit(link["href"]).path)).ok()
            assert info["metadata"]["nodeName"] == name
            assert info["metadata"]["contact"] == contact
    own = {
        host: (await Client(syndicat.node.app, host).get("/actor", accept="application/activity+json")).ok()["id"]
        for host in ("www.besancon.example", SHARED)
    }
    assert own == {host: f"https://{host}/actor" for host in own}


async def test_a_role_holds_from_one_request_to_the_next(syndicat: Syndicat, fediverse: Fediverse) -> None:
    """What an agent may do is asked at each request: less of a role, less to do; no membership, no token."""
    handle = "mairie@besancon.example"
    client = Client(syndicat.node.app, "www.besancon.example", await syndicat.token("www.besancon.example", handle))

    async def may() -> tuple[int, int, int]:
        """Read, publish, change the profile."""
        fediverse.clock.forward(6)  # a token is remembered for five seconds
        return (
            (await client.get("/api/v1/timelines/home")).status,
            (await client.post("/api/v1/statuses", {"status": "Bonjour"})).status,
            (await client.patch("/api/v1/accounts/update_credentials", {"note": "La mairie"})).status,
        )

    assert await may() == (200, 200, 200)
    await syndicat.become(handle, "contributor")
    assert await may() == (200, 200, 403)
    await syndicat.become(handle, "reader")
    assert await may() == (200, 403, 403)
    await syndicat.become(handle, None)
    assert await may() == (401, 401, 401)


async def test_a_person_is_not_an_actor(syndicat: Syndicat) -> None:
    """Who logs in is nowhere to be seen: no account, no handle, no document, not even counted."""
    visitor = Client(syndicat.node.app, "www.besancon.example")
    assert (await visitor.get("/api/v1/accounts/lookup", {"acct": "agent"})).status == 404
    assert (await visitor.get("/users/agent", accept="application/activity+json")).status == 404
    resource = {"resource": "acct:agent@besancon.example"}
    assert (await visitor.get("/.well-known/webfinger", resource)).status == 404
    info = (await visitor.get("/nodeinfo/2.1")).ok()
    assert info["usage"]["users"]["total"] == 1, "people were counted as accounts"
