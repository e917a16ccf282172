"""What happened to me, and how far I have read."""


async def test_everything_that_happens_is_told(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Bonjour")
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    for verb in ("favourite", "reblog"):
        place.later()
        await bruno.do(f"/api/v1/statuses/{status['id']}/{verb}")
    place.later()
    answer = await bruno.post("@alice bonjour", in_reply_to_id=status["id"])
    told = await alice.get("/api/v1/notifications")
    assert [n["type"] for n in told] == ["mention", "reblog", "favourite", "follow"]
    assert told[0]["status"]["id"] == answer["id"]
    assert told[1]["status"]["id"] == status["id"]
    assert "status" not in told[3]
    assert {n["account"]["acct"] for n in told} == {"bruno"}
    one = await alice.get(f"/api/v1/notifications/{told[0]['id']}")
    assert one == told[0]
    assert (await bruno.client.get(f"/api/v1/notifications/{told[0]['id']}")).status == 404


async def test_one_reads_the_kinds_one_asks_for(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Bonjour")
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    await bruno.do(f"/api/v1/statuses/{status['id']}/favourite")

    async def kinds(query: str) -> list[str]:
        return [n["type"] for n in await alice.get(f"/api/v1/notifications?{query}")]

    assert await kinds("types[]=follow") == ["follow"]
    assert await kinds("exclude_types[]=follow&exclude_types[]=poll") == ["favourite"]
    assert await kinds("types[]=a_kind_of_the_future") == []
    assert await kinds(f"account_id={alice.id}") == []
    assert await kinds("limit=1") == ["favourite"]


async def test_what_was_read_is_remembered_for_every_device(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    assert await alice.get("/api/v1/markers?timeline[]=home&timeline[]=notifications") == {}
    for _ in range(2):
        place.later()
        await bruno.post("@alice bonjour")
    told = await alice.get("/api/v1/notifications")
    assert await alice.get("/api/v1/notifications/unread_count") == {"count": 2}
    saved = await alice.do("/api/v1/markers", {"notifications[last_read_id]": told[1]["id"]})
    assert saved["notifications"]["last_read_id"] == told[1]["id"]
    assert await alice.get("/api/v1/notifications/unread_count") == {"count": 1}
    saved = (await alice.client.post("/api/v1/markers", json={"home": {"last_read_id": "12"}})).ok()
    assert list(saved) == ["home"]
    both = await alice.get("/api/v1/markers?timeline[]=home&timeline[]=notifications")
    assert both["home"]["last_read_id"] == "12"
    assert (await alice.client.post("/api/v1/markers", {"home[last_read_id]": "x"})).status == 400


async def test_notifications_are_put_away(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for _ in range(3):
        place.later()
        await bruno.post("@alice bonjour")
    told = await alice.get("/api/v1/notifications")
    assert (await bruno.client.post(f"/api/v1/notifications/{told[0]['id']}/dismiss")).status == 200
    assert len(await alice.get("/api/v1/notifications")) == 3, "somebody put away what was told to another"
    assert await alice.do(f"/api/v1/notifications/{told[0]['id']}/dismiss") == {}
    assert [n["id"] for n in await alice.get("/api/v1/notifications")] == [n["id"] for n in told[1:]]
    assert await alice.do("/api/v1/notifications/clear") == {}
    assert await alice.get("/api/v1/notifications") == []


async def test_a_deleted_status_leaves_no_half_notification(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await bruno.post("@alice bonjour")
    (await bruno.client.delete(f"/api/v1/statuses/{status['id']}")).ok()
    assert await alice.get("/api/v1/notifications") == []
