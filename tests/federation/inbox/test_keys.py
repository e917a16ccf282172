"""Which keys speak for an actor: RSA and Ed25519, in either form of signature, rotated, withdrawn, or not there at all."""

from typing import Any

import pytest

from node.federation.signatures import Scheme
from node.runtime import keypairs as keys
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PeerActor, peer_on


def publish(who: PeerActor, *made: Any, name: str = "ed25519-key", controller: str | None = None) -> None:
    """Show the public halves as Multikeys of *who* (FEP-521a): `#ed25519-key`, `#ed25519-key-2`…"""
    who.peer.documents[who.uri]["assertionMethod"] = [
        {
            "id": f"{who.uri}#{name}" + (f"-{number}" if number > 1 else ""),
            "type": "Multikey",
            "controller": controller or who.uri,
            "publicKeyMultibase": keys.public_multikey(each.public_key()),
        }
        for number, each in enumerate(made, 1)
    ]


async def follows(scene: Scene, who: PeerActor, status: int = 202, **how: Any) -> None:
    answer = await who.send(scene.node.host, who.follow(scene.bob.actor.uri), **how)
    assert answer.status == status, f"expected {status}, the node said {answer.status}: {answer.body!r}"
    await scene.settle()


async def test_a_follow_signed_with_rfc9421(scene: Scene) -> None:
    await follows(scene, scene.zoe, scheme=Scheme.RFC9421)
    assert scene.peer.of_type("Accept"), "a follow signed with RFC 9421 is not answered"


@pytest.mark.parametrize("change", [
    {"Content-Digest": None}, {"Content-Digest": "sha-256=:AAAA:"}, {"Signature": None}, {"Signature-Input": None},
    {"Signature": "sig1=:AAAA:"}, {"Digest": "SHA-256=AAAA"},
])  # fmt: skip
async def test_a_follow_whose_signature_was_stripped(scene: Scene, change: dict[str, str | None]) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    answer = await scene.zoe.send(scene.node.host, activity, scheme=Scheme.RFC9421, change=change)
    assert answer.status in (400, 401), f"answered {answer.status}"
    assert await scene.inbox() == []


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_a_follow_signed_with_a_multikey(scene: Scene, scheme: Scheme) -> None:
    """Ed25519, from `assertionMethod`: found by its own id, in either form of signature."""
    key = keys.generate_ed25519()
    publish(scene.zoe, key)
    await follows(scene, scene.zoe, key=key, key_id=f"{scene.zoe.uri}#ed25519-key", scheme=scheme)
    assert scene.peer.of_type("Accept")
    asked = len(scene.peer.requests)
    await follows(scene, scene.zoe, key=key, key_id=f"{scene.zoe.uri}#ed25519-key", scheme=scheme)
    assert all(method == "POST" for method, _, _ in scene.peer.requests[asked:]), "a Multikey is fetched each time"


async def test_a_multikey_of_an_actor_that_is_known(scene: Scene) -> None:
    """It was met before its key is used: nothing has to be fetched, also after a restart."""
    key = keys.generate_ed25519()
    publish(scene.zoe, key)
    await follows(scene, scene.zoe)
    scene.ctx.cache.of("public_keys", 50_000).clear()
    asked = len(scene.peer.requests)
    await follows(scene, scene.zoe, key=key, key_id=f"{scene.zoe.uri}#ed25519-key")
    assert all(method == "POST" for method, _, _ in scene.peer.requests[asked:]), "a key that is held was asked for"


async def test_an_actor_with_multikeys_alone(scene: Scene) -> None:
    rsa, ed25519 = scene.zoe.key, keys.generate_ed25519()
    publish(scene.zoe, rsa, ed25519)
    del scene.peer.documents[scene.zoe.uri]["publicKey"]
    await follows(scene, scene.zoe, key_id=f"{scene.zoe.uri}#ed25519-key")
    await follows(scene, scene.zoe, key=ed25519, key_id=f"{scene.zoe.uri}#ed25519-key-2")
    assert len(scene.peer.of_type("Accept")) == 2


async def test_one_of_several_public_keys(scene: Scene) -> None:
    """Servers that rotate show the old key beside the new one for a while."""
    old, new = keys.generate_rsa(), scene.zoe.key
    document = scene.peer.documents[scene.zoe.uri]
    second = {
        **document["publicKey"],
        "id": f"{scene.zoe.uri}#old-key",
        "publicKeyPem": keys.public_pem(old.public_key()),
    }
    document["publicKey"] = [document["publicKey"], second]
    await follows(scene, scene.zoe, key=old, key_id=f"{scene.zoe.uri}#old-key")
    await follows(scene, scene.zoe, key=new)
    assert len(scene.peer.of_type("Accept")) == 2


async def test_an_ed25519_key_in_the_place_of_the_rsa_one(scene: Scene) -> None:
    key = keys.generate_ed25519()
    scene.peer.documents[scene.zoe.uri]["publicKey"]["publicKeyPem"] = keys.public_pem(key.public_key())
    await follows(scene, scene.zoe, key=key, scheme=Scheme.RFC9421)


async def test_a_multikey_that_another_controls(scene: Scene) -> None:
    key = keys.generate_ed25519()
    publish(scene.zoe, key, controller="https://evil.example/users/mallory")
    await follows(scene, scene.zoe, 401, key=key, key_id=f"{scene.zoe.uri}#ed25519-key")


async def test_a_multikey_of_a_neighbour_under_zoes_name(scene: Scene) -> None:
    """Mallory lives on Zoe's server and publishes a key under Zoe's id: it stays Mallory's, met in either order."""
    mallory, key = await scene.peer.actor("mallory"), keys.generate_ed25519()
    scene.peer.documents[mallory.uri]["assertionMethod"] = [
        {"id": scene.zoe.key_id, "type": "Multikey", "controller": mallory.uri,
         "publicKeyMultibase": keys.public_multikey(key.public_key())},
    ]  # fmt: skip
    await follows(scene, mallory)
    await follows(scene, scene.zoe, 401, key=key)
    scene.ctx.cache.of("public_keys", 50_000).clear()
    await follows(scene, scene.zoe)
    scene.ctx.cache.of("public_keys", 50_000).clear()
    await follows(scene, scene.zoe, 401, key=key)


async def test_a_multikey_of_another_server(scene: Scene) -> None:
    """Its id is on another origin than its actor: it is not taken."""
    evil = peer_on(scene.fediverse, "evil.example")
    mallory, key = await evil.actor("mallory"), keys.generate_ed25519()
    evil.documents[mallory.uri]["assertionMethod"] = [
        {"id": f"{scene.zoe.uri}#ed25519-key", "type": "Multikey", "controller": mallory.uri,
         "publicKeyMultibase": keys.public_multikey(key.public_key())},
    ]  # fmt: skip
    await follows(scene, mallory)
    await follows(scene, scene.zoe, 401, key=key, key_id=f"{scene.zoe.uri}#ed25519-key")


async def test_a_multikey_that_was_replaced_or_withdrawn(scene: Scene) -> None:
    """One refetch finds the new one; what an Update no longer shows is no longer believed."""
    old, new, key_id = keys.generate_ed25519(), keys.generate_ed25519(), f"{scene.zoe.uri}#ed25519-key"
    publish(scene.zoe, old)
    await follows(scene, scene.zoe, key=old, key_id=key_id)
    publish(scene.zoe, new)
    await follows(scene, scene.zoe, key=new, key_id=key_id)
    await follows(scene, scene.zoe, 401, key=old, key_id=key_id)
    del scene.peer.documents[scene.zoe.uri]["assertionMethod"]
    await scene.takes(scene.zoe.activity("Update", scene.peer.documents[scene.zoe.uri]))
    scene.ctx.cache.of("public_keys", 50_000).clear()  # as ten minutes later
    await follows(scene, scene.zoe, 401, key=new, key_id=key_id)


async def test_an_actor_without_a_key(scene: Scene) -> None:
    del scene.peer.documents[scene.zoe.uri]["publicKey"]
    await follows(scene, scene.zoe, 401)
    await follows(scene, scene.zoe, 401, key=keys.generate_ed25519(), key_id=f"{scene.zoe.uri}#ed25519-key")
    assert await scene.inbox() == []


async def test_a_signed_get_with_rfc9421(scene: Scene) -> None:
    """A post for followers is shown to the follower who signs, in either form and with either key."""
    key = keys.generate_ed25519()
    publish(scene.zoe, key)
    await follows(scene, scene.zoe)
    posted = await scene.bob.post("Entre nous", visibility="private")
    uri = posted["uri"]
    assert await posts.by_uri(scene.ctx.db.reader, uri) is not None
    assert (await scene.zoe.get(uri, scheme=Scheme.RFC9421)).status == 200
    assert (
        await scene.zoe.get(uri, scheme=Scheme.RFC9421, key=key, key_id=f"{scene.zoe.uri}#ed25519-key")
    ).status == 200
    mallory = await peer_on(scene.fediverse, "evil.example").actor("mallory")
    assert (await mallory.get(uri, scheme=Scheme.RFC9421)).status == 404
    assert (await scene.zoe.get(uri, scheme=Scheme.RFC9421, key=keys.generate_rsa())).status == 404
    assert (await scene.zoe.get(uri, signed=False)).status == 404
