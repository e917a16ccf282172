"""Notifications in groups: one line for what several did, each account and status once."""

from typing import Any

import pytest

from tests.support.statements import counted

V2 = "/api/v2/notifications"


async def lines(someone, **params: Any) -> list[tuple[str, int]]:
    found = await someone.get(V2, params)
    return [(group["type"], group["notifications_count"]) for group in found["notification_groups"]]


async def crowd(place, how_many: int = 3):
    alice = await place.person("alice")
    others = [await place.person(f"voisin{number}") for number in range(how_many)]
    return alice, others


async def test_what_several_did_is_one_line(place):
    alice, others = await crowd(place)
    status = await alice.post("Fête ce soir")
    for other in others:
        place.later()
        await other.do(f"/api/v1/statuses/{status['id']}/favourite")
    place.later()
    await others[0].do(f"/api/v1/statuses/{status['id']}/reblog")
    place.later()
    await others[1].post("@alice à quelle heure ?")
    found = await alice.get(V2)
    assert await lines(alice) == [("mention", 1), ("reblog", 1), ("favourite", 3)]
    mention, _reblog, favourite = found["notification_groups"]
    assert mention["group_key"] == f"ungrouped-{mention['most_recent_notification_id']}"
    assert favourite["status_id"] == status["id"]
    assert favourite["sample_account_ids"] == [other.id for other in reversed(others)], "the newest stands first"
    assert len({account["id"] for account in found["accounts"]}) == len(found["accounts"]) == 3
    assert sorted(each["id"] for each in found["statuses"]) == sorted([status["id"], mention["status_id"]])
    one = await alice.get("/api/v1/notifications")
    assert {each["group_key"] for each in one if each["type"] == "favourite"} == {favourite["group_key"]}


async def test_a_group_is_found_and_dismissed_by_its_key(place):
    alice, others = await crowd(place)
    status = await alice.post("Fête ce soir")
    for other in others:
        place.later()
        await other.do(f"/api/v1/statuses/{status['id']}/favourite")
    place.later()
    await others[0].do(f"/api/v1/accounts/{alice.id}/follow")
    follow, favourite = (await alice.get(V2))["notification_groups"]
    for group in (follow, favourite):
        (same,) = (await alice.get(f"{V2}/{group['group_key']}"))["notification_groups"]
        assert same == group
    path = f"{V2}/{favourite['group_key']}"
    assert [each["id"] for each in await alice.get(f"{path}/accounts")] == favourite["sample_account_ids"]
    assert (await others[0].client.get(path)).status == 404, "somebody else's group is not there"
    assert await others[0].do(f"{path}/dismiss") == {}
    assert len(await lines(alice)) == 2
    assert await alice.do(f"{path}/dismiss") == {}
    assert await lines(alice) == [("follow", 1)]
    assert (await alice.client.get(path)).status == 404


@pytest.mark.parametrize(
    "key",
    ["x", "follow-", "follow-x", "favourite-1", "mention-1-2", "ungrouped-1-2", "follow-9999999999", "favourite-٣-1"],
)
async def test_what_is_no_key_has_no_group(place, key):
    alice = await place.person("alice")
    for path in (f"{V2}/{key}", f"{V2}/{key}/accounts"):
        assert (await alice.client.get(path)).status == 404
    assert (await alice.client.post(f"{V2}/{key}/dismiss")).status == 404


async def test_half_a_day_ends_a_group(place):
    alice, (bruno, chloe, _) = await crowd(place)
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    place.later(13 * 3600)
    await chloe.do(f"/api/v1/accounts/{alice.id}/follow")
    assert await lines(alice) == [("follow", 1), ("follow", 1)]
    assert (await alice.get(f"{V2}/unread_count"))["count"] == 2


async def test_clients_choose_what_is_grouped_and_how_much_of_accounts_they_get(place):
    alice, others = await crowd(place)
    status = await alice.post("Fête")
    for other in others:
        place.later()
        await other.do(f"/api/v1/statuses/{status['id']}/favourite")
    assert await lines(alice, **{"grouped_types[]": "follow"}) == [("favourite", 1)] * 3
    assert await lines(alice, **{"types[]": "mention"}) == []
    assert await lines(alice, account_id=others[0].id) == [("favourite", 1)]
    found = await alice.get(V2, {"expand_accounts": "partial_avatars"})
    assert [each["id"] for each in found["accounts"]] == [others[2].id], "the first of each line is whole"
    assert {each["id"] for each in found["partial_accounts"]} == {others[0].id, others[1].id}
    assert "note" not in found["partial_accounts"][0]
    assert (await alice.client.get(V2, {"expand_accounts": "all"})).status == 422


async def test_pages_show_each_group_once(place):
    alice, others = await crowd(place)
    statuses = []
    for number in range(3):
        place.later()
        statuses.append((await alice.post(f"Numéro {number}"))["id"])
    for other in others:
        for status in statuses:
            place.later()
            await other.do(f"/api/v1/statuses/{status}/favourite")
    seen: list[str] = []
    path = f"{V2}?limit=1"
    while path:
        answer = await alice.client.get(path)
        seen += [group["status_id"] for group in answer.ok()["notification_groups"]]
        following = [part for part in answer.headers.get("link", "").split(", ") if 'rel="next"' in part]
        path = following[0].partition(">")[0].removeprefix("<https://ville.example") if following else ""
    assert seen == statuses[::-1]
    (newest,) = (await alice.get(V2, {"limit": 1}))["notification_groups"]
    assert (await alice.get(V2, {"since_id": newest["most_recent_notification_id"]}))["notification_groups"] == []
    await alice.do("/api/v1/markers", {"notifications[last_read_id]": newest["most_recent_notification_id"]})
    assert (await alice.get(f"{V2}/unread_count"))["count"] == 0


async def test_who_is_suspended_is_not_counted(place):
    alice, others = await crowd(place)
    status = await alice.post("Fête")
    for other in others:
        place.later()
        await other.do(f"/api/v1/statuses/{status['id']}/favourite")
    sql = "UPDATE actors SET state = 'suspended' WHERE id = $1"
    await place.ctx.db.write(lambda tx: tx.execute(sql, others[2].actor.id))
    assert await lines(alice) == [("favourite", 2)], "the newest is suspended: the line goes with it, or counts it"


async def test_a_page_of_groups_costs_the_same_for_few_and_many(place):
    alice, others = await crowd(place)

    async def cost() -> int:
        await alice.get(V2)
        with counted(place.ctx) as asked:
            await alice.get(V2)
        return len(asked)

    async def more(how_many: int) -> None:
        for number in range(how_many):
            status = await alice.post(f"Numéro {number}")
            for other in others:
                place.later()
                await other.do(f"/api/v1/statuses/{status['id']}/favourite")

    await more(1)
    few = await cost()
    await more(6)
    assert await cost() == few
