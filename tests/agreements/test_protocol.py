"""The messages between nodes: crossed, lost, forged, replayed; and what a stranger's node may say."""

from typing import Any

import pytest

from node.agreements import agreements, terms
from node.agreements.terms import Terms
from tests.agreements.conftest import Scene
from tests.support.fediverse import Citizen, Fediverse
from tests.support.peer import Peer, PeerActor, peer_on

AP = "application/activity+json"


async def test_crossed_offers_of_the_same(scene: Scene) -> None:
    await scene.there.propose("territory", categories="culture")
    await scene.here.propose("member", categories="#Culture")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("active", "active")


async def test_crossed_offers_that_differ(scene: Scene) -> None:
    """Nothing is shared until one of them accepts; both see the same."""
    await scene.there.propose("territory", categories="culture")
    await scene.here.propose("member", categories="voirie")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("proposed", "proposed")
    await scene.here.accept("member")
    await scene.settle()
    held = [await side.agreement() for side in (scene.here, scene.there)]
    assert [each.terms.categories for each in held if each and each.terms] == [("culture",), ("culture",)]
    assert [each.state for each in held if each] == ["active", "active"]


async def test_a_lost_word_is_said_again(scene: Scene) -> None:
    """Delivery gave up for good (404 from a proxy, say): the reminder brings it."""
    scene.fediverse.network.faults["ornans.example"] = 404
    await scene.there.propose("territory")
    await scene.settle()
    scene.fediverse.network.faults.clear()
    assert await scene.here.state() == "none"
    await scene.later(700)
    assert await scene.here.state() == "proposed", "the offer was never said again"
    waiting = await scene.there.node.ctx.db.reader.value(
        "SELECT COUNT(*) FROM agreement_words WHERE remind_ms IS NOT NULL"
    )
    assert waiting == 0, "it is said again although it was confirmed"


async def test_both_nodes_show_the_same(scene: Scene) -> None:
    """The agreement is a document at its own address, for whoever wants to compare."""
    await scene.agreed(categories="culture")
    agreement = await scene.there.agreement()
    assert agreement is not None
    shown = await scene.there.node.visitor().get(agreement.uri.removeprefix("https://doubs.example"), accept=AP)
    document = shown.ok()
    assert (document["id"], document["type"], document["state"]) == (agreement.uri, "Agreement", "active")
    assert document["termsHash"] == Terms(categories=("culture",)).hash
    mine = await scene.here.agreement()
    assert mine is not None
    assert document["words"]["member"]["sequence"] == mine.member.sequence
    assert document["words"]["territory"]["sequence"] == mine.territory.sequence
    missing = await scene.there.node.visitor().get("/users/doubs/agreements/none", accept=AP)
    assert missing.status == 404


class Stranger:
    """A node that speaks the protocol, scripted: its territory 'haute-saone' offers to our commune."""

    def __init__(self, fediverse: Fediverse, ornans: Citizen, peer: Peer, territory: PeerActor) -> None:
        self.fediverse, self.ornans, self.peer, self.territory = fediverse, ornans, peer, territory

    def said(self, kind: str = "Offer", **word: Any) -> dict[str, Any]:
        """An activity about the agreement, as the protocol has it; `word` changes what is said."""
        agreed = Terms()
        about: dict[str, Any] = {
            "id": agreements.uri_of(self.territory.uri, self.ornans.actor.uri), "type": "Agreement",
            "territory": self.territory.uri, "member": self.ornans.actor.uri, "heard": 0,
            "word": {"sequence": 1, "stance": "agree", "heard": 0, "refused": 0, "published": "2026-09-21T13:00:00Z"},
        }  # fmt: skip
        about["word"] |= word
        if about["word"]["stance"] == "agree":
            about |= {"terms": agreed.as_json(), "termsHash": agreed.hash}
        return self.territory.activity(kind, about, to=[self.ornans.actor.uri])

    async def sends(self, activity: dict[str, Any], sender: PeerActor | None = None) -> None:
        answer = await (sender or self.territory).send("ornans.example", activity)
        assert answer.status == 202, answer.body
        await self.fediverse.settle()

    async def state(self) -> str:
        uri = agreements.uri_of(self.territory.uri, self.ornans.actor.uri)
        found = await agreements.by_uri(self.ornans.node.ctx.db.reader, uri)
        return "none" if found is None else found.state


@pytest.fixture
async def stranger(fediverse: Fediverse) -> Stranger:
    node = await fediverse.node("ornans.example")
    ornans = await node.town("ornans")
    peer = peer_on(fediverse, "haute-saone.example")
    territory = await peer.actor("haute-saone")
    peer.documents[territory.uri] = territory.document(type="Group")
    return Stranger(fediverse, ornans, peer, territory)


async def test_an_offer_is_heard_and_confirmed(stranger: Stranger) -> None:
    await stranger.sends(stranger.said())
    assert await stranger.state() == "proposed"
    (confirmed,) = stranger.peer.of_type("Update")
    assert confirmed["object"]["heard"] == 1
    assert confirmed["object"]["word"]["stance"] == "silent"


async def test_a_confirmation_is_not_confirmed(stranger: Stranger) -> None:
    """Else two nodes would answer each other for ever."""
    await stranger.sends(stranger.said())
    await stranger.sends(stranger.said("Update"))
    assert len(stranger.peer.of_type("Update")) == 1


async def test_an_old_word_changes_nothing(stranger: Stranger) -> None:
    """The end came first, and then the offer that it ended, under another activity's id."""
    offer = stranger.said()
    await stranger.sends(stranger.said("Undo", sequence=2, stance="end", refused=2))
    await stranger.sends(offer)
    assert await stranger.state() == "ended"


async def test_forgers(stranger: Stranger) -> None:
    """Somebody else on the territory's server, in its name and in its own; and a commune's name on a wrong server."""
    await stranger.sends(stranger.said())
    mallory = await stranger.peer.actor("mallory")
    forged = stranger.said("Undo", sequence=2, stance="end", refused=2)
    assert (await mallory.send("ornans.example", forged)).status == 401
    own = {**forged, "actor": mallory.uri, "id": stranger.peer.new_id("undo")}
    await stranger.sends(own, mallory)
    inserted = stranger.said("Accept")
    inserted["object"] = {**inserted["object"], "territory": mallory.uri}
    await stranger.sends({**inserted, "actor": mallory.uri}, mallory)
    assert await stranger.state() == "proposed"


@pytest.mark.parametrize(
    "change",
    [
        {"termsHash": "sha256:00"},
        {"terms": {"categories": [], "direction": "toTerritory", "moderation": "each", "afterEnd": "keep", "fee": 1}},
        {"terms": {"categories": ["Culture"], "direction": "toTerritory", "moderation": "each", "afterEnd": "keep"}},
        {"id": "https://haute-saone.example/users/haute-saone/agreements/another"},
        {"member": "https://ornans.example/users/nobody"},
        {"word": None},
        {"word": {"sequence": 1.5, "stance": "agree"}},
        {"word": {"sequence": 1, "stance": "end", "refused": 1}},
        {"word": {"sequence": 2**60, "stance": "agree"}},
    ],
)
async def test_what_is_no_offer(stranger: Stranger, change: dict[str, Any]) -> None:
    """Terms that are not understood, another hash, another address, words that nobody can say: nothing is kept."""
    offer = stranger.said()
    offer["object"] = {**offer["object"], **change}
    await stranger.sends(offer)
    assert await stranger.state() == "none"


async def test_two_words_under_one_number(stranger: Stranger) -> None:
    await stranger.sends(stranger.said())
    await stranger.sends(stranger.said("Undo", sequence=1, stance="end", refused=1))
    assert await stranger.state() == "proposed", "a word was replaced by another one with its number"


async def test_a_person_is_no_territory(stranger: Stranger) -> None:
    stranger.peer.documents[stranger.territory.uri] = stranger.territory.document(type="Person")
    await stranger.sends(stranger.said())
    assert await stranger.state() == "none"


async def test_a_backup_that_forgot_the_end(stranger: Stranger) -> None:
    """The other heard three words of ours that we do not know: what they were we cannot tell, so it has ended."""
    offer = stranger.said()
    offer["object"]["heard"] = 3
    await stranger.sends(offer)
    assert await stranger.state() in ("ended", "proposed")
    last = stranger.peer.of_type("Undo")[-1]["object"]["word"]
    assert (last["sequence"], last["stance"]) == (4, "end")


def test_terms_are_one_text() -> None:
    """The hash of an example that the FEP shows; if it changes, no agreement of before holds."""
    agreed = terms.make(categories="Culture #agenda", until_ms=1_798_761_600_000)
    assert agreed.text == (
        '{"afterEnd":"keep","categories":["agenda","culture"],"direction":"toTerritory","moderation":"each",'
        '"until":"2027-01-01T00:00:00.000Z"}'
    )
    assert agreed.hash == "sha256:" + __import__("hashlib").sha256(agreed.text.encode()).hexdigest()
