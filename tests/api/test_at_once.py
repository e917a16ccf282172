"""Statuses that are written at the same moment: each for itself, and what follows from them once for all."""

import asyncio

from tests.support.statements import Statements

LIMIT = 5_000


async def test_each_has_its_own_answer(place):
    """Twelve at once, one of them too long and one for which a key stands: each author hears of her own."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    asked = [(who, {"status": f"Point {n} #Conseil"}) for n, who in enumerate([alice, bruno] * 5)]
    good = [who.client.post("/api/v1/statuses", data) for who, data in asked]
    long = alice.client.post("/api/v1/statuses", {"status": "x" * (LIMIT + 1)})
    again = [alice.client.post("/api/v1/statuses", {"status": "Une fois"}, Idempotency_Key="k") for _ in range(2)]
    refused, *answers = await asyncio.gather(long, *good, *again)
    assert refused.status == 422
    assert [answer.status for answer in answers] == [200] * 12
    said = [answer.ok() for answer in answers]
    assert [each["account"]["username"] for each in said[:10]] == ["alice", "bruno"] * 5
    assert [f"Point {n} " in each["content"] for n, each in enumerate(said[:10])] == [True] * 10
    assert said[10]["id"] == said[11]["id"], "a key stood for two statuses"
    assert len({each["id"] for each in said}) == 11
    assert (await alice.get("/api/v1/accounts/verify_credentials"))["statuses_count"] == 6
    assert (await bruno.get("/api/v1/accounts/verify_credentials"))["statuses_count"] == 5
    assert len(await alice.home()) == 6
    assert len((await place.client().get("/api/v1/timelines/tag/conseil")).ok()) == 10


async def test_what_follows_from_them_is_asked_once(place):
    people = [await place.person(f"agent{number}") for number in range(12)]
    statements = Statements(place.ctx)
    await asyncio.gather(*(each.post("Bonjour #Conseil") for each in people))
    statements.rest()
    for kind in ("INSERT INTO feed_tail", "UPDATE actors SET posts_count", "SELECT member_id FROM agreements"):
        times = sum(sql.startswith(kind) for sql in statements.asked)
        assert 0 < times < len(people) // 2, f"{kind}: {times} times for {len(people)} statuses"
