"""Two towns on two nodes: their people follow, answer, like, boost, edit and delete, and the other side sees it."""

import pytest

from tests.support.fediverse import Citizen, Fediverse


@pytest.fixture
async def neighbours(fediverse: Fediverse) -> tuple[Citizen, Citizen]:
    """Alice of Lyon follows Bruno of Villeurbanne."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await alice.follow(bruno.handle)
    await fediverse.settle()
    return alice, bruno


async def test_a_town_reads_its_neighbours_news(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    assert [notice["type"] for notice in await bruno.notifications()] == ["follow"]
    await bruno.post("Marché ouvert ce soir")
    await fediverse.settle()
    (status,) = await alice.home()
    assert status["content"] == "<p>Marché ouvert ce soir</p>"
    assert status["account"]["acct"] == "bruno@villeurbanne.example"


async def test_an_answer_a_favourite_and_a_boost(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    posted = await bruno.post("Qui vient ?")
    await fediverse.settle()
    (status,) = await alice.home()
    await alice.post("@bruno@villeurbanne.example Moi", in_reply_to_id=status["id"])
    await alice.act("favourite", status["id"])
    await alice.act("reblog", status["id"])
    await fediverse.settle()
    seen = (await bruno.client.get(f"/api/v1/statuses/{posted['id']}")).ok()
    assert (seen["replies_count"], seen["favourites_count"], seen["reblogs_count"]) == (1, 1, 1)
    told = sorted(notice["type"] for notice in await bruno.notifications())
    assert told == ["favourite", "follow", "mention", "reblog"]
    await alice.act("unfavourite", status["id"])
    await alice.act("unreblog", status["id"])
    await fediverse.settle()
    seen = (await bruno.client.get(f"/api/v1/statuses/{posted['id']}")).ok()
    assert (seen["favourites_count"], seen["reblogs_count"]) == (0, 0)


async def test_an_edit_and_a_deletion(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    posted = await bruno.post("À dix heures", spoiler_text="Marché")
    await fediverse.settle()
    (await bruno.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "À onze heures"})).ok()
    await fediverse.settle()
    (status,) = await alice.home()
    assert status["content"] == "<p>À onze heures</p>"
    assert status["edited_at"]
    (await bruno.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    await fediverse.settle()
    assert await alice.home() == []


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_public_never_reaches_a_third_node(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen], visibility: str
) -> None:
    alice, bruno = neighbours
    carol = await (await fediverse.node("bron.example")).person("carol")
    await alice.follow(carol.handle)
    await fediverse.settle()
    posted = await bruno.post("@alice@lyon.example entre nous", visibility=visibility)
    await fediverse.settle()
    notices = await alice.notifications(types=["mention"])
    assert [notice["status"]["uri"] for notice in notices] == [posted["uri"]]
    found = (await carol.client.get("/api/v2/search", {"q": posted["uri"], "resolve": True})).ok()
    assert found["statuses"] == [], "somebody else's node fetched a private post"
    outside = [sent for sent in fediverse.network.sent if "bron.example" in sent.url and sent.body]
    assert all(posted["uri"].encode() not in sent.body for sent in outside)


async def test_a_node_that_was_down_gets_everything_later(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    fediverse.network.down.add("lyon.example")
    for number in range(3):
        await bruno.post(f"Annonce {number}")
    await fediverse.settle()
    assert await alice.home() == []
    fediverse.network.down.clear()
    for _ in range(8):
        await fediverse.later(600)
    texts = sorted(status["content"] for status in await alice.home())
    assert texts == ["<p>Annonce 0</p>", "<p>Annonce 1</p>", "<p>Annonce 2</p>"]


async def test_a_node_that_unfollows_hears_nothing_more(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    account = await alice.find(bruno.handle)
    (await alice.client.post(f"/api/v1/accounts/{account['id']}/unfollow")).ok()
    await fediverse.settle()
    before = len(fediverse.network.sent)
    await bruno.post("Dans le vide")
    await fediverse.settle()
    assert not [sent for sent in fediverse.network.sent[before:] if sent.method == "POST"]


async def test_a_locked_account_is_asked_and_answers(fediverse: Fediverse) -> None:
    alice = await (await fediverse.node("lyon.example")).person("alice")
    carol = await (await fediverse.node("bron.example")).person("carol", locked=True)
    assert (await alice.follow(carol.handle))["requested"]
    await fediverse.settle()
    (request,) = (await carol.client.get("/api/v1/follow_requests")).ok()
    assert request["acct"] == "alice@lyon.example"
    (await carol.client.post(f"/api/v1/follow_requests/{request['id']}/authorize")).ok()
    await fediverse.settle()
    account = await alice.find(carol.handle)
    (relationship,) = (await alice.client.get("/api/v1/accounts/relationships", {"id": [account["id"]]})).ok()
    assert relationship["following"]
