"""What a territory announces reaches connected clients at once, in its list and in the list of all territories."""

import asyncio
from typing import Any

import orjson

from tests.agreements.conftest import Scene, Side, text
from tests.api.test_streaming import Socket, sse

HOST = "besancon.example"


async def list_ids(scene: Scene) -> dict[str, str]:
    return {each["title"]: each["id"] for each in (await scene.alice.client.get("/api/v1/lists")).ok()}


def connected(scene: Scene, stream: str = "", list_id: str = "") -> Socket:
    return Socket(scene.alice.node, token=scene.alice.client.token, host=HOST, stream=stream, list=list_id)


async def told(socket: Socket, count: int) -> list[tuple[str, Any]]:
    """(event, text or id) of so many messages, after which nothing more came."""
    found = []
    for _ in range(count):
        said = await socket.told()
        payload = orjson.loads(said["payload"])
        about = text((payload["reblog"] or payload)["content"]) if isinstance(payload, dict) else payload
        found.append((said["event"], about))
    await asyncio.sleep(0.05)
    assert socket.quiet(), "more was told than the list shows"
    return found


async def test_a_list_is_told_what_it_shows(scene: Scene) -> None:
    """Announcements and news of the territory, edits, and what goes; nothing of others, nothing of its letters."""
    [(_, list_id)] = (await list_ids(scene)).items()
    await scene.alice.follow(scene.ornans.handle)
    await scene.agreed()
    async with connected(scene, "list", list_id) as socket:
        assert socket.opening["type"] == "websocket.accept"
        post = await scene.ornans.post("Marché ce soir")
        await scene.settle()
        assert await told(socket, 1) == [("update", "Marché ce soir")], "the stream of the list is not the list"
        await scene.doubs.post("Piscine ouverte")
        await scene.settle()
        assert await told(socket, 1) == [("update", "Piscine ouverte")]
        await scene.doubs.post(f"{scene.alice.handle} bonjour", visibility="direct")
        await scene.ornans.post("Entre nous #nopartage")
        await scene.settle()
        assert await told(socket, 0) == []
        (await scene.ornans.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Marché demain"})).ok()
        await scene.settle()
        assert await told(socket, 1) == [("status.update", "Marché demain")]
        page = (await scene.alice.client.get(f"/api/v1/timelines/list/{list_id}")).ok()
        shown = next(each["id"] for each in page if each["reblog"])
        await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
        await scene.settle()
        assert await told(socket, 1) == [("delete", int(shown))]


async def test_a_list_by_server_sent_events(scene: Scene) -> None:
    [(_, list_id)] = (await list_ids(scene)).items()
    await scene.agreed()

    async def announce() -> None:
        await scene.ornans.post("Marché ce soir")
        await scene.settle()

    path, token = f"/api/v1/streaming/list?list={list_id}", scene.alice.client.token
    pieces = await sse(scene.alice.node, path, token, announce, 3, host=HOST)
    assert pieces[0] == "200"
    assert pieces[2].startswith("event: update")
    assert "Marché ce soir" in pieces[2]


async def test_the_list_of_all_is_told_once(scene: Scene) -> None:
    """A post that two territories announce comes once to the stream of all, and to each of its own."""
    region = await (await scene.fediverse.node("region.example")).territory("region")
    await scene.alice.follow(region.handle)
    await region.find(scene.ornans.handle)
    await scene.ornans.find(region.handle)
    await scene.agreed()
    uris = (region.actor.uri, scene.ornans.actor.uri)
    await Side(region.node, *uris).propose("territory")
    await scene.settle()
    await Side(scene.here.node, *uris).accept("member")
    await scene.settle()
    scene.fediverse.clock.forward(1)
    ids = await list_ids(scene)
    async with connected(scene) as socket:
        for list_id in ids.values():
            await socket.say(type="subscribe", stream="list", list=list_id)
        await scene.ornans.post("Marché ce soir")
        await scene.settle()
        streams = [tuple((await socket.told())["stream"]) for _ in ids]
        await asyncio.sleep(0.05)
        assert socket.quiet()
        assert sorted(streams) == sorted(("list", list_id) for list_id in ids.values())


async def test_the_stream_of_a_list_is_nobody_elses(scene: Scene) -> None:
    """An unknown list is refused; one whose territory is no longer followed falls silent."""
    [(_, list_id)] = (await list_ids(scene)).items()
    await scene.agreed()
    async with connected(scene) as socket:
        for missing in ("1", "", "x"):
            await socket.say(type="subscribe", stream="list", list=missing)
            assert (await socket.told())["status"] in (400, 404)
        await socket.say(type="subscribe", stream="list", list=list_id)
        await scene.alice.client.post(f"/api/v1/accounts/{list_id}/unfollow")
        bob = await scene.alice.node.person("bob")
        await bob.follow(scene.doubs.handle)
        await scene.settle()
        await scene.ornans.post("Marché ce soir")
        await scene.settle()
        assert await told(socket, 0) == []
