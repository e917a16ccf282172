"""Edits and deletions reach those who read a post because a territory announced it, on every kind of server.

The author's server does not know them. Servers of groups get Announce{Update} and Announce{Delete} (`test_groups`); all
others get what the author said: from the author, when it lives with the territory, else passed on as it came, with the
author's own signature inside. Undo{Announce} takes the announcement away in any case.
"""

import asyncio
from typing import Any

from node.agreements import speaking, terms
from node.agreements.speaking import Pair
from node.federation.signatures import proofs
from node.runtime import keypairs
from tests.agreements import test_other_software as other_software
from tests.agreements.conftest import Scene as BeffroiScene
from tests.agreements.conftest import text
from tests.agreements.test_other_software import Scene, software
from tests.support.fediverse import Citizen
from tests.support.peer import Peer, PeerActor, peer_on

elsewhere = other_software.scene


class Author:
    """The commune of Pontarlier, whose server signs what it publishes (FEP-8b32)."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.who, self.key = scene, scene.pontarlier, keypairs.generate_ed25519()
        shown = {
            "id": f"{self.who.uri}#ed25519-key", "type": "Multikey", "controller": self.who.uri,
            "publicKeyMultibase": keypairs.public_multikey(self.key.public_key()),
        }  # fmt: skip
        self.who.peer.documents[self.who.uri]["assertionMethod"] = [shown]

    def signed(self, activity: dict[str, Any]) -> dict[str, Any]:
        return proofs.create(activity, f"{self.who.uri}#ed25519-key", self.key, self.scene.fediverse.clock.now_ms())


async def reader_on(scene: Any, peer: Peer, program: str, territory: Citizen) -> PeerActor:
    software(peer, program)
    reader = await peer.actor("reader")
    assert (await reader.send(territory.node.host, reader.follow(territory.actor.uri))).status == 202
    await scene.fediverse.settle()
    return reader


def heard(peer: Peer) -> list[str]:
    return [each["type"] for each in peer.received if each["type"] != "Accept"]


async def test_what_the_author_signed_is_passed_on_as_it_came(elsewhere: Scene) -> None:
    """A server that fetched the post is sent the Update and the Delete byte for byte, after what it already has."""
    scene, author = elsewhere, Author(elsewhere)
    plain = peer_on(scene.fediverse, "lecteurs.example")
    await reader_on(scene, plain, "mastodon", scene.doubs)
    groups = peer_on(scene.fediverse, "groupes.example")
    await reader_on(scene, groups, "lemmy", scene.doubs)
    alice = await (await scene.fediverse.node("besancon.example")).person("alice")
    await alice.follow(scene.doubs.handle)
    await scene.fediverse.settle()
    await scene.shares()
    note = await scene.publishes("Marché ce soir")
    assert [text(each["reblog"]["content"]) for each in await alice.home() if each["reblog"]] == ["Marché ce soir"]

    later = note | {"content": "<p>Marché demain</p>", "updated": scene.now()}
    scene.peer.serve(later)
    update = author.signed(author.who.activity("Update", later))
    await scene.sends(update)
    assert plain.received[-1] == update, "the readers of the territory keep the old text"
    assert [text(each["reblog"]["content"]) for each in await alice.home() if each["reblog"]] == ["Marché demain"]
    assert scene.peer.of_type("Update") == [], "the author's own server was told what it said"

    delete = author.signed(author.who.activity("Delete", {"id": note["id"], "type": "Tombstone"}))
    scene.peer.documents[note["id"]] = 410
    await scene.sends(delete)
    assert sorted(heard(plain)) == ["Announce", "Delete", "Undo", "Update"]
    assert [each for each in plain.received if each["type"] == "Delete"] == [delete]
    assert [each for each in await alice.home() if each["reblog"]] == []
    assert heard(groups)[:2] == ["Announce", "Announce"], "a server of groups was told in a form that is not its own"
    assert "Update" not in heard(groups)


async def test_between_nodes_of_our_kind(scene: BeffroiScene) -> None:
    """Alice follows the territory only, on a third node: the commune's proof tells hers that the edit is true."""
    await scene.agreed()
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    (await scene.ornans.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Marché demain"})).ok()
    await scene.settle()
    assert await scene.announced() == ["Marché demain"], "a reader of the territory keeps the old text"
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    held = "SELECT COUNT(*) FROM posts WHERE uri = $1"
    assert await scene.alice.node.ctx.db.reader.value(held, post["uri"]) == 0, "the deleted post is kept elsewhere"


async def test_what_nobody_would_believe_is_not_sent(elsewhere: Scene) -> None:
    """An Update without a signature of its own is worth nothing from our hand; the Undo follows a deletion all the same."""
    scene = elsewhere
    plain = peer_on(scene.fediverse, "lecteurs.example")
    await reader_on(scene, plain, "gotosocial", scene.doubs)
    await scene.shares()
    note = await scene.publishes("Marché ce soir")
    later = note | {"content": "<p>Marché demain</p>", "updated": scene.now()}
    await scene.sends(scene.pontarlier.activity("Update", later))
    scene.peer.documents[note["id"]] = 410
    await scene.sends(scene.pontarlier.activity("Delete", note["id"]))
    assert heard(plain) == ["Announce", "Undo"]


async def test_a_post_that_no_territory_announces_is_not_passed_on(elsewhere: Scene) -> None:
    scene, author = elsewhere, Author(elsewhere)
    plain = peer_on(scene.fediverse, "lecteurs.example")
    await reader_on(scene, plain, "mastodon", scene.doubs)
    await scene.shares()
    note = await scene.publishes("Entre nous #nopartage", tag=[{"type": "Hashtag", "name": "#nopartage"}])
    await scene.sends(author.signed(author.who.activity("Update", note | {"content": "<p>Toujours</p>"})))
    assert heard(plain) == []


async def test_an_author_of_the_same_node_speaks_to_them_itself(scene: BeffroiScene) -> None:
    """A syndicat hosts commune and territory: the commune's own Update and Delete go to the territory's readers."""
    node = scene.there.node
    amancey = await node.town("amancey")
    pair, ctx = Pair(scene.doubs.actor, amancey.actor), node.ctx
    await ctx.db.write(lambda tx: speaking.propose(tx, ctx, pair=pair, by="territory", terms=terms.make()))
    await ctx.db.write(lambda tx: speaking.accept(tx, ctx, pair=pair, by="member"))
    scene.fediverse.clock.forward(1)
    plain = peer_on(scene.fediverse, "lecteurs.example")
    await reader_on(scene, plain, "mastodon", scene.doubs)
    groups = peer_on(scene.fediverse, "groupes.example")
    await reader_on(scene, groups, "lemmy", scene.doubs)
    post = await amancey.post("Foire du plateau")
    await scene.settle()
    (await amancey.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Foire reportée"})).ok()
    await scene.settle()
    await amancey.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert sorted(heard(plain)) == ["Announce", "Delete", "Undo", "Update"]
    assert {each["actor"] for each in plain.of_type("Update") + plain.of_type("Delete")} == {amancey.actor.uri}
    assert sorted(heard(groups)) == ["Announce", "Announce", "Announce", "Undo"]
    assert await scene.announced() == []


def by_its_author(peer: Peer, kind: str) -> int:
    """How often such an activity came signed by its own actor, over HTTP."""
    posted = [str(headers) for method, _url, headers in peer.requests if method == "POST"]
    came = zip(peer.received, posted, strict=True)
    return sum(each["type"] == kind and f"{each['actor']}#main-key" in signed for each, signed in came)


async def test_a_server_that_fetched_the_post_is_told_by_its_author(scene: BeffroiScene) -> None:
    """Mastodon verifies no proof of ours; but it signs what it fetches. The author's node knows it from then on."""
    plain = peer_on(scene.fediverse, "lecteurs.example")
    reader = await reader_on(scene, plain, "mastodon", scene.doubs)
    await scene.agreed()
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert plain.of_type("Announce")[0]["object"] == post["uri"]
    for _ in range(2):
        assert (await reader.get(post["uri"])).status == 200
    held = "SELECT 1 FROM post_holders WHERE host = 'lecteurs.example'"
    async with asyncio.timeout(20):  # it is noted after the answer: the reader's key has to be asked for
        while not await scene.here.node.ctx.db.reader.value(held):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (await scene.ornans.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Marché demain"})).ok()
    await scene.settle()
    assert by_its_author(plain, "Update") == 1, "who holds the post was not told of its edit, by its author and once"
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert by_its_author(plain, "Delete") == 1, "who holds the post was not told of its end"


async def test_who_signs_wrongly_holds_nothing(scene: BeffroiScene) -> None:
    """A forged reader is shown what anyone may read, and makes us write to nobody; nor does a reader of what is private."""
    peer = peer_on(scene.fediverse, "lecteurs.example")
    zoe, mallory = await peer.actor("zoe"), await peer_on(scene.fediverse, "third.example").actor("mallory")
    post = await scene.ornans.post("Marché ce soir")
    assert (await mallory.get(post["uri"], key_id=zoe.key_id)).status == 200
    private = await scene.ornans.post("Entre nous", visibility="private")
    assert (await zoe.get(private["uri"])).status == 404
    await asyncio.sleep(0.1)
    assert await scene.here.node.ctx.db.reader.value("SELECT COUNT(*) FROM post_holders") == 0
