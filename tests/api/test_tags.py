"""Hashtags that one follows or shows, and accounts that one recommends."""

import pytest

from tests.api.conftest import Place


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def test_posts_with_a_followed_hashtag_stand_at_home(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    said = await alice.do("/api/v1/tags/Fête/follow")
    assert (said["name"], said["following"]) == ("Fête", True)
    assert (await alice.do("/api/v1/tags/fete/follow"))["following"] is True, "asking again is no error"
    [listed] = await alice.get("/api/v1/followed_tags")
    assert (listed["name"], listed["following"]) == ("Fête", True)
    seen = await bruno.post("Vive la #FÊTE")
    for visibility in ("private", "unlisted", "direct"):
        place.later()
        await bruno.post("Vive la #fete", visibility=visibility)
    await bruno.post("Sans rien")
    assert [s["id"] for s in await alice.get("/api/v1/timelines/home")] == [seen["id"]]
    place.later()
    far = await place.receive(
        await place.stranger("eve"), tag=[{"type": "Hashtag", "name": "#fete", "href": "https://x.example/tags/fete"}]
    )
    assert [s["id"] for s in await alice.get("/api/v1/timelines/home")] == [str(far.id), seen["id"]]
    await alice.do(f"/api/v1/accounts/{bruno.id}/block")
    assert [s["id"] for s in await alice.get("/api/v1/timelines/home")] == [str(far.id)], "a hashtag passes a block"
    assert (await alice.do("/api/v1/tags/fete/unfollow"))["following"] is False
    assert await alice.get("/api/v1/timelines/home") == []
    assert await alice.get("/api/v1/followed_tags") == []
    assert (await alice.client.post("/api/v1/tags/%21%21/follow")).status == 422
    assert (await place.client().post("/api/v1/tags/fete/follow")).status == 401


async def test_who_follows_author_and_hashtag_reads_it_once(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    await alice.do("/api/v1/tags/marche/follow")
    expected: list[str] = []
    for number in range(6):
        place.later()
        expected.insert(0, (await bruno.post(f"{number} #marché"))["id"])
    first = [s["id"] for s in await alice.get("/api/v1/timelines/home?limit=4")]
    assert first == expected[:4]
    assert [s["id"] for s in await alice.get(f"/api/v1/timelines/home?max_id={first[-1]}")] == expected[4:]


async def test_hashtags_on_a_profile(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for text in ("Un #Marché", "Encore un #marché", "Le #pont"):
        place.later()
        await alice.post(text)
    assert [each["name"] for each in await alice.get("/api/v1/featured_tags/suggestions")] == ["Marché", "pont"]
    shown = await alice.do("/api/v1/featured_tags", {"name": "#marche"})
    assert (shown["name"], shown["statuses_count"], len(shown["last_status_at"])) == ("marche", "2", 10)
    assert await alice.get("/api/v1/featured_tags") == [shown]
    assert await bruno.get(f"/api/v1/accounts/{alice.id}/featured_tags") == [shown]
    assert (await alice.get("/api/v1/tags/marche"))["featuring"] is True
    assert (await alice.do("/api/v1/tags/pont/feature"))["featuring"] is True
    assert (await alice.do("/api/v1/tags/pont/unfeature"))["featuring"] is False
    assert (await bruno.client.delete(f"/api/v1/featured_tags/{shown['id']}")).status == 404
    assert (await alice.client.delete(f"/api/v1/featured_tags/{shown['id']}")).ok() == {}
    assert await alice.get("/api/v1/featured_tags") == []
    assert (await alice.client.post("/api/v1/featured_tags", {"name": "!"})).status == 422
    for number in range(10):
        await alice.do("/api/v1/featured_tags", {"name": f"mot{number}"})
    assert (await alice.client.post("/api/v1/featured_tags", {"name": "trop"})).status == 422


async def test_whom_one_follows_that_follows_her_too(place: Place):
    alice, bruno, chloe, dora = [await place.person(name) for name in ("alice", "bruno", "chloe", "dora")]
    for follower, followee in ((alice, bruno), (alice, dora), (bruno, chloe), (dora, chloe)):
        await follower.do(f"/api/v1/accounts/{followee.id}/follow")
    query = f"/api/v1/accounts/familiar_followers?id[]={chloe.id}&id[]={dora.id}"
    found = await alice.get(query)
    assert [(each["id"], [a["acct"] for a in each["accounts"]]) for each in found] == [
        (chloe.id, ["bruno", "dora"]), (dora.id, []),
    ]  # fmt: skip
    asked = await alice.client.request("GET", "/api/v1/accounts/familiar_followers", json={"id": [chloe.id]})
    assert asked.ok() == found[:1], "Mastodon.py asks with a body"
    hidden = await dora.client.patch("/api/v1/accounts/update_credentials", {"hide_collections": "true"})
    assert hidden.ok()["hide_collections"] is True
    [first, _] = await alice.get(query)
    assert [a["acct"] for a in first["accounts"]] == ["bruno"], "she hides whom she follows"


async def test_accounts_are_recommended(place: Place):
    alice, bruno, chloe = [await place.person(name) for name in ("alice", "bruno", "chloe")]
    said = await alice.client.post(f"/api/v1/accounts/{bruno.id}/pin")
    assert said.status == 422, "nobody recommends whom she does not follow"
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/endorse"))["endorsed"] is True
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/pin"))["endorsed"] is True
    assert [each["id"] for each in await alice.get("/api/v1/endorsements")] == [bruno.id]
    assert [each["id"] for each in await chloe.get(f"/api/v1/accounts/{alice.id}/endorsements")] == [bruno.id]
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/unpin"))["endorsed"] is False
    assert await alice.get("/api/v1/endorsements") == []
