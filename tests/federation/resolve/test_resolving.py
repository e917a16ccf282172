"""Reading other servers: a document is believed about itself only, a handle must lead there and back."""

from typing import Any

import orjson
import pytest

from node.actors import actors, hosts
from node.federation import fetch, resolve
from node.runtime.errors import BeffroiError, Forbidden, Gone, Malformed, NotFound, Unavailable
from node.runtime.net import NetworkFailure, WrongType
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import AS, Peer, peer_on


async def test_fetches_are_signed_by_the_instance_actor(scene: Scene) -> None:
    await fetch.document(scene.ctx, scene.zoe.uri)
    _, _, headers = scene.peer.requests[-1]
    assert 'keyId="https://lyon.example/actor#main-key"' in headers["signature"]
    assert "activity+json" in headers["accept"]


async def test_a_document_with_another_id_on_its_own_server(scene: Scene) -> None:
    """The page's address leads to the id: read once more, there."""
    scene.peer.documents[f"{scene.peer.home}/@zoe"] = scene.zoe.document()
    found = await fetch.document(scene.ctx, f"{scene.peer.home}/@zoe")
    assert found["id"] == scene.zoe.uri
    assert [url for _, url, _ in scene.peer.requests] == [f"{scene.peer.home}/@zoe", scene.zoe.uri]


async def test_a_document_that_claims_an_id_elsewhere(scene: Scene) -> None:
    """CVE-2024-23832: what evil.example serves under Zoe's id is read at Zoe's server instead."""
    evil = peer_on(scene.fediverse, "evil.example")
    evil.documents["https://evil.example/zoe"] = scene.zoe.document(name="Volée")
    found = await fetch.document(scene.ctx, "https://evil.example/zoe")
    assert found["name"] == "Zoe", "a stranger's server spoke for Zoe"


async def test_a_redirect_to_another_server(scene: Scene) -> None:
    """An open redirect on Zoe's server must not let evil.example speak under Zoe's address."""
    evil = peer_on(scene.fediverse, "evil.example")
    asked = f"{scene.peer.home}/users/new"
    scene.peer.documents[asked] = ("redirect", "https://evil.example/fake")
    evil.documents["https://evil.example/fake"] = scene.zoe.document() | {"id": asked}
    with pytest.raises(Malformed):
        await fetch.document(scene.ctx, asked)


async def test_a_redirect_within_one_server(scene: Scene) -> None:
    asked = f"{scene.peer.home}/u/zoe"
    scene.peer.documents[asked] = ("redirect", scene.zoe.uri)
    assert (await fetch.document(scene.ctx, asked))["id"] == scene.zoe.uri


async def test_a_redirect_to_a_blocked_server(scene: Scene) -> None:
    await scene.ctx.db.write(lambda tx: hosts.set_policy(tx, scene.ctx, host="evil.example", severity="suspend"))
    evil = peer_on(scene.fediverse, "evil.example")
    scene.peer.documents[f"{scene.peer.home}/x"] = ("redirect", "https://evil.example/x")
    with pytest.raises(Forbidden):
        await fetch.document(scene.ctx, f"{scene.peer.home}/x")
    assert evil.requests == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png", "application/ld+json", "text/html"])
async def test_a_file_that_somebody_uploaded(scene: Scene, kind: str) -> None:
    """GHSA-jhrq-qvrm-qr36: only what the server itself calls ActivityStreams is its word."""
    url = f"{scene.peer.home}/upload/1"
    scene.peer.documents[url] = (kind, orjson.dumps(scene.zoe.document() | {"id": url}))
    with pytest.raises(WrongType):
        await fetch.document(scene.ctx, url)


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (401, Forbidden), (403, Forbidden), (500, Unavailable)]
)
async def test_refusals(scene: Scene, status: int, error: type[BeffroiError]) -> None:
    scene.peer.documents[f"{scene.peer.home}/x"] = status
    with pytest.raises(error):
        await fetch.document(scene.ctx, f"{scene.peer.home}/x")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"id": 5}', b"{}", b'{"id":"https://elsewhere.example/x","a":"\\u0000"}']
)
async def test_what_is_no_document(scene: Scene, body: bytes) -> None:
    scene.peer.documents[f"{scene.peer.home}/x"] = ("application/activity+json", body)
    with pytest.raises(Malformed):
        await fetch.document(scene.ctx, f"{scene.peer.home}/x")


async def test_a_host_that_failed_is_left_alone_for_a_while(scene: Scene) -> None:
    scene.fediverse.network.down.add("elsewhere.example")
    with pytest.raises(NetworkFailure):
        await fetch.document(scene.ctx, scene.zoe.uri)
    scene.fediverse.network.down.clear()
    with pytest.raises(NetworkFailure):
        await fetch.document(scene.ctx, scene.zoe.uri)
    assert scene.peer.requests == [], "a host that just failed is asked at once again"
    scene.fediverse.clock.forward(20)
    assert await fetch.document(scene.ctx, scene.zoe.uri)


async def test_an_actor_is_met_once(scene: Scene) -> None:
    met = await resolve.actor(scene.ctx, scene.zoe.uri)
    assert met.handle == "zoe@elsewhere.example"
    count = len(scene.peer.requests)
    assert (await resolve.actor(scene.ctx, scene.zoe.uri)).id == met.id
    assert len(scene.peer.requests) == count, "a fresh actor was fetched again"


async def test_a_stale_actor_is_served_when_its_server_is_away(scene: Scene) -> None:
    met = await resolve.actor(scene.ctx, scene.zoe.uri)
    scene.fediverse.clock.forward(30 * 86_400)
    scene.fediverse.network.down.add("elsewhere.example")
    assert (await resolve.actor(scene.ctx, scene.zoe.uri)).id == met.id


async def test_an_actor_that_is_gone(scene: Scene) -> None:
    await resolve.actor(scene.ctx, scene.zoe.uri)
    scene.peer.documents[scene.zoe.uri] = 410
    with pytest.raises(Gone):
        await resolve.actor(scene.ctx, scene.zoe.uri, refresh=True)
    known = await actors.by_uri(scene.ctx.db.reader, scene.zoe.uri)
    assert known is not None
    assert known.deleted


async def test_a_handle_with_another_host(scene: Scene) -> None:
    """zoe@town.example whose actor lives elsewhere: the subject is asked back, and believed if it leads here."""
    town = HandleHost("town.example", scene, {"zoe": scene.zoe.uri})
    scene.peer.documents[scene.zoe.uri]["webfinger"] = "zoe@town.example"
    met = await resolve.actor(scene.ctx, scene.zoe.uri)
    assert met.handle == "zoe@town.example"
    assert await resolve.handle(scene.ctx, "@zoe@town.example") == met
    assert town.requests


async def test_a_handle_that_leads_elsewhere(scene: Scene) -> None:
    """Mallory's actor calls itself zoe@elsewhere.example: that handle is Zoe's."""
    evil = peer_on(scene.fediverse, "evil.example")
    mallory = await evil.actor("zoe")
    evil.documents[mallory.uri]["webfinger"] = "zoe@elsewhere.example"
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, mallory.uri)
    assert await actors.by_uri(scene.ctx.db.reader, mallory.uri) is None, "an impostor was kept"


async def test_a_subject_of_another_domain(scene: Scene) -> None:
    """Akkoma 2024.03: evil's WebFinger claims a subject of a domain that does not know it."""
    evil = peer_on(scene.fediverse, "evil.example")
    mallory = await evil.actor("mallory", handle=False)
    HandleHost("evil.example", scene, {"mallory": mallory.uri}, subject="zoe@elsewhere.example", behind=evil)
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, mallory.uri)


async def test_a_neighbour_with_somebody_elses_name(scene: Scene) -> None:
    """Two actors of one server call themselves zoe: WebFinger says which one is."""
    double = await scene.peer.actor("double", handle=False)
    scene.peer.documents[double.uri]["preferredUsername"] = "zoe"
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, double.uri)


async def test_a_server_without_webfinger(scene: Scene) -> None:
    """Its actors go by their own host; the first who has a name keeps it."""
    for path in ("emily", "frank"):
        uri = f"{scene.peer.home}/{path}"
        document = scene.zoe.document() | {"id": uri, "preferredUsername": "emily"}
        scene.peer.documents[uri] = document | {"publicKey": {**document["publicKey"], "id": f"{uri}#k", "owner": uri}}
    met = await resolve.actor(scene.ctx, f"{scene.peer.home}/emily")
    assert met.handle == f"emily@{scene.peer.host}"
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, f"{scene.peer.home}/frank")


async def test_a_webfinger_that_forgets_for_a_day(scene: Scene) -> None:
    """Whose handle was proved on another host keeps it while the server of the id knows no such handle."""
    met = await resolve.actor(scene.ctx, scene.zoe.uri)
    await scene.ctx.db.write(
        lambda tx: tx.execute("UPDATE actors SET handle_host = 'ville.example' WHERE id = $1", met.id)
    )
    del scene.peer.handles["zoe"]
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, scene.zoe.uri, refresh=True)
    kept = await actors.by_uri(scene.ctx.db.reader, scene.zoe.uri)
    assert kept is not None
    assert kept.handle_host == "ville.example", "an account was renamed by a missing answer"


async def test_an_actor_without_a_name(scene: Scene) -> None:
    """`preferredUsername` is optional (ActivityPub §4.1): the end of the id stands for it."""
    for path in ("emily", "autre/emily"):
        uri = f"{scene.peer.home}/{path}"
        document = scene.zoe.document() | {"id": uri}
        del document["preferredUsername"]
        scene.peer.documents[uri] = document | {"publicKey": {**document["publicKey"], "id": f"{uri}#k", "owner": uri}}
    met = await resolve.actor(scene.ctx, f"{scene.peer.home}/emily")
    assert met.handle == f"emily@{scene.peer.host}"
    with pytest.raises(Malformed):
        await resolve.actor(scene.ctx, f"{scene.peer.home}/autre/emily")


async def test_a_handle_is_resolved(scene: Scene) -> None:
    met = await resolve.handle(scene.ctx, "@zoe@Elsewhere.example")
    assert met.uri == scene.zoe.uri
    assert (await resolve.handle(scene.ctx, "bob@lyon.example")).id == scene.bob.actor.id
    for wrong in ("bob", "@", "a@b@c", "x y@elsewhere.example", "bob@exa/mple"):
        with pytest.raises(Malformed):
            await resolve.handle(scene.ctx, wrong)
    for nobody in ("nobody@elsewhere.example", "nobody@lyon.example"):
        with pytest.raises(NotFound):
            await resolve.handle(scene.ctx, nobody)


async def test_a_key_in_every_shape(scene: Scene) -> None:
    """`#main-key`, GoToSocial's `/main-key` stub, a key that stands alone, the bare actor id, acct:."""
    for name, shape in (("a", "#main-key"), ("b", "/main-key"), ("c", "/key"), ("d", ""), ("e", "acct")):
        who = await scene.peer.actor(name)
        document = scene.peer.documents[who.uri]
        key_id = f"acct:{name}@{scene.peer.host}" if shape == "acct" else who.uri + shape
        if shape.startswith("/"):
            document["publicKey"]["id"] = key_id
        if shape == "/main-key":
            stub = {"@context": AS, "id": who.uri, "type": "Person", "publicKey": document["publicKey"]}
            scene.peer.documents[key_id] = stub
        elif shape == "/key":
            scene.peer.documents[key_id] = {"@context": AS, "type": "CryptographicKey", **document["publicKey"]}
        answer = await who.send(scene.node.host, who.follow(scene.bob.actor.uri), key_id=key_id)
        assert answer.status == 202, f"a key of the shape {key_id} is not found: {answer.body!r}"


async def test_a_key_that_names_an_owner_who_does_not_name_it(scene: Scene) -> None:
    mallory = await peer_on(scene.fediverse, "evil.example").actor("mallory")
    key_id = "https://evil.example/keys/1"
    mallory.peer.documents[key_id] = {
        "@context": AS,
        "id": key_id,
        "type": "CryptographicKey",
        "owner": scene.zoe.uri,
        "publicKeyPem": mallory.document()["publicKey"]["publicKeyPem"],
    }
    answer = await mallory.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key_id=key_id)
    assert answer.status == 401


async def test_a_post_by_its_address(scene: Scene) -> None:
    note = scene.zoe.note("Bonjour")
    found = await resolve.post(scene.ctx, note["id"])
    assert found.content == "<p>Bonjour</p>"
    create = scene.peer.serve({"@context": AS, **scene.zoe.create(note)})
    assert (await resolve.post(scene.ctx, create)).id == found.id, "the id of a Create does not lead to its post"


async def test_a_post_attributed_to_another_server(scene: Scene) -> None:
    evil = peer_on(scene.fediverse, "evil.example")
    note = {"@context": AS, "id": "https://evil.example/1", "type": "Note", "content": "faux"}
    note |= {"attributedTo": scene.zoe.uri, "to": f"{AS}#Public"}
    evil.serve(note)
    with pytest.raises(Malformed):
        await resolve.post(scene.ctx, note["id"])
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is None


@pytest.mark.parametrize("to", [[], ["{followers}"]])
async def test_a_post_that_is_not_public(scene: Scene, to: list[str]) -> None:
    note = scene.zoe.note("Entre nous", to=[scene.zoe.followers if item else item for item in to], cc=[])
    with pytest.raises(Forbidden):
        await resolve.post(scene.ctx, note["id"])


async def test_our_own_posts_are_never_fetched(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    assert (await resolve.post(scene.ctx, posted["uri"])).local
    count = len(scene.fediverse.network.sent)
    with pytest.raises(NotFound):
        await resolve.post(scene.ctx, f"{scene.bob.actor.uri}/statuses/1")
    with pytest.raises(NotFound):
        await resolve.actor(scene.ctx, "https://lyon.example/users/nobody")
    assert len(scene.fediverse.network.sent) == count, "the node asked itself"


class HandleHost(Peer):
    """A town's website: it answers WebFinger for handles whose actors live elsewhere."""

    def __init__(
        self,
        host: str,
        scene: Scene,
        handles: dict[str, str],
        *,
        subject: str | None = None,
        behind: Peer | None = None,
    ) -> None:
        super().__init__(host, scene.fediverse.network, scene.fediverse.clock)
        self.handles, self._subject = handles, subject
        if behind is not None:
            self.documents = behind.documents

    def _webfinger(self, resource: str) -> tuple[int, str, bytes]:
        status, kind, body = super()._webfinger(resource)
        if status == 200 and self._subject:
            document: dict[str, Any] = orjson.loads(body)
            body = orjson.dumps(document | {"subject": f"acct:{self._subject}"})
        return status, kind, body
