"""Whose notifications are told, put aside or not made; requests accepted and dismissed."""

import asyncio

import orjson
import pytest

from tests.api.test_streaming import Socket

POLICY, REQUESTS = "/api/v2/notifications/policy", "/api/v1/notifications/requests"


async def stranger_writes(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    (await alice.client.patch(POLICY, {"for_not_following": "filter"})).ok()
    status = await bruno.post("@alice bonjour")
    return alice, bruno, status


async def test_what_is_put_aside_waits_as_a_request(place):
    alice, bruno, status = await stranger_writes(place)
    assert await alice.get("/api/v1/notifications") == []
    assert (await alice.get("/api/v2/notifications"))["notification_groups"] == []
    assert (await alice.get("/api/v1/notifications/unread_count"))["count"] == 0
    assert [n["type"] for n in await alice.get("/api/v1/notifications", {"include_filtered": True})] == ["mention"]
    (request,) = await alice.get(REQUESTS)
    assert request["account"]["acct"] == "bruno"
    assert request["notifications_count"] == "1"
    assert request["last_status"]["id"] == status["id"]
    assert await alice.get(f"{REQUESTS}/{request['id']}") == request
    assert (await alice.get(POLICY))["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 1}
    assert (await bruno.client.get(f"{REQUESTS}/{request['id']}")).status == 404


async def test_who_is_accepted_passes_from_then_on(place):
    alice, bruno, _ = await stranger_writes(place)
    (request,) = await alice.get(REQUESTS)
    async with Socket(place, token=alice.client.token, stream="user:notification") as socket:
        assert await alice.do(f"{REQUESTS}/{request['id']}/accept") == {}
        assert (await socket.told())["event"] == "notifications_merged"
        assert await alice.get(REQUESTS) == []
        assert await alice.get(f"{REQUESTS}/merged") == {"merged": True}
        await bruno.post("@alice encore")
        assert (await socket.told())["event"] == "notification"
    assert len(await alice.get("/api/v1/notifications")) == 2
    assert (await alice.client.post(f"{REQUESTS}/{request['id']}/accept")).status == 404


async def test_what_is_dismissed_is_gone_and_the_next_is_judged_anew(place):
    alice, bruno, _ = await stranger_writes(place)
    assert await alice.do(f"{REQUESTS}/{bruno.id}/dismiss") == {}
    assert await alice.get(REQUESTS) == []
    assert await alice.get("/api/v1/notifications", {"include_filtered": True}) == []
    await bruno.post("@alice encore")
    assert len(await alice.get(REQUESTS)) == 1


async def test_several_are_answered_at_once_or_none(place):
    alice, bruno, _ = await stranger_writes(place)
    chloe = await place.person("chloe")
    await chloe.post("@alice bonsoir")
    ids = [request["id"] for request in await alice.get(REQUESTS)]
    assert set(ids) == {bruno.id, chloe.id}
    assert (await alice.client.post(f"{REQUESTS}/accept", json={"id": [*ids, "12"]})).status == 404
    assert len(await alice.get(REQUESTS)) == 2, "half of a refused answer was done"
    assert (await alice.client.post(f"{REQUESTS}/accept", json={"id": ids})).json == {}
    assert len(await alice.get("/api/v1/notifications")) == 2
    assert (await alice.client.post(f"{REQUESTS}/dismiss", json={"id": [str(n) for n in range(1, 150)]})).status == 422


async def test_what_is_dropped_is_not_made(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    (await alice.client.patch(POLICY, {"for_not_followers": "drop"})).ok()
    await bruno.post("@alice bonjour")
    assert await alice.get("/api/v1/notifications", {"include_filtered": True}) == []
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    await bruno.post("@alice je te suis")
    assert await alice.get("/api/v1/notifications", {"include_filtered": True}) == [], "a follow opens the door at once"
    place.later(4 * 86_400)
    await bruno.post("@alice depuis quatre jours")
    assert len(await alice.get("/api/v1/notifications")) == 1


async def test_young_accounts_are_told_apart(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    (await alice.client.put(POLICY, json={"for_new_accounts": "filter"})).ok()
    await bruno.post("@alice bonjour")
    assert len(await alice.get(REQUESTS)) == 1
    place.later(31 * 86_400)
    await bruno.post("@alice un mois après")
    assert len(await alice.get("/api/v1/notifications")) == 1


async def test_private_mentions_of_strangers(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    assert (await alice.get(POLICY))["for_private_mentions"] == "accept", "a town would not be told who writes to it"
    (await alice.client.patch(POLICY, {"for_private_mentions": "filter"})).ok()
    asked = await alice.post("Une question ?")
    place.later()
    await bruno.post("@alice chut", visibility="direct")
    assert len(await alice.get(REQUESTS)) == 1
    await bruno.post("@alice la réponse", visibility="direct", in_reply_to_id=asked["id"])
    await bruno.post("@alice bonjour")
    assert len(await alice.get("/api/v1/notifications")) == 2, "an answer, or what is not private, was put aside"


async def test_limited_accounts_wait_by_default(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    sql = "UPDATE actors SET limited = TRUE WHERE id = $1"
    await place.ctx.db.write(lambda tx: tx.execute(sql, bruno.actor.id))
    await bruno.post("@alice bonjour")
    assert await alice.get("/api/v1/notifications") == []
    assert len(await alice.get(REQUESTS)) == 1
    (await alice.client.patch(POLICY, {"for_limited_accounts": "accept"})).ok()
    await bruno.post("@alice encore")
    assert len(await alice.get("/api/v1/notifications")) == 1


async def test_version_1_says_the_same_in_flags(place):
    alice = await place.person("alice")
    v1 = "/api/v1/notifications/policy"
    assert (await alice.get(v1))["filter_not_following"] is False
    for method, value in (("PATCH", True), ("PUT", False)):
        answer = await alice.client.request(method, v1, data={"filter_not_following": value})
        assert answer.ok()["filter_not_following"] is value
        assert (await alice.get(POLICY))["for_not_following"] == ("filter" if value else "accept")
    (await alice.client.patch(POLICY, {"for_new_accounts": "drop"})).ok()
    (await alice.client.patch(v1, {"filter_new_accounts": True})).ok()
    assert (await alice.get(POLICY))["for_new_accounts"] == "drop"


@pytest.mark.parametrize("word", ["", "Accept", "block", "true"])
async def test_a_word_that_is_none_changes_nothing(place, word):
    alice = await place.person("alice")
    answer = await alice.client.patch(POLICY, {"for_not_following": "drop", "for_limited_accounts": word})
    assert answer.status == 422
    assert (await alice.get(POLICY))["for_not_following"] == "accept"


async def test_what_follows_from_ones_own_is_always_told(place):
    """Whatever the policy: the end of a poll in which one voted."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    classes = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")
    (await alice.client.patch(POLICY, {f"for_{name}": "drop" for name in classes})).ok()
    status = await bruno.post("@alice bonjour")
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    assert await alice.get("/api/v1/notifications", {"include_filtered": True}) == []
    await alice.do(f"/api/v1/statuses/{status['id']}/reblog")
    (await bruno.client.put(f"/api/v1/statuses/{status['id']}", {"status": "@alice bonsoir"})).ok()
    assert [n["type"] for n in await alice.get("/api/v1/notifications")] == ["update"]


async def test_what_is_put_aside_is_not_streamed(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    (await alice.client.patch(POLICY, {"for_not_following": "filter"})).ok()
    async with Socket(place, token=alice.client.token, stream="user") as socket:
        await bruno.post("@alice bonjour")
        await asyncio.sleep(0.05)
        assert socket.quiet()
        await alice.post("à moi")
        assert orjson.loads((await socket.told())["payload"])["content"] == "<p>à moi</p>"
