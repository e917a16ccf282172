"""What leaves when something happens here: to whom, once, and in words that others understand."""

from typing import Any

import pytest

from node.actors import actors, hosts, keys
from node.federation.vocab import documents as vocab
from node.timeline import pins, posts
from tests.federation.conftest import Scene
from tests.support.fediverse import some_keys
from tests.support.peer import PUBLIC, a_follower, peer_on


def sent(scene: Scene) -> list[tuple[str, Any]]:
    """(type, id of the object) of what Zoe's server got, but for answers to follows."""
    found = []
    for activity in scene.peer.received:
        if activity["type"] == "Accept":
            continue
        about = activity["object"]
        found.append((activity["type"], about["id"] if isinstance(about, dict) else about))
        vocab.read(activity)  # our own reader must understand it
    return found


@pytest.fixture
async def followed(scene: Scene) -> Scene:
    """Zoe follows Bob."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    return scene


async def test_a_post_an_edit_and_a_deletion(followed: Scene) -> None:
    posted = await followed.bob.post("Marché ouvert")
    await followed.settle()
    (await followed.bob.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "Marché fermé"})).ok()
    await followed.settle()
    (await followed.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    await followed.settle()
    uri = posted["uri"]
    assert sent(followed) == [("Create", uri), ("Update", uri), ("Delete", uri)]
    create, update, delete = followed.peer.received[-3:]
    assert create["id"] == f"{uri}/activity"
    assert (create["to"], create["cc"]) == ([PUBLIC], [followed.bob.actor.followers])
    assert create["object"]["content"] == "<p>Marché ouvert</p>"
    assert update["object"]["content"] == "<p>Marché fermé</p>"
    assert update["object"]["updated"]
    assert delete["object"]["type"] == "Tombstone"
    assert "content" not in str(delete), "a Delete repeats what is deleted"


async def test_one_delivery_for_a_server_with_many_followers(followed: Scene) -> None:
    await a_follower(followed.peer, "anne", followed.bob)
    await followed.settle()
    await followed.bob.post("Une fois")
    await followed.settle()
    assert len(followed.peer.of_type("Create")) == 1, "a server with two followers got the post twice"


@pytest.mark.parametrize(
    ("visibility", "reaches"), [("public", True), ("unlisted", True), ("private", True), ("direct", False)]
)
async def test_to_followers_or_not(followed: Scene, visibility: str, reaches: bool) -> None:
    await followed.bob.post("Bonjour", visibility=visibility)
    await followed.settle()
    assert bool(followed.peer.of_type("Create")) == reaches


async def test_a_direct_post_goes_to_whom_it_names_only(followed: Scene) -> None:
    third = peer_on(followed.fediverse, "third.example")
    await a_follower(third, "yves", followed.bob)
    await followed.bob.post("@zoe@elsewhere.example un secret", visibility="direct")
    await followed.settle()
    (create,) = followed.peer.of_type("Create")
    assert (create["to"], create["cc"]) == ([followed.zoe.uri], [])
    assert third.of_type("Create") == [], "a direct post reached a follower whom it does not name"
    assert ("POST", f"{followed.zoe.uri}/inbox") in [request[:2] for request in followed.peer.requests]


async def test_a_mention_and_an_answer_reach_those_who_do_not_follow(scene: Scene) -> None:
    await scene.bob.find(scene.zoe.handle)
    await scene.bob.post("Bonjour @zoe@elsewhere.example")
    await scene.settle()
    assert len(scene.peer.of_type("Create")) == 1
    note = scene.zoe.note("Qui vient ?", to=[PUBLIC, scene.bob.actor.uri])
    await scene.takes(scene.zoe.create(note))
    parent = await scene.bob.seen(note["id"])
    await scene.bob.post("Moi", in_reply_to_id=parent["id"])
    await scene.settle()
    answer = scene.peer.of_type("Create")[-1]["object"]
    assert answer["inReplyTo"] == note["id"], "an answer did not reach the one who is answered"


async def test_a_favourite_and_its_end(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Bonjour")
    await scene.takes(scene.zoe.create(note))
    status = await scene.bob.seen(note["id"])
    await scene.bob.act("favourite", status["id"])
    await scene.settle()
    await scene.bob.act("unfavourite", status["id"])
    await scene.settle()
    like, undo = scene.peer.of_type("Like")[0], scene.peer.of_type("Undo")[0]
    assert like["object"] == note["id"]
    assert (undo["object"]["type"], undo["object"]["id"]) == ("Like", like["id"])


async def test_a_boost_and_its_end(followed: Scene) -> None:
    yves = await peer_on(followed.fediverse, "third.example").actor("yves")
    note = yves.note("D'ailleurs")
    status = await followed.bob.seen(note["id"])
    await followed.bob.act("reblog", status["id"])
    await followed.settle()
    for server in (followed.peer, yves.peer):
        (announce,) = server.of_type("Announce")
        assert announce["object"] == note["id"]
        assert PUBLIC in announce["to"] + announce["cc"]
    await followed.bob.act("unreblog", status["id"])
    await followed.settle()
    for server in (followed.peer, yves.peer):
        (undo,) = server.of_type("Undo")
        assert (undo["object"]["type"], undo["object"]["id"]) == ("Announce", announce["id"])
    await followed.bob.act("reblog", status["id"])
    await followed.settle()
    again = followed.peer.of_type("Announce")[-1]
    assert again["id"] != announce["id"], "a second boost has the id of the one that was undone"


async def test_pins(followed: Scene) -> None:
    posted = await followed.bob.post("À retenir")
    found = await posts.by_uri(followed.ctx.db.reader, posted["uri"])
    assert found is not None
    await followed.ctx.db.write(lambda tx: pins.pin(tx, followed.ctx, actor=followed.bob.actor, post=found))
    await followed.settle()
    await followed.ctx.db.write(lambda tx: pins.unpin(tx, actor=followed.bob.actor, post=found))
    await followed.settle()
    add, remove = followed.peer.received[-2:]
    assert (add["type"], remove["type"]) == ("Add", "Remove")
    assert add["target"] == remove["target"] == followed.bob.actor.featured
    assert add["object"] == remove["object"] == posted["uri"]


async def test_a_profile_and_a_key_that_change(followed: Scene) -> None:
    ctx, bob = followed.ctx, followed.bob.actor
    await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=bob, changes={"name": "Bob le maire"}))
    fresh = await some_keys()
    await ctx.db.write(lambda tx: keys.rotate(tx, ctx, actor_id=bob.id, keys=fresh))
    await followed.settle()
    renamed, rekeyed = followed.peer.of_type("Update")
    assert renamed["object"]["name"] == "Bob le maire"
    assert rekeyed["object"]["publicKey"]["publicKeyPem"] == fresh.rsa_public_pem


async def test_an_actor_that_leaves_is_forgotten_everywhere(followed: Scene) -> None:
    """Its Delete goes to every server we know, signed with the key it had."""
    third = peer_on(followed.fediverse, "third.example")
    yves = await third.actor("yves")
    await followed.bob.find(yves.handle)
    await followed.ctx.db.write(lambda tx: actors.delete_local(tx, followed.ctx, actor=followed.bob.actor))
    await followed.settle()
    for server in (followed.peer, third):
        (delete,) = server.of_type("Delete")
        assert (delete["actor"], delete["object"]) == (followed.bob.actor.uri, followed.bob.actor.uri)


async def test_every_delivery_is_signed_and_names_us(followed: Scene) -> None:
    await followed.bob.post("Bonjour")
    await followed.settle()
    for method, url, headers in followed.peer.requests:
        assert "Beffroi" in headers["user-agent"], url
        assert "contact@lyon.example" in headers["user-agent"], "nobody can be written to"
        if method == "POST":
            assert headers["signature"].startswith(f'keyId="{followed.bob.actor.uri}#main-key"')
            assert "digest" in headers


async def test_nothing_leaves_to_a_blocked_server(followed: Scene) -> None:
    before = len(followed.peer.requests)
    await followed.ctx.db.write(
        lambda tx: hosts.set_policy(tx, followed.ctx, host="elsewhere.example", severity="suspend")
    )
    await followed.bob.post("Bonjour")
    await followed.settle()
    assert len(followed.peer.requests) == before
