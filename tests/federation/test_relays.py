"""Relays, both customs: asked by a keeper, answered by the relay, given what is public, believed about nothing."""

import pytest

from admin import operations
from node.actors import actors
from node.federation.delivery import relays
from node.runtime.errors import Forbidden, Invalid, NotFound
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, PeerActor, peer_on

INBOX, ACTOR = "https://relay.example/inbox", "https://relay.example/users/relay"


@pytest.fixture
async def relay(scene: Scene) -> PeerActor:
    return await peer_on(scene.fediverse, "relay.example").actor("relay", type="Application")


async def do(scene: Scene, name: str, **arguments: str) -> list[str]:
    lines = [line.replace("\xa0", " ") for line in await operations.perform(scene.ctx, name, arguments)]
    await scene.settle()
    return lines


async def joined(scene: Scene, relay: PeerActor, style: str = "mastodon") -> dict:
    """The relay was asked and said yes; the Follow that it got."""
    await do(scene, "relay.add", url=INBOX if style == "mastodon" else ACTOR)
    follow = relay.peer.of_type("Follow")[-1]
    await scene.takes(relay.activity("Accept", follow), relay)
    return follow


async def state(scene: Scene) -> str | None:
    found = await relays.every(scene.ctx.db.reader)
    return found[0].state if found else None


async def instance(scene: Scene) -> str:
    return (await actors.instance_actor(scene.ctx.db.reader, scene.node.host)).uri


# -- joining and leaving


@pytest.mark.parametrize(("style", "followed"), [("mastodon", PUBLIC), ("litepub", ACTOR)])
async def test_it_is_asked_by_the_instance_actor(scene: Scene, relay: PeerActor, style: str, followed: str):
    follow = await joined(scene, relay, style)
    assert (follow["actor"], follow["object"]) == (await instance(scene), followed)
    assert await state(scene) == "accepted"
    assert "accepté" in (await do(scene, "relay.list"))[0]


async def test_it_may_refuse_and_change_its_mind(scene: Scene, relay: PeerActor):
    follow = await joined(scene, relay)
    await scene.takes(relay.activity("Reject", follow["id"]), relay)
    assert await state(scene) == "refused"
    await scene.bob.post("Bonjour")
    await scene.settle()
    assert not relay.peer.of_type("Create")
    await joined(scene, relay)
    assert await state(scene) == "accepted", "a relay cannot be asked again"


async def test_only_the_relay_says_yes(scene: Scene, relay: PeerActor):
    """Somebody who guesses the id of our Follow must not become a relay."""
    await do(scene, "relay.add", url=INBOX)
    follow = relay.peer.of_type("Follow")[-1]
    await scene.takes(scene.zoe.activity("Accept", follow))
    assert await state(scene) == "asked"
    await scene.takes(
        relay.activity("Accept", {**follow, "id": "https://lyon.example/else", "actor": "https://x.example"}),
        relay,
    )
    assert await state(scene) == "asked"


async def test_a_litepub_relay_follows_back(scene: Scene, relay: PeerActor):
    await joined(scene, relay, "litepub")
    back = relay.follow(await instance(scene))
    await scene.takes(back, relay)
    assert relay.peer.of_type("Accept")[-1]["object"]["id"] == back["id"]
    await scene.takes(scene.zoe.follow(await instance(scene)))
    assert not scene.peer.of_type("Accept"), "anybody follows a server"


async def test_leaving_takes_the_follow_back(scene: Scene, relay: PeerActor):
    follow = await joined(scene, relay)
    await do(scene, "relay.remove", url=INBOX)
    undo = relay.peer.of_type("Undo")[-1]
    assert undo["object"]["id"] == follow["id"]
    assert await state(scene) is None
    await scene.bob.post("Bonjour")
    await scene.settle()
    assert not relay.peer.of_type("Create")
    await scene.takes(relay.activity("Announce", heard_of(scene)["id"]), relay)
    assert await kept(scene) is None, "a relay that was left is still heard"


async def test_nonsense_is_refused(scene: Scene, relay: PeerActor):
    for url in ("relay.example", "ftp://relay.example/inbox", ""):
        with pytest.raises(Invalid):
            await do(scene, "relay.add", url=url)
    with pytest.raises(Invalid):
        await do(scene, "relay.add", url=INBOX, style="pigeon")
    with pytest.raises(NotFound):
        await do(scene, "relay.remove", url=INBOX)
    await do(scene, "block.add", host="relay.example")
    with pytest.raises(Forbidden):
        await do(scene, "relay.add", url=INBOX)
    assert not relay.peer.received


# -- what it is sent


async def test_what_is_public_goes_to_a_relay_and_nothing_else(scene: Scene, relay: PeerActor):
    await joined(scene, relay)
    posted = await scene.bob.post("À tous")
    for visibility in ("unlisted", "private", "direct"):
        await scene.bob.post(f"Pas à tous: {visibility}", visibility=visibility)
    await scene.settle()
    assert [each["object"]["id"] for each in relay.peer.of_type("Create")] == [posted["uri"]]
    (await scene.bob.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "À toutes et tous"})).ok()
    (await scene.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    await scene.settle()
    assert [each["type"] for each in relay.peer.received[-2:]] == ["Update", "Delete"]


async def test_a_litepub_relay_is_told_by_the_instance_actor(scene: Scene, relay: PeerActor):
    await joined(scene, relay, "litepub")
    posted = await scene.bob.post("À tous")
    await scene.settle()
    [announce] = relay.peer.of_type("Announce")
    assert (announce["actor"], announce["object"]) == (await instance(scene), posted["uri"])
    assert PUBLIC in announce["to"]
    assert not relay.peer.of_type("Create")


async def test_a_relay_that_has_not_said_yes_gets_nothing(scene: Scene, relay: PeerActor):
    await do(scene, "relay.add", url=INBOX)
    await scene.bob.post("À tous")
    await scene.settle()
    assert [each["type"] for each in relay.peer.received] == ["Follow"]


# -- what it says


def heard_of(scene: Scene, **more: object) -> dict:
    """A post by somebody whom nobody here follows."""
    return scene.zoe.note("Loin d'ici", **more)


async def kept(scene: Scene) -> object:
    rows = await scene.rows("SELECT id, uri FROM posts WHERE NOT local")
    return rows[0] if rows else None


@pytest.mark.parametrize("style", ["mastodon", "litepub"])
async def test_what_it_announces_is_read_at_its_source(scene: Scene, relay: PeerActor, style: str):
    await joined(scene, relay, style)
    note = heard_of(scene)
    await scene.takes(relay.activity("Announce", {**note, "content": "<p>Faux</p>"}), relay)
    found = await posts.by_uri(scene.ctx.db.reader, note["id"])
    assert found is not None
    assert found.content == "<p>Loin d'ici</p>", "a relay was believed"
    assert found.boost_of_id is None
    public = (await scene.bob.client.get("/api/v1/timelines/public")).ok()
    assert [each["uri"] for each in public] == [note["id"]]
    assert await scene.bob.home() == [], "a relay writes into home timelines"


async def test_what_it_passes_on_is_read_at_its_source(scene: Scene, relay: PeerActor):
    """Mastodon-style relays send the author's activity as it came, signed by themselves."""
    await joined(scene, relay)
    note = heard_of(scene)
    await scene.takes(scene.zoe.create({**note, "content": "<p>Faux</p>"}), relay)
    found = await posts.by_uri(scene.ctx.db.reader, note["id"])
    assert found is not None
    assert found.content == "<p>Loin d'ici</p>"
    scene.peer.documents[note["id"]] = 410
    scene.fediverse.clock.forward(120)
    await scene.takes(scene.zoe.activity("Delete", note["id"]), relay)
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is None, "what was deleted stays"


async def test_what_is_not_public_is_not_taken(scene: Scene, relay: PeerActor):
    await joined(scene, relay)
    note = heard_of(scene, to=[scene.zoe.followers], cc=[])
    await scene.takes(relay.activity("Announce", note["id"]), relay)
    assert await kept(scene) is None


async def test_nobody_is_a_relay_that_we_do_not_follow(scene: Scene, relay: PeerActor):
    note = heard_of(scene)
    await scene.takes(relay.activity("Announce", note["id"]), relay)
    assert (await relay.send(scene.node.host, scene.zoe.create(note))).status == 401
    await scene.settle()
    assert await kept(scene) is None
    await do(scene, "relay.add", url=INBOX)  # asked, and not answered yet
    await scene.takes(relay.activity("Announce", heard_of(scene)["id"]), relay)
    assert await kept(scene) is None


async def test_a_relay_brings_nothing_from_a_blocked_server(scene: Scene, relay: PeerActor):
    await joined(scene, relay)
    await do(scene, "block.add", host=scene.peer.host)
    await scene.takes(relay.activity("Announce", heard_of(scene)["id"]), relay)
    assert await kept(scene) is None
    assert not [url for method, url, _ in scene.peer.requests if "/notes/" in url], "a blocked server was asked"


async def test_a_post_that_is_known_is_not_asked_for_again(scene: Scene, relay: PeerActor):
    await joined(scene, relay)
    note = heard_of(scene)
    for _ in range(3):
        await scene.takes(relay.activity("Announce", note["id"]), relay)
    assert sum(url == note["id"] for _, url, _ in scene.peer.requests) == 1
