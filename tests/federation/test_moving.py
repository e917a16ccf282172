"""Somebody of a node moves to another node: by command, over the wire, with all readers; and what happens after."""

from typing import Any

import orjson
import pytest

from admin import operations
from node.runtime.errors import BeffroiError
from tests.support.fediverse import Citizen, Fediverse, Node

DAY_S = 86_400


async def say(node: Node, operation: str, **arguments: Any) -> list[str]:
    return await operations.perform(node.ctx, operation, arguments)


async def reads(citizen: Citizen, other: Citizen) -> bool:
    """Whether *citizen* follows *other*, as her client says."""
    account = await citizen.find(other.handle)
    (found,) = (await citizen.client.get("/api/v1/accounts/relationships", {"id": [account["id"]]})).ok()
    return bool(found["following"])


@pytest.fixture
async def people(fediverse: Fediverse) -> tuple[Citizen, Citizen, Citizen, Citizen]:
    """Bruno of Villeurbanne is read by Alice of Lyon and by his neighbour Nora; he has a second account at Bron."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    home = await fediverse.node("villeurbanne.example")
    bruno, nora = await home.person("bruno"), await home.person("nora")
    second = await (await fediverse.node("bron.example")).person("bruno")
    await alice.follow(bruno.handle)
    await nora.follow(bruno.handle)
    await bruno.follow(alice.handle)
    await fediverse.settle()
    return alice, bruno, nora, second


async def test_a_move_between_nodes(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    alice, bruno, nora, second = people
    await say(second.node, "actor.alias_add", handle=second.handle, alias=bruno.handle)
    await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    await fediverse.settle()
    for reader in (alice, nora):
        assert await reads(reader, second), f"{reader.handle} lost Bruno"
        assert not await reads(reader, bruno)
    shown = (await alice.client.get(f"/api/v1/accounts/{(await alice.find(bruno.handle))['id']}")).ok()
    assert shown["moved"]["acct"] == "bruno@bron.example"
    await second.post("Me voici à Bron")
    await fediverse.settle()
    assert [status["content"] for status in await alice.home()] == ["<p>Me voici à Bron</p>"]
    assert [status["content"] for status in await nora.home()] == ["<p>Me voici à Bron</p>"]


async def test_what_a_moved_account_still_does(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    """It publishes and boosts nothing, takes no new readers, keeps whom it read, says where it went."""
    alice, bruno, _nora, second = people
    posted = await alice.post("Bonjour")
    await fediverse.settle()
    await say(second.node, "actor.alias_add", handle=second.handle, alias=bruno.handle)
    await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    await fediverse.settle()
    assert (await bruno.client.post("/api/v1/statuses", {"status": "Encore là"})).status == 403
    seen = await bruno.seen(posted["uri"])
    assert (await bruno.client.post(f"/api/v1/statuses/{seen['id']}/reblog")).status == 403
    assert await reads(bruno, alice), "he no longer reads whom he followed"
    mine = (await bruno.client.get("/api/v1/accounts/verify_credentials")).ok()
    assert mine["moved"]["acct"] == "bruno@bron.example"
    carol = await alice.node.person("carol")
    await carol.follow(bruno.handle)
    await fediverse.settle()
    assert not await reads(carol, bruno), "a new reader of an account that has moved waits for nothing"
    document = await fediverse.network.request(
        "GET",
        bruno.actor.uri,
        headers={"Accept": "application/activity+json", "User-Agent": "a test"},
        body=b"",
        max_bytes=100_000,
    )
    assert second.actor.uri.encode() in document.body
    await say(bruno.node, "actor.unmove", handle=bruno.handle)
    assert (await bruno.post("De retour"))["id"]


async def test_refusals_change_nothing(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    alice, bruno, _nora, second = people
    with pytest.raises(BeffroiError, match="alias"):
        await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    with pytest.raises(BeffroiError):
        await say(bruno.node, "actor.move", handle=bruno.handle, target="@nobody@bron.example")
    with pytest.raises(BeffroiError):
        await say(bruno.node, "actor.alias_add", handle=bruno.handle, alias=bruno.handle)
    await say(second.node, "actor.alias_add", handle=second.handle, alias=bruno.handle)
    await say(second.node, "actor.alias_remove", handle=second.handle, alias=bruno.handle)
    with pytest.raises(BeffroiError, match="alias"):
        await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    await fediverse.settle()
    assert await reads(alice, bruno)
    assert (await bruno.post("Toujours là"))["id"]


async def test_one_move_a_month(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    alice, bruno, _nora, second = people
    third = await alice.node.person("bruno")
    for target in (second, third):
        await say(target.node, "actor.alias_add", handle=target.handle, alias=bruno.handle)
    await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    await fediverse.settle()
    with pytest.raises(BeffroiError):
        await say(bruno.node, "actor.move", handle=bruno.handle, target=third.handle)
    fediverse.clock.forward(31 * DAY_S)
    await say(bruno.node, "actor.move", handle=bruno.handle, target=third.handle)
    await fediverse.settle()


async def test_a_territory_does_not_move(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    _alice, bruno, _nora, second = people
    group = await bruno.node.territory("metropole")
    await say(second.node, "actor.alias_add", handle=second.handle, alias=group.handle)
    with pytest.raises(BeffroiError):
        await say(bruno.node, "actor.move", handle=group.handle, target=second.handle)


async def test_a_move_within_a_node_and_to_a_node_that_reads(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    """Nora reads Bruno and lives where he goes; he goes there by a second account on her own node."""
    alice, bruno, nora, _second = people
    at_home = await bruno.node.person("bruno2")
    await say(at_home.node, "actor.alias_add", handle=at_home.handle, alias=bruno.handle)
    assert bruno.actor.uri in (await say(at_home.node, "actor.alias_list", handle=at_home.handle))[0]
    await say(bruno.node, "actor.move", handle=bruno.handle, target=at_home.handle)
    await fediverse.settle()
    assert await reads(nora, at_home)
    assert await reads(alice, at_home)
    fediverse.clock.forward(31 * DAY_S)
    carol = await alice.node.person("carol")
    await say(carol.node, "actor.alias_add", handle=carol.handle, alias=at_home.handle)
    await say(at_home.node, "actor.move", handle=at_home.handle, target=carol.handle)
    await fediverse.settle()
    assert await reads(alice, carol), "she reads nobody of those who came to her own node"
    assert await reads(nora, carol)


async def test_the_profile_says_so_before_the_move_does(fediverse: Fediverse, people: tuple[Citizen, ...]) -> None:
    """GoToSocial looks at the old profile when it hears of the Move."""
    _alice, bruno, _nora, second = people
    await say(second.node, "actor.alias_add", handle=second.handle, alias=bruno.handle)
    before = len(fediverse.network.sent)
    await say(bruno.node, "actor.move", handle=bruno.handle, target=second.handle)
    await fediverse.settle()
    bodies = [orjson.loads(sent.body) for sent in fediverse.network.sent[before:] if sent.method == "POST"]
    update, move = [each for each in bodies if each["actor"] == bruno.actor.uri]
    assert (update["type"], update["object"]["movedTo"]) == ("Update", second.actor.uri)
    assert (move["type"], move["object"], move["target"]) == ("Move", bruno.actor.uri, second.actor.uri)
