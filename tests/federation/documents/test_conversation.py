"""The `context` of our conversations (FEP-7888, FEP-f228): a collection of what anyone may read of them."""

from typing import Any

import orjson

from node.timeline import threads
from tests.federation.conftest import Scene
from tests.support.fediverse import Fediverse


async def document(fediverse: Any, url: str) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/activity+json", "User-Agent": "a test"}
    found = await fediverse.network.request("GET", url, headers=headers, body=b"", max_bytes=100_000)
    return found.status, orjson.loads(found.body) if found.body else {}


async def items(fediverse: Any, url: str) -> list[str]:
    """All items of a collection, page after page."""
    status, found = await document(fediverse, url)
    assert status == 200
    place, listed = found["first"], []
    while place is not None:
        _, page = await document(fediverse, place)
        listed.extend(page["orderedItems"])
        place = page.get("next")
    return listed


async def test_what_anyone_may_read_of_it(scene: Scene) -> None:
    carol = await scene.node.person("carol")
    root = await scene.bob.post("Qui vient ?")
    status, note = await document(scene.fediverse, root["uri"])
    assert note["context"] == f"{root['uri']}/context"
    answer = await carol.post("@bob Moi", in_reply_to_id=root["id"])
    await carol.post("@bob Entre nous", in_reply_to_id=root["id"], visibility="direct")
    await scene.bob.post("@carol Pour les abonnés", in_reply_to_id=answer["id"], visibility="private")
    last = await scene.bob.post("@carol Parfait", in_reply_to_id=answer["id"], visibility="unlisted")
    await carol.act("reblog", root["id"])
    await scene.bob.post("Autre sujet")
    assert (await document(scene.fediverse, answer["uri"]))[1]["context"] == note["context"]
    status, found = await document(scene.fediverse, note["context"])
    assert (status, found["attributedTo"]) == (200, scene.bob.actor.uri)
    assert await items(scene.fediverse, note["context"]) == [root["uri"], answer["uri"], last["uri"]]
    (await carol.client.delete(f"/api/v1/statuses/{answer['id']}")).ok()
    assert await items(scene.fediverse, note["context"]) == [root["uri"], last["uri"]]


async def test_pages(scene: Scene) -> None:
    root = await scene.bob.post("Qui vient ?")
    answers = [(await scene.bob.post(f"Moi {number}", in_reply_to_id=root["id"]))["uri"] for number in range(45)]
    assert await items(scene.fediverse, f"{root['uri']}/context") == [root["uri"], *answers]


async def test_what_is_no_conversation_of_ours(scene: Scene) -> None:
    secret = await scene.bob.post("Entre nous", visibility="private")
    assert (await document(scene.fediverse, f"{secret['uri']}/context"))[0] == 404
    root = await scene.bob.post("Qui vient ?")
    answer = await scene.bob.post("Moi", in_reply_to_id=root["id"])
    assert (await document(scene.fediverse, f"{answer['uri']}/context"))[0] == 404
    assert (await document(scene.fediverse, f"{root['uri'][:-1]}/context"))[0] == 404
    assert await threads.conversation_page(scene.ctx.db.reader, 1) == []


async def test_another_node_reads_it_in_one_go(fediverse: Fediverse) -> None:
    """Nora reads one answer of three, and sees all of it: the collection says what there is."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    nora = await (await fediverse.node("bron.example")).person("nora")
    await alice.follow(bruno.handle)
    await fediverse.settle()
    root = await bruno.post("Qui vient dimanche ?")
    await fediverse.settle()
    seen = await alice.seen(root["uri"])
    first = await alice.post("@bruno@villeurbanne.example Moi", in_reply_to_id=seen["id"])
    await alice.post("@bruno@villeurbanne.example Et Zoé", in_reply_to_id=seen["id"])
    await fediverse.settle()
    await bruno.post("@alice@lyon.example Parfait", in_reply_to_id=(await bruno.seen(first["uri"]))["id"])
    await fediverse.settle()
    opened = await nora.seen(root["uri"])
    (await nora.client.get(f"/api/v1/statuses/{opened['id']}/context")).ok()
    before = len(fediverse.network.sent)
    await fediverse.settle()
    shown = (await nora.client.get(f"/api/v1/statuses/{opened['id']}/context")).ok()
    said = {each["content"].rpartition("</a></span> ")[2] for each in shown["descendants"]}
    assert said == {"Moi</p>", "Et Zoé</p>", "Parfait</p>"}
    asked = [sent.url for sent in fediverse.network.sent[before:] if sent.method == "GET"]
    assert f"{root['uri']}/context" in asked
    assert not [url for url in asked if "/replies" in url]
