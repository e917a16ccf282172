"""What other servers read here: actors, posts and collections under their ids, and to whom they are shown."""

from typing import Any

import pytest

from node.actors import actors, blocks
from node.federation.vocab import documents as vocab
from node.timeline import pins, posts
from tests.federation.conftest import Scene
from tests.support.client import Answer
from tests.support.peer import PUBLIC, a_follower

AP = "application/activity+json"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def get(scene: Scene, url: str, accept: str = AP) -> Answer:
    return await scene.node.visitor().get(url.removeprefix("https://lyon.example"), accept=accept)


async def test_an_actor(scene: Scene) -> None:
    town = await scene.node.town("bruz", insee="35047", siren="213500473", summary_source="Commune de Bruz")
    answer = await get(scene, town.actor.uri)
    document = answer.ok()
    assert document["id"] == town.actor.uri
    assert document["type"] == "Organization"
    assert document["webfinger"] == "bruz@lyon.example"
    assert document["publicKey"]["owner"] == town.actor.uri
    assert document["assertionMethod"][0]["publicKeyMultibase"].startswith("z6Mk")
    assert document["endpoints"]["sharedInbox"] == "https://lyon.example/inbox"
    fields = {field["name"]: field["value"] for field in document["attachment"]}
    proof = "Déclarés par le compte, non vérifiés"
    assert fields == {"Code INSEE": "35047", "SIREN": "213500473", "Preuve des codes": proof}
    assert vocab.read(document).id == town.actor.uri, "our own reader does not understand our own actor"
    assert answer.headers["content-type"] == AP
    assert "accept" in answer.headers["vary"].lower()
    assert "public" in answer.headers["cache-control"]


async def test_a_reader_that_expands_finds_the_multikey(scene: Scene) -> None:
    """Fedify reads JSON-LD: a property that no context defines is not there (seen: it found no key for our proofs)."""
    document = (await get(scene, scene.bob.actor.uri)).ok()
    assert "https://w3id.org/security/multikey/v1" in document["@context"]
    own = next(each for each in document["@context"] if isinstance(each, dict))
    assert own["assertionMethod"] == {
        "@id": "https://w3id.org/security#assertionMethod", "@container": "@set", "@type": "@id",
    }  # fmt: skip


async def test_the_instance_actor_is_readable_unsigned(scene: Scene) -> None:
    document = (await get(scene, "/actor")).ok()
    assert document["type"] == "Application"
    assert document["id"] == "https://lyon.example/actor"
    assert document["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY")


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        (AP, 200, AP),
        (LD, 200, LD),
        (f"{AP}, {LD}", 200, AP),
        (f"{LD}, {AP};q=0.5", 200, LD),
        ("application/json", 200, AP),
        ("*/*", 200, AP),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 302, None),
        (f"text/html, {AP};q=0.9", 302, None),
        (f"{AP}, text/html;q=0.9", 200, AP),
        ("image/png", 406, None),
        ("text/turtle", 406, None),
    ],
)
async def test_exact_negotiation(scene: Scene, accept: str, status: int, kind: str | None) -> None:
    for path, page in (("/users/bob", "https://lyon.example/@bob"), ("/actor", "https://lyon.example/about")):
        answer = await get(scene, path, accept)
        assert answer.status == status, f"{path} with {accept!r}"
        assert "accept" in answer.headers["vary"].lower(), "a cache would mix the page and the document"
        if kind:
            assert answer.headers["content-type"] == kind
        if status == 302:
            assert answer.headers["location"] == page


COLLECTIONS = ("outbox", "outbox?page=true", "followers", "followers?page=true", "following", "collections/featured")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (AP, 200),
        (LD, 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("text/html", 406),
        ("image/png", 406),
        (f"{AP};q=0, */*;q=0.5", 200),  # as ld+json
        (f"{AP};q=0, application/ld+json;q=0, application/json;q=0, */*", 406),
    ],
)
async def test_what_has_no_page_is_a_document_or_nothing(scene: Scene, accept: str, status: int) -> None:
    post = await scene.bob.post("Bonjour")
    paths = [f"/users/bob/{each}" for each in COLLECTIONS]
    paths += ["/actor/outbox", *(f"/users/bob/statuses/{post['id']}/{each}" for each in ("activity", "replies"))]
    for path in paths:
        answer = await get(scene, path, accept)
        assert answer.status == status, f"{path} with {accept!r}"
        assert "accept" in answer.headers["vary"].lower()


async def test_what_a_server_holds_already_is_not_sent_again(scene: Scene) -> None:
    """Each public document has a tag of its bytes and its type; another edition has another one."""
    post = await scene.bob.post("Bonjour")
    for path in ("/users/bob", f"/users/bob/statuses/{post['id']}", "/users/bob/outbox?page=true", "/actor"):
        first = await get(scene, path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"].startswith("public, max-age=")
        for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await scene.node.visitor().get(path, accept=AP, if_none_match=held)
            assert (again.status, again.body) == (304, b""), f"{path} was sent again to who holds {held}"
            assert again.headers["etag"] == tag
        assert (await scene.node.visitor().get(path, accept=LD, if_none_match=tag)).status == 200
    path = f"/users/bob/statuses/{post['id']}"
    before = (await get(scene, path)).headers["etag"]
    (await scene.bob.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Bonsoir"})).ok()
    after = await scene.node.visitor().get(path, accept=AP, if_none_match=before)
    assert after.status == 200, "an edit is hidden by the old tag"


async def test_nobody(scene: Scene) -> None:
    assert (await get(scene, "/users/nobody")).status == 404
    assert (await get(scene, f"/users/bob/statuses/{'9' * 5000}")).status == 404
    assert (await get(scene, "/users/bob/statuses/abc")).status == 404


async def test_a_note(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    posted = await scene.bob.post("Bonjour @zoe@elsewhere.example #Marché", language="fr", spoiler_text="Marché")
    note = (await get(scene, posted["uri"])).ok()
    assert note["type"] == "Note"
    assert note["id"] == posted["uri"]
    assert note["attributedTo"] == scene.bob.actor.uri
    assert note["to"] == [PUBLIC]
    assert scene.zoe.uri in note["cc"]
    assert note["contentMap"] == {"fr": note["content"]}
    assert note["source"]["content"].startswith("Bonjour")
    assert (note["summary"], note["sensitive"]) == ("Marché", True)
    tags = {(tag["type"], tag["name"]) for tag in note["tag"]}
    assert tags == {("Mention", "@zoe@elsewhere.example"), ("Hashtag", "#Marché")}
    read = vocab.read(note)
    assert read.id == posted["uri"], "our own reader does not understand our own note"


async def test_a_create_and_an_announce(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    create = (await get(scene, f"{posted['uri']}/activity")).ok()
    assert (create["type"], create["object"]["id"]) == ("Create", posted["uri"])
    boost = await scene.bob.act("reblog", posted["id"])
    announce = (await get(scene, boost["uri"])).ok()
    assert (announce["type"], announce["object"]) == ("Announce", posted["uri"])
    assert announce["id"] == boost["uri"]


async def test_a_deleted_post_and_a_deleted_actor_leave_tombstones(scene: Scene) -> None:
    posted = await scene.bob.post("Bientôt parti")
    (await scene.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
    answer = await get(scene, posted["uri"])
    assert (answer.status, answer.json["type"]) == (410, "Tombstone")
    await scene.ctx.db.write(lambda tx: actors.delete_local(tx, scene.ctx, actor=scene.bob.actor))
    answer = await get(scene, scene.bob.actor.uri)
    assert (answer.status, answer.json["type"], answer.json["formerType"]) == (410, "Tombstone", "Person")
    assert (await get(scene, scene.bob.actor.outbox)).status == 410
    assert (
        await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), path="/users/bob/inbox")
    ).status == 410


async def private(scene: Scene, visibility: str) -> str:
    posted = await scene.bob.post("Entre nous @zoe@elsewhere.example", visibility=visibility)
    uri: str = posted["uri"]
    return uri


async def test_private_and_missing_look_the_same(scene: Scene) -> None:
    """GHSA-gwhw-gcjx-72v8: other words would say that a private post exists."""
    missing = await get(scene, f"{scene.bob.actor.uri}/statuses/1")
    assert missing.status == 404
    for visibility in ("private", "direct"):
        posted = await scene.bob.post("Entre nous", visibility=visibility)
        for path in (posted["uri"], f"{posted['uri']}/activity", f"{posted['uri']}/replies"):
            answer = await get(scene, path)
            seen = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
            expected = {name: value for name, value in missing.headers.items() if name not in ("x-request-id", "date")}
            assert (answer.status, answer.body, seen) == (404, missing.body, expected), f"{visibility}: {path}"
        page = await get(scene, posted["uri"], "text/html")
        nowhere = await get(scene, f"{scene.bob.actor.uri}/statuses/1", "text/html")
        assert page.status == nowhere.status


async def test_a_deleted_post_was_there_for_its_readers_only(scene: Scene) -> None:
    """410 tells that there was something: of what was not public, a stranger learns nothing by its end either."""
    missing = await get(scene, f"{scene.bob.actor.uri}/statuses/1")
    for visibility, status in (("public", 410), ("unlisted", 410), ("private", 404), ("direct", 404)):
        posted = await scene.bob.post("Bientôt parti", visibility=visibility)
        (await scene.bob.client.delete(f"/api/v1/statuses/{posted['id']}")).ok()
        answer = await get(scene, posted["uri"])
        assert answer.status == status, visibility
        assert status == 410 or answer.body == missing.body


async def test_a_private_post_is_shown_to_a_follower_who_signs(scene: Scene) -> None:
    mallory = await scene.peer.actor("mallory")
    await a_follower(scene.peer, "anne", scene.bob)
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    posted = await scene.bob.post("Entre nous", visibility="private")
    answer = await scene.zoe.get(posted["uri"])
    assert answer.status == 200, "a follower cannot read the post"
    assert "no-store" in answer.headers["Cache-Control"], "a shared cache would show it to others"
    assert (await mallory.get(posted["uri"])).status == 404, "somebody who does not follow read it"
    assert (await mallory.get(posted["uri"], key_id=scene.zoe.key_id)).status == 404
    zoe = await actors.by_uri(scene.ctx.db.reader, scene.zoe.uri)
    assert zoe is not None
    await scene.ctx.db.write(lambda tx: blocks.block(tx, scene.ctx, actor=scene.bob.actor, target=zoe))
    assert (await scene.zoe.get(posted["uri"])).status == 404, "who is blocked still reads"


async def test_a_direct_post_is_shown_to_whom_it_names(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    uri = await private(scene, "direct")
    assert (await scene.zoe.get(uri)).status == 200
    anne = await a_follower(scene.peer, "anne", scene.bob)
    assert (await anne.get(uri)).status == 404


async def pages(scene: Scene, uri: str) -> list[Any]:
    """Everything in a collection, page after page."""
    found: list[Any] = []
    following: str | None = (await get(scene, uri)).ok()["first"]
    while following:
        page = (await get(scene, following)).ok()
        assert page["id"] == following
        assert page["partOf"] == uri
        found += page["orderedItems"]
        following = page.get("next")
    return found


async def test_the_outbox_holds_what_anyone_may_read(scene: Scene) -> None:
    for number in range(23):
        await scene.bob.post(f"Annonce {number}")
    await scene.bob.post("Entre nous", visibility="private")
    await scene.bob.post("Secret", visibility="direct")
    boosted = await scene.bob.post("Discret", visibility="unlisted")
    await scene.bob.act("reblog", boosted["id"])
    items = await pages(scene, scene.bob.actor.outbox)
    assert [item["type"] for item in items] == ["Announce"] + ["Create"] * 24
    assert all(item["to"] == [PUBLIC] or PUBLIC in item["cc"] for item in items), "the outbox shows private posts"


class Counting:
    """A reader that counts what it is asked."""

    def __init__(self, plain: Any) -> None:
        self.plain, self.dialect, self.asked = plain, plain.dialect, 0

    async def fetch(self, *args: Any) -> Any:
        self.asked += 1
        return await self.plain.fetch(*args)

    async def row(self, *args: Any) -> Any:
        self.asked += 1
        return await self.plain.row(*args)

    async def value(self, *args: Any) -> Any:
        self.asked += 1
        return await self.plain.value(*args)


async def test_the_outbox_costs_the_same_whatever_its_length(scene: Scene) -> None:
    plain = scene.ctx.db.reader
    await get(scene, scene.bob.actor.uri)  # what is remembered for seconds is read
    asked = []
    for more in (1, 12):
        for number in range(more):
            await scene.bob.post(f"Annonce {number}")
        scene.ctx.db.reader = counting = Counting(plain)
        (await get(scene, f"{scene.bob.actor.outbox}?page=true")).ok()
        scene.ctx.db.reader = plain
        asked.append(counting.asked)
    assert asked[0] == asked[1], f"a longer page costs more queries: {asked}"


async def test_followers_and_following(scene: Scene) -> None:
    await a_follower(scene.peer, "anne", scene.bob)
    await scene.settle()
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.befriended()
    assert await pages(scene, scene.bob.actor.followers) == [scene.zoe.uri, f"{scene.peer.home}/users/anne"]
    assert await pages(scene, scene.bob.actor.following) == [scene.zoe.uri]


async def test_a_hidden_network_shows_its_number_only(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.ctx.db.write(
        lambda tx: actors.update_profile(tx, scene.ctx, actor=scene.bob.actor, changes={"hides_network": True})
    )
    for path in (scene.bob.actor.followers, f"{scene.bob.actor.followers}?page=true", scene.bob.actor.following):
        collection = (await get(scene, path)).ok()
        assert "orderedItems" not in collection
        assert "first" not in collection
    assert (await get(scene, scene.bob.actor.followers)).json["totalItems"] == 1


async def pinned(scene: Scene, post: posts.Post) -> None:
    await scene.ctx.db.write(lambda tx: pins.pin(tx, scene.ctx, actor=scene.bob.actor, post=post))


async def test_the_featured_posts_come_whole(scene: Scene) -> None:
    posted = await scene.bob.post("À retenir")
    hidden = await scene.bob.post("Entre nous", visibility="private")
    for each in (posted, hidden):
        found = await posts.by_uri(scene.ctx.db.reader, each["uri"])
        assert found is not None
        await pinned(scene, found)
    collection = (await get(scene, scene.bob.actor.featured)).ok()
    assert [item["id"] for item in collection["orderedItems"]] == [posted["uri"]]
    assert collection["orderedItems"][0]["content"]


async def test_replies_are_the_public_ones(scene: Scene) -> None:
    posted = await scene.bob.post("Qui vient ?")
    note = scene.zoe.note("Moi", inReplyTo=posted["uri"])
    secret = scene.zoe.note("Moi aussi", inReplyTo=posted["uri"], to=[scene.bob.actor.uri], cc=[])
    await scene.takes(scene.zoe.create(note))
    await scene.takes(scene.zoe.create(secret))
    assert await pages(scene, f"{posted['uri']}/replies") == [note["id"]]


async def test_a_suspended_actor_is_not_served_and_not_gone(scene: Scene) -> None:
    """410 would make other servers forget it for good."""
    await scene.ctx.db.write(
        lambda tx: tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", scene.bob.actor.id)
    )
    assert (await get(scene, scene.bob.actor.uri)).status == 403


async def test_a_host_that_is_not_ours(scene: Scene) -> None:
    client = scene.node.visitor()
    client.host = "other.example"
    assert (await client.get("/users/bob", accept=AP)).status == 404
    client.host = 'x"><script>'
    assert (await client.get("/users/bob", accept=AP)).status == 404
