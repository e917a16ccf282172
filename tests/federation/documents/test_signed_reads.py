"""A node that shows its documents to servers that sign: what stays open, who is refused, and that no cache leaks it."""

import pytest

from node.actors import hosts
from node.federation.routes import routes
from node.federation.signatures import Scheme
from node.runtime import keypairs as keys
from node.runtime.net import Response
from tests.federation.conftest import Scene
from tests.support.fediverse import Fediverse
from tests.support.peer import peer_on

AP = "application/activity+json"
HOST = "lyon.example"


@pytest.fixture
async def closed(fediverse: Fediverse) -> Scene:
    """Bob on a node with `signed_reads`, and Zoe elsewhere."""
    node = await fediverse.node(HOST, signed_reads=True)
    bob = await node.person("bob")
    peer = peer_on(fediverse, "elsewhere.example")
    return Scene(fediverse, node, bob, peer, await peer.actor("zoe"))


async def addresses(scene: Scene) -> list[str]:
    """Everything of Bob's that other servers read."""
    posted = await scene.bob.post("Public")
    await scene.settle()
    bob = scene.bob.actor
    return [
        bob.uri, posted["uri"], f"{posted['uri']}/activity", f"{posted['uri']}/replies", f"{posted['uri']}/replies?page=true",
        bob.outbox, f"{bob.outbox}?page=true", bob.followers, f"{bob.followers}?page=true", bob.following, bob.featured,
    ]  # fmt: skip


def kept_by_nobody(answer: Response, url: str) -> None:
    """A shared cache would show it to the next one, who did not sign."""
    directives = {each.strip() for each in answer.headers["Cache-Control"].split(",")}
    assert directives == {"private", "no-store"}, f"{url}: {directives}"
    vary = {each.strip().lower() for each in answer.headers["Vary"].split(",")}
    assert {"accept", "signature", "signature-input"} <= vary, f"{url}: {vary}"


@pytest.mark.parametrize("accept", [AP, "*/*", "application/json", f"text/html, {AP};q=0.1, */*;q=0.1"])
async def test_nothing_is_shown_to_who_does_not_sign(closed: Scene, accept: str) -> None:
    for url in await addresses(closed):
        answer = await closed.node.visitor().get(url.removeprefix(f"https://{HOST}"), accept=accept)
        assert answer.status in (401, 302), f"{url} answers {answer.status} to a stranger"
        assert b"Public" not in answer.body
        assert "no-" in answer.headers["cache-control"]
        if answer.status == 401:
            assert answer.json["error"], "a refusal that says nothing"


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_everything_is_shown_to_who_signs(closed: Scene, scheme: Scheme) -> None:
    for url in await addresses(closed):
        answer = await closed.zoe.get(url, scheme=scheme)
        assert answer.status == 200, f"{url} answers {answer.status} to a server that signs"
        kept_by_nobody(answer, url)


async def test_what_is_not_there_looks_the_same_to_a_stranger(closed: Scene) -> None:
    for path in ("/users/nobody", "/users/bob/statuses/1", "/users/nobody/outbox"):
        assert (await closed.node.visitor().get(path, accept=AP)).status == 401
        assert (await closed.zoe.get(f"https://{HOST}{path}")).status == 404


@pytest.mark.parametrize(
    "path",
    ["/actor", "/actor/outbox", "/.well-known/webfinger?resource=acct:bob@lyon.example", "/.well-known/nodeinfo",
     "/nodeinfo/2.1", "/.well-known/host-meta"],
)  # fmt: skip
async def test_what_is_needed_to_begin_stays_open(closed: Scene, path: str) -> None:
    """Or two such nodes could never read each other's keys."""
    answer = await closed.node.visitor().get(path, accept="*/*")
    assert answer.status == 200, f"{path} answers {answer.status}"


OPEN = {
    "/actor", "/actor/outbox", "/.well-known/webfinger", "/.well-known/nodeinfo", "/nodeinfo/{version}",
    "/.well-known/host-meta", "/.well-known/host-meta.json",
}  # fmt: skip


@pytest.mark.parametrize(
    "path", [route.path for route in routes if "GET" in (route.methods or ()) and route.path not in OPEN]
)
async def test_no_other_address_is_open(closed: Scene, path: str) -> None:
    """Whatever is added to the table of addresses wants a signature too, unless it is named here."""
    asked = path.replace("{username}", "bob").replace("{id}", "1").replace("{digest}", "1")
    assert (await closed.node.visitor().get(asked, accept=AP)).status == 401, f"{path} is open to strangers"


async def test_pages_for_people_stay_open(closed: Scene) -> None:
    answer = await closed.node.visitor().get("/users/bob", accept="text/html")
    assert (answer.status, answer.headers["location"]) == (302, f"https://{HOST}/@bob")


async def test_a_wrong_signature_is_none(closed: Scene) -> None:
    for how in ({"key": keys.generate_rsa()}, {"at_ms": 0}, {"change": {"Host": HOST, "Date": None}}):
        answer = await closed.zoe.get(closed.bob.actor.uri, **how)
        assert answer.status in (400, 401), f"{how}: {answer.status}"


async def test_a_blocked_server_is_refused_whatever_it_signs(closed: Scene) -> None:
    await closed.ctx.db.write(lambda tx: hosts.set_policy(tx, closed.ctx, host="elsewhere.example", severity="suspend"))
    assert (await closed.zoe.get(closed.bob.actor.uri)).status == 403
    assert (await closed.zoe.get(f"https://{HOST}/actor")).status == 200


async def test_two_such_nodes_understand_each_other(closed: Scene) -> None:
    other = await closed.fediverse.node("villeurbanne.example", signed_reads=True)
    alice = await other.person("alice")
    await alice.follow(closed.bob.handle)
    await closed.settle()
    await closed.bob.post("Bonjour voisine")
    await closed.settle()
    assert [each["content"] for each in await alice.home()] == ["<p>Bonjour voisine</p>"]


async def test_an_open_node_lets_caches_keep_what_is_public(scene: Scene) -> None:
    answer = await scene.zoe.get(scene.bob.actor.uri)
    assert "public" in answer.headers["Cache-Control"], "an answer that is the same for all is kept by nobody"
