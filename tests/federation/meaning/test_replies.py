"""Who may reply: what a town chose holds for people here and for every server, and the team has the last word.

From GoToSocial's documentation of interaction controls: `canReply` with `automaticApproval` and `manualApproval`,
ReplyRequest answered by Accept with a `result` or by Reject, ReplyAuthorization, `replyAuthorization` (`approvedBy`).
"""

from typing import Any

import orjson
import pytest

from tests.federation.conftest import Scene
from tests.support.fediverse import Citizen
from tests.support.peer import AS, PUBLIC, PeerActor, a_follower

observers: list[str] = []

RULES: dict[str, tuple[list[str], list[str]]] = {
    "everyone": (["public"], []),
    "followers": (["author", "followers", "mentioned"], []),
    "mentioned": (["author", "mentioned"], []),
    "nobody": (["author"], []),
    "held": (["author", "mentioned"], ["public"]),
    "held_but_followers": (["author", "followers", "mentioned"], ["public"]),
}


def policy(who: str) -> dict[str, Any]:
    always, ask = RULES[who]
    return {"interaction_policy": {"can_reply": {"automatic_approval": always, "manual_approval": ask}}}


async def town_says(scene: Scene, who: str, text: str = "Conseil municipal jeudi", **more: Any) -> dict[str, Any]:
    """A post of Bob's, who is the town here, that *who* may reply to."""
    answer = await scene.bob.client.post("/api/v1/statuses", json={"status": text, **policy(who), **more})
    posted: dict[str, Any] = answer.ok()
    await scene.settle()
    return posted


def reply(by: PeerActor, to: str, text: str = "Et la piscine ?", **more: Any) -> dict[str, Any]:
    return by.note(text, inReplyTo=to, **more)


async def thread(reader: Any, status_id: str) -> list[str]:
    """The texts below a post."""
    found = (await reader.get(f"/api/v1/statuses/{status_id}/context")).ok()
    return [each["content"] for each in found["descendants"]]


async def counted(scene: Scene, status_id: str) -> int:
    status = (await scene.node.visitor().get(f"/api/v1/statuses/{status_id}")).ok()
    return int(status["replies_count"])


async def document(scene: Scene, uri: str) -> dict[str, Any]:
    answer = await scene.node.visitor().get(
        uri.removeprefix("https://lyon.example"), accept="application/activity+json"
    )
    found: dict[str, Any] = answer.ok()
    return found


async def requests(scene: Scene, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await scene.bob.client.get("/api/v1/interaction_requests", params)).ok()
    return found


async def judge(scene: Scene, request_id: str, word: str) -> dict[str, Any]:
    answer = await scene.bob.client.post(f"/api/v1/interaction_requests/{request_id}/{word}")
    found: dict[str, Any] = answer.ok()
    await scene.settle()
    return found


async def nothing_of(scene: Scene, posted: dict[str, Any], text: str) -> None:
    """Whoever looks, the reply is nowhere."""
    visitor = scene.node.visitor()
    observers.append(f"observer{len(observers)}")
    carol = await scene.node.person(observers[-1])
    for reader in (visitor, carol.client, scene.bob.client):
        assert await thread(reader, posted["id"]) == [], "a reply that is not let through is in the thread"
    assert await counted(scene, posted["id"]) == 0, "it is counted"
    assert not {each["type"] for each in await scene.bob.notifications()} - {"follow"}, "somebody was told"
    collection = await document(scene, f"{posted['uri']}/replies?page=true")
    assert collection["orderedItems"] == [], "other servers are told of it"
    page = await visitor.get(posted["url"].removeprefix("https://lyon.example"), accept="text/html")
    assert text not in page.text
    feed = await visitor.get(f"/@{scene.bob.actor.username}.rss")
    assert text not in feed.text


@pytest.mark.parametrize("who", sorted(RULES))
async def test_a_rule_is_said_to_clients_and_servers(scene: Scene, who: str) -> None:
    posted = await town_says(scene, who)
    said = (await document(scene, posted["uri"]))["interactionPolicy"]["canReply"]
    bob = scene.bob.actor
    spelt = {"public": PUBLIC, "author": bob.uri, "followers": bob.followers}
    always, ask = RULES[who]
    assert said["automaticApproval"] == [spelt[word] for word in always if word in spelt]
    assert said.get("manualApproval", []) == [spelt[word] for word in ask]
    if who == "everyone":
        assert "interaction_policy" not in posted
    else:
        assert posted["interaction_policy"]["can_reply"]["automatic_approval"] == always
        assert posted["interaction_policy"]["can_reply"]["manual_approval"] == ask


@pytest.mark.parametrize(
    ("who", "stranger", "follower", "named"),
    [
        ("everyone", "shown", "shown", "shown"),
        ("followers", "dropped", "shown", "shown"),
        ("mentioned", "dropped", "dropped", "shown"),
        ("nobody", "dropped", "dropped", "dropped"),
        ("held", "held", "held", "shown"),
        ("held_but_followers", "held", "shown", "shown"),
    ],
)
async def test_what_becomes_of_a_reply(scene: Scene, who: str, stranger: str, follower: str, named: str) -> None:
    """The same from elsewhere and from here: shown at once, held for the team, or not taken."""
    otto = await a_follower(scene.peer, "otto", scene.bob)
    fay = await scene.node.person("fay")
    await fay.follow(scene.bob.handle)
    nora, carol, sam = (
        await scene.peer.actor("nora"), await scene.node.person("carol"), await scene.node.person("sam")
    )  # fmt: skip
    await scene.settle()
    text = f"Conseil jeudi {nora.handle} {carol.handle}"
    posted = await town_says(scene, who, text)
    expected = {"stranger": stranger, "follower": follower, "named": named}
    elsewhere = {"stranger": scene.zoe, "follower": otto, "named": nora}
    here: dict[str, Citizen] = {"stranger": sam, "follower": fay, "named": carol}
    shown = set()
    for kind, wanted in expected.items():
        words = f"de {kind} ailleurs"
        await scene.takes(elsewhere[kind].create(reply(elsewhere[kind], posted["uri"], words)), elsewhere[kind])
        mine = f"de {kind} ici"
        answer = await here[kind].client.post("/api/v1/statuses", {"status": mine, "in_reply_to_id": posted["id"]})
        assert answer.status == (403 if wanted == "dropped" else 200), f"{kind}: {answer.body!r}"
        if wanted == "dropped":
            assert "does not let you reply" in answer.json["error"]
        else:
            alone = (await here[kind].client.get(f"/api/v1/statuses/{answer.json['id']}")).ok()
            assert alone["id"] == answer.json["id"], "who wrote it does not see it any more"
        if wanted == "shown":
            shown |= {f"<p>{words}</p>", f"<p>{mine}</p>"}
    await scene.settle()
    assert set(await thread(scene.node.visitor(), posted["id"])) == shown
    assert await counted(scene, posted["id"]) == len(shown)
    waiting = {each["reply"]["content"] for each in await requests(scene)}
    held = [kind for kind, wanted in expected.items() if wanted == "held"]
    assert waiting == {f"<p>de {kind} {where}</p>" for kind in held for where in ("ailleurs", "ici")}


async def test_a_held_reply_is_nowhere_until_it_is_approved(scene: Scene) -> None:
    await scene.befriended()  # Bob even follows who wrote it
    posted = await town_says(scene, "held")
    note = reply(
        scene.zoe, posted["uri"], f"Bonjour #piscine {scene.bob.handle}",
        tag=[{"type": "Mention", "href": scene.bob.actor.uri, "name": scene.bob.handle}, {"type": "Hashtag", "name": "#piscine"}],
    )  # fmt: skip
    await scene.takes(scene.zoe.create(note))
    await nothing_of(scene, posted, "piscine")
    assert [each["uri"] for each in await scene.bob.home()] == [posted["uri"]], "a held reply is in a home feed"
    tagged = (await scene.node.visitor().get("/api/v1/timelines/tag/piscine")).ok()
    assert tagged == []
    found = (await scene.bob.client.get("/api/v2/search", {"q": note["id"], "resolve": True})).ok()
    assert found["statuses"] == [], "a held reply is found by its address"
    (asked,) = await requests(scene, status_id=posted["id"])
    assert (asked["type"], asked["account"]["acct"]) == ("reply", "zoe@elsewhere.example")
    judged = await judge(scene, asked["id"], "authorize")
    assert judged["accepted_at"] is not None
    assert len(await thread(scene.node.visitor(), posted["id"])) == 1
    assert await counted(scene, posted["id"]) == 1
    assert [each["type"] for each in await scene.bob.notifications()] == ["mention"]
    assert await requests(scene) == []
    (accept,) = scene.peer.of_type("Accept")
    assert (accept["object"], accept["target"]) == (note["id"], posted["uri"])
    stamp = await document(scene, accept["result"])
    assert stamp["type"] == "ReplyAuthorization"
    assert (stamp["attributedTo"], stamp["interactingObject"], stamp["interactionTarget"]) == (
        scene.bob.actor.uri, note["id"], posted["uri"],
    )  # fmt: skip
    await judge(scene, asked["id"], "authorize")
    assert await counted(scene, posted["id"]) == 1, "approved twice, it counts twice"
    assert len(scene.peer.of_type("Accept")) == 1


async def test_a_refused_reply_stays_nowhere_and_may_be_let_through_later(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    note = reply(scene.zoe, posted["uri"])
    await scene.takes(scene.zoe.create(note))
    (asked,) = await requests(scene)
    assert (await judge(scene, asked["id"], "reject"))["rejected_at"] is not None
    await scene.takes(scene.zoe.create(note))  # sent again
    await nothing_of(scene, posted, "piscine")
    assert await requests(scene) == []
    assert scene.peer.of_type("Reject") == [], "who did not ask was answered"
    await judge(scene, asked["id"], "authorize")
    assert len(await thread(scene.node.visitor(), posted["id"])) == 1


async def test_consent_is_taken_back(scene: Scene) -> None:
    """Refused after it was approved: hidden again, not counted, and the stamp is no longer served."""
    posted = await town_says(scene, "held")
    await a_follower(scene.peer, "otto", scene.bob)
    await scene.takes(scene.zoe.create(reply(scene.zoe, posted["uri"])))
    (asked,) = await requests(scene)
    await judge(scene, asked["id"], "authorize")
    (accept,) = scene.peer.of_type("Accept")[-1:]
    await judge(scene, asked["id"], "reject")
    await nothing_of(scene, posted, "piscine")
    (delete,) = [each for each in scene.peer.of_type("Delete") if each["object"] == accept["result"]]
    assert delete["actor"] == scene.bob.actor.uri
    gone = await scene.node.visitor().get(
        accept["result"].removeprefix("https://lyon.example"), accept="application/activity+json"
    )
    assert gone.status == 404


def ask(scene: Scene, note: dict[str, Any], posted: dict[str, Any]) -> dict[str, Any]:
    return scene.zoe.activity("ReplyRequest", posted["uri"], id=f"{note['id']}/replyRequest", instrument=note)


async def test_a_request_to_reply_is_answered(scene: Scene) -> None:
    """Nobody: Reject. Everybody: Accept at once. Held: an answer once the team decided."""
    closed, open_, held = [await town_says(scene, who) for who in ("nobody", "everyone", "held")]
    notes = [reply(scene.zoe, posted["uri"]) for posted in (closed, open_, held)]
    await scene.takes(ask(scene, notes[0], closed))
    (reject,) = scene.peer.of_type("Reject")
    assert (reject["object"]["type"], reject["object"]["id"]) == ("ReplyRequest", f"{notes[0]['id']}/replyRequest")
    await nothing_of(scene, closed, "piscine")
    await scene.takes(ask(scene, notes[1], open_))
    (accept,) = scene.peer.of_type("Accept")
    assert accept["object"]["instrument"] == notes[1]["id"]
    stamp = accept["result"]
    assert (await document(scene, stamp))["interactingObject"] == notes[1]["id"]
    assert len(await thread(scene.node.visitor(), open_["id"])) == 1
    await scene.takes(ask(scene, notes[2], held))
    assert len(scene.peer.of_type("Accept")) == 1, "the team was not waited for"
    (asked,) = await requests(scene)
    assert asked["uri"] == f"{notes[2]['id']}/replyRequest"
    await judge(scene, asked["id"], "authorize")
    assert scene.peer.of_type("Accept")[-1]["object"]["id"] == f"{notes[2]['id']}/replyRequest"
    # Then it is published there, with the proof.
    await scene.takes(scene.zoe.create(notes[2] | {"replyAuthorization": scene.peer.of_type("Accept")[-1]["result"]}))
    assert len(await thread(scene.node.visitor(), held["id"])) == 1


async def test_a_refused_request_is_told(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    note = reply(scene.zoe, posted["uri"])
    await scene.takes(ask(scene, note, posted))
    (asked,) = await requests(scene)
    await judge(scene, asked["id"], "reject")
    (reject,) = scene.peer.of_type("Reject")
    assert reject["object"]["id"] == f"{note['id']}/replyRequest"
    await scene.takes(ask(scene, note, posted) | {"id": f"{note['id']}/again"})
    assert len(scene.peer.of_type("Reject")) == 2, "asked again, a refusal stands"


@pytest.mark.parametrize("wrong", ["somebody else's note", "a reply to another post", "no reply"])
async def test_a_request_that_lies_gets_nothing(scene: Scene, wrong: str) -> None:
    posted, other = await town_says(scene, "everyone"), await town_says(scene, "everyone")
    match wrong:
        case "somebody else's note":
            note = reply(scene.zoe, posted["uri"], attributedTo=f"{scene.peer.home}/users/other")
        case "a reply to another post":
            note = reply(scene.zoe, other["uri"])
        case _:
            note = scene.zoe.note("Rien")
    await scene.takes(ask(scene, note, posted))
    assert scene.peer.of_type("Accept") == scene.peer.of_type("Reject") == []
    assert await scene.rows("SELECT id FROM reply_stamps") == []


async def test_the_conversation_below_is_closed_too(scene: Scene) -> None:
    """Kept out of the town's post, nobody gets in one step lower, not even in the wrong order."""
    otto = await a_follower(scene.peer, "otto", scene.bob)
    await scene.settle()
    posted = await town_says(scene, "followers")
    first = reply(otto, posted["uri"], "Bravo")
    second = reply(scene.zoe, first["id"], "Intrus")
    third = reply(scene.zoe, second["id"], "Encore")
    await scene.takes(scene.zoe.create(third))
    await scene.takes(scene.zoe.create(second))
    await scene.takes(otto.create(first), otto)
    await scene.settle()
    assert await thread(scene.node.visitor(), posted["id"]) == ["<p>Bravo</p>"]
    carol = await scene.node.person("carol")
    seen = await carol.seen(first["id"])
    answer = await carol.client.post("/api/v1/statuses", {"status": "Moi !", "in_reply_to_id": seen["id"]})
    assert answer.status == 403
    # Whom the town answers by name may answer that.
    answered = await scene.bob.client.post(
        "/api/v1/statuses",
        json={"status": f"Merci {scene.zoe.handle}", "in_reply_to_id": seen["id"], **policy("followers")},
    )
    await scene.settle()
    await scene.takes(scene.zoe.create(reply(scene.zoe, answered.ok()["uri"], "Je vous en prie")))
    assert len(await thread(scene.node.visitor(), posted["id"])) == 3


async def test_a_reply_to_a_held_reply_is_held(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    first = reply(scene.zoe, posted["uri"], "Un")
    await scene.takes(scene.zoe.create(first))
    await scene.takes(scene.zoe.create(reply(scene.zoe, first["id"], "Deux", cc=[scene.bob.actor.uri])))
    await nothing_of(scene, posted, "Deux")
    assert {each["reply"]["content"] for each in await requests(scene)} == {"<p>Un</p>", "<p>Deux</p>"}


async def test_a_held_reply_changes_and_goes_in_silence(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    note = reply(scene.zoe, posted["uri"])
    await scene.takes(scene.zoe.create(note))
    edited = note | {"content": f"<p>Autre piscine {scene.bob.handle}</p>", "updated": "2026-09-21T14:00:00Z"}
    scene.peer.serve(edited)
    await scene.takes(scene.zoe.activity("Update", edited, to=[PUBLIC]))
    await nothing_of(scene, posted, "piscine")
    (asked,) = await requests(scene)
    assert "Autre" in asked["reply"]["content"]
    scene.peer.documents[note["id"]] = 410
    await scene.takes(scene.zoe.activity("Delete", {"id": note["id"], "type": "Tombstone"}, to=[PUBLIC]))
    assert await requests(scene) == []
    assert await counted(scene, posted["id"]) == 0
    zoe = await scene.bob.find(scene.zoe.handle)
    assert zoe["statuses_count"] == 0


async def test_ours_wait_too_and_go_out_with_their_proof(scene: Scene) -> None:
    """Carol of this node replies to the town: nothing leaves before the yes, and then with the stamp."""
    posted = await town_says(scene, "held")
    carol = await scene.node.person("carol")
    await a_follower(scene.peer, "otto", carol)
    await scene.settle()
    before = len(scene.peer.received)
    mine = await carol.post("Et les horaires ?", in_reply_to_id=posted["id"])
    edited = await carol.client.put(f"/api/v1/statuses/{mine['id']}", {"status": "Et les horaires, alors ?"})
    assert edited.status == 200
    await scene.settle()
    assert scene.peer.received[before:] == [], "a held reply left the node"
    hidden = await scene.node.visitor().get(
        mine["uri"].removeprefix("https://lyon.example"), accept="application/activity+json"
    )
    assert hidden.status == 404
    (asked,) = await requests(scene)
    await judge(scene, asked["id"], "authorize")
    (create,) = [each for each in scene.peer.received[before:] if each["type"] == "Create"]
    note = create["object"]
    assert note["replyAuthorization"] == note["approvedBy"]
    assert (await document(scene, note["replyAuthorization"]))["interactingObject"] == mine["uri"]


async def test_a_held_reply_of_ours_can_be_deleted(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    carol = await scene.node.person("carol")
    await a_follower(scene.peer, "otto", carol)
    await scene.settle()
    before = len(scene.peer.received)
    mine = await carol.post("Tant pis", in_reply_to_id=posted["id"])
    (await carol.client.delete(f"/api/v1/statuses/{mine['id']}")).ok()
    await scene.settle()
    assert scene.peer.received[before:] == []
    assert await requests(scene) == []
    assert await counted(scene, posted["id"]) == 0


async def test_somebody_elses_requests_are_nobodys_business(scene: Scene) -> None:
    posted = await town_says(scene, "held")
    await scene.takes(scene.zoe.create(reply(scene.zoe, posted["uri"])))
    (asked,) = await requests(scene)
    carol = await scene.node.person("carol")
    assert (await carol.client.get("/api/v1/interaction_requests")).ok() == []
    for verb in ("authorize", "reject"):
        answer = await carol.client.post(f"/api/v1/interaction_requests/{asked['id']}/{verb}")
        assert answer.status == 404
    await nothing_of(scene, posted, "piscine")


async def test_what_is_usual_for_an_account(scene: Scene) -> None:
    """A default by visibility; a post may say otherwise; an older post is changed by itself."""
    client = scene.bob.client
    usual = (await client.get("/api/v1/interaction_policies/defaults")).ok()
    assert usual["public"]["can_reply"]["automatic_approval"] == ["public"]
    form = {"public": policy("nobody")["interaction_policy"], "unlisted": policy("held")["interaction_policy"]}
    changed = (await client.patch("/api/v1/interaction_policies/defaults", json=form)).ok()
    assert changed["public"]["can_reply"]["automatic_approval"] == ["author"]
    assert changed["unlisted"]["can_reply"]["manual_approval"] == ["public"]
    closed = await scene.bob.post("Communiqué")
    assert closed["interaction_policy"]["can_reply"]["automatic_approval"] == ["author"]
    held = await scene.bob.post("Discret", visibility="unlisted")
    assert held["interaction_policy"]["can_reply"]["manual_approval"] == ["public"]
    assert "interaction_policy" not in await town_says(scene, "everyone")
    opened = await client.put(f"/api/v1/statuses/{closed['id']}/interaction_policy", json=policy("everyone"))
    assert "interaction_policy" not in opened.ok()
    carol = await scene.node.person("carol")
    await carol.post("Enfin", in_reply_to_id=closed["id"])
    shut = await client.put(f"/api/v1/statuses/{closed['id']}", json={"status": "Communiqué", **policy("nobody")})
    assert shut.ok()["interaction_policy"]["can_reply"]["automatic_approval"] == ["author"]
    assert len(await thread(scene.node.visitor(), closed["id"])) == 1, "what was shown before went"
    assert shut.json["quote_approval"]["automatic"] == ["public"], "the rule about replies changed that about quotes"


@pytest.mark.parametrize(
    "wrong",
    [
        {"can_reply": {"automatic_approval": ["mutuals"]}},
        {"can_reply": {"always": ["https://elsewhere.example/users/zoe"]}},
        {"can_reply": {"with_approval": ["tout le monde"]}},
        {"can_favourite": {"always": ["followers"]}},
        {"can_reblog": {"always": ["author", "followers"], "with_approval": ["public"]}},
    ],
)
async def test_a_rule_that_is_none_is_refused(scene: Scene, wrong: dict[str, Any]) -> None:
    answer = await scene.bob.client.post("/api/v1/statuses", json={"status": "Non", "interaction_policy": wrong})
    assert answer.status == 422, answer.body
    assert await scene.rows("SELECT id FROM posts") == []


# Between strangers: what the author elsewhere did not allow is not shown here.


def stamp_of(scene: Scene, uri: str, note: str, answered: str, **more: Any) -> str:
    return scene.peer.serve(
        {
            "@context": AS, "id": uri, "type": "ReplyAuthorization", "attributedTo": scene.zoe.uri,
            "interactingObject": note, "interactionTarget": answered, **more,
        }
    )  # fmt: skip


async def strangers(scene: Scene, **more: Any) -> tuple[dict[str, Any], PeerActor, dict[str, Any]]:
    """Zoe wants to approve replies; Otto, whom Bob follows too, replies to her. The status of hers that Bob sees."""
    await scene.befriended()
    otto = await scene.peer.actor("otto")
    await scene.bob.follow(otto.handle)
    await scene.settle()
    await scene.takes(otto.activity("Accept", scene.peer.of_type("Follow")[-1]), otto)
    rule = {"canReply": {"automaticApproval": [scene.zoe.uri], "manualApproval": [PUBLIC]}}
    asked = scene.zoe.note("Bonjour", interactionPolicy=rule)
    await scene.takes(scene.zoe.create(asked))
    seen = await scene.bob.seen(asked["id"])
    note = reply(otto, asked["id"], "Salut", **more)
    await scene.takes(otto.create(note), otto)
    return seen, otto, note


async def test_a_strangers_reply_is_shown_with_its_proof(scene: Scene) -> None:
    stamp = f"{scene.zoe.uri}/authorizations/1"
    scene.peer.documents[stamp] = {}
    note_id = None

    async def serve(uri: str, answered: str) -> None:
        stamp_of(scene, stamp, uri, answered)

    seen, otto, note = await strangers(scene)
    assert await thread(scene.bob.client, seen["id"]) == [], "a reply that nobody allowed is shown"
    await serve(note["id"], seen["uri"])
    accept = scene.zoe.activity("Accept", note["id"], result=stamp, to=[otto.uri])
    await scene.takes(otto.activity("Accept", note["id"], result=stamp), otto)
    assert await thread(scene.bob.client, seen["id"]) == [], "somebody else's yes counted"
    await scene.takes(accept)
    assert await thread(scene.bob.client, seen["id"]) == ["<p>Salut</p>"]
    await scene.takes(scene.zoe.activity("Delete", stamp))
    assert await thread(scene.bob.client, seen["id"]) == [], "consent was taken back, and the reply is shown"
    assert note_id is None


@pytest.mark.parametrize("name", ["replyAuthorization", "approvedBy"])
@pytest.mark.parametrize("wrong", ["", "another author", "another reply", "another post", "its own server"])
async def test_a_proof_is_compared_field_by_field(scene: Scene, name: str, wrong: str) -> None:
    """GHSA-q4g8-82c5-9h33, of replies."""
    await scene.befriended()
    rule = {"canReply": {"always": [scene.zoe.uri], "approvalRequired": [PUBLIC]}}
    asked = scene.zoe.note("Bonjour", interactionPolicy=rule)
    await scene.takes(scene.zoe.create(asked))
    other = type(scene.peer)("third.example", scene.fediverse.network, scene.fediverse.clock)
    mallory = await other.actor("mallory")
    stamp = f"{other.home}/stamps/1" if wrong == "its own server" else f"{scene.zoe.uri}/authorizations/2"
    note = reply(mallory, asked["id"], "Cru", **{name: stamp})
    fields = {
        "another author": {"attributedTo": mallory.uri}, "another reply": {"interactingObject": f"{note['id']}9"},
        "another post": {"interactionTarget": f"{asked['id']}9"},
    }.get(wrong, {})  # fmt: skip
    written = {
        "@context": AS, "id": stamp, "type": "ReplyAuthorization", "attributedTo": scene.zoe.uri,
        "interactingObject": note["id"], "interactionTarget": asked["id"], **fields,
    }  # fmt: skip
    (other if wrong == "its own server" else scene.peer).serve(written)
    await scene.takes(mallory.create(note), mallory)
    seen = await scene.bob.seen(asked["id"])
    assert await thread(scene.bob.client, seen["id"]) == ([] if wrong else ["<p>Cru</p>"])


async def test_a_reply_of_ours_that_is_refused_elsewhere(scene: Scene) -> None:
    """It waited for Zoe, who says no: nobody but Bob sees it any more."""
    await scene.befriended()
    rule = {"canReply": {"always": [scene.zoe.uri], "approvalRequired": [PUBLIC]}}
    asked = scene.zoe.note("Bonjour", interactionPolicy=rule)
    await scene.takes(scene.zoe.create(asked))
    seen = await scene.bob.seen(asked["id"])
    mine = await scene.bob.post("Puis-je ?", in_reply_to_id=seen["id"])
    await scene.settle()
    await scene.takes(scene.zoe.activity("Reject", mine["uri"]))
    assert (await scene.node.visitor().get(f"/api/v1/statuses/{mine['id']}")).status == 404
    assert (await scene.bob.client.get(f"/api/v1/statuses/{mine['id']}")).status == 200


async def test_a_signed_reply_is_passed_on_once_it_is_approved(scene: Scene) -> None:
    """Who reads the thread elsewhere gets it when everybody here does, byte for byte."""
    third = type(scene.peer)("third.example", scene.fediverse.network, scene.fediverse.clock)
    await a_follower(third, "tom", scene.bob)
    await scene.settle()
    posted = await town_says(scene, "held")
    note = reply(scene.zoe, posted["uri"])
    sent = scene.zoe.create(note) | {"signature": {"type": "RsaSignature2017", "signatureValue": "x"}}
    await scene.takes(sent)
    assert [each for each in third.received if each.get("id") == sent["id"]] == [], "it was passed on before the yes"
    (asked,) = await requests(scene)
    await judge(scene, asked["id"], "authorize")
    (passed,) = [each for each in third.received if each.get("id") == sent["id"]]
    assert orjson.dumps(passed) == orjson.dumps(sent)
