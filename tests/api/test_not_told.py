"""What somebody asked not to hear stays silent on every way: lists, groups, requests, conversations, pushes, streams."""

import asyncio
from typing import Any

import pytest

from node.actors.tastes import Taste
from tests.api.conftest import Place, Someone
from tests.api.test_push import HOST, Phone, service, work  # noqa: F401
from tests.api.test_streaming import Socket

POLICY = "/api/v2/notifications/policy"


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def grouped(someone: Someone, **params: Any) -> list[tuple[str, int, list[str]]]:
    found = await someone.get("/api/v2/notifications", params or ())
    return [
        (each["type"], each["notifications_count"], each["sample_account_ids"]) for each in found["notification_groups"]
    ]


async def test_a_group_goes_on_without_who_is_muted(place: Place):
    """The newest of it was hers: the group stands where the others put it, with their number."""
    alice, bruno, chloe, david = [await place.person(name) for name in ("alice", "bruno", "chloe", "david")]
    status = await alice.post("Bonjour")
    for who in (bruno, chloe, david):
        place.later()
        await who.do(f"/api/v1/statuses/{status['id']}/favourite")
    assert await grouped(alice) == [("favourite", 3, [david.id, chloe.id, bruno.id])]
    (group,) = (await alice.get("/api/v2/notifications"))["notification_groups"]
    key = group["group_key"]
    await alice.do(f"/api/v1/accounts/{david.id}/mute", {"duration": 3600})
    assert await grouped(alice) == [("favourite", 2, [chloe.id, bruno.id])]
    assert await alice.get("/api/v2/notifications/unread_count") == {"count": 1}
    assert [each["id"] for each in await alice.get(f"/api/v2/notifications/{key}/accounts")] == [chloe.id, bruno.id]
    (group,) = (await alice.get(f"/api/v2/notifications/{key}"))["notification_groups"]
    assert group["notifications_count"] == 2
    place.later(3700)
    assert await grouped(alice) == [("favourite", 3, [david.id, chloe.id, bruno.id])], "a mute that ended counts"
    await alice.do(f"/api/v1/accounts/{david.id}/mute", {"notifications": "false"})
    assert await grouped(alice) == [("favourite", 3, [david.id, chloe.id, bruno.id])], "only her statuses are muted"


async def test_a_conversation_that_is_muted_tells_nothing_in_groups(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Bonjour")
    await bruno.do(f"/api/v1/statuses/{status['id']}/favourite")
    assert len(await grouped(alice)) == 1
    await alice.do(f"/api/v1/statuses/{status['id']}/mute")
    assert await grouped(alice) == []
    assert await alice.get("/api/v2/notifications/unread_count") == {"count": 0}
    await alice.do(f"/api/v1/statuses/{status['id']}/unmute")
    assert len(await grouped(alice)) == 1


async def test_followers_of_a_blocked_server_leave_their_group(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    zoe = await place.person("zoe", domain=place.agglo)
    for who in (bruno, zoe):
        place.later()
        await who.do(f"/api/v1/accounts/{alice.id}/follow")
    assert await grouped(alice) == [("follow", 2, [zoe.id, bruno.id])]
    step = """INSERT INTO host_blocks (id, actor_id, host, created_ms) VALUES (1, $1, 'agglo.example', 1)"""
    await place.ctx.db.write(lambda tx: tx.execute(step, alice.actor.id))  # not by its verb, which would end the follow
    step = f"UPDATE actors SET tastes = {int(Taste.HOSTS)} WHERE id = $1"
    await place.ctx.db.write(lambda tx: tx.execute(step, alice.actor.id))
    place.ctx.cache.clear("tastes")
    assert await grouped(alice) == [("follow", 1, [bruno.id])]


async def test_a_request_of_who_is_muted_does_not_wait(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    (await alice.client.patch(POLICY, {"for_not_following": "filter"})).ok()
    await bruno.post("@alice bonjour")
    (request,) = await alice.get("/api/v1/notifications/requests")
    assert (await alice.get(POLICY))["summary"]["pending_notifications_count"] == 1
    await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
    assert await alice.get("/api/v1/notifications/requests") == []
    assert (await alice.client.get(f"/api/v1/notifications/requests/{request['id']}")).status == 404
    assert (await alice.get(POLICY))["summary"] == {"pending_requests_count": 0, "pending_notifications_count": 0}
    await alice.do(f"/api/v1/accounts/{bruno.id}/unmute")
    assert len(await alice.get("/api/v1/notifications/requests")) == 1


@pytest.mark.parametrize("way", ["account", "thread"])
async def test_a_talk_that_is_muted_makes_nothing_unread(place: Place, way: str):
    """A muted account's is out of the list meanwhile, a muted conversation stays there; neither is told."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    first = await bruno.post("@alice bonjour", visibility="direct")
    (talk,) = await alice.get("/api/v1/conversations")
    await alice.do(f"/api/v1/conversations/{talk['id']}/read")
    what = f"accounts/{bruno.id}" if way == "account" else f"statuses/{first['id']}"
    await alice.do(f"/api/v1/{what}/mute")
    async with Socket(place, token=alice.client.token, stream="direct") as socket:
        place.later()
        await bruno.post("@alice encore", visibility="direct", in_reply_to_id=first["id"])
        await asyncio.sleep(0.05)
        assert socket.quiet(), "it is told all the same"
    found = await alice.get("/api/v1/conversations")
    assert [each["unread"] for each in found] == ([] if way == "account" else [False])
    assert len(await alice.get("/api/v1/timelines/direct")) == (0 if way == "account" else 2)
    await alice.do(f"/api/v1/{what}/unmute")
    place.later()
    await bruno.post("@alice alors ?", visibility="direct", in_reply_to_id=first["id"])
    (talk,) = await alice.get("/api/v1/conversations")
    assert talk["unread"] is True
    assert talk["last_status"]["content"].endswith("alors ?</p>")


async def test_no_push_comes_of_who_was_muted_meanwhile(place: Place, service):  # noqa: F811
    alice, bruno = await place.person("alice"), await place.person("bruno")
    phone = Phone(place, alice, service)
    await phone.subscribe(mention=True)
    await bruno.post("@alice bonjour")
    await alice.do(f"/api/v1/accounts/{bruno.id}/mute")
    assert await phone.told() == []
    await bruno.post("@alice encore")
    assert await phone.told() == []
    await alice.do(f"/api/v1/accounts/{bruno.id}/unmute")
    await bruno.post("@alice alors")
    assert len(await phone.told()) == 1
