"""Answers in a thread of ours reach its readers on third servers, as their authors signed them; nothing else does."""

from typing import Any

import orjson
import pytest

from node.federation.delivery import forwarding
from node.federation.signatures import proofs
from node.runtime import keypairs as keys
from node.runtime.windows import Limit
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, Peer, a_follower, peer_on

LD = {"type": "RsaSignature2017", "creator": "https://elsewhere.example/users/zoe#main-key", "signatureValue": "…"}


class Village:
    """Bob's post; Max reads him on a third server; Zoe, whom nobody here follows, answers on hers."""

    def __init__(self, scene: Scene, third: Peer, uri: str) -> None:
        self.scene, self.third, self.uri = scene, third, uri
        self.zoe = scene.zoe

    async def answers(self, text: str = "Moi aussi", *, to: str | None = None, **more: Any) -> dict[str, Any]:
        """Zoe's answer is taken; the activity."""
        sign = more.pop("sign", {"signature": LD})
        sender = more.pop("sender", self.zoe)
        note = sender.note(text, inReplyTo=to or self.uri, **more)
        activity = sender.create(note) | sign
        await self.scene.takes(activity, sender)
        return activity

    def passed_on(self) -> list[dict[str, Any]]:
        """What the third server got of others than Bob."""
        return [each for each in self.third.received if each["actor"] != self.scene.bob.actor.uri]


@pytest.fixture
async def village(scene: Scene) -> Village:
    third = peer_on(scene.fediverse, "third.example")
    await a_follower(third, "max", scene.bob)
    await scene.settle()
    posted = await scene.bob.post("Qui vient ?")
    await scene.settle()
    return Village(scene, third, posted["uri"])


async def test_an_answer_reaches_who_reads_the_thread_as_it_came(village: Village) -> None:
    raw: list[bytes] = []
    plain = village.third.network.request

    async def seen(method: str, url: str, *, body: bytes = b"", **how: Any) -> Any:
        if method == "POST" and "third.example" in url:
            raw.append(body)
        return await plain(method, url, body=body, **how)

    village.third.network.request = seen  # type: ignore[method-assign]
    activity = await village.answers()
    assert raw == [orjson.dumps(activity)], "a byte was changed: no signature inside holds"
    method, url, headers = village.third.requests[-1]
    assert (method, url) == ("POST", "https://third.example/inbox")
    assert f'keyId="{village.scene.bob.actor.uri}#main-key"' in headers["signature"]


async def test_a_proof_is_passed_on_too(village: Village) -> None:
    key = keys.generate_ed25519()
    zoe = village.zoe
    note = zoe.note("Moi", inReplyTo=village.uri)
    activity = proofs.create(zoe.create(note), f"{zoe.uri}#ed25519-key", key, village.scene.fediverse.clock.now_ms())
    await village.scene.takes(activity)
    assert [each["id"] for each in village.passed_on()] == [activity["id"]]


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("what carries no signature of its own", {"sign": {}}),
        ("a signature that is no object", {"sign": {"signature": "x"}}),
        ("a word about signatures", {"sign": {"summary": '"signature"'}}),
        ("what is for her followers", {"to_": ["https://elsewhere.example/users/zoe/followers"], "cc": []}),
        ("what is for Bob", {"to_": ["https://lyon.example/users/bob"], "cc": []}),
        ("what is for Bob's followers only", {"to_": ["https://lyon.example/users/bob/followers"], "cc": []}),
        ("what is as long as a book", {"text": "x" * 140_000}),
    ],
)
async def test_what_is_not_passed_on(village: Village, what: str, more: dict[str, Any]) -> None:
    text, sign = more.get("text", "Moi"), more.get("sign", {"signature": LD})
    addressed = {"to": more["to_"], "cc": more["cc"]} if "to_" in more else {}
    note = village.zoe.note(text, inReplyTo=village.uri, **addressed)
    await village.scene.takes(village.zoe.create(note) | sign)
    assert village.passed_on() == [], f"{what} was passed on"


async def test_who_has_it_from_the_author_does_not_get_it_again(village: Village) -> None:
    await a_follower(village.scene.peer, "yan", village.scene.bob)  # on Zoe's own server
    named = await a_follower(peer_on(village.scene.fediverse, "named.example"), "lea", village.scene.bob)
    await village.scene.settle()
    own = len(village.scene.peer.received)
    await village.answers(cc=[named.uri])
    assert len(village.scene.peer.received) == own, "her own server was told what she said"
    assert not named.peer.of_type("Create"), "who is addressed got it twice"
    assert len(village.passed_on()) == 1


async def test_it_is_passed_on_once(village: Village) -> None:
    activity = await village.answers()
    for _ in range(3):
        await village.scene.takes(activity)
    assert len(village.passed_on()) == 1


async def test_its_edit_and_its_deletion_follow(village: Village) -> None:
    activity = await village.answers()
    note = {**activity["object"], "content": "<p>Moi non plus</p>", "updated": "2026-09-21T14:00:00Z"}
    village.scene.peer.serve(note)
    update = village.zoe.activity("Update", note, to=[PUBLIC], signature=LD)
    await village.scene.takes(update)
    delete = village.zoe.activity("Delete", {"id": note["id"], "type": "Tombstone"}, to=[PUBLIC], signature=LD)
    await village.scene.takes(delete)
    assert [each["type"] for each in village.passed_on()] == ["Create", "Update", "Delete"]
    assert await posts.by_uri(village.scene.ctx.db.reader, note["id"]) is None


async def test_what_moderators_hid_is_not_passed_on_anew(village: Village) -> None:
    """Its edit stays here; that it is gone is told to those who have it."""
    activity = await village.answers()
    db = village.scene.ctx.db
    await db.write(lambda tx: tx.execute("UPDATE posts SET hidden = TRUE WHERE uri = $1", activity["object"]["id"]))
    note = {**activity["object"], "content": "<p>Pire</p>", "updated": "2026-09-21T14:00:00Z"}
    await village.scene.takes(village.zoe.activity("Update", note, to=[PUBLIC], signature=LD))
    kept = await posts.by_uri(db.reader, note["id"])
    assert kept is not None
    assert "Pire" in kept.content
    assert [each["type"] for each in village.passed_on()] == ["Create"], "this node spreads what its moderators hid"
    delete = village.zoe.activity("Delete", {"id": note["id"], "type": "Tombstone"}, to=[PUBLIC], signature=LD)
    await village.scene.takes(delete)
    assert [each["type"] for each in village.passed_on()] == ["Create", "Delete"]


async def test_an_answer_to_an_answer_is_of_the_thread(village: Village) -> None:
    first = await village.answers()
    yan = await village.scene.peer.actor("yan")
    await village.answers("Et moi", to=first["object"]["id"], sender=yan, cc=[village.scene.bob.actor.uri])
    assert len(village.passed_on()) == 2


async def test_a_thread_of_others_is_theirs(village: Village) -> None:
    """Zoe's own thread, in which nobody of ours spoke above."""
    scene = village.scene
    root = village.zoe.note("Chez moi", cc=[scene.bob.actor.uri])
    await scene.takes(village.zoe.create(root) | {"signature": LD})
    await village.answers("Encore moi", to=root["id"], cc=[scene.bob.actor.uri])
    assert village.passed_on() == []


async def test_below_what_is_not_public_nothing_is_passed_on(village: Village) -> None:
    scene = village.scene
    await scene.takes(village.zoe.follow(scene.bob.actor.uri))
    hidden = await scene.bob.post("Entre nous", visibility="private")
    await scene.settle()
    await village.answers("Moi", to=hidden["uri"])
    assert village.passed_on() == [], "a thread for followers is shown by its answers"


async def test_one_who_answers_all_day_is_not_a_flood(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "_BY_ACTOR", Limit("answers passed on, by actor", 3, 3_600))
    for number in range(6):
        await village.answers(f"Encore {number}")
    assert len(village.passed_on()) == 3


async def test_answers_of_our_own_reach_the_readers_of_the_thread(village: Village) -> None:
    """Anne lives where Bob does, and nobody on the third server follows her."""
    scene = village.scene
    anne = await scene.node.person("anne")
    answered = await anne.seen(village.uri)
    said = await anne.post("Moi", in_reply_to_id=answered["id"])
    (await anne.client.put(f"/api/v1/statuses/{said['id']}", {"status": "Moi non plus"})).ok()
    (await anne.client.delete(f"/api/v1/statuses/{said['id']}")).ok()
    await anne.post("À toi seul", in_reply_to_id=answered["id"], visibility="direct")
    await anne.post("À mes lecteurs", in_reply_to_id=answered["id"], visibility="private")
    await scene.settle()
    assert [each["type"] for each in village.passed_on()] == ["Create", "Update", "Delete"]
