"""Lists of one's own: some of those one follows, beside the territories' lists."""

import asyncio

import orjson
import pytest

from tests.api.conftest import Place, Someone
from tests.api.test_streaming import Socket


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def made(someone: Someone, **more: str) -> str:
    return (await someone.do("/api/v1/lists", {"title": "Voisins", **more}))["id"]


async def ids(someone: Someone, path: str) -> list[str]:
    return [each["id"] for each in await someone.get(path)]


async def followers(place: Place) -> list[Someone]:
    alice, bruno, chloe = [await place.person(name) for name in ("alice", "bruno", "chloe")]
    for other in (bruno, chloe):
        await alice.do(f"/api/v1/accounts/{other.id}/follow")
    return [alice, bruno, chloe]


async def test_a_list_is_made_changed_and_deleted(place: Place):
    alice, bruno, _chloe = await followers(place)
    said = await alice.do("/api/v1/lists", {"title": "Voisins"})
    assert said == {"id": said["id"], "title": "Voisins", "replies_policy": "list", "exclusive": False}
    path = f"/api/v1/lists/{said['id']}"
    changed = await alice.client.request(
        "PUT", path, data={"title": "Amis", "replies_policy": "none", "exclusive": "true"}
    )
    assert changed.ok() == {"id": said["id"], "title": "Amis", "replies_policy": "none", "exclusive": True}
    assert await alice.get("/api/v1/lists") == [changed.json]
    assert await alice.get(path) == changed.json
    assert await alice.do(f"{path}/accounts", {"account_ids[]": bruno.id}) == {}
    assert await ids(alice, f"{path}/accounts") == [bruno.id]
    assert await ids(alice, f"/api/v1/accounts/{bruno.id}/lists") == [said["id"]]
    assert (await alice.client.request("DELETE", f"{path}/accounts", data={"account_ids[]": bruno.id})).ok() == {}
    assert await ids(alice, f"{path}/accounts") == []
    assert (await alice.client.delete(path)).ok() == {}
    assert await alice.get("/api/v1/lists") == []
    assert (await alice.client.get(path)).status == 404


async def test_a_list_shows_its_members_alone(place: Place):
    alice, bruno, chloe = await followers(place)
    list_id = await made(alice)
    await alice.do(f"/api/v1/lists/{list_id}/accounts", {"account_ids[]": bruno.id})
    expected: list[str] = []
    for number in range(5):
        place.later()
        expected.insert(0, (await bruno.post(f"Numéro {number}"))["id"])
        await chloe.post("Autre chose")
    page = await alice.client.get(f"/api/v1/timelines/list/{list_id}?limit=3")
    assert [each["id"] for each in page.ok()] == expected[:3]
    assert 'rel="next"' in page.headers["link"]
    assert await ids(alice, f"/api/v1/timelines/list/{list_id}?max_id={expected[2]}") == expected[3:]
    assert len(await alice.get("/api/v1/timelines/home")) == 10
    await alice.do(f"/api/v1/accounts/{bruno.id}/unfollow")
    assert await ids(alice, f"/api/v1/lists/{list_id}/accounts") == [], "who is not followed is still in the list"
    assert await ids(alice, f"/api/v1/timelines/list/{list_id}") == []


async def test_an_exclusive_list_empties_the_home(place: Place):
    alice, bruno, chloe = await followers(place)
    list_id = await made(alice, exclusive="true")
    await alice.do(f"/api/v1/lists/{list_id}/accounts", {"account_ids[]": bruno.id})
    listed = (await bruno.post("Dans la liste"))["id"]
    place.later()
    home = (await chloe.post("À la maison"))["id"]
    assert await ids(alice, "/api/v1/timelines/home") == [home]
    assert await ids(alice, f"/api/v1/timelines/list/{list_id}") == [listed]
    (await alice.client.request("PUT", f"/api/v1/lists/{list_id}", data={"exclusive": "false"})).ok()
    assert await ids(alice, "/api/v1/timelines/home") == [home, listed]


@pytest.mark.parametrize(("policy", "seen"), [("followed", 3), ("list", 2), ("none", 1)])
async def test_which_replies_a_list_shows(place: Place, policy: str, seen: int):
    alice, bruno, chloe = await followers(place)
    dora = await place.person("dora")
    await alice.do(f"/api/v1/accounts/{dora.id}/follow")
    list_id = await made(alice, replies_policy=policy)
    await alice.do(f"/api/v1/lists/{list_id}/accounts", [("account_ids[]", bruno.id), ("account_ids[]", dora.id)])
    member, other = await dora.post("De Dora"), await chloe.post("De Chloé")
    place.later()
    answers = [
        (await bruno.post("@dora oui", in_reply_to_id=member["id"]))["id"],
        (await bruno.post("@chloe non", in_reply_to_id=other["id"]))["id"],
    ]
    shown = await ids(alice, f"/api/v1/timelines/list/{list_id}")
    assert len(shown) == seen, f"{policy}: {[answer in shown for answer in answers]}"
    assert member["id"] in shown


async def test_lists_are_refused(place: Place):
    alice, bruno, _chloe = await followers(place)
    dora = await place.person("dora")
    for wrong in ({"title": " "}, {"title": "x" * 300}, {"title": "x", "replies_policy": "some"}, {}):
        assert (await alice.client.post("/api/v1/lists", wrong)).status == 422, wrong
    assert await alice.get("/api/v1/lists") == []
    list_id = await made(alice)
    path = f"/api/v1/lists/{list_id}/accounts"
    both = [("account_ids[]", bruno.id), ("account_ids[]", dora.id)]
    assert (await alice.client.post(path, both)).status == 404, "she does not follow dora"
    assert await ids(alice, path) == [], "half of it was done"
    await alice.do(path, {"account_ids[]": bruno.id})
    assert (await alice.client.post(path, {"account_ids[]": bruno.id})).status == 422
    for method, where in (
        ("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/accounts"), ("POST", "/accounts"), ("DELETE", "/accounts"),
    ):  # fmt: skip
        said = await bruno.client.request(method, f"/api/v1/lists/{list_id}{where}")
        assert said.status == 404, f"{method} {where}: a list of another"
    assert (await bruno.client.get(f"/api/v1/timelines/list/{list_id}")).status == 404


async def test_a_list_streams_what_it_shows(place: Place):
    """Members alone, by its choice of replies; of a list of another nothing."""
    alice, bruno, chloe = await followers(place)
    list_id = await made(alice, replies_policy="none")
    await alice.do(f"/api/v1/lists/{list_id}/accounts", {"account_ids[]": bruno.id})
    async with Socket(place, token=alice.client.token, stream="list", list=list_id) as socket:
        other = await chloe.post("Ailleurs")
        await bruno.post("@chloe oui", in_reply_to_id=other["id"])
        status = await bruno.post("Dans la liste")
        said = await socket.told()
        assert (said["stream"], said["event"]) == (["list", list_id], "update")
        assert orjson.loads(said["payload"])["id"] == status["id"], "it streams what the list does not show"
        await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
        await bruno.post("Encore")
        await asyncio.sleep(0.3)  # it is looked at before she hears him again
        assert socket.quiet()
        await alice.do(f"/api/v1/accounts/{bruno.id}/unmute")
        await bruno.client.delete(f"/api/v1/statuses/{status['id']}")
        assert await socket.told() == {"stream": ["list", list_id], "event": "delete", "payload": status["id"]}
    async with Socket(place, access_token=str(chloe.client.token)) as socket:
        await socket.say(type="subscribe", stream="list", list=list_id)
        assert "error" in await socket.told(), "who streams the list of another"
