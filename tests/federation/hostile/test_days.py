"""Days of trouble, with the clock turned by hand: what was said arrives once, in its order, when a server is back."""

import asyncio
from typing import Any

import pytest

from node.actors import follows
from node.federation.delivery import breaker
from node.runtime.net import ConnectionFailed
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, a_follower, peer_on

HOUR_S, DAY_S = 3_600, 86_400


@pytest.fixture
async def read_by_zoe(scene: Scene) -> Scene:
    """Zoe reads Bob from elsewhere.example."""
    await a_follower(scene.peer, "yan", scene.bob)
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    scene.peer.received.clear()
    return scene


def heard(scene: Scene) -> list[tuple[str, str]]:
    """(type, the text or id of what it is about), as the other server took it."""
    found = []
    for each in scene.peer.received:
        about = each["object"]
        words = about.get("content", about.get("id", "")) if isinstance(about, dict) else about
        found.append((each["type"], str(words).replace("<p>", "").replace("</p>", "")))
    return found


async def pass_time(scene: Scene, seconds: float, step_s: float = HOUR_S) -> None:
    for _ in range(int(seconds // step_s)):
        await scene.fediverse.later(step_s)


@pytest.mark.parametrize("fault", [500, 503, ConnectionFailed("cut")], ids=["500", "503", "cut"])
async def test_a_day_of_failures(read_by_zoe: Scene, fault: Any) -> None:
    """A post every second hour; the server is broken all day; the next morning it has each of them, once."""
    scene = read_by_zoe
    scene.fediverse.network.faults[scene.peer.host] = fault
    for number in range(12):
        await scene.bob.post(f"Heure {number:02d}")
        await pass_time(scene, 2 * HOUR_S)
    assert not scene.peer.received
    del scene.fediverse.network.faults[scene.peer.host]
    await pass_time(scene, 12 * HOUR_S, 600)
    words = [text for kind, text in heard(scene) if kind == "Create"]
    assert sorted(words) == [f"Heure {number:02d}" for number in range(12)], "something was lost, or came twice"
    # Whichever was due first is the one that finds the server up again; the others follow in their order.
    assert words[1:] == sorted(words[1:]), "the news of a day arrive shuffled"
    assert not await scene.rows("SELECT 1 FROM deliveries")


async def test_a_post_its_edit_and_its_end_in_a_bad_night(read_by_zoe: Scene) -> None:
    scene = read_by_zoe
    scene.fediverse.network.faults[scene.peer.host] = 500
    posted = await scene.bob.post("Ce soir")
    await pass_time(scene, HOUR_S)
    (await scene.bob.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "Demain"})).ok()
    await pass_time(scene, HOUR_S)
    (await scene.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    del scene.fediverse.network.faults[scene.peer.host]
    await pass_time(scene, 8 * HOUR_S, 600)
    assert [kind for kind, _ in heard(scene)] == ["Create", "Update", "Delete"]


async def test_dead_after_seven_days_and_back_with_a_word(read_by_zoe: Scene) -> None:
    """A week without an answer: nothing more is sent. Then somebody there likes a post, and all is as before."""
    scene = read_by_zoe
    scene.fediverse.network.down.add(scene.peer.host)
    for day in range(8):
        await scene.bob.post(f"Jour {day}")
        await pass_time(scene, DAY_S, 4 * HOUR_S)
    assert (await scene.rows("SELECT state FROM hosts WHERE host = $1", scene.peer.host))[0][0] == "dead"
    scene.fediverse.network.sent.clear()
    posted = await scene.bob.post("Personne n'écoute ?")
    await pass_time(scene, DAY_S, 4 * HOUR_S)
    asked = [each for each in scene.fediverse.network.sent if scene.peer.host in each.url]
    assert not asked, "a dead server is still asked"
    scene.fediverse.network.down.clear()
    await scene.takes(scene.zoe.activity("Like", posted["uri"]))
    await scene.bob.post("Te revoilà")
    await scene.settle()
    assert ("Create", "Te revoilà") in heard(scene), "a server that came back hears nothing"
    assert not await breaker.troubled(scene.ctx.db.reader, scene.peer.host)


async def test_a_wrong_signature_revives_nobody(read_by_zoe: Scene) -> None:
    scene = read_by_zoe
    dead = "INSERT INTO hosts (host, state, failing_days, created_ms) VALUES ($1, 'dead', 7, 0)"
    await scene.ctx.db.write(lambda tx: tx.execute(dead, scene.peer.host))
    mallory = await peer_on(scene.fediverse, "mallory.example").actor("m")
    answer = await mallory.send(scene.node.host, scene.zoe.activity("Like", "x"), key_id=scene.zoe.key_id)
    assert answer.status == 401
    assert await breaker.troubled(scene.ctx.db.reader, scene.peer.host), "anybody can have dead servers asked"


# -- unfollow, follow


async def test_ours_leaves_and_comes_back(scene: Scene) -> None:
    """Follow, Undo, Follow within a second, while the other server stumbles over the first two."""
    account = await scene.bob.find(scene.zoe.handle)
    scene.fediverse.network.faults[scene.peer.host] = _busy
    for verb in ("follow", "unfollow", "follow"):
        (await scene.bob.client.post(f"/api/v1/accounts/{account['id']}/{verb}")).ok()
        await scene.settle()
    scene.fediverse.network.faults.clear()
    await pass_time(scene, 4 * HOUR_S, 300)
    kinds = [each["type"] for each in scene.peer.received]
    assert kinds == ["Follow", "Undo", "Follow"], "they crossed"
    first, undo, second = scene.peer.received
    assert undo["object"]["id"] == first["id"] != second["id"]
    await scene.takes(scene.zoe.activity("Accept", first))
    await scene.takes(scene.zoe.activity("Accept", second))
    found = (await scene.bob.client.get("/api/v1/accounts/relationships", {"id[]": account["id"]})).ok()
    assert found[0]["following"] is True


def _busy(sent: Any) -> Any:
    if sent.method == "POST":
        raise ConnectionFailed("cut")
    return None


@pytest.mark.parametrize("same_id", [True, False])
async def test_theirs_leaves_and_comes_back(scene: Scene, same_id: bool) -> None:
    """WordPress has one id for every Follow of a pair, and one for every Undo of it."""
    first = scene.zoe.follow(scene.bob.actor.uri)
    undo = scene.zoe.activity("Undo", first)
    await scene.takes(first)
    for _ in range(2):
        await scene.takes(undo if same_id else scene.zoe.activity("Undo", first))
        await scene.fediverse.later(60)
        assert await _state(scene) == "none"
        await scene.takes(first if same_id else scene.zoe.follow(scene.bob.actor.uri))
        await scene.fediverse.later(60)
    assert await _state(scene) == "accepted"
    assert len(scene.peer.of_type("Accept")) == 3, "the last Follow waits for its answer for ever"


async def _state(scene: Scene) -> str:
    [[zoe_id]] = await scene.rows("SELECT id FROM actors WHERE uri = $1", scene.zoe.uri)
    return await follows.state(scene.ctx.db.reader, zoe_id, scene.bob.actor.id)


# -- out of order, and again


async def test_undo_before_follow(scene: Scene) -> None:
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(scene.zoe.activity("Undo", follow))
    await scene.takes(follow)
    assert await _state(scene) == "none", "who left first came in afterwards"
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert await _state(scene) == "accepted", "a later Follow is another one"


async def test_delete_before_create(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("À peine né")
    await scene.takes(scene.zoe.activity("Delete", note["id"], to=[PUBLIC]))
    await scene.takes(scene.zoe.create(note))
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is None
    await scene.fediverse.later(7 * HOUR_S)


async def test_update_before_create(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Un")
    newer = {**note, "content": "<p>Deux</p>", "updated": "2026-09-21T14:00:00Z"}
    await scene.takes(scene.zoe.activity("Update", newer, to=[PUBLIC]))
    await scene.takes(scene.zoe.create(note))
    kept = await posts.by_uri(scene.ctx.db.reader, note["id"])
    assert kept is not None
    assert kept.content == "<p>Deux</p>", "the older text came last and stayed"


async def test_the_same_ten_times_at_once(scene: Scene) -> None:
    """By two inboxes, in parallel, and again a week later."""
    await scene.befriended()
    named = [{"type": "Mention", "href": scene.bob.actor.uri}]
    activity = scene.zoe.create(scene.zoe.note("Une fois", tag=named, cc=[scene.bob.actor.uri]))
    paths = ["/inbox", "/users/bob/inbox"] * 5
    answers = await asyncio.gather(*(scene.zoe.send(scene.node.host, activity, path=path) for path in paths))
    assert {answer.status for answer in answers} == {202}
    await scene.settle()
    await pass_time(scene, 7 * DAY_S, DAY_S)
    await scene.takes(activity)
    assert len(await scene.bob.home()) == 1
    assert [each["type"] for each in await scene.bob.notifications()] == ["mention"]


# -- clocks


@pytest.mark.parametrize(
    ("minutes", "status"), [(-50, 202), (50, 202), (-2 * 24 * 60, 401), (2 * 24 * 60, 401), (-70, 401), (65, 401)]
)
async def test_clocks_that_differ(scene: Scene, minutes: int, status: int) -> None:
    at_ms = scene.fediverse.clock.now_ms() + minutes * 60_000
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), at_ms=at_ms)
    assert answer.status == status
