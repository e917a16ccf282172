"""Activities that somebody else passes on: believed with a proof of their own, else read at their source."""

from typing import Any

from node.federation.signatures import proofs
from node.runtime import keypairs as keys
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PeerActor, peer_on


async def with_proof_key(scene: Scene, who: PeerActor) -> Any:
    """Give *who* an Ed25519 key that its document shows (FEP-521a)."""
    key = keys.generate_ed25519()
    who.peer.documents[who.uri]["assertionMethod"] = [
        {
            "id": f"{who.uri}#ed25519-key",
            "type": "Multikey",
            "controller": who.uri,
            "publicKeyMultibase": keys.public_multikey(key.public_key()),
        }
    ]
    return key


def proved(scene: Scene, activity: dict[str, Any], who: PeerActor, key: Any) -> dict[str, Any]:
    return proofs.create(activity, f"{who.uri}#ed25519-key", key, scene.fediverse.clock.now_ms())


async def test_a_proof_travels_with_the_activity(scene: Scene) -> None:
    await scene.befriended()
    key = await with_proof_key(scene, scene.zoe)
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    note = scene.zoe.note("Transmis")
    await scene.takes(proved(scene, scene.zoe.create(note), scene.zoe, key), relay)
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is not None


async def test_a_proof_of_somebody_else_or_of_other_words(scene: Scene) -> None:
    await scene.befriended()
    key = await with_proof_key(scene, scene.zoe)
    mallory = await peer_on(scene.fediverse, "third.example").actor("mallory")
    wrong = await with_proof_key(scene, mallory)
    honest = proved(scene, scene.zoe.create(scene.zoe.note("Vrai")), scene.zoe, key)
    changed = honest | {"object": honest["object"] | {"content": "Faux"}}
    by_mallory = proved(scene, scene.zoe.create(scene.zoe.note("Faux")), mallory, wrong)
    in_her_name = proofs.create(
        scene.zoe.create(scene.zoe.note("Faux")), f"{scene.zoe.uri}#ed25519-key", wrong, scene.fediverse.clock.now_ms()
    )
    for activity in (changed, by_mallory, in_her_name):
        answer = await mallory.send(scene.node.host, activity)
        assert answer.status == 401, f"a forged proof was answered {answer.status}"


async def test_an_answer_that_its_thread_forwards_is_read_at_its_source(scene: Scene) -> None:
    """Mastodon forwards replies with a signature that we do not check: the post itself is asked for."""
    posted = await scene.bob.post("Qui vient ?")
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    note = scene.zoe.note("Moi", inReplyTo=posted["uri"])
    activity = scene.zoe.create(note | {"content": "<p>Faux</p>"}) | {"signature": {"type": "RsaSignature2017"}}
    await scene.takes(activity, relay)
    kept = await posts.by_uri(scene.ctx.db.reader, note["id"])
    assert kept is not None, "an answer in a conversation of ours is lost"
    assert kept.content == "<p>Moi</p>", "what was forwarded was believed"


async def test_a_forwarded_deletion_is_verified_at_its_source(scene: Scene) -> None:
    await scene.befriended()
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    note = scene.zoe.note("Là ou pas")
    await scene.takes(scene.zoe.create(note))
    delete = scene.zoe.activity("Delete", note["id"]) | {"signature": {"type": "RsaSignature2017"}}
    await scene.takes(delete, relay)
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is not None, "a post was deleted that is still there"
    scene.peer.documents[note["id"]] = 410
    scene.fediverse.clock.forward(120)
    await scene.takes(delete, relay)
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is None


async def test_forwarding_makes_nobody_fetch_anything_else(scene: Scene) -> None:
    """Without a conversation of ours nothing is asked, whatever the signature says."""
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    activity = scene.zoe.create(scene.zoe.note("Ailleurs")) | {"signature": {"type": "RsaSignature2017"}}
    await scene.takes(activity, relay)
    assert scene.peer.requests == []
