"""Private talks: who is in them, what was said last, and whether it was read."""

import pytest

from tests.support.statements import counted


async def talk(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    first = await alice.post("@bruno à demain ?", visibility="direct")
    return alice, bruno, first


async def test_a_talk_stands_in_both_lists_and_is_unread_for_who_got_it(place):
    alice, bruno, first = await talk(place)
    (hers,), (his,) = await alice.get("/api/v1/conversations"), await bruno.get("/api/v1/conversations")
    assert (hers["unread"], his["unread"]) == (False, True)
    assert hers["last_status"]["id"] == his["last_status"]["id"] == first["id"]
    assert [account["acct"] for account in hers["accounts"]] == ["bruno"]
    assert [account["acct"] for account in his["accounts"]] == ["alice"]
    place.later()
    answer = await bruno.post("@alice oui", visibility="direct", in_reply_to_id=first["id"])
    (hers,), (again,) = await alice.get("/api/v1/conversations"), await bruno.get("/api/v1/conversations")
    assert hers["unread"], "an answer must be unread for who asked"
    assert not again["unread"], "who answers has read"
    assert again["id"] == his["id"], "an answer goes on in the same talk"
    assert hers["last_status"]["id"] == answer["id"]


async def test_what_is_not_direct_is_no_talk(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.post("@bruno bonjour", visibility="private")
    assert await bruno.get("/api/v1/conversations") == []


async def test_naming_one_more_begins_another_talk(place):
    alice, bruno, first = await talk(place)
    chloe = await place.person("chloe")
    place.later()
    await bruno.post("@alice @chloe venez", visibility="direct", in_reply_to_id=first["id"])
    assert len(await alice.get("/api/v1/conversations")) == 2
    (only,) = await chloe.get("/api/v1/conversations")
    assert {account["acct"] for account in only["accounts"]} == {"alice", "bruno"}


async def test_a_talk_is_read_put_back_and_taken_out_by_its_owner_alone(place):
    alice, bruno, first = await talk(place)
    (his,) = await bruno.get("/api/v1/conversations")
    for verb in ("read", "unread"):
        assert (await alice.client.post(f"/api/v1/conversations/{his['id']}/{verb}")).status == 404
    assert (await alice.client.delete(f"/api/v1/conversations/{his['id']}")).status == 404
    assert (await bruno.do(f"/api/v1/conversations/{his['id']}/read"))["unread"] is False
    assert (await bruno.get("/api/v1/conversations"))[0]["unread"] is False
    assert (await bruno.do(f"/api/v1/conversations/{his['id']}/unread"))["unread"] is True
    assert (await bruno.client.delete(f"/api/v1/conversations/{his['id']}")).json == {}
    assert await bruno.get("/api/v1/conversations") == []
    assert len(await alice.get("/api/v1/conversations")) == 1
    assert (await bruno.get(f"/api/v1/statuses/{first['id']}"))["id"] == first["id"], "the status itself stays"
    assert (await bruno.client.post("/api/v1/conversations/x/read")).status == 404


async def test_a_deleted_status_is_not_the_last_word(place):
    alice, bruno, first = await talk(place)
    place.later()
    second = await alice.post("@bruno pardon", visibility="direct", in_reply_to_id=first["id"])
    (await alice.client.delete(f"/api/v1/statuses/{second['id']}")).ok()
    (his,) = await bruno.get("/api/v1/conversations")
    assert his["last_status"]["id"] == first["id"]
    (await alice.client.delete(f"/api/v1/statuses/{first['id']}")).ok()
    assert await bruno.get("/api/v1/conversations") == await alice.get("/api/v1/conversations") == []


async def test_a_stranger_writes_and_a_block_ends_it(place):
    alice = await place.person("alice")
    zoe = await place.stranger("zoe")
    await place.receive(
        zoe, (alice.actor,), to=[alice.actor.uri], cc=[], tag=[{"type": "Mention", "href": alice.actor.uri}]
    )
    (hers,) = await alice.get("/api/v1/conversations")
    assert hers["unread"]
    assert hers["accounts"][0]["acct"] == "zoe@ailleurs.example"
    assert [status["id"] for status in await alice.get("/api/v1/timelines/direct")] == [hers["last_status"]["id"]]
    await alice.do(f"/api/v1/accounts/{zoe.id}/block")
    assert await alice.get("/api/v1/conversations") == []
    assert await alice.get("/api/v1/timelines/direct") == []


async def test_a_word_to_oneself_shows_oneself(place):
    alice = await place.person("alice")
    await alice.post("à ne pas oublier", visibility="direct")
    (own,) = await alice.get("/api/v1/conversations")
    assert [account["acct"] for account in own["accounts"]] == ["alice"]
    assert own["unread"] is False


async def test_pages_follow_the_last_words(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    said = []
    for number in range(3):
        place.later()
        said.append((await alice.post(f"@bruno {number}", visibility="direct"))["id"])
    answer = await bruno.client.get("/api/v1/conversations", {"limit": 2})
    assert [each["last_status"]["id"] for each in answer.json] == said[:0:-1]
    assert f"max_id={said[1]}" in answer.headers["link"]
    rest = await bruno.get("/api/v1/conversations", {"max_id": said[1]})
    assert [each["last_status"]["id"] for each in rest] == said[:1]


async def test_a_page_costs_the_same_whatever_is_on_it(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")

    async def cost() -> int:
        with counted(place.ctx) as asked:
            await bruno.get("/api/v1/conversations")
        return len(asked)

    for number in range(2):
        place.later()
        await alice.post(f"@bruno {number}", visibility="direct")
    await cost()
    few = await cost()
    for number in range(10):
        place.later()
        await alice.post(f"@bruno encore {number}", visibility="direct")
    await cost()
    assert await cost() == few


@pytest.mark.parametrize("scope", ["read:accounts", "write:statuses"])
async def test_another_scope_reads_no_talks(place, scope):
    alice = await place.person("alice", scopes=(scope,))
    assert (await alice.client.get("/api/v1/conversations")).status == 403
    assert (await alice.client.delete("/api/v1/conversations/1")).status == 403
