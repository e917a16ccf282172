"""Conversations: what is above and below a stranger's post is read when one of ours opens it, and never more than a bit.

The hostile server of these stories answers every question with a new one.
"""

import asyncio
from typing import Any

import pytest

from node.federation.resolve import conversations
from tests.federation.conftest import Scene
from tests.support.fediverse import Fediverse
from tests.support.peer import AS, PUBLIC, Peer, PeerActor, peer_on


async def opens(scene: Scene, uri: str) -> dict[str, Any]:
    """Bob opens the conversation; what his client shows after the node has read it."""
    status = await scene.bob.seen(uri)
    (await scene.bob.client.get(f"/api/v1/statuses/{status['id']}/context")).ok()
    await scene.settle()
    shown: dict[str, Any] = (await scene.bob.client.get(f"/api/v1/statuses/{status['id']}/context")).ok()
    return shown


def words(statuses: list[dict[str, Any]]) -> list[str]:
    return [status["content"].removeprefix("<p>").removesuffix("</p>") for status in statuses]


def collection(server: Peer, path: str, ids: list[str], *, pages: int = 1, kind: str = "replies") -> str:
    """A collection with its items spread over pages; its id."""
    uri = f"{server.home}/{path}"
    size = -(-len(ids) // pages)
    for number in range(pages):
        page = {
            "@context": AS, "id": f"{uri}?page={number}", "type": "CollectionPage", "partOf": uri,
            "items": ids[number * size : (number + 1) * size],
        }  # fmt: skip
        if number + 1 < pages:
            page["next"] = f"{uri}?page={number + 1}"
        server.serve(page)
    server.serve({"@context": AS, "id": uri, "type": "Collection", "first": f"{uri}?page=0"})
    return uri


async def test_replies_and_replies_to_them(scene: Scene) -> None:
    third = await peer_on(scene.fediverse, "third.example").actor("max")
    root = scene.zoe.note("Qui vient ?")
    first = third.note("Moi", inReplyTo=root["id"])
    second = scene.zoe.note("Bravo", inReplyTo=first["id"])
    scene.peer.serve({"@context": AS, **root, "replies": collection(scene.peer, "r/1", [first["id"]])})
    third.peer.serve({"@context": AS, **first, "replies": collection(third.peer, "r/2", [second["id"]])})
    shown = await opens(scene, root["id"])
    assert words(shown["descendants"]) == ["Moi", "Bravo"]


async def test_pages_and_embedded_pages(scene: Scene) -> None:
    root = scene.zoe.note("Qui vient ?")
    answers = [scene.zoe.note(f"Moi {number}", inReplyTo=root["id"]) for number in range(6)]
    collection(scene.peer, "r/1", [each["id"] for each in answers], pages=3)
    first = scene.peer.documents[f"{scene.peer.home}/r/1?page=0"]
    embedded = {"id": f"{scene.peer.home}/r/1", "type": "Collection", "first": first}
    scene.peer.serve({"@context": AS, **embedded})
    scene.peer.serve({"@context": AS, **root, "replies": embedded})
    shown = await opens(scene, root["id"])
    assert sorted(words(shown["descendants"])) == [f"Moi {number}" for number in range(6)]


async def test_the_context_collection_is_preferred(scene: Scene) -> None:
    """FEP-f228: the owner's collection holds the whole conversation, whatever its order; `replies` is not asked."""
    third = await peer_on(scene.fediverse, "third.example").actor("max")
    root = scene.zoe.note("Qui vient ?")
    one = third.note("Moi", inReplyTo=root["id"])
    two = scene.zoe.note("Bravo", inReplyTo=one["id"])
    other = scene.zoe.note("Autre sujet")
    await scene.bob.seen(other["id"])
    strays = [third.note("Publicité"), third.note("Réclame", inReplyTo=other["id"])]
    context = collection(scene.peer, "contexts/1", [two["id"], *(each["id"] for each in strays), one["id"], root["id"]])
    replies = collection(scene.peer, "r/1", [])
    scene.peer.serve({"@context": AS, **root, "context": context, "replies": replies})
    shown = await opens(scene, root["id"])
    assert words(shown["descendants"]) == ["Moi", "Bravo"]
    for stray in strays:
        assert await scene.rows("SELECT 1 FROM posts WHERE uri = $1", stray["id"]) == [], "a collection fills the node"
    assert replies not in [url for _, url, _ in scene.peer.requests]


async def test_what_strangers_said_below_a_post_of_ours(scene: Scene) -> None:
    """Max answered Zoe, who had answered Bob: nobody told Bob's server."""
    posted = await scene.bob.post("Qui vient ?")
    third = await peer_on(scene.fediverse, "third.example").actor("max")
    answer = scene.zoe.note("Moi", inReplyTo=posted["uri"], to=[PUBLIC, scene.bob.actor.uri])
    await scene.takes(scene.zoe.create(answer))
    below = third.note("Moi aussi", inReplyTo=answer["id"])
    scene.peer.serve({"@context": AS, **answer, "replies": collection(scene.peer, "r/1", [below["id"]])})
    assert words((await opens(scene, posted["uri"]))["descendants"]) == ["Moi", "Moi aussi"]
    mine = await scene.bob.post(
        "@zoe@elsewhere.example D'accord", in_reply_to_id=(await scene.bob.seen(below["id"]))["id"]
    )
    assert len((await opens(scene, mine["uri"]))["ancestors"]) == 3


async def test_a_post_of_ours_that_nobody_answered_asks_nobody(scene: Scene) -> None:
    posted = await scene.bob.post("Qui vient ?")
    await opens(scene, posted["uri"])
    assert await scene.rows("SELECT 1 FROM thread_reads") == []


@pytest.mark.parametrize("context", ["tag:elsewhere.example,2026:1", "https://elsewhere.example/contexts/gone"])
async def test_without_a_context_that_answers_replies_are_read(scene: Scene, context: str) -> None:
    root = scene.zoe.note("Qui vient ?")
    answer = scene.zoe.note("Moi", inReplyTo=root["id"])
    replies = collection(scene.peer, "r/1", [answer["id"]])
    scene.peer.serve({"@context": AS, **root, "context": context, "replies": replies})
    assert words((await opens(scene, root["id"]))["descendants"]) == ["Moi"]


async def test_what_is_above(scene: Scene) -> None:
    """Twelve posts up: the jobs of the first one end after eight, opening it goes on from there."""
    above: list[dict[str, Any]] = [scene.zoe.note("Premier")]
    for number in range(12):
        above.append(scene.zoe.note(f"Suite {number}", inReplyTo=above[-1]["id"]))
    shown = await opens(scene, above[-1]["id"])
    assert words(shown["ancestors"]) == ["Premier", *[f"Suite {number}" for number in range(11)]]


async def test_once_in_a_quarter_of_an_hour(scene: Scene) -> None:
    root = scene.zoe.note("Qui vient ?")
    replies = collection(scene.peer, "r/1", [])
    scene.peer.serve({"@context": AS, **root, "replies": replies})

    def asked() -> int:
        return [url for _, url, _ in scene.peer.requests].count(replies)

    for _ in range(5):
        await opens(scene, root["id"])
    assert asked() == 1
    scene.ctx.cache.clear("conversations_read")  # another process of the node
    await opens(scene, root["id"])
    assert asked() == 1
    scene.fediverse.clock.forward(conversations.EVERY_MS // 1_000 + 1)
    late = scene.zoe.note("En retard", inReplyTo=root["id"])
    collection(scene.peer, "r/1", [late["id"]])
    assert words((await opens(scene, root["id"]))["descendants"]) == ["En retard"]


async def test_a_stranger_who_reads_makes_us_ask_nothing(scene: Scene) -> None:
    root = scene.zoe.note("Qui vient ?")
    replies = collection(scene.peer, "r/1", [])
    scene.peer.serve({"@context": AS, **root, "replies": replies})
    status = await scene.bob.seen(root["id"])
    (await scene.node.visitor().get(f"/api/v1/statuses/{status['id']}/context")).ok()
    await scene.settle()
    assert replies not in [url for _, url, _ in scene.peer.requests]


async def test_one_reader_does_not_open_the_whole_world(scene: Scene) -> None:
    for number in range(conversations.BY_READER.hits + 20):
        root = scene.zoe.note("Qui vient ?")
        replies = collection(scene.peer, f"r/{number}", [])
        scene.peer.serve({"@context": AS, **root, "replies": replies})
        status = await scene.bob.seen(root["id"])
        await scene.bob.client.get(f"/api/v1/statuses/{status['id']}/context")
    queued = await scene.rows("SELECT COUNT(*) FROM jobs WHERE kind = $1", conversations.READ_JOB)
    assert queued[0][0] <= conversations.BY_READER.hits


async def test_what_is_not_public_is_not_kept(scene: Scene) -> None:
    root = scene.zoe.note("Qui vient ?")
    secret = scene.zoe.note("Entre nous", inReplyTo=root["id"], to=[scene.zoe.followers], cc=[])
    scene.peer.serve({"@context": AS, **root, "replies": collection(scene.peer, "r/1", [secret["id"]])})
    assert (await opens(scene, root["id"]))["descendants"] == []


async def test_a_reply_in_another_name(scene: Scene) -> None:
    """The collection names a document on the hostile server that claims to be somebody else's."""
    root = scene.zoe.note("Qui vient ?")
    victim = await peer_on(scene.fediverse, "third.example").actor("max")
    forged = scene.zoe.note("Je démissionne", inReplyTo=root["id"], attributedTo=victim.uri)
    scene.peer.serve({"@context": AS, **root, "replies": collection(scene.peer, "r/1", [forged["id"]])})
    assert (await opens(scene, root["id"]))["descendants"] == []


class Endless(Peer):
    """A server where every post answers another one, has replies, and every page has a next one."""

    async def _answer(self, method: str, path: str, query: str, url: str, receive: Any) -> tuple[int, str, bytes | str]:
        kind, _, number = path.strip("/").partition("/")
        if method == "GET" and kind == "endless" and url not in self.documents:
            self.serve(
                {
                    "@context": AS, "id": url, "type": "Note", "attributedTo": f"{self.home}/users/eve", "to": [PUBLIC],
                    "content": f"<p>{number}</p>", "inReplyTo": f"{self.home}/endless/{number}0",
                    "replies": f"{self.home}/pages/{number}",
                }
            )  # fmt: skip
        if method == "GET" and kind == "pages" and url not in self.documents:
            below = [f"{self.home}/below/{number}-{place}" for place in range(50)]
            self.serve(
                {
                    "@context": AS, "id": url, "type": "CollectionPage", "items": below,
                    "next": f"{self.home}/pages/{number}x",
                }
            )  # fmt: skip
        if method == "GET" and kind == "below" and url not in self.documents:
            answered = (
                f"{self.home}/endless/1" if number.count("-") == 1 else f"{self.home}/below/{number.rpartition('-')[0]}"
            )
            self.serve(
                {
                    "@context": AS, "id": url, "type": "Note", "attributedTo": f"{self.home}/users/eve", "to": [PUBLIC],
                    "content": f"<p>{number}</p>", "inReplyTo": answered, "replies": f"{self.home}/pages/{number}",
                }
            )  # fmt: skip
        return await super()._answer(method, path, query, url, receive)


async def hostile(scene: Scene) -> tuple[Endless, PeerActor]:
    server = Endless("endless.example", scene.fediverse.network, scene.fediverse.clock)
    return server, await server.actor("eve")


async def test_a_chain_without_an_end(scene: Scene) -> None:
    server, eve = await hostile(scene)
    await scene.bob.follow(eve.handle)
    await scene.settle()
    await scene.takes(eve.activity("Accept", server.of_type("Follow")[-1]), eve)
    asked = len(server.requests)
    note = eve.note("Le début", inReplyTo=f"{server.home}/endless/1")
    await scene.takes(eve.create(note), eve)
    assert len(server.requests) - asked <= 12, "one post makes us climb a chain without an end"
    await opens(scene, note["id"])
    assert len(server.requests) - asked <= 12 + conversations.MAX_ABOVE + conversations.MAX_PAGES + 4
    assert scene.ctx.metrics.counted("conversations_bounded", by="above") == 1


async def test_a_tree_without_an_end(scene: Scene) -> None:
    server, _eve = await hostile(scene)
    await scene.bob.seen(f"{server.home}/endless/1")
    await scene.settle()
    asked = len(server.requests)
    await opens(scene, f"{server.home}/endless/1")
    assert len(server.requests) - asked <= conversations.MAX_ASKED_OF_A_HOST + 4
    assert scene.ctx.metrics.counted("conversations_bounded", by="number") >= 1
    kept = await scene.rows("SELECT COUNT(*) FROM posts")
    assert kept[0][0] <= conversations.MAX_ASKED_OF_A_HOST + 10


class Silent(Peer):
    """A server that takes every question and never answers."""

    async def _answer(self, method: str, path: str, query: str, url: str, receive: Any) -> tuple[int, str, bytes | str]:
        if path.startswith("/silent/"):
            await asyncio.Event().wait()
        return await super()._answer(method, path, query, url, receive)


async def test_a_server_that_never_answers(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute (shorter here) ends the reading; what was read until then stays."""
    monkeypatch.setattr(conversations, "TIME_S", 0.5)
    silent = Silent("silent.example", scene.fediverse.network, scene.fediverse.clock)
    root = scene.zoe.note("Qui vient ?")
    answer = scene.zoe.note("Moi", inReplyTo=root["id"])
    listed = [answer["id"], *[scene.zoe.note("Plus tard")["id"] for _ in range(3)], f"{silent.home}/silent/1"]
    scene.peer.serve({"@context": AS, **root, "replies": collection(scene.peer, "r/1", listed)})
    assert words((await opens(scene, root["id"]))["descendants"]) == ["Moi"]
    assert scene.ctx.metrics.counted("conversations_bounded", by="time") == 1
    assert await scene.rows("SELECT 1 FROM jobs") == []


async def test_a_victim_is_not_hammered(scene: Scene) -> None:
    """Hostile collections name one victim's server a thousand times; it is asked a bounded number of times a minute."""
    victim = await peer_on(scene.fediverse, "victim.example").actor("max")
    roots = []
    for number in range(10):
        root = scene.zoe.note(f"Sujet {number}")
        names = [f"{victim.peer.home}/no/{number}-{place}" for place in range(100)]
        scene.peer.serve({"@context": AS, **root, "replies": collection(scene.peer, f"r/{number}", names)})
        roots.append(await scene.bob.seen(root["id"]))
    for status in roots:
        await scene.bob.client.get(f"/api/v1/statuses/{status['id']}/context")
    await scene.settle()
    assert len(victim.peer.requests) <= 120


async def test_two_posts_that_answer_each_other(scene: Scene) -> None:
    one, two = scene.zoe.note("Un"), scene.zoe.note("Deux")
    scene.peer.serve(
        {"@context": AS, **one, "inReplyTo": two["id"], "replies": collection(scene.peer, "r/1", [two["id"]])}
    )
    scene.peer.serve(
        {"@context": AS, **two, "inReplyTo": one["id"], "replies": collection(scene.peer, "r/2", [one["id"]])}
    )
    asked = len(scene.peer.requests)
    await opens(scene, one["id"])
    await opens(scene, two["id"])
    assert len(scene.peer.requests) - asked <= 20


async def test_a_conversation_over_three_nodes(fediverse: Fediverse) -> None:
    """Nora reads Alice only; she opens Alice's answer and sees what it answers, and what others answered to it."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    nora = await (await fediverse.node("bron.example")).person("nora")
    await alice.follow(bruno.handle)
    await nora.follow(alice.handle)
    await fediverse.settle()
    root = await bruno.post("Qui vient dimanche ?")
    await fediverse.settle()
    answer = await alice.post("@bruno@villeurbanne.example Moi", in_reply_to_id=(await alice.seen(root["uri"]))["id"])
    await fediverse.settle()
    await bruno.post("@alice@lyon.example Parfait", in_reply_to_id=(await bruno.seen(answer["uri"]))["id"])
    await fediverse.settle()
    status = await nora.seen(answer["uri"])
    (await nora.client.get(f"/api/v1/statuses/{status['id']}/context")).ok()
    await fediverse.settle()
    shown = (await nora.client.get(f"/api/v1/statuses/{status['id']}/context")).ok()
    assert [each["account"]["acct"] for each in shown["ancestors"]] == ["bruno@villeurbanne.example"]
    assert [each["account"]["acct"] for each in shown["descendants"]] == ["bruno@villeurbanne.example"]
