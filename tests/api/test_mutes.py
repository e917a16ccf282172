"""What an account does not want to see or hear: accounts, conversations, whole servers; and its notes."""

import pytest

from tests.api.conftest import Place, Someone

DAY_S = 86_400


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def at_home(someone: Someone) -> list[str]:
    return [status["id"] for status in await someone.get("/api/v1/timelines/home")]


async def told(someone: Someone) -> list[str]:
    return [notice["type"] for notice in await someone.get("/api/v1/notifications")]


async def standing(someone: Someone, other: str) -> dict:
    [found] = await someone.get(f"/api/v1/accounts/relationships?id[]={other}")
    return found


async def test_a_muted_account_is_not_seen_and_not_heard(place: Place):
    alice, bruno, chloe = [await place.person(name) for name in ("alice", "bruno", "chloe")]
    for other in (bruno, chloe):
        await alice.do(f"/api/v1/accounts/{other.id}/follow")
    await chloe.do(f"/api/v1/accounts/{bruno.id}/follow")
    own = await alice.post("Moi")
    place.later()
    loud = await bruno.post("@alice encore #fete")
    place.later()
    boost = await chloe.do(f"/api/v1/statuses/{loud['id']}/reblog")
    place.later()
    calm = await chloe.post("Bonsoir")
    assert await at_home(alice) == [calm["id"], boost["id"], loud["id"], own["id"]]
    said = await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
    assert (said["muting"], said["muting_notifications"], said["following"]) == (True, True, True)
    assert await at_home(alice) == [calm["id"], own["id"]], "posts of a muted account, or boosts of it, are seen"
    public = [status["id"] for status in await alice.get("/api/v1/timelines/public")]
    assert public == [calm["id"], own["id"]]
    assert await alice.get("/api/v1/timelines/tag/fete") == []
    assert await told(alice) == [], "what a muted account did is still told"
    assert await alice.get("/api/v1/notifications/unread_count") == {"count": 0}
    place.later()
    await bruno.do(f"/api/v1/statuses/{own['id']}/favourite")
    assert await told(alice) == []
    assert [s["id"] for s in await alice.get(f"/api/v1/accounts/{bruno.id}/statuses")] == [loud["id"]], (
        "she looks there"
    )
    assert [s["id"] for s in await chloe.get("/api/v1/timelines/tag/fete")] == [loud["id"]], "others see it"
    [listed] = await alice.get("/api/v1/mutes")
    assert (listed["acct"], listed["mute_expires_at"]) == ("bruno", None)
    said = await alice.do(f"/api/v1/accounts/{bruno.id}/unmute")
    assert (said["muting"], said["muting_notifications"]) == (False, False)
    assert await at_home(alice) == [calm["id"], boost["id"], loud["id"], own["id"]]
    assert await alice.get("/api/v1/mutes") == []


async def test_ones_own_answers_stay(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    status = await bruno.post("Bonjour")
    await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
    place.later()
    answer = await alice.post("@bruno bonjour", in_reply_to_id=status["id"])
    assert await at_home(alice) == [answer["id"]]


async def test_a_mute_ends_by_itself(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    status = await bruno.post("Bonjour")
    said = await alice.do(f"/api/v1/accounts/{bruno.id}/mute", {"duration": str(DAY_S), "notifications": "false"})
    assert (said["muting"], said["muting_notifications"]) == (True, False)
    [listed] = await alice.get("/api/v1/mutes")
    assert listed["mute_expires_at"].endswith("Z")
    assert said["muting_expires_at"] == listed["mute_expires_at"]
    place.later()
    await bruno.post("@alice tu dors ?")
    assert await told(alice) == ["mention"], "she asked to be told all the same"
    assert await at_home(alice) == []
    place.later(DAY_S)
    assert status["id"] in await at_home(alice), "a mute that is over still hides"
    assert await alice.get("/api/v1/mutes") == []
    assert not (await standing(alice, bruno.id))["muting"]


async def test_muting_is_refused(place: Place):
    alice = await place.person("alice")
    assert (await alice.client.post(f"/api/v1/accounts/{alice.id}/mute")).status == 403
    assert (await alice.client.post("/api/v1/accounts/1/mute")).status == 404
    bruno = await place.person("bruno", scopes=("read",))
    assert (await bruno.client.post(f"/api/v1/accounts/{alice.id}/mute")).status == 403
    said = await alice.client.post(f"/api/v1/accounts/{bruno.id}/mute", {"duration": "longtemps"})
    assert said.status == 400
    assert not (await standing(alice, bruno.id))["muting"]


async def test_a_note_is_for_oneself_alone(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    said = await alice.do(f"/api/v1/accounts/{bruno.id}/note", {"comment": "Le voisin du 3"})
    assert said["note"] == "Le voisin du 3"
    assert (await standing(bruno, alice.id))["note"] == ""
    assert (await alice.client.post(f"/api/v1/accounts/{bruno.id}/note", {"comment": "x" * 2001})).status == 422
    assert (await standing(alice, bruno.id))["note"] == "Le voisin du 3"
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/note", {"comment": ""}))["note"] == ""


async def test_a_server_is_blocked_for_one_account(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    eve = await place.stranger("eve", "loin.example")
    await alice.do(f"/api/v1/accounts/{eve.id}/follow")
    status = await place.receive(eve, (alice.actor,), tag=[{"type": "Mention", "href": alice.actor.uri}])
    assert await told(alice) == ["mention"]
    preview = await alice.get("/api/v1/domain_blocks/preview?domain=loin.example")
    assert preview == {"following_count": 1, "followers_count": 0}
    assert await alice.do("/api/v1/domain_blocks", {"domain": "LOIN.example"}) == {}
    assert await alice.do("/api/v1/domain_blocks", {"domain": "loin.example"}) == {}
    assert await alice.get("/api/v1/domain_blocks") == ["loin.example"]
    now = await standing(alice, str(eve.id))
    assert (now["domain_blocking"], now["following"], now["requested"]) == (True, False, False)
    assert await told(alice) == []
    assert (await alice.client.post(f"/api/v1/accounts/{eve.id}/follow")).status == 403, "she follows what she blocks"
    assert [s["id"] for s in await alice.get("/api/v1/timelines/public")] == []
    assert [s["id"] for s in await bruno.get("/api/v1/timelines/public")] == [str(status.id)]
    for wrong in ("ville.example", "social.agglo.example", "pas un hôte"):
        assert (await alice.client.post("/api/v1/domain_blocks", {"domain": wrong})).status == 422, wrong
    assert (await alice.client.post("/api/v1/domain_blocks")).status == 400
    assert (await alice.client.request("DELETE", "/api/v1/domain_blocks", data={"domain": "loin.example"})).ok() == {}
    assert await alice.get("/api/v1/domain_blocks") == []
    assert [s["id"] for s in await alice.get("/api/v1/timelines/public")] == [str(status.id)]


async def test_a_muted_conversation_tells_nothing_more(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Qui vient ?")
    muted = await alice.do(f"/api/v1/statuses/{status['id']}/mute")
    assert muted["muted"] is True
    place.later()
    answer = await bruno.post("@alice moi", in_reply_to_id=status["id"])
    await bruno.do(f"/api/v1/statuses/{status['id']}/favourite")
    assert await told(alice) == []
    assert (await alice.get(f"/api/v1/statuses/{answer['id']}"))["muted"] is True
    assert (await bruno.get(f"/api/v1/statuses/{answer['id']}"))["muted"] is False
    home = await alice.get("/api/v1/timelines/home")
    assert [(s["id"], s["muted"]) for s in home] == [(status["id"], True)]
    assert (await alice.do(f"/api/v1/statuses/{answer['id']}/unmute"))["muted"] is False
    place.later()
    await bruno.post("@alice alors ?", in_reply_to_id=answer["id"])
    assert (await told(alice))[0] == "mention"


async def test_a_thread_leaves_out_whom_one_muted(place: Place):
    alice, bruno, chloe = [await place.person(name) for name in ("alice", "bruno", "chloe")]
    status = await alice.post("Qui vient ?")
    for other in (bruno, chloe):
        place.later()
        await other.post("@alice moi", in_reply_to_id=status["id"])
    await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
    around = await alice.get(f"/api/v1/statuses/{status['id']}/context")
    assert [s["account"]["acct"] for s in around["descendants"]] == ["chloe"]
    around = await chloe.get(f"/api/v1/statuses/{status['id']}/context")
    assert [s["account"]["acct"] for s in around["descendants"]] == ["bruno", "chloe"]
