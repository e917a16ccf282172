"""The core of a client's day, on both kinds of database."""

import pytest

from tests.api.conftest import picture


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def test_a_day_of_two_neighbours(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    bob = await place.stranger("bob")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    media = (await bruno.client.upload("/api/v2/media", {"file": ("p.png", "image/png", picture())})).ok()
    status = await bruno.do(
        "/api/v1/statuses", {"status": "@alice Marché #Rennes", "media_ids": [media["id"]]}, Idempotency_Key="once"
    )
    again = await bruno.do("/api/v1/statuses", {"status": "@alice Marché #Rennes"}, Idempotency_Key="once")
    assert again["id"] == status["id"]
    path = f"/api/v1/statuses/{status['id']}"
    for verb in ("favourite", "bookmark", "reblog"):
        await alice.do(f"{path}/{verb}")
    await bruno.do(f"{path}/pin")
    read = await alice.get(path)
    assert (read["favourited"], read["bookmarked"], read["reblogged"], read["reblogs_count"]) == (True, True, True, 1)
    answer = await alice.post("@bruno J'y serai", in_reply_to_id=status["id"])
    await bruno.client.put(path, {"status": "@alice Marché demain #Rennes"})
    remote = await place.receive(bob, inReplyTo=status["uri"])
    around = await bruno.get(f"{path}/context")
    assert {s["id"] for s in around["descendants"]} == {answer["id"], str(remote.id)}
    assert [v["content"] for v in await alice.get(f"{path}/history")][1].startswith("<p>")
    for listing in (
        "/api/v1/timelines/home", "/api/v1/timelines/public?local=1", "/api/v1/timelines/tag/rennes",
        f"/api/v1/accounts/{bruno.id}/statuses", f"/api/v1/accounts/{bruno.id}/statuses?pinned=1",
        "/api/v1/bookmarks", "/api/v1/favourites",
    ):  # fmt: skip
        assert status["id"] in {(s["reblog"] or s)["id"] for s in await alice.get(listing)}, listing
    assert {n["type"] for n in await bruno.get("/api/v1/notifications")} == {"follow", "favourite", "reblog", "mention"}
    assert {n["type"] for n in await alice.get("/api/v1/notifications")} == {"mention", "update"}
    await alice.do("/api/v1/markers", {"home[last_read_id]": status["id"]})
    assert (await alice.get("/api/v1/markers"))["home"]["last_read_id"] == status["id"]
    assert (await alice.get("/api/v2/search", {"q": "brun"}))["accounts"][0]["id"] == bruno.id
    assert (await alice.get("/api/v2/instance"))["usage"]["users"]["active_month"] == 2
    assert (await alice.get("/api/v1/accounts/relationships", {"id": [bruno.id]}))[0]["following"] is True
    await alice.do(f"/api/v1/accounts/{bruno.id}/block")
    assert (await alice.client.get(path)).status == 404
    (await bruno.client.delete(path)).ok()
    assert (await place.client().get(path)).status == 404
