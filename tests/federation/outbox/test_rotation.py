"""New keys: everybody learns them by the Update or by the first signature, and nothing is signed with the old ones any more."""

from node.actors import keys
from node.federation import signatures
from node.federation.signatures import Request
from node.runtime import keypairs
from node.runtime.context import Context
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.asgi_network import Sent
from tests.support.fediverse import Citizen, some_keys


async def rotate(ctx: Context, whose: Citizen) -> None:
    made = await some_keys()
    await ctx.db.write(lambda tx: keys.rotate(tx, ctx, actor_id=whose.actor.id, keys=made))


def signed_with(sent: Sent, pem: str) -> bool:
    headers = [(name.encode(), value.encode()) for name, value in sent.headers.items()]
    path = sent.url.removeprefix("https://elsewhere.example").encode()
    request = Request.from_wire("POST", path, headers, "elsewhere.example", sent.body)
    return signatures.verify(request, signatures.read(request), keypairs.public_from_pem(pem))


async def test_what_waited_leaves_with_the_new_key(scene: Scene) -> None:
    """Zoe's server is away while Bob posts and changes his keys: what it gets then is signed with what it can read."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    old = await keys.public_keys(scene.ctx.db.reader, scene.bob.actor.id)
    scene.fediverse.network.down.add("elsewhere.example")
    await scene.bob.post("Avant")
    await scene.settle()
    await rotate(scene.ctx, scene.bob)
    await scene.settle()
    scene.fediverse.network.down.discard("elsewhere.example")
    before = len(scene.fediverse.network.sent)
    await scene.fediverse.later(300)
    new = await keys.public_keys(scene.ctx.db.reader, scene.bob.actor.id)
    assert new.rsa_pem != old.rsa_pem
    delivered = [sent for sent in scene.fediverse.network.sent[before:] if sent.method == "POST"]
    assert {each["type"] for each in scene.peer.received} >= {"Create", "Update"}
    assert delivered
    for sent in delivered:
        assert signed_with(sent, new.rsa_pem), "what waited was signed with a key that nobody can read any more"
        assert not signed_with(sent, old.rsa_pem)
    update = scene.peer.of_type("Update")[-1]
    assert update["object"]["publicKey"]["publicKeyPem"] == new.rsa_pem
    assert update["object"]["assertionMethod"][0]["publicKeyMultibase"] == new.ed25519_multikey


async def test_a_node_that_holds_the_old_key_looks_once(scene: Scene) -> None:
    """Its follower's node knows Bob's key; what he says with the new one is heard, and what is said with the old is not."""
    other = await scene.fediverse.node("villeurbanne.example")
    alice = await other.person("alice")
    await alice.follow(scene.bob.handle)
    await scene.settle()
    await scene.bob.post("Avant")
    await scene.settle()
    key_id, old = await keys.signing_key(scene.ctx, scene.ctx.db.reader, scene.bob.actor.id)
    await rotate(scene.ctx, scene.bob)
    await scene.settle()
    after = await scene.bob.post("Après")
    await scene.settle()
    assert await posts.by_uri(other.ctx.db.reader, after["uri"]) is not None
    body = b'{"type":"Delete","id":"%s#x","actor":"%s","object":"%s"}' % (
        after["uri"].encode(), scene.bob.actor.uri.encode(), after["uri"].encode(),
    )  # fmt: skip
    url = "https://villeurbanne.example/inbox"
    headers = signatures.sign("POST", url, body, key_id, old, scene.fediverse.clock.now_ms())
    headers["User-Agent"] = "a test"
    answer = await scene.fediverse.network.request("POST", url, headers=headers, body=body, max_bytes=10_000)
    assert answer.status == 401, "a key that was replaced is still believed"
