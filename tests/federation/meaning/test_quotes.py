"""Quotes: shown only with the consent of who is quoted, given, refused and taken back (FEP-044f).

The documents are the FEP's. Consent is a stamp (QuoteAuthorization) on the quoted author's server, which is fetched
and compared, never believed: GHSA-8h43-rcqj-wpc6 and GHSA-q4g8-82c5-9h33.
"""

from typing import Any

import pytest

from tests.federation.conftest import Scene
from tests.support.fediverse import Citizen, Fediverse
from tests.support.peer import AS, PUBLIC, PeerActor, peer_on


@pytest.fixture
async def neighbours(fediverse: Fediverse) -> tuple[Citizen, Citizen]:
    """Alice of Lyon reads Bruno of Villeurbanne, and he her."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await alice.follow(bruno.handle)
    await bruno.follow(alice.handle)
    await fediverse.settle()
    return alice, bruno


async def shown(who: Citizen, uri: str) -> dict[str, Any]:
    return await who.seen(uri)


async def document(who: Citizen, uri: str) -> Any:
    """An object of *who*'s node, as another server reads it."""
    path = uri.split(who.node.host, 1)[1]
    return await who.node.visitor().get(path, accept="application/activity+json")


async def test_a_quote_is_asked_for_granted_and_shown_on_both_sides(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    original = await bruno.post("Le pont est ouvert")
    await fediverse.settle()
    (seen,) = await alice.home()
    assert seen["quote_approval"] == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    quoting = await alice.post("Enfin !", quoted_status_id=seen["id"])
    assert quoting["quote"]["state"] == "pending", "a quote is shown before its author agreed"
    assert quoting["quote"]["quoted_status"] is None
    await fediverse.settle()
    mine = await shown(alice, quoting["uri"])
    assert mine["quote"]["state"] == "accepted"
    assert mine["quote"]["quoted_status"]["content"] == "<p>Le pont est ouvert</p>"
    theirs = await shown(bruno, quoting["uri"])
    assert (theirs["quote"]["state"], theirs["quote"]["quoted_status"]["id"]) == ("accepted", original["id"])
    assert [notice["type"] for notice in await bruno.notifications(types=["quote"])] == ["quote"]
    assert (await shown(bruno, original["uri"]))["quotes_count"] == 1
    (listed,) = (await bruno.client.get(f"/api/v1/statuses/{original['id']}/quotes")).ok()
    assert listed["uri"] == quoting["uri"]


async def test_what_is_sent(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    """The Note says whom it quotes in every dialect; the stamp can be fetched and says who quotes whom."""
    alice, bruno = neighbours
    original = await bruno.post("Le pont est ouvert")
    await fediverse.settle()
    quoting = await alice.post("Enfin !", quoted_status_id=(await alice.home())[0]["id"])
    await fediverse.settle()
    note = (await document(alice, quoting["uri"])).json
    for name in ("quote", "quoteUri", "quoteUrl", "_misskey_quote"):
        assert note[name] == original["uri"], name
    assert '<p class="quote-inline">RE: <a href="' in note["content"]
    assert "RE:" not in quoting["content"]
    stamp = (await document(bruno, note["quoteAuthorization"])).json
    assert stamp["type"] == "QuoteAuthorization"
    assert stamp["id"] == note["quoteAuthorization"]
    assert stamp["attributedTo"] == bruno.actor.uri
    assert stamp["interactingObject"] == quoting["uri"]
    assert stamp["interactionTarget"] == original["uri"]
    policy = (await document(bruno, original["uri"])).json["interactionPolicy"]
    assert policy["canQuote"] == {"automaticApproval": [PUBLIC]}


@pytest.mark.parametrize(("policy", "allowed"), [("followers", True), ("nobody", False)])
async def test_who_may_quote_is_the_authors_choice(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen], policy: str, allowed: bool
) -> None:
    alice, bruno = neighbours
    await bruno.post("Pas pour tous", quote_approval_policy=policy)
    await fediverse.settle()
    (seen,) = await alice.home()
    assert seen["quote_approval"]["current_user"] == ("automatic" if allowed else "denied")
    answer = await alice.client.post("/api/v1/statuses", {"status": "Lisez", "quoted_status_id": seen["id"]})
    assert answer.status == (200 if allowed else 403), "the author's choice is not respected"
    carol = await alice.node.person("carol")
    refused = await carol.client.post("/api/v1/statuses", {"status": "Lisez", "quoted_status_id": seen["id"]})
    assert refused.status == 403


async def test_a_private_post_is_quoted_by_nobody(neighbours: tuple[Citizen, Citizen]) -> None:
    _, bruno = neighbours
    private = await bruno.post("Entre nous", visibility="private", quote_approval_policy="public")
    assert private["quote_approval"]["automatic"] == []
    carol = await bruno.node.person("carol")
    await carol.follow(bruno.handle)
    refused = await carol.client.post("/api/v1/statuses", {"status": "Lisez", "quoted_status_id": private["id"]})
    assert refused.status == 403


async def test_consent_is_taken_back(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    original = await bruno.post("Le pont est ouvert")
    await fediverse.settle()
    quoting = await alice.post("Enfin !", quoted_status_id=(await alice.home())[0]["id"])
    await fediverse.settle()
    stamp = (await document(alice, quoting["uri"])).json["quoteAuthorization"]
    here = await shown(bruno, quoting["uri"])
    revoked = (await bruno.client.post(f"/api/v1/statuses/{original['id']}/quotes/{here['id']}/revoke")).ok()
    assert revoked["quote"]["state"] == "revoked"
    await fediverse.settle()
    for who in (alice, bruno):
        seen = await shown(who, quoting["uri"])
        assert (seen["quote"]["state"], seen["quote"]["quoted_status"]) == ("revoked", None), who.handle
    assert (await document(bruno, stamp)).status in (404, 410), "a stamp that was taken back is still served"
    assert "quoteAuthorization" not in (await document(alice, quoting["uri"])).json
    assert (await shown(bruno, original["uri"]))["quotes_count"] == 0


async def test_nobody_else_takes_consent_back(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    original = await bruno.post("Le pont est ouvert")
    await fediverse.settle()
    quoting = await alice.post("Enfin !", quoted_status_id=(await alice.home())[0]["id"])
    await fediverse.settle()
    carol = await bruno.node.person("carol")
    here = await shown(carol, quoting["uri"])
    refused = await carol.client.post(f"/api/v1/statuses/{original['id']}/quotes/{here['id']}/revoke")
    assert refused.status in (403, 404)
    assert (await shown(alice, quoting["uri"]))["quote"]["state"] == "accepted"


async def test_a_quoted_post_that_goes_leaves_no_trace(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    original = await bruno.post("Le pont est ouvert")
    await fediverse.settle()
    quoting = await alice.post("Enfin !", quoted_status_id=(await alice.home())[0]["id"])
    await fediverse.settle()
    (await bruno.client.delete(f"/api/v1/statuses/{original['id']}")).ok()
    await fediverse.settle()
    quote = (await shown(alice, quoting["uri"]))["quote"]
    assert (quote["state"], quote["quoted_status"]) == ("deleted", None)


async def test_a_quote_of_a_quote_is_named_and_no_more(neighbours: tuple[Citizen, Citizen]) -> None:
    alice, _ = neighbours
    first = await alice.post("Un")
    second = await alice.post("Deux", quoted_status_id=first["id"])
    assert second["quote"]["state"] == "accepted", "one needs nobody's consent for one's own words"
    third = await alice.post("Trois", quoted_status_id=second["id"])
    assert third["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": first["id"]}
    boost = await alice.act("reblog", third["id"])
    assert boost["reblog"]["quote"]["quoted_status"]["id"] == second["id"]


# What other programs send.


def quoting_note(scene: Scene, quoted: str, **more: Any) -> dict[str, Any]:
    """Zoe's Note that quotes, as the FEP has it."""
    note = {
        "id": scene.peer.new_id("notes"), "type": "Note", "attributedTo": scene.zoe.uri, "content": "<p>Lisez</p>",
        "to": [PUBLIC], "cc": [scene.zoe.followers], "published": "2026-09-21T13:00:00Z", "quote": quoted, **more,
    }  # fmt: skip
    scene.peer.serve({"@context": AS, **note})
    return note


def request(scene: Scene, note: dict[str, Any], quoted: str, **more: Any) -> dict[str, Any]:
    return scene.zoe.activity("QuoteRequest", quoted, id=f"{note['id']}/quote", instrument=note, **more)


async def test_a_request_is_answered_with_a_stamp(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    note = quoting_note(scene, posted["uri"])
    await scene.takes(request(scene, note, posted["uri"]))
    (accept,) = scene.peer.of_type("Accept")
    assert accept["actor"] == scene.bob.actor.uri
    assert accept["object"]["id"] == f"{note['id']}/quote"
    assert accept["object"]["type"] == "QuoteRequest"
    assert accept["result"].startswith(scene.bob.actor.uri)
    seen = await scene.bob.seen(note["id"])
    assert seen["quote"]["state"] == "accepted"
    await scene.takes(request(scene, note, posted["uri"]) | {"id": f"{note['id']}/quote/again"})
    assert scene.peer.of_type("Accept")[-1]["result"] == accept["result"], "each request makes another stamp"


async def test_a_request_that_the_policy_forbids_is_refused(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour", quote_approval_policy="nobody")
    note = quoting_note(scene, posted["uri"])
    await scene.takes(request(scene, note, posted["uri"]))
    assert scene.peer.of_type("Accept") == []
    (reject,) = scene.peer.of_type("Reject")
    assert reject["object"]["id"] == f"{note['id']}/quote"


@pytest.mark.parametrize("wrong", ["somebody else's note", "a note that quotes another post", "a private post"])
async def test_a_request_that_lies_gets_no_stamp(scene: Scene, wrong: str) -> None:
    posted = await scene.bob.post("Bonjour", visibility="private" if wrong == "a private post" else "public")
    other = await scene.bob.post("Bonsoir")
    match wrong:
        case "somebody else's note":
            note = quoting_note(scene, posted["uri"], attributedTo=f"{scene.peer.home}/users/other")
        case "a note that quotes another post":
            note = quoting_note(scene, other["uri"])
        case _:
            note = quoting_note(scene, posted["uri"])
    await scene.takes(request(scene, note, posted["uri"]))
    assert scene.peer.of_type("Accept") == [], wrong
    assert await scene.rows("SELECT id FROM quote_stamps") == []


async def test_a_quote_without_a_request_is_not_shown(scene: Scene) -> None:
    """GHSA-8h43-rcqj-wpc6: who does not ask gets nothing, whatever it writes beside it."""
    await scene.befriended()
    posted = await scene.bob.post("Bonjour", quote_approval_policy="nobody")
    forged = f"{scene.peer.home}/stamps/1"
    note = quoting_note(scene, posted["uri"], quoteAuthorization=forged)
    scene.peer.serve(stamp_of(scene, forged, note["id"], posted["uri"], by=scene.bob.actor.uri))
    await scene.takes(scene.zoe.create(note))
    (status,) = [each for each in await scene.bob.home() if each["uri"] == note["id"]]
    assert (status["quote"]["state"], status["quote"]["quoted_status"]) == ("pending", None)


def stamp_of(scene: Scene, uri: str, note: str, quoted: str, *, by: str, **more: Any) -> dict[str, Any]:
    return {
        "@context": AS, "id": uri, "type": "QuoteAuthorization", "attributedTo": by, "interactingObject": note,
        "interactionTarget": quoted, **more,
    }  # fmt: skip


async def two_strangers(scene: Scene) -> tuple[PeerActor, dict[str, Any]]:
    """Zoe, whom Bob reads, and Yann with a post of his on the same server."""
    await scene.befriended()
    yann = await scene.peer.actor("yann")
    return yann, yann.note("Les mots de Yann")


async def test_a_stamp_between_strangers_is_fetched_and_compared(scene: Scene) -> None:
    yann, original = await two_strangers(scene)
    stamp = f"{yann.uri}/stamps/1"
    note = quoting_note(scene, original["id"], quoteAuthorization=stamp)
    scene.peer.serve(stamp_of(scene, stamp, note["id"], original["id"], by=yann.uri))
    await scene.takes(scene.zoe.create(note))
    (status,) = await scene.bob.home()
    assert status["quote"]["state"] == "accepted"
    assert status["quote"]["quoted_status"]["content"] == "<p>Les mots de Yann</p>"
    scene.peer.documents[stamp] = 404
    await scene.takes(yann.activity("Delete", stamp), yann)
    (status,) = await scene.bob.home()
    assert (status["quote"]["state"], status["quote"]["quoted_status"]) == ("revoked", None)


@pytest.mark.parametrize(
    "lie", ["another note", "another target", "another author", "another type", "another id", "another host"]
)
async def test_a_stamp_that_does_not_fit_is_none(scene: Scene, lie: str) -> None:
    """GHSA-q4g8-82c5-9h33: each field is compared, and the stamp lies on the quoted author's own server."""
    yann, original = await two_strangers(scene)
    stamp = f"{yann.uri}/stamps/1"
    if lie == "another host":
        other = peer_on(scene.fediverse, "liar.example")
        stamp = f"{other.home}/stamps/1"
    note = quoting_note(scene, original["id"], quoteAuthorization=stamp)
    fitting = stamp_of(scene, stamp, note["id"], original["id"], by=yann.uri)
    wrong = {
        "another note": {"interactingObject": f"{scene.peer.home}/notes/99"},
        "another target": {"interactionTarget": f"{scene.peer.home}/notes/99"},
        "another author": {"attributedTo": scene.zoe.uri},
        "another type": {"type": "LikeAuthorization"},
        "another id": {"id": f"{yann.uri}/stamps/2"},
        "another host": {},
    }[lie]
    (other if lie == "another host" else scene.peer).documents[stamp] = fitting | wrong
    await scene.takes(scene.zoe.create(note))
    (status,) = await scene.bob.home()
    assert status["quote"]["state"] != "accepted", f"{lie}: consent was forged"
    assert status["quote"]["quoted_status"] is None


async def test_consent_for_one_post_is_none_for_another(scene: Scene) -> None:
    """After a stamp was verified, an Update that quotes something else with it is not shown."""
    yann, original = await two_strangers(scene)
    other = yann.note("D'autres mots")
    stamp = f"{yann.uri}/stamps/1"
    note = quoting_note(scene, original["id"], quoteAuthorization=stamp)
    scene.peer.serve(stamp_of(scene, stamp, note["id"], original["id"], by=yann.uri))
    await scene.takes(scene.zoe.create(note))
    changed = note | {"quote": other["id"], "updated": "2026-09-21T14:00:00Z"}
    await scene.takes(scene.zoe.activity("Update", changed))
    (status,) = await scene.bob.home()
    assert status["quote"]["state"] == "pending"


@pytest.mark.parametrize("form", ["quoteUrl", "quoteUri", "_misskey_quote", "e232"])
async def test_forms_that_ask_nobody_are_read_and_not_shown(scene: Scene, form: str) -> None:
    """Misskey's, Fedibird's and FEP-e232's quotes are links: the quoted was not asked."""
    _, original = await two_strangers(scene)
    link = {
        "type": "Link", "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        "href": original["id"], "rel": "https://misskey-hub.net/ns#_misskey_quote",
    }  # fmt: skip
    more: dict[str, Any] = {"tag": [link]} if form == "e232" else {form: original["id"]}
    note = quoting_note(scene, original["id"], **more)
    del note["quote"]
    await scene.takes(scene.zoe.create(note))
    (status,) = await scene.bob.home()
    assert (status["quote"]["state"], status["quote"]["quoted_status"]) == ("pending", None)


@pytest.mark.parametrize(("policy", "state"), [("public", "accepted"), ("followers", "pending"), ("nobody", "pending")])
async def test_whom_the_policy_lets_quote_needs_not_know_how_to_ask(scene: Scene, policy: str, state: str) -> None:
    """Misskey quotes a post of ours: its author has said that everybody may, and is told."""
    await scene.befriended()
    posted = await scene.bob.post("Bonjour", quote_approval_policy=policy)
    note = quoting_note(scene, posted["uri"], _misskey_quote=posted["uri"])
    del note["quote"]
    await scene.takes(scene.zoe.create(note))
    assert (await scene.bob.seen(note["id"]))["quote"]["state"] == state
    told = [notice["type"] for notice in await scene.bob.notifications(types=["quote"])]
    assert told == (["quote"] if state == "accepted" else [])


async def test_an_answer_of_somebody_else_accepts_nothing(scene: Scene) -> None:
    await scene.befriended()
    open_ = {"interactionPolicy": {"canQuote": {"automaticApproval": [PUBLIC]}}}
    theirs = scene.zoe.note("Citez-moi", **open_)
    await scene.takes(scene.zoe.create(theirs))
    (seen,) = await scene.bob.home()
    quoting = await scene.bob.post("Lisez", quoted_status_id=seen["id"])
    await scene.settle()
    (asked,) = scene.peer.of_type("QuoteRequest")
    assert (asked["object"], asked["instrument"]["id"]) == (theirs["id"], quoting["uri"])
    mallory = await scene.peer.actor("mallory")
    forged = f"{mallory.uri}/stamps/1"
    scene.peer.serve(stamp_of(scene, forged, quoting["uri"], theirs["id"], by=mallory.uri))
    await scene.takes(mallory.activity("Accept", asked, result=forged), mallory)
    assert (await scene.bob.seen(quoting["uri"]))["quote"]["state"] == "pending"
    await scene.takes(scene.zoe.activity("Accept", asked))
    assert (await scene.bob.seen(quoting["uri"]))["quote"]["state"] == "pending", "a yes without a stamp is none"
    stamp = f"{scene.zoe.uri}/stamps/1"
    scene.peer.serve(stamp_of(scene, stamp, quoting["uri"], theirs["id"], by=scene.zoe.uri))
    await scene.takes(scene.zoe.activity("Accept", asked["id"], result=stamp))
    assert (await scene.bob.seen(quoting["uri"]))["quote"]["state"] == "accepted"
    assert scene.peer.of_type("Update")[-1]["object"]["quoteAuthorization"] == stamp


async def test_a_refusal(scene: Scene) -> None:
    await scene.befriended()
    manual = {"interactionPolicy": {"canQuote": {"automaticApproval": [], "manualApproval": [PUBLIC]}}}
    await scene.takes(scene.zoe.create(scene.zoe.note("Demandez", **manual)))
    (seen,) = await scene.bob.home()
    assert seen["quote_approval"] == {"automatic": [], "manual": ["public"], "current_user": "manual"}
    quoting = await scene.bob.post("Lisez", quoted_status_id=seen["id"])
    await scene.settle()
    await scene.takes(scene.zoe.activity("Reject", scene.peer.of_type("QuoteRequest")[-1]))
    quote = (await scene.bob.seen(quoting["uri"]))["quote"]
    assert (quote["state"], quote["quoted_status"]) == ("rejected", None)


async def test_who_says_nothing_of_quotes_is_not_quoted(scene: Scene) -> None:
    await scene.befriended()
    await scene.takes(scene.zoe.create(scene.zoe.note("Bonjour")))
    (seen,) = await scene.bob.home()
    assert seen["quote_approval"]["current_user"] == "denied"
    refused = await scene.bob.client.post("/api/v1/statuses", {"status": "Lisez", "quoted_status_id": seen["id"]})
    assert refused.status == 403
