"""LD signatures (RsaSignature2017) are never trusted, valid or not: what they stand on is read at its source, or refused.

All documents of the shared vectors are played at a node by a relay, byte for byte; see docs/decisions/linked-data-signatures.md.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import AS, PUBLIC, Peer, PeerActor, peer_on

NAMES = {
    "takahe known-good LD signature": "read at its source",
    "mastodon 2.5 create (PeerTube bad sig fixture)": "refused",
    "mastodon 2.5 create inside signed request": "refused",
    "corpus:friendica/Create-activities-create_note.json": "read at its source",
    "corpus:smithereen/Create-activities-create_note.json": "read at its source",
    "corpus:mastodon/Accept-mastodon-accept-activity-2.json": "refused",
    "corpus:mastodon/Follow-mastodon-follow-activity-2.json": "refused",
    "corpus:osada/Person-https___osada.macgirvin.com_channel_mike.json": "refused",
    "Mastodon 4.x (activitypub.academy) Create/Note, real, 2024-09": "read at its source",
}
"""Ids without TLS, and what is no activity, are refused whoever signs."""


@pytest.fixture(scope="session")
def vectors(shared_data: Path) -> dict[str, dict[str, Any]]:
    loaded = json.loads((shared_data / "data/federation/vectors/ld-signatures.json").read_text())
    return {case["name"]: case for case in loaded["tests"]}


def test_every_vector_has_an_expectation(vectors: dict[str, dict[str, Any]]) -> None:
    assert set(vectors) == set(NAMES)
    assert [case["expect"] for case in vectors.values()].count("valid") == 8


async def relay_of(scene: Scene) -> PeerActor:
    return await peer_on(scene.fediverse, "third.example").actor("relay")


async def source_of(scene: Scene, document: dict[str, Any], content: str) -> Peer:
    """The server that the document speaks of, where the post says *content*."""
    host = document["actor"].split("/")[2]
    source = peer_on(scene.fediverse, host)
    author = PeerActor(source, "author", scene.zoe.key)
    source.documents[document["actor"]] = {
        **author.document(), "id": document["actor"], "inbox": f"https://{host}/inbox", "followers": None,
        "publicKey": {**author.document()["publicKey"], "owner": document["actor"]},
    }  # fmt: skip
    source.handles["author"] = document["actor"]
    source.documents[document["object"]["id"]] = {
        "@context": AS, "id": document["object"]["id"], "type": "Note", "attributedTo": document["actor"],
        "content": content, "to": [PUBLIC], "published": "2024-09-12T10:00:00Z",
    }  # fmt: skip
    return source


@pytest.mark.parametrize("name", NAMES)
async def test_about_nothing_here_nothing_happens(scene: Scene, vectors: dict[str, dict[str, Any]], name: str) -> None:
    """No fetch, no row, whatever the signature is worth."""
    relay = await relay_of(scene)
    answer = await relay.send(scene.node.host, vectors[name]["document"])
    await scene.settle()
    assert answer.status == (202 if NAMES[name] == "read at its source" else 400), answer.body
    assert await scene.inbox() == []
    assert await scene.rows("SELECT 1 FROM posts") == []
    asked = {sent.url.split("/")[2] for sent in scene.fediverse.network.sent} - {"lyon.example", "third.example"}
    assert not asked, f"a forwarded document made the node ask {asked}"


@pytest.mark.parametrize("name", [name for name, outcome in NAMES.items() if outcome == "read at its source"])
async def test_about_a_post_that_is_held_its_source_is_asked(
    scene: Scene, vectors: dict[str, dict[str, Any]], name: str
) -> None:
    """What its own server says counts, not what was signed; and where it is gone, it goes."""
    document = vectors[name]["document"]
    uri = document["object"]["id"]
    source = await source_of(scene, document, "<p>première version</p>")
    await scene.bob.seen(uri)
    relay = await relay_of(scene)
    source.documents[uri]["content"] = "<p>ce que dit la source</p>"
    source.documents[uri]["updated"] = "2026-09-12T10:00:00Z"
    await scene.takes(document, relay)
    held = await posts.by_uri(scene.ctx.db.reader, uri)
    assert held is not None
    assert held.content == "<p>ce que dit la source</p>", "what somebody forwarded was believed"
    source.documents[uri] = 410
    scene.fediverse.clock.forward(120)
    await scene.takes(document, relay)
    assert await posts.by_uri(scene.ctx.db.reader, uri) is None, "a post outlives its source's 410"


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_becomes_its_author_by_it(scene: Scene, vectors: dict[str, dict[str, Any]], name: str) -> None:
    """CVE-2022-24307 and others: with parts that JSON-LD reads otherwise than JSON, in every variant."""
    relay = await relay_of(scene)
    document = vectors[name]["document"]
    for more in ({"@graph": [document]}, {"@included": [document]}, {"@reverse": {"object": document}},
                 {"object": scene.bob.actor.uri, "type": "Follow"}, {"type": "Delete", "object": document.get("actor")}):  # fmt: skip
        answer = await relay.send(scene.node.host, {**document, **more})
        assert answer.status in (202, 400, 401), f"{list(more)}: {answer.status}"
    await scene.settle()
    assert await scene.inbox() == []
    assert await scene.rows("SELECT 1 FROM follows") == []


async def test_we_write_none(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.bob.post("Bonjour")
    await scene.settle()
    assert all("signature" not in each for each in scene.peer.received)
