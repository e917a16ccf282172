"""A node that deals with listed servers alone: both ways, at every door, and back again."""

from functools import partial

import pytest

from admin import operations
from node.actors import hosts
from node.moderation import domains as policies
from node.runtime.errors import Forbidden, Invalid
from tests.federation.conftest import Scene
from tests.support.peer import Peer, PeerActor, peer_on


async def only_listed(scene: Scene, on: bool = True) -> None:
    await scene.ctx.db.write(lambda tx: policies.only_listed(tx, scene.ctx, on=on))


async def allow(scene: Scene, host: str) -> None:
    await scene.ctx.db.write(lambda tx: policies.block(tx, scene.ctx, host=host, severity="none"))


async def friend_of(scene: Scene, host: str = "ami.example") -> tuple[Peer, PeerActor]:
    peer = peer_on(scene.fediverse, host)
    return peer, await peer.actor("rosa")


async def test_who_is_not_listed_is_not_heard(scene: Scene) -> None:
    await only_listed(scene)
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    assert answer.status == 403
    assert scene.peer.requests == [], "a server that is not listed was asked for its key"
    assert await scene.inbox() == []


async def test_who_is_not_listed_is_not_asked_and_not_written_to(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await only_listed(scene)
    asked = len(scene.peer.requests)
    await scene.bob.post(f"Dans le vide {scene.zoe.handle}")
    await scene.settle()
    found = (await scene.bob.client.get("/api/v2/search", {"q": "@autre@elsewhere.example", "resolve": True})).ok()
    assert found["accounts"] == []
    assert len(scene.peer.requests) == asked, f"asked: {scene.peer.requests[asked:]}"


async def test_who_is_not_listed_reads_nothing(scene: Scene) -> None:
    """A list that everybody could read around would be none: documents want a signature, of a listed server."""
    posted = await scene.bob.post("Entre voisins")
    _, rosa = await friend_of(scene)
    await allow(scene, "ami.example")
    await only_listed(scene)
    for uri in (scene.bob.actor.uri, posted["uri"]):
        assert (await scene.zoe.get(uri)).status == 403
        assert (await scene.zoe.get(uri, signed=False)).status == 401
        answer = await rosa.get(uri)
        assert answer.status == 200
        assert "no-store" in answer.headers["Cache-Control"]
    assert (await scene.zoe.get("https://lyon.example/actor", signed=False)).status == 200


async def test_who_is_listed_is_dealt_with_as_ever(scene: Scene) -> None:
    await only_listed(scene)
    await allow(scene, "ami.example")
    peer, rosa = await friend_of(scene)
    below, paul = await friend_of(scene, "social.ami.example")
    for who in (rosa, paul):
        answer = await who.send(scene.node.host, who.follow(scene.bob.actor.uri))
        assert answer.status == 202, f"{who.uri}: {answer.body!r}"
    await scene.settle()
    await scene.bob.post("Aux amis")
    await scene.settle()
    assert peer.of_type("Create"), "a listed server gets nothing"
    assert below.of_type("Create"), "a server below a listed one gets nothing"


async def test_a_server_below_a_listed_one_may_still_be_blocked(scene: Scene) -> None:
    await only_listed(scene)
    await allow(scene, "ami.example")
    await scene.ctx.db.write(
        lambda tx: policies.block(tx, scene.ctx, host="troll.ami.example", severity="suspend", reason="")
    )
    _, paul = await friend_of(scene, "troll.ami.example")
    assert (await paul.send(scene.node.host, paul.follow(scene.bob.actor.uri))).status == 403


async def test_what_was_there_before_comes_back(scene: Scene) -> None:
    """Bob reads Zoe, Zoe reads Bob; the list is tried for a day. The follows are kept, unlike those of a block."""
    await scene.befriended()
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    note = scene.zoe.note("Avant")
    await scene.takes(scene.zoe.create(note))
    await only_listed(scene)
    assert await scene.bob.home() == [], "posts of a server that is not listed are shown"
    await only_listed(scene, on=False)
    assert [each["uri"] for each in await scene.bob.home()] == [note["id"]]
    await scene.bob.post("De retour")
    await scene.settle()
    assert scene.peer.of_type("Create"), "a follower was lost"


async def test_our_own_people_are_not_touched(scene: Scene) -> None:
    carl = await scene.node.person("carl")
    await only_listed(scene)
    await carl.follow(scene.bob.handle)
    await scene.bob.post("Chez nous")
    await scene.settle()
    assert len(await carl.home()) == 1


async def test_everything_is_no_host(scene: Scene) -> None:
    for wrong in ("*", "*.example", ""):
        with pytest.raises(Invalid):
            await scene.ctx.db.write(partial(policies.block, ctx=scene.ctx, host=wrong))
    await only_listed(scene)
    with pytest.raises(Forbidden):
        await hosts.refuse_blocked(scene.ctx.db.reader, "any.example")


async def test_by_command(scene: Scene) -> None:
    async def do(name: str, **arguments: object) -> str:
        return "\n".join(await operations.perform(scene.ctx, name, arguments))

    assert "ami.example" in await do("allow.add", host="ami.example")
    assert "autorisé" in await do("block.list")
    said = await do("allow.only_listed")
    assert "ami.example" in said, "the one who turns it on is not told who is left"
    assert "liste" in await do("block.list")
    assert "ami.example" in await do("block.remove", host="ami.example")
    await do("allow.only_listed", off=True)
    assert await scene.ctx.db.reader.value("SELECT COUNT(*) FROM host_policies") == 0
