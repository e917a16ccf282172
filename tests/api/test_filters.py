"""Filters: made, changed, and said of the statuses that meet them; version 1 shows the same rows."""

import pytest

from tests.api.conftest import Place, Someone

KEYWORD = {"title": "Foot", "context[]": "home", "keywords_attributes[0][keyword]": "foot"}


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def make(someone: Someone, **more: str) -> dict:
    return await someone.do("/api/v2/filters", {**KEYWORD, **more})


async def met(someone: Someone, status_id: str) -> list[str]:
    found = await someone.get(f"/api/v1/statuses/{status_id}")
    return [result["filter"]["title"] for result in found["filtered"]]


async def test_a_filter_is_made_changed_and_deleted(place: Place):
    alice = await place.person("alice")
    made = await make(alice, filter_action="hide", expires_in="3600")
    assert (made["title"], made["context"], made["filter_action"]) == ("Foot", ["home"], "hide")
    assert made["expires_at"].endswith("Z")
    [word] = made["keywords"]
    assert (word["keyword"], word["whole_word"], made["statuses"]) == ("foot", True, [])
    changed = (
        await alice.client.request(
            "PUT", f"/api/v2/filters/{made['id']}",
            json={
                "title": "Sport", "context": ["home", "public"], "expires_in": None, "filter_action": "blur",
                "keywords_attributes": [{"id": word["id"], "_destroy": True}, {"keyword": "rugby", "whole_word": False}],
            },
        )
    ).ok()  # fmt: skip
    assert (changed["title"], changed["context"], changed["filter_action"]) == ("Sport", ["home", "public"], "blur")
    assert [each["keyword"] for each in changed["keywords"]] == ["rugby"]
    assert await alice.get("/api/v2/filters") == [changed]
    assert await alice.get(f"/api/v2/filters/{made['id']}") == changed
    added = await alice.do(f"/api/v2/filters/{made['id']}/keywords", {"keyword": "hand", "whole_word": "true"})
    assert await alice.get(f"/api/v2/filters/keywords/{added['id']}") == added
    assert [each["keyword"] for each in await alice.get(f"/api/v2/filters/{made['id']}/keywords")] == ["rugby", "hand"]
    said = await alice.client.request("PUT", f"/api/v2/filters/keywords/{added['id']}", data={"keyword": "handball"})
    assert said.ok()["keyword"] == "handball"
    assert (await alice.client.delete(f"/api/v2/filters/keywords/{added['id']}")).ok() == {}
    assert (await alice.client.get(f"/api/v2/filters/keywords/{added['id']}")).status == 404
    assert (await alice.client.delete(f"/api/v2/filters/{made['id']}")).ok() == {}
    assert await alice.get("/api/v2/filters") == []


async def test_statuses_say_which_filters_they_meet(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    quiet = await bruno.post("Le marché ouvre")
    place.later()
    loud = await bruno.post("Ce soir, FOOT & pizza")
    place.later()
    near = await bruno.post("Le football attend", spoiler_text="Sport")
    made = await make(alice)
    home = {status["id"]: status for status in await alice.get("/api/v1/timelines/home")}
    assert home[quiet["id"]]["filtered"] == []
    [result] = home[loud["id"]]["filtered"]
    assert result["filter"] == {key: made[key] for key in ("id", "title", "context", "expires_at", "filter_action")}
    assert (result["keyword_matches"], result["status_matches"]) == (["foot"], None)
    assert home[near["id"]]["filtered"] == [], "half a word is not the word"
    assert await met(bruno, loud["id"]) == [], "her filters are hers alone"
    boost = await bruno.do(f"/api/v1/statuses/{loud['id']}/reblog")
    shown = await alice.get(f"/api/v1/statuses/{boost['id']}")
    assert [r["filter"]["id"] for r in (shown["filtered"] + shown["reblog"]["filtered"])] == [made["id"]] * 2
    line = await alice.do(f"/api/v2/filters/{made['id']}/statuses", {"status_id": quiet["id"]})
    assert line["status_id"] == quiet["id"]
    assert await alice.get(f"/api/v2/filters/{made['id']}/statuses") == [line]
    assert await alice.get(f"/api/v2/filters/statuses/{line['id']}") == line
    [result] = (await alice.get(f"/api/v1/statuses/{quiet['id']}"))["filtered"]
    assert (result["keyword_matches"], result["status_matches"]) == (None, [quiet["id"]])
    assert (await alice.client.delete(f"/api/v2/filters/statuses/{line['id']}")).ok() == {}
    assert await met(alice, quiet["id"]) == []
    around = await alice.get(f"/api/v1/statuses/{quiet['id']}/context")
    assert around["descendants"] == []


@pytest.mark.parametrize(
    ("keyword", "whole", "text", "meets"),
    [
        ("été", "true", "Un ÉTÉ chaud", True), ("ete", "true", "Un été chaud", False),
        ("#fete", "true", "Vive la #fete !", True), ("foot", "false", "Le football", True),
        ("a.c", "true", "abc", False), ("<b>", "false", "x <b> y", True), ("pizza", "true", "(pizza)", True),
    ],
)  # fmt: skip
async def test_words_are_compared_as_typed(place: Place, keyword: str, whole: str, text: str, meets: bool):
    alice = await place.person("alice")
    status = await alice.post(text)
    await make(alice, **{"keywords_attributes[0][keyword]": keyword, "keywords_attributes[0][whole_word]": whole})
    assert (await met(alice, status["id"]) == ["Foot"]) is meets


async def test_what_hides_in_a_poll_or_a_notification_is_met_too(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await make(alice)
    poll = [("poll[options][]", "foot"), ("poll[options][]", "pizza"), ("poll[expires_in]", "3600")]
    await bruno.do("/api/v1/statuses", [("status", "@alice on fait quoi ?"), *poll])
    [notice] = await alice.get("/api/v1/notifications")
    assert [result["filter"]["title"] for result in notice["status"]["filtered"]] == ["Foot"]


async def test_a_filter_ends_by_itself(place: Place):
    alice = await place.person("alice")
    status = await alice.post("foot")
    await make(alice, expires_in="3600")
    assert await met(alice, status["id"]) == ["Foot"]
    place.later(3601)
    assert await met(alice, status["id"]) == []
    assert len(await alice.get("/api/v2/filters")) == 1, "she can prolong it"


async def test_filters_are_refused(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for wrong in (
        {"title": ""}, {"context[]": "nowhere"}, {"filter_action": "burn"}, {"title": "x" * 300},
        {"keywords_attributes[0][keyword]": " "}, {"keywords_attributes[0][keyword]": "x" * 600},
    ):  # fmt: skip
        said = await alice.client.post("/api/v2/filters", {**KEYWORD, **wrong})
        assert said.status == 422, wrong
    assert (await alice.client.post("/api/v2/filters", {"title": "x"})).status == 422, "it holds nowhere"
    assert await alice.get("/api/v2/filters") == [], "a refused filter was half made"
    made = await make(alice)
    for method, path in (
        ("GET", f"/api/v2/filters/{made['id']}"), ("PUT", f"/api/v2/filters/{made['id']}"),
        ("DELETE", f"/api/v2/filters/{made['id']}"), ("DELETE", f"/api/v2/filters/keywords/{made['keywords'][0]['id']}"),
        ("GET", f"/api/v1/filters/{made['keywords'][0]['id']}"), ("GET", "/api/v2/filters/statuses/1"),
    ):  # fmt: skip
        assert (await bruno.client.request(method, path)).status == 404, f"{method} {path} of another"
    private = await bruno.post("Pour moi", visibility="direct")
    said = await alice.client.post(f"/api/v2/filters/{made['id']}/statuses", {"status_id": private["id"]})
    assert said.status == 404, "a filter tells that a status exists"


async def test_version_1_shows_the_same(place: Place):
    alice = await place.person("alice")
    made = await alice.do(
        "/api/v1/filters",
        [("phrase", "foot"), ("context[]", "home"), ("context[]", "thread"), ("irreversible", "true")],
    )
    assert (made["phrase"], made["context"], made["irreversible"]) == ("foot", ["home", "thread"], True)
    assert (made["whole_word"], made["expires_at"]) == (True, None)
    [second] = await alice.get("/api/v2/filters")
    assert (second["title"], second["filter_action"]) == ("foot", "hide")
    assert second["keywords"][0]["id"] == made["id"]
    said = await alice.client.request(
        "PUT", f"/api/v1/filters/{made['id']}", data={"phrase": "rugby", "context[]": "public", "whole_word": "false"}
    )
    assert (said.ok()["phrase"], said.json["context"], said.json["whole_word"]) == ("rugby", ["public"], False)
    await alice.do(f"/api/v2/filters/{second['id']}/keywords", {"keyword": "hand"})
    assert [each["phrase"] for each in await alice.get("/api/v1/filters")] == ["rugby", "hand"]
    said = await alice.client.request("PUT", f"/api/v1/filters/{made['id']}", data={"phrase": "x", "context[]": "home"})
    assert said.status == 422, "a word of several changes where all of them hold"
    for each in await alice.get("/api/v1/filters"):
        assert (await alice.client.delete(f"/api/v1/filters/{each['id']}")).ok() == {}
    assert await alice.get("/api/v2/filters") == []
