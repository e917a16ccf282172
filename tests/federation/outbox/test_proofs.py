"""What is said to everyone carries its own proof (FEP-8b32), made once; what is said to some does not."""

import hashlib
from typing import Any

import jcs
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from node.actors import keys
from node.runtime import multibase
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.fediverse import some_keys
from tests.support.peer import a_follower, peer_on

DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


def proved(activity: dict[str, Any], document: dict[str, Any]) -> bool:
    """eddsa-jcs-2022 (Data Integrity EdDSA §3.3) by the letter, with the key that the actor's document shows."""
    proof = dict(activity["proof"])
    unsecured = {name: value for name, value in activity.items() if name != "proof"}
    value = multibase.decode(proof.pop("proofValue"))
    (method,) = [each for each in document["assertionMethod"] if each["id"] == proof["verificationMethod"]]
    assert method["controller"] == activity["actor"] == document["id"]
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) == (
        "DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod",
    )  # fmt: skip
    assert proof["@context"] == activity["@context"]
    public = multibase.decode(method["publicKeyMultibase"])
    assert public.startswith(b"\xed\x01")
    signed = b"".join(hashlib.sha256(jcs.canonicalize(part)).digest() for part in (proof, unsecured))
    ed25519.Ed25519PublicKey.from_public_bytes(public[2:]).verify(value, signed)
    return True


async def actor_document(scene: Scene) -> dict[str, Any]:
    answer = await scene.zoe.get(scene.bob.actor.uri, signed=False)
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


@pytest.fixture
async def followed(scene: Scene) -> Scene:
    """Zoe follows Bob."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    return scene


async def test_everything_public_is_proved(followed: Scene) -> None:
    scene = followed
    note = scene.zoe.note("À partager")
    posted = await scene.bob.post("Marché à 8 h ½ ☂ 🧺 \u2028 <b>", spoiler_text='\\ " \x7f')
    await scene.settle()
    (await scene.bob.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "Marché fermé"})).ok()
    seen = await scene.bob.seen(note["id"])
    await scene.bob.act("reblog", seen["id"])
    await scene.settle()
    await scene.bob.act("unreblog", seen["id"])
    await scene.bob.act("pin", posted["id"])
    await scene.bob.act("unpin", posted["id"])
    (await scene.bob.client.patch("/api/v1/accounts/update_credentials", {"display_name": "Bob B."})).ok()
    await scene.settle()
    (await scene.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    await scene.settle()
    document = await actor_document(scene)
    said = [each for each in scene.peer.received if each["type"] not in ("Accept", "Follow")]
    assert {each["type"] for each in said} == {"Create", "Update", "Announce", "Undo", "Add", "Remove", "Delete"}
    for each in said:
        assert "proof" in each, f"{each['type']} goes without its proof"
        assert proved(each, document)
        assert DATA_INTEGRITY in each["@context"]


async def test_what_is_said_to_some_is_not_proved(followed: Scene) -> None:
    """A proof can be shown to anyone, for ever: what was said in confidence stays deniable (Mastodon's rule, too)."""
    scene = followed
    await scene.bob.post("Entre nous", visibility="private")
    await scene.bob.post(f"Rien que toi {scene.zoe.handle}", visibility="direct")
    await scene.bob.follow(scene.zoe.handle)
    await scene.settle()
    kinds = {each["type"] for each in scene.peer.received}
    assert kinds == {"Accept", "Create", "Follow"}
    for each in scene.peer.received:
        assert "proof" not in each, f"{each['type']} to {each.get('to')} carries a proof"


async def test_one_proof_for_all_inboxes(followed: Scene) -> None:
    scene = followed
    third = peer_on(scene.fediverse, "third.example")
    await a_follower(third, "anne", scene.bob)
    await scene.bob.post("À tous")
    await scene.settle()
    assert scene.peer.of_type("Create") == third.of_type("Create")
    stored = await scene.rows("SELECT body FROM delivery_orders WHERE activity_id LIKE '%/activity'")
    assert orjson.loads(bytes(stored[0][0])) == third.of_type("Create")[0]


async def test_another_node_believes_it_whoever_brings_it(followed: Scene) -> None:
    """Bob's post reaches a second node through a third server, which Bob's node never wrote to."""
    scene = followed
    other = await scene.fediverse.node("villeurbanne.example")
    alice = await other.person("alice")
    await alice.follow(scene.bob.handle)
    await scene.settle()
    scene.fediverse.network.down.add("villeurbanne.example")
    posted = await scene.bob.post("Par un détour")
    await scene.settle()
    scene.fediverse.network.down.discard("villeurbanne.example")
    brought = scene.peer.of_type("Create")[-1]
    for changed, status in ((brought | {"published": "2026-01-01T00:00:00Z"}, 401), (brought, 202)):
        answer = await scene.zoe.send("villeurbanne.example", changed)
        assert answer.status == status, f"expected {status}: {answer.body!r}"
    await other.turn()
    assert await posts.by_uri(other.ctx.db.reader, posted["uri"]) is not None


async def test_a_new_key_proves_what_is_said_after(followed: Scene) -> None:
    scene = followed
    made = await some_keys()
    await scene.ctx.db.write(lambda tx: keys.rotate(tx, scene.ctx, actor_id=scene.bob.actor.id, keys=made))
    await scene.bob.post("Avec la nouvelle")
    await scene.settle()
    document = await actor_document(scene)
    for each in scene.peer.of_type("Create") + scene.peer.of_type("Update"):
        assert proved(each, document)
