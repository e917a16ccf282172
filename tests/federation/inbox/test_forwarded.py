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


async def test_a_proof_is_not_played_again_for_ever(scene: Scene) -> None:
    """Whoever kept an old word cannot bring it after a week; its author may say it again himself."""
    await scene.befriended()
    key = await with_proof_key(scene, scene.zoe)
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    old = proved(scene, scene.zoe.create(scene.zoe.note("Autrefois")), scene.zoe, key)
    dateless = proved(scene, scene.zoe.create(scene.zoe.note("Jamais")), scene.zoe, key)
    del dateless["proof"]["created"]
    future = proofs.create(
        scene.zoe.create(scene.zoe.note("Demain")), f"{scene.zoe.uri}#ed25519-key", key,
        scene.fediverse.clock.now_ms() + 9 * 3_600_000,
    )  # fmt: skip
    for activity in (dateless, future):
        assert (await relay.send(scene.node.host, activity)).status == 401
    scene.fediverse.clock.forward(8 * 86_400)
    assert (await relay.send(scene.node.host, old)).status == 401, "an old word is believed from anybody"
    await scene.takes(old)


async def test_a_neighbours_proof_is_not_zoes(scene: Scene) -> None:
    """Mallory lives on Zoe's server: his key proves what he says, not what he says in her name."""
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    key = await with_proof_key(scene, mallory)
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    forged = proved(scene, scene.zoe.create(scene.zoe.note("Faux")), mallory, key)
    assert (await relay.send(scene.node.host, forged)).status == 401
    assert (await mallory.send(scene.node.host, forged)).status == 401


async def test_a_key_for_proofs_is_fetched_once(scene: Scene) -> None:
    await scene.befriended()
    key = await with_proof_key(scene, scene.zoe)
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    await scene.takes(proved(scene, scene.zoe.create(scene.zoe.note("Un")), scene.zoe, key), relay)
    asked = len(scene.peer.requests)
    for text in ("Deux", "Trois"):
        await scene.takes(proved(scene, scene.zoe.create(scene.zoe.note(text)), scene.zoe, key), relay)
    assert len(scene.peer.requests) == asked, "every forwarded activity makes the node ask for the key"


async def test_a_proof_by_a_new_key_is_believed_after_one_look(scene: Scene) -> None:
    await scene.befriended()
    relay = await peer_on(scene.fediverse, "third.example").actor("relay")
    first = await with_proof_key(scene, scene.zoe)
    await scene.takes(proved(scene, scene.zoe.create(scene.zoe.note("Un")), scene.zoe, first), relay)
    second = await with_proof_key(scene, scene.zoe)
    await scene.takes(proved(scene, scene.zoe.create(scene.zoe.note("Deux")), scene.zoe, second), relay)
    answer = await relay.send(
        scene.node.host, proved(scene, scene.zoe.create(scene.zoe.note("Trois")), scene.zoe, first)
    )
    assert answer.status == 401, "a key that was replaced still proves"


async def test_a_proof_in_the_name_of_one_of_ours(scene: Scene) -> None:
    """What our own people say does not come in from outside, however well it is proved."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    posted = await scene.bob.post("Public")
    await scene.settle()
    sent = scene.peer.of_type("Create")[-1]
    assert "proof" in sent
    before = len(scene.fediverse.network.sent)
    assert (await scene.zoe.send(scene.node.host, sent)).status in (401, 403)
    assert len(scene.fediverse.network.sent) == before + 1, "the node asked itself for a key"
    assert await posts.by_uri(scene.ctx.db.reader, posted["uri"]) is not None


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
