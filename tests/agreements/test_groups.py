"""What servers of different kinds are sent when a territory announces: each what it understands, nobody twice."""

from typing import Any

import pytest

from tests.agreements.conftest import Scene
from tests.agreements.test_other_software import software
from tests.support.peer import Peer, PeerActor, peer_on


async def reader_on(scene: Scene, host: str, program: str) -> tuple[Peer, PeerActor]:
    """Somebody on a server of that program who follows the territory."""
    peer = peer_on(scene.fediverse, host)
    software(peer, program)
    reader = await peer.actor("reader")
    assert (await reader.send("doubs.example", reader.follow(scene.doubs.actor.uri))).status == 202
    await scene.settle()
    return peer, reader


def told(peer: Peer) -> list[tuple[str, Any]]:
    """(type, what it is about) of what the peer was sent: an id, or the type of the activity within."""
    return [
        (each["type"], each["object"] if isinstance(each["object"], str) else each["object"]["type"])
        for each in peer.received
        if each["type"] != "Accept"
    ]


@pytest.mark.parametrize("program", ["lemmy", "mbin", "kbin", "piefed", "nodebb"])
async def test_a_server_of_groups_gets_activities(scene: Scene, program: str) -> None:
    """Announce{Create}, then Announce{Update}, then Announce{Delete} with the Undo that ends all."""
    peer, _ = await reader_on(scene, "groupes.example", program)
    await scene.agreed()
    post = await scene.ornans.post("Marché ce soir #marché")
    await scene.settle()
    assert told(peer) == [("Announce", "Create")]
    (announce,) = peer.received[1:]
    create, group = announce["object"], scene.doubs.actor.uri
    assert announce["actor"] == group
    assert create["actor"] == create["object"]["attributedTo"] == scene.ornans.actor.uri
    assert create["object"]["id"] == post["uri"]
    assert create["object"]["name"] == "Marché ce soir #marché", "servers of groups show a title"
    for layer in (announce, create, create["object"]):
        assert layer["audience"] == group
        assert group in (*layer["to"], *layer["cc"]) or layer is announce
    edit = {"status": "Marché demain #marché"}
    (await scene.ornans.client.put(f"/api/v1/statuses/{post['id']}", edit)).ok()
    await scene.settle()
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert told(peer) == [
        ("Announce", "Create"), ("Announce", "Update"), ("Undo", "Announce"), ("Announce", "Delete"),
    ]  # fmt: skip
    assert "demain" in peer.received[2]["object"]["object"]["content"]
    assert peer.of_type("Undo")[0]["object"]["id"] == announce["id"]


@pytest.mark.parametrize("program", ["mastodon", "gotosocial", "something-new", ""])
async def test_every_other_server_gets_ids(scene: Scene, program: str) -> None:
    peer, _ = await reader_on(scene, "ailleurs.example", program)
    await scene.agreed()
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert told(peer) == [("Announce", post["uri"]), ("Delete", "Tombstone"), ("Undo", "Announce")]
    assert peer.of_type("Delete")[0]["actor"] == scene.ornans.actor.uri, (
        "the end of the post is its author's word, passed on"
    )
    announce = peer.of_type("Announce")[0]
    assert announce["id"].startswith(f"{scene.doubs.actor.uri}/announces/")


async def test_an_announce_is_read_at_its_id(scene: Scene) -> None:
    """Its id follows from the post: whoever asks reads what was sent."""
    peer, _ = await reader_on(scene, "ailleurs.example", "mastodon")
    await scene.agreed()
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    announce = peer.of_type("Announce")[0]
    path = announce["id"].removeprefix("https://doubs.example")
    shown = (await scene.there.node.visitor().get(path, accept="application/activity+json")).ok()
    assert {name: shown[name] for name in ("id", "type", "actor", "object")} == {
        name: announce[name] for name in ("id", "type", "actor", "object")
    }
