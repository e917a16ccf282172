"""A citizen opens her application for the first time: who am I, what does the town say, I answer."""


async def test_a_citizen_writes_and_reads_it_everywhere(place):
    alice = await place.person("alice")
    status = await alice.post("Bonjour #Rennes")
    assert status["account"]["acct"] == "alice"
    assert status["content"].startswith("<p>Bonjour")
    assert (await alice.get("/api/v1/timelines/home"))[0]["id"] == status["id"]
    assert (await alice.get("/api/v1/timelines/public"))[0]["id"] == status["id"]
    assert (await alice.get("/api/v1/timelines/tag/rennes"))[0]["id"] == status["id"]
    assert await alice.get(f"/api/v1/statuses/{status['id']}") == status
    assert (await alice.get("/api/v1/accounts/verify_credentials"))["statuses_count"] == 1
