"""Accounts that change and that go: a name, a key, a type, a host; a Delete whose key is gone; things said again."""

from typing import Any

from tests.federation.conftest import Scene
from tests.support.peer import PeerActor, pair, peer_on


async def state(scene: Scene) -> list[tuple[Any, ...]]:
    return await scene.rows("SELECT state FROM actors WHERE uri = $1", scene.zoe.uri)


async def test_a_delete_with_a_key_that_is_gone(scene: Scene) -> None:
    """The account changed its key and was deleted: nobody can verify the Delete, but its server says 410."""
    await scene.befriended()
    scene.peer.documents[scene.zoe.uri] = 410
    answer = await scene.zoe.send(scene.node.host, scene.zoe.activity("Delete", scene.zoe.uri), key=_other(scene.zoe))
    assert answer.status == 202
    await scene.settle()
    assert await state(scene) == [("deleted",)]
    again = await scene.zoe.send(scene.node.host, scene.zoe.activity("Delete", scene.zoe.uri), key=_other(scene.zoe))
    assert again.status == 202


async def test_a_forged_delete_of_somebody_who_is_there(scene: Scene) -> None:
    await scene.befriended()
    forged = scene.zoe.activity("Delete", scene.zoe.uri)
    asked = len(scene.peer.requests)
    statuses = {(await scene.zoe.send(scene.node.host, forged, key=_other(scene.zoe))).status for _ in range(20)}
    assert statuses == {401}
    assert await state(scene) == [("active",)]
    assert len(scene.peer.requests) - asked <= 5, "each forged Delete makes us ask again"


async def test_a_delete_of_somebody_never_met(scene: Scene) -> None:
    asked = len(scene.peer.requests)
    unknown = scene.zoe.activity("Delete", scene.zoe.uri)
    assert (await scene.zoe.send(scene.node.host, unknown, signed=False)).status == 202
    assert len(scene.peer.requests) == asked
    assert await scene.inbox() == []


async def test_a_new_name(scene: Scene) -> None:
    await scene.befriended()
    changed = {**scene.zoe.document(), "preferredUsername": "zoé"}
    scene.peer.handles["zoé"] = scene.peer.handles.pop("zoe")
    await scene.takes(scene.zoe.activity("Update", changed))
    assert await scene.rows("SELECT username FROM actors WHERE uri = $1", scene.zoe.uri) == [("zoé",)]


async def test_somebody_elses_name_is_not_taken_over(scene: Scene) -> None:
    await scene.befriended()
    victim = await scene.peer.actor("mayor")
    changed = {**scene.zoe.document(), "preferredUsername": "mayor"}
    await scene.takes(scene.zoe.activity("Update", changed))
    assert await scene.rows("SELECT username FROM actors WHERE uri = $1", scene.zoe.uri) == [("zoe",)]
    assert scene.peer.handles["mayor"] == victim.uri


async def test_a_new_handle_host(scene: Scene) -> None:
    """The server now has its people called after its own short domain."""
    await scene.befriended()
    short = peer_on(scene.fediverse, "short.example")
    short.handles["zoe"] = scene.zoe.uri
    changed = {**scene.zoe.document(), "webfinger": "zoe@short.example"}
    await scene.takes(scene.zoe.activity("Update", changed))
    assert await scene.rows("SELECT handle_host FROM actors WHERE uri = $1", scene.zoe.uri) == [("short.example",)]


async def test_another_type(scene: Scene) -> None:
    await scene.befriended()
    await scene.takes(scene.zoe.activity("Update", {**scene.zoe.document(), "type": "Service"}))
    assert await scene.rows("SELECT type FROM actors WHERE uri = $1", scene.zoe.uri) == [("Service",)]


async def test_a_new_key_under_a_new_id(scene: Scene) -> None:
    """What the old key signs is worth nothing from then on."""
    await scene.befriended()
    before, key_id = scene.zoe.key, scene.zoe.key_id
    fresh = _other(scene.zoe)
    document = scene.zoe.document()
    scene.zoe.key = fresh
    document = {
        **scene.zoe.document(),
        "publicKey": {**scene.zoe.document()["publicKey"], "id": f"{scene.zoe.uri}#key-2"},
    }
    scene.zoe.key = before
    await scene.takes(scene.zoe.activity("Update", document))
    scene.peer.documents[scene.zoe.uri] = document
    with_new = await scene.zoe.send(
        scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key=fresh, key_id=f"{scene.zoe.uri}#key-2"
    )
    assert with_new.status == 202
    with_old = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key=before, key_id=key_id)
    assert with_old.status == 401, "a key that was replaced still speaks"


async def test_misskey_follows_again_under_the_same_ids(scene: Scene) -> None:
    """It names a Follow after the two accounts, and the Undo after the Follow: each comes again and again."""
    follow = {**scene.zoe.follow(scene.bob.actor.uri), "id": f"{scene.peer.home}/follows/zoe/bob"}
    undo = {**scene.zoe.activity("Undo", follow), "id": f"{follow['id']}/undo"}
    standing = "SELECT state FROM follows"
    for _ in range(3):
        await scene.takes(follow)
        assert await scene.rows(standing) == [("accepted",)], "she follows again, and nothing happens"
        scene.fediverse.clock.forward(10)
        await scene.takes(undo)
        assert await scene.rows(standing) == [], "she unfollows again, and is still sent posts"
        scene.fediverse.clock.forward(10)
    assert len(scene.peer.of_type("Accept")) == 3


async def test_a_recorded_follow_is_not_played_again(scene: Scene) -> None:
    follow = {**scene.zoe.follow(scene.bob.actor.uri), "id": f"{scene.peer.home}/follows/zoe/bob"}
    at_ms = scene.fediverse.clock.now_ms()
    await scene.takes(follow, at_ms=at_ms)
    await scene.takes({**scene.zoe.activity("Undo", follow), "id": f"{follow['id']}/undo"})
    scene.fediverse.clock.forward(60)
    await scene.takes(follow, at_ms=at_ms)
    assert await scene.rows("SELECT state FROM follows") == [], "who recorded her Follow makes her follow again"


def _other(actor: PeerActor) -> Any:
    """A key that is not the actor's."""
    while (key := pair()) is actor.key:
        pass
    return key
