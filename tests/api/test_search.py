"""Finding people and statuses: by handle, by address, here and elsewhere."""

from urllib.parse import quote

from node.timeline.search.index import Indexer


async def test_people_are_found_by_the_beginning_of_their_name(place):
    alice, alicia = await place.person("alice"), await place.person("alicia", domain=place.agglo)
    alain = await place.stranger("alain")
    found = await alice.get("/api/v2/search", {"q": "ali"})
    assert {a["id"] for a in found["accounts"]} == {alice.id, alicia.id}
    found = await alice.get("/api/v1/accounts/search", {"q": "@alain@ailleurs.example"})
    assert [a["id"] for a in found] == [str(alain.id)]
    assert await alice.get("/api/v1/accounts/search", {"q": "ali", "limit": 1})
    await alice.do(f"/api/v1/accounts/{alicia.id}/follow")
    found = await alice.get("/api/v1/accounts/search", {"q": "ali", "following": True})
    assert [a["id"] for a in found] == [alicia.id]
    assert (await alice.get("/api/v2/search", {"q": "ali", "offset": 20}))["accounts"] == []


async def test_hashtags_are_found_by_their_beginning(place):
    alice = await place.person("alice")
    await alice.post("#Événement #évasion #marché")
    for q in ("#eve", "eve", "ÉVÉ"):
        found = await alice.get("/api/v2/search", {"q": q, "type": "hashtags"})
        assert [tag["name"] for tag in found["hashtags"]] == ["Événement"], q
        assert found["accounts"] == []


async def test_a_known_status_or_account_is_found_by_its_address(place):
    alice, bob = await place.person("alice"), await place.stranger("bob")
    status, post = await alice.post("Bonjour"), await place.receive(bob)
    for url, id_ in ((status["uri"], status["id"]), (status["url"], status["id"]), (post.uri, str(post.id))):
        found = await alice.get("/api/v2/search", {"q": url})
        assert [s["id"] for s in found["statuses"]] == [id_], url
    for url, account_id in (
        (alice.actor.uri, alice.id), (alice.actor.url, alice.id), (bob.uri, str(bob.id)), (bob.url, str(bob.id)),
    ):  # fmt: skip
        found = await alice.get("/api/v2/search", {"q": url})
        assert [a["id"] for a in found["accounts"]] == [account_id], url
    found = await alice.get("/api/v2/search", {"q": status["uri"], "type": "accounts"})
    assert found["statuses"] == []


async def test_a_hidden_status_is_not_found_by_its_address(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    secret = await alice.post("Chut", visibility="private")
    for url in (secret["uri"], secret["url"]):
        for resolve in (False, True):
            found = await bruno.get("/api/v2/search", {"q": url, "resolve": resolve})
            assert found == {"accounts": [], "statuses": [], "hashtags": []}


async def test_other_servers_are_asked_only_for_people_with_an_account(place):
    said = await place.client().get("/api/v2/search", {"q": "bob@ailleurs.example", "resolve": True})
    assert said.status == 403
    assert (await place.client().get("/api/v2/search", {"q": "bob"})).status == 200
    assert place.ctx.network.sent == []


async def test_a_server_that_does_not_answer_means_nothing_found(place):
    alice = await place.person("alice")
    for q in (
        "bob@ailleurs.example",
        "https://ailleurs.example/users/bob",
        "https://10.0.0.1/x",
        "http://[",
        "a@b@c",
        "@",
    ):
        found = await alice.get(f"/api/v2/search?resolve=true&q={quote(q)}")
        assert found == {"accounts": [], "statuses": [], "hashtags": []}, q


async def test_statuses_are_found_by_their_words(place):
    """By those who may find them; v1 names hashtags, v2 shows them with their days."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    answer = await alice.client.patch("/api/v1/accounts/update_credentials", {"indexable": "true"})
    assert answer.status == 200
    status = await alice.post("Le marché de Noël #marché")
    while await Indexer().turn(place.ctx):
        pass
    for path in ("/api/v1/search", "/api/v2/search"):
        found = await bruno.get(path, {"q": "marchés noel"})
        assert [each["id"] for each in found["statuses"]] == [status["id"]], path
        assert found["hashtags"] == []
    assert (await bruno.get("/api/v2/search", {"q": "marché", "type": "statuses", "offset": 1}))["statuses"] == []
    found = await bruno.get("/api/v2/search", {"q": "noël", "account_id": bruno.id})
    assert found["statuses"] == []
    (tag,) = (await bruno.get("/api/v2/search", {"q": "#marché"}))["hashtags"]
    assert len(tag["history"]) == 7
    assert tag["history"][0]["uses"] == "1"
    assert (await bruno.get("/api/v1/search", {"q": "#marche"}))["hashtags"] == ["marché"]
    said = await place.client().get("/api/v2/search", {"q": "noël"})
    assert said.json["statuses"] == [], "a stranger searches texts"


async def test_trends(place):
    """In the form that clients need: the hashtag on every account's lips, and no status that nobody liked."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for who in (alice, bruno):
        await who.post("#fête")
    (tag,) = await alice.get("/api/v1/trends/tags")
    assert tag["name"] == "fête"
    assert tag["history"][0]["accounts"] == "2"
    assert await alice.get("/api/v1/trends") == [tag]
    assert await alice.get("/api/v1/trends/statuses") == []
