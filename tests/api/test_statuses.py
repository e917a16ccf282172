"""Writing, answering, changing and deleting, as an application sees it."""

import pytest

from node.timeline import posts


async def test_a_status_comes_back_as_it_will_be_read(place):
    alice = await place.person("alice")
    written = await alice.post("Marché ce soir #Rennes https://ville.example/marche", language="fr")
    read = await alice.get(f"/api/v1/statuses/{written['id']}")
    assert read == written
    assert read["created_at"].endswith("Z")
    assert len(read["created_at"]) == len("2026-01-31T10:00:00.000Z")
    assert read["tags"] == [{"name": "Rennes", "url": "https://ville.example/tags/rennes"}]
    assert read["application"]["name"] == "Une application"
    assert read["visibility"] == "public"
    assert read["url"].startswith("https://ville.example/@alice/")
    assert read["account"]["avatar"] == "https://ville.example/media/default/avatar.png"


async def test_a_stranger_reads_it_without_what_belongs_to_readers(place):
    alice = await place.person("alice")
    written = await alice.post("Bonjour")
    read = (await place.client().get(f"/api/v1/statuses/{written['id']}")).ok()
    assert "favourited" not in read
    assert {name: read[name] for name in ("id", "content", "account")} == {
        name: written[name] for name in ("id", "content", "account")
    }


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_all_is_not_there_for_others(place, visibility):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    secret = await alice.post("Entre nous", visibility=visibility)
    assert secret["visibility"] == visibility
    missing = await bruno.client.get("/api/v1/statuses/1")
    for client in (bruno.client, place.client()):
        for path in ("", "/context", "/history", "/favourited_by", "/reblogged_by", "/card"):
            said = await client.get(f"/api/v1/statuses/{secret['id']}{path}")
            assert (said.status, said.body) == (404, missing.body), f"{path} tells that a hidden status exists"
    for verb in ("favourite", "reblog", "bookmark"):
        assert (await bruno.client.post(f"/api/v1/statuses/{secret['id']}/{verb}")).status == 404
    assert (await bruno.client.post("/api/v1/statuses", {"status": "x", "in_reply_to_id": secret["id"]})).status == 404
    assert (await bruno.client.get(f"/api/v1/statuses?id[]={secret['id']}")).ok() == []
    assert await bruno.get(f"/api/v1/accounts/{alice.id}/statuses") == []
    assert await bruno.get("/api/v1/timelines/public") == []


async def test_a_direct_status_reaches_who_is_named(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    secret = await alice.post("@bruno à demain", visibility="direct")
    assert secret["mentions"][0]["acct"] == "bruno"
    assert (await bruno.get(f"/api/v1/statuses/{secret['id']}"))["visibility"] == "direct"
    assert (await bruno.get("/api/v1/notifications"))[0]["status"]["id"] == secret["id"]


async def test_a_conversation_is_read_from_its_first_word(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    first = await alice.post("Un")
    second = await bruno.post("@alice Deux", in_reply_to_id=first["id"])
    third = await alice.post("@bruno Trois", in_reply_to_id=second["id"])
    assert second["in_reply_to_id"] == first["id"]
    assert second["in_reply_to_account_id"] == alice.id
    around = await bruno.get(f"/api/v1/statuses/{second['id']}/context")
    assert [s["id"] for s in around["ancestors"]] == [first["id"]]
    assert [s["id"] for s in around["descendants"]] == [third["id"]]
    assert (await alice.get(f"/api/v1/statuses/{first['id']}"))["replies_count"] == 1


async def test_an_answer_is_never_read_by_more_than_what_it_answers(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    secret = await alice.post("@bruno chut", visibility="direct")
    answer = await bruno.post("@alice promis", in_reply_to_id=secret["id"])
    assert answer["visibility"] == "direct", "a client that states no visibility must not publish a private talk"


async def test_a_changed_status_says_what_it_said_before(place):
    alice = await place.person("alice")
    status = await alice.post("Réunion à 18 h", spoiler_text="Agenda")
    place.later(60)
    changed = (
        await alice.client.put(f"/api/v1/statuses/{status['id']}", {"status": "Réunion à 19 h", "spoiler_text": ""})
    ).ok()
    assert "19 h" in changed["content"]
    assert changed["edited_at"]
    assert (await alice.get(f"/api/v1/statuses/{status['id']}")) == changed
    history = await alice.get(f"/api/v1/statuses/{status['id']}/history")
    assert [("18 h" in v["content"], v["spoiler_text"]) for v in history] == [(True, "Agenda"), (False, "")]
    source = await alice.get(f"/api/v1/statuses/{status['id']}/source")
    assert source == {"id": status["id"], "text": "Réunion à 19 h", "spoiler_text": ""}


async def test_a_change_of_text_poll_and_policy_is_one(place):
    """Mastodon's own page sends who may quote with every edit: the poll that came with it must not get lost."""
    alice = await place.person("alice")
    path = f"/api/v1/statuses/{(await alice.post('Samedi ?'))['id']}"
    change = {"status": "Quand ?", "poll": {"options": ["Samedi", "Dimanche"], "expires_in": 3600}}
    edited = (await alice.client.put(path, json={**change, "quote_approval_policy": "nobody"})).ok()
    assert edited["quote_approval"]["automatic"] == []
    assert edited["poll"] is not None, "the poll of an edited status is not shown"
    assert [each["title"] for each in edited["poll"]["options"]] == ["Samedi", "Dimanche"]
    refused = await alice.client.put(path, json={"status": "Où ?", "quote_approval_policy": "personne"})
    assert refused.status == 422
    assert "Quand" in (await alice.get(path))["content"], "what was refused was kept all the same"


async def test_only_its_author_sees_the_source_changes_or_deletes(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("À moi")
    path = f"/api/v1/statuses/{status['id']}"
    assert (await bruno.client.get(path + "/source")).status == 404
    assert (await bruno.client.put(path, {"status": "À moi"})).status == 404
    assert (await bruno.client.delete(path)).status == 404
    assert (await alice.get(path))["content"] == status["content"]


async def test_a_deleted_status_comes_back_with_its_text_to_be_written_again(place):
    alice = await place.person("alice")
    status = await alice.post("Une fôte")
    deleted = (await alice.client.delete(f"/api/v1/statuses/{status['id']}")).ok()
    assert deleted["text"] == "Une fôte"
    assert (await alice.client.get(f"/api/v1/statuses/{status['id']}")).status == 404
    assert await alice.home() == []
    assert (await alice.client.delete(f"/api/v1/statuses/{status['id']}")).status == 404


async def test_a_client_that_sends_twice_publishes_once(place):
    alice = await place.person("alice")
    one = await alice.do("/api/v1/statuses", {"status": "Une fois"}, Idempotency_Key="k1")
    two = await alice.do("/api/v1/statuses", {"status": "Une fois"}, Idempotency_Key="k1")
    other = await alice.do("/api/v1/statuses", {"status": "Une fois"}, Idempotency_Key="k2")
    assert one == two
    assert other["id"] != one["id"]
    assert len(await alice.home()) == 2


async def test_what_is_done_with_a_status_shows_on_it_and_can_be_undone(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Bonne nouvelle")
    path = f"/api/v1/statuses/{status['id']}"
    for verb, undo, flag, counter in (
        ("favourite", "unfavourite", "favourited", "favourites_count"),
        ("bookmark", "unbookmark", "bookmarked", None),
        ("reblog", "unreblog", "reblogged", "reblogs_count"),
    ):
        for _ in range(2):  # twice is once
            done = await bruno.do(f"{path}/{verb}")
            assert done[flag] is True
        read = await bruno.get(path)
        assert read[flag] is True
        assert counter is None or read[counter] == 1
        undone = await bruno.do(f"{path}/{undo}")
        assert undone[flag] is False
        assert undone["id"] == status["id"]
        assert counter is None or undone[counter] == 0


async def test_a_boost_stands_around_what_it_boosts(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("À partager")
    boost = await bruno.do(f"/api/v1/statuses/{status['id']}/reblog")
    assert boost["reblog"]["id"] == status["id"]
    assert boost["account"]["id"] == bruno.id
    assert boost["url"]
    assert boost["id"] > status["id"]
    assert [s["id"] for s in await bruno.get("/api/v1/timelines/home")] == [boost["id"]]
    by = await alice.get(f"/api/v1/statuses/{status['id']}/reblogged_by")
    assert [account["id"] for account in by] == [bruno.id]
    liked = await alice.do(f"/api/v1/statuses/{boost['id']}/favourite")
    assert liked["id"] == status["id"], "the button under a boost acts on what is boosted"


async def test_kept_statuses_are_listed(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    one, two = await alice.post("Un"), await alice.post("Deux")
    for verb, path in (("bookmark", "/api/v1/bookmarks"), ("favourite", "/api/v1/favourites")):
        for status in (one, two):
            place.later()
            await bruno.do(f"/api/v1/statuses/{status['id']}/{verb}")
        assert [s["id"] for s in await bruno.get(path)] == [two["id"], one["id"]]
        assert await alice.get(path) == []
    assert [a["id"] for a in await alice.get(f"/api/v1/statuses/{one['id']}/favourited_by")] == [bruno.id]


async def test_pinned_statuses_stand_at_the_top_of_the_page(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("À lire")
    assert status["pinned"] is False
    assert (await alice.do(f"/api/v1/statuses/{status['id']}/pin"))["pinned"] is True
    pinned = await bruno.get(f"/api/v1/accounts/{alice.id}/statuses", {"pinned": True})
    assert [s["id"] for s in pinned] == [status["id"]]
    assert (await bruno.client.post(f"/api/v1/statuses/{status['id']}/pin")).status == 422
    assert (await alice.do(f"/api/v1/statuses/{status['id']}/unpin"))["pinned"] is False
    assert await bruno.get(f"/api/v1/accounts/{alice.id}/statuses", {"pinned": True}) == []


async def test_several_statuses_are_read_at_once(place):
    alice = await place.person("alice")
    one, two = await alice.post("Un"), await alice.post("Deux")
    found = await alice.get(f"/api/v1/statuses?id[]={two['id']}&id[]=12&id[]={one['id']}")
    assert [s["id"] for s in found] == [two["id"], one["id"]]


async def test_an_article_from_elsewhere_shows_its_title(place):
    alice, author = await place.person("alice"), await place.stranger("journal")
    post = await place.receive(author, type="Article", name="Fruits & légumes", content="<p>Texte</p>")
    read = await alice.get(f"/api/v1/statuses/{post.id}")
    assert read["content"] == "<p><strong>Fruits &amp; légumes</strong></p><p>Texte</p>"
    assert read["account"]["acct"] == "journal@ailleurs.example"


async def test_a_reply_that_found_its_parent_shows_it(place):
    alice, author = await place.person("alice"), await place.stranger("bob")
    parent_uri = f"{author.uri}/statuses/parent"
    reply = await place.receive(author, inReplyTo=parent_uri)
    assert (await alice.get(f"/api/v1/statuses/{reply.id}"))["in_reply_to_id"] is None
    parent = await place.receive(author, id=parent_uri)
    assert (await alice.get(f"/api/v1/statuses/{reply.id}"))["in_reply_to_id"] == str(parent.id)


async def test_a_status_without_rendered_bytes_is_rendered_when_read(place):
    alice = await place.person("alice")
    status = await alice.post("Bonjour #Rennes")
    await place.ctx.db.write(lambda tx: tx.execute("UPDATE posts SET fragment = NULL"))
    place.ctx.cache.of("post_fragments").clear()
    assert await alice.get(f"/api/v1/statuses/{status['id']}") == status


async def test_a_name_that_leads_nowhere_stays_words_and_the_status_is_published(place):
    alice = await place.person("alice")
    status = await alice.post("@personne@nulle.example et @absent, bonjour")
    assert status["mentions"] == []
    assert "@personne@nulle.example" in status["content"]


async def test_controls_in_a_text_cannot_pretend_to_be_marks(place):
    """Rendered bytes hold 0x01 and 0x02 where the host matters; a text with such characters changes nothing."""
    alice, author = await place.person("alice"), await place.stranger("bob", name="a\x01@ville.example\x01\x02")
    post = await place.receive(author, content="<p>x\x01@ville.example\x01 \x02</p>", summary="\x02")
    read = await alice.get(f"/api/v1/statuses/{post.id}")
    assert "https://ville.example" not in read["content"]
    assert await posts.by_id(place.ctx.db.reader, post.id)
