"""Flag: what other servers tell our keepers is kept, bounded, and read by command; what ours tell goes out without a name."""

from typing import Any

import orjson
import pytest

from admin import operations
from node.actors import actors, domains
from node.actors.domains import Domain
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError
from tests.federation.conftest import Scene
from tests.support.fediverse import Fediverse, Node, some_keys
from tests.support.peer import PeerActor, a_follower, peer_on


async def server_actor(scene: Scene) -> PeerActor:
    """The actor in whose name Mastodon reports."""
    made = await scene.peer.actor("elsewhere.example")
    scene.peer.documents[made.uri] = made.document(type="Application")
    return made


async def reports(scene: Scene, *columns: str) -> list[tuple[Any, ...]]:
    return await scene.rows(f"SELECT {', '.join(columns)} FROM reports ORDER BY id")


def flag(speaker: PeerActor, about: Any, text: str | None = "Insultes", **more: Any) -> dict[str, Any]:
    return speaker.activity("Flag", about, content=text, **more)


async def test_a_server_tells_of_an_account_and_a_post(scene: Scene) -> None:
    speaker, bob = await server_actor(scene), scene.bob.actor
    posted = await scene.bob.post("Bande de clowns")
    await scene.takes(flag(speaker, [bob.uri, posted["uri"]], "Il nous <script>insulte</script>"), speaker)
    assert await reports(scene, "reporter_host", "target_id", "comment", "posts", "state") == [
        ("elsewhere.example", bob.id, "Il nous", orjson.dumps([posted["uri"]]).decode(), "open")
    ]
    (line,) = await operations.perform(scene.ctx, "reports.list", {})
    assert "elsewhere.example -> @bob@lyon.example" in line
    assert not await scene.bob.notifications(), "who is reported is not told"


@pytest.mark.parametrize("shape", ["a post alone", "an id", "objects", "by a person, with a summary"])
async def test_the_shapes_of_other_programs(scene: Scene, shape: str) -> None:
    bob = scene.bob.actor
    posted = await scene.bob.post("Bande de clowns")
    speaker = await server_actor(scene)
    sent = {
        "a post alone": flag(speaker, posted["uri"]),
        "an id": flag(speaker, bob.uri),
        "objects": flag(speaker, [{"type": "Person", "id": bob.uri}, {"type": "Note", "id": posted["uri"]}]),
        "by a person, with a summary": scene.zoe.activity("Flag", posted["uri"], summary="Insultes"),
    }[shape]
    await scene.takes(sent, scene.zoe if sent["actor"] == scene.zoe.uri else speaker)
    assert await reports(scene, "target_id", "comment") == [(bob.id, "Insultes")]


async def test_posts_of_others_are_not_pinned_on_the_account(scene: Scene) -> None:
    carol = await scene.node.person("carol")
    hers = await carol.post("Rien de mal")
    strange = scene.zoe.note("Ailleurs")
    await scene.takes(
        flag(scene.zoe, [scene.bob.actor.uri, hers["uri"], strange["id"], "https://lyon.example/nothing"])
    )
    assert await reports(scene, "target_id", "posts") == [(scene.bob.actor.id, "[]")]


async def test_a_server_reports_no_letters_that_it_never_got(scene: Scene) -> None:
    """Who judges would be shown them: a guessed address must not open what nobody there may read."""
    speaker, bob = await server_actor(scene), scene.bob.actor
    await a_follower(scene.peer, "yan", scene.bob)
    await scene.settle()
    public = await scene.bob.post("Bande de clowns")
    theirs = await scene.bob.post("Entre nous, bande de clowns", visibility="private")
    letter = await scene.bob.post(f"{scene.zoe.handle} clown", visibility="direct")
    ours = await scene.bob.post("Note pour moi", visibility="direct")
    about = [bob.uri, *(each["uri"] for each in (ours, letter, theirs, public))]
    await scene.takes(flag(speaker, about), speaker)
    other = await peer_on(scene.fediverse, "third.example").actor("x")
    await scene.takes(flag(other, about), other)
    told = {host: orjson.loads(said) for host, said in await reports(scene, "reporter_host", "posts")}
    assert told["elsewhere.example"] == [letter["uri"], theirs["uri"], public["uri"]]
    assert told["third.example"] == [public["uri"]], "a stranger's report opens letters to those who judge"


async def test_a_report_about_nobody_here_is_dropped(scene: Scene) -> None:
    await scene.takes(flag(scene.zoe, [scene.zoe.uri, "https://third.example/users/x"]))
    await scene.takes(flag(scene.zoe, [f"https://{scene.node.host}/actor"]))
    assert await reports(scene, "id") == []
    assert await scene.inbox() == [("Flag", "done"), ("Flag", "done")]


async def test_the_same_words_again_are_counted(scene: Scene) -> None:
    speaker, bob = await server_actor(scene), scene.bob.actor
    for _ in range(3):
        await scene.takes(flag(speaker, [bob.uri]), speaker)
    assert await reports(scene, "target_id", "repeats") == [(bob.id, 2)]
    await scene.takes(flag(speaker, [bob.uri], "Autre chose"), speaker)
    assert len(await reports(scene, "id")) == 2, "what another person says is another report"


async def test_a_flood_of_reports_stays_small(scene: Scene) -> None:
    """A hostile server tells four hundred times of everybody, each time in other words."""
    speaker = await server_actor(scene)
    people = [scene.bob, *[await scene.node.person(f"person{number}") for number in range(39)]]
    for number in range(400):
        said = flag(speaker, [people[number % 40].actor.uri], f"Numéro {number}")
        assert (await speaker.send(scene.node.host, said)).status in (202, 429)
    await scene.settle()
    rows = await reports(scene, "target_id", "repeats")
    assert len(rows) <= 30, "one server fills the keepers' list"
    assert sum(repeats for _, repeats in rows) + len(rows) == 400, "what was not kept was not counted either"
    other = await peer_on(scene.fediverse, "honest.example").actor("zoe")
    await scene.takes(flag(other, [scene.bob.actor.uri], "Une vraie plainte"), other)
    assert ("Une vraie plainte",) in await reports(scene, "comment"), "one server's flood hides another's report"


async def test_a_report_is_cut_to_size(scene: Scene) -> None:
    about = [scene.bob.actor.uri, *[f"https://lyon.example/users/bob/statuses/{number}" for number in range(5_000)]]
    await scene.takes(flag(scene.zoe, about, "a" * 400_000))
    ((comment, posts),) = await reports(scene, "comment", "posts")
    assert len(comment) <= 5_000
    assert posts == "[]"


async def test_a_keeper_reads_and_decides(scene: Scene) -> None:
    await scene.takes(flag(scene.zoe, [scene.bob.actor.uri]))
    ((number,),) = await reports(scene, "id")
    shown = await operations.perform(scene.ctx, "reports.show", {"number": str(number)})
    assert "@zoe@elsewhere.example" in shown[0]
    assert shown[1] == "Insultes"
    before = len(scene.fediverse.network.sent)
    asked = {
        "number": "2026-1",
        "kind": "none",
        "why": "Une critique vive, mais permise",
        "words": "Aucune règle enfreinte",
    }
    await operations.perform(scene.ctx, "case.decide", asked)
    await scene.settle()
    assert scene.fediverse.network.sent[before:] == [], "another server is told nothing of it"
    assert await operations.perform(scene.ctx, "reports.list", {}) == ["Aucun signalement."]
    assert "[closed]" in (await operations.perform(scene.ctx, "reports.list", {"closed": True}))[0]
    for wrong in ("1", "x", "2026-9"):
        with pytest.raises(BeffroiError):
            await operations.perform(scene.ctx, "case.decide", {**asked, "number": wrong})


async def test_one_of_ours_tells_another_server(fediverse: Fediverse) -> None:
    """The Flag comes from the server, names no one, and holds nothing that only she could have read."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await alice.follow(bruno.handle)
    await fediverse.settle()
    public = await bruno.post("Bande de clowns")
    secret = await bruno.post("@alice@lyon.example je sais où tu habites", visibility="direct")
    await fediverse.settle()
    target = await alice.find(bruno.handle)
    seen = [(await alice.seen(public["uri"]))["id"]]
    notice = next(each for each in await alice.notifications() if each["type"] == "mention")
    seen.append(notice["status"]["id"])
    before = len(fediverse.network.sent)
    answer = await alice.client.post(
        "/api/v1/reports",
        {
            "account_id": target["id"],
            "status_ids": seen,
            "comment": "Il nous insulte",
            "forward": True,
            "category": "spam",
        },
    )
    report = answer.ok()
    assert (report["forwarded"], report["category"], report["action_taken"]) == (True, "spam", False)
    assert report["status_ids"] == seen
    assert report["target_account"]["acct"] == "bruno@villeurbanne.example"
    await fediverse.settle()
    sent = [each for each in fediverse.network.sent[before:] if each.method == "POST"]
    assert len(sent) == 1
    told = orjson.loads(sent[0].body)
    assert (told["type"], told["actor"]) == ("Flag", "https://lyon.example/actor")
    assert told["object"] == [bruno.actor.uri, public["uri"]]
    everything = sent[0].body + repr(sent[0].headers).encode()
    assert b"alice" not in everything, "the report says who made it"
    assert secret["uri"].encode() not in everything, "only she could have read that"
    there = bruno.node.ctx.db.reader
    rows = await there.fetch("SELECT reporter_host, comment FROM reports")
    assert [tuple(row) for row in rows] == [("lyon.example", "Il nous insulte")]
    here = await operations.perform(alice.node.ctx, "reports.list", {})
    assert "@alice@lyon.example -> @bruno@villeurbanne.example" in here[0], "our own keepers know who asked"


async def test_nothing_leaves_unless_chosen(fediverse: Fediverse) -> None:
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    target = await alice.find(bruno.handle)
    await fediverse.settle()
    before = len(fediverse.network.sent)
    report = (await alice.client.post("/api/v1/reports", {"account_id": target["id"], "comment": "Entre nous"})).ok()
    assert report["forwarded"] is False
    await fediverse.settle()
    assert fediverse.network.sent[before:] == []


async def test_what_a_client_may_say(fediverse: Fediverse) -> None:
    node = await fediverse.node("lyon.example")
    alice, bob = await node.person("alice"), await node.person("bob")
    hers = await alice.post("À moi")
    asked = {"account_id": str(bob.actor.id)}
    assert (await alice.client.post("/api/v1/reports", {"account_id": "1"})).status == 404
    assert (await alice.client.post("/api/v1/reports", {**asked, "comment": "a" * 1_001})).status == 422
    report = (await alice.client.post("/api/v1/reports", {**asked, "status_ids": [hers["id"]], "forward": True})).ok()
    assert (report["status_ids"], report["forwarded"], report["category"]) == ([], False, "other")
    assert (await node.visitor().post("/api/v1/reports", asked)).status == 401
    statuses = [(await alice.client.post("/api/v1/reports", asked)).status for _ in range(25)]
    assert statuses[-1] == 429, "one account fills the keepers' list"


async def test_a_town_with_one_account_is_not_named_either(fediverse: Fediverse) -> None:
    """Two towns on one node: the Flag comes from the node's first domain, whichever town's account told."""
    first = await fediverse.node("lyon.example")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    keys = await some_keys()

    async def step(tx: Tx) -> Domain:
        made = await domains.create(
            tx, first.ctx, handle_host="hameau.example", service_host="hameau.example", name="Hameau"
        )
        await actors.create_instance_actor(tx, first.ctx, domain=made, keys=keys)
        return made

    hamlet = Node("hameau.example", first.ctx, first.app, await first.ctx.db.write(step))
    fediverse.network.apps["hameau.example"] = first.app
    nora = await hamlet.person("nora")
    target = await nora.find(bruno.handle)
    before = len(fediverse.network.sent)
    (await nora.client.post("/api/v1/reports", {"account_id": target["id"], "forward": True})).ok()
    await fediverse.settle()
    (sent,) = [each for each in fediverse.network.sent[before:] if each.method == "POST"]
    assert orjson.loads(sent.body)["actor"] == "https://lyon.example/actor"
    assert b"hameau" not in sent.body + repr(sent.headers).encode()


async def test_a_slow_flood_is_bounded_too(scene: Scene) -> None:
    """Ten different reports an hour for weeks: two hundred open ones of a server, and a number."""
    speaker = await server_actor(scene)
    people = [scene.bob, *[await scene.node.person(f"person{number}") for number in range(59)]]
    for number in range(260):
        if number % 20 == 0:
            scene.fediverse.clock.forward(3_700)
        said = flag(speaker, [people[number % 60].actor.uri], f"Numéro {number}")
        assert (await speaker.send(scene.node.host, said)).status == 202
        if number % 20 == 19:
            await scene.settle()
    rows = await reports(scene, "repeats")
    assert len(rows) <= 200
    assert sum(row[0] for row in rows) + len(rows) == 260
