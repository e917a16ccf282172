"""What a keeper types: a territory from an official code, and an agreement from proposal to end."""

import pytest

from admin import operations
from node.actors import actors
from node.runtime.errors import Invalid
from node.territory.gazetteer import UnknownPlace
from tests.agreements.conftest import Scene
from tests.support.fediverse import Fediverse, Node


async def says(node: Node, operation: str, **arguments: str) -> list[str]:
    return await operations.perform(node.ctx, operation, arguments)


async def test_a_territory_from_its_siren(fediverse: Fediverse) -> None:
    """Its name, its SIREN and its 67 communes come from the official geographic code; a reader follows it."""
    node = await fediverse.node("gbm.example")
    town = await node.town("ornans", insee="25434")
    lines = await says(node, "territory.create", epci="242500361")
    assert "cu-grand-besancon-metropole@gbm.example" in lines[0]
    made = await actors.local_by_username(node.ctx.db.reader, "cu-grand-besancon-metropole", "gbm.example")
    assert made is not None
    assert (made.type, made.kind, made.siren) == ("Group", "territory", "242500361")
    assert made.name == "Communauté urbaine Grand Besançon Métropole"
    shown = await says(node, "territory.show", handle=f"@{made.handle}")
    assert any("25056" in line and "Besançon" in line for line in shown), "its seat is not among its communes"
    assert len([line for line in shown if line.startswith("  25")]) > 60
    assert (await says(node, "territory.list"))[0].endswith("0")
    alice = await (await fediverse.node("besancon.example")).person("alice")
    await alice.follow(f"@{made.handle}")
    await fediverse.settle()
    assert (await actors.by_id(node.ctx.db.reader, made.id)).followers_count == 1  # type: ignore[union-attr]
    assert town.actor.id not in {row[0] for row in await node.ctx.db.reader.fetch("SELECT member_id FROM agreements")}


@pytest.mark.parametrize(
    ("arguments", "username", "name"),
    [
        ({"departement": "25"}, "departement-doubs", "Département du Doubs"),
        ({"region": "27"}, "region-bourgogne-franche-comte", "Région Bourgogne-Franche-Comté"),
        ({"username": "vallee", "name": "Vallée de la Loue"}, "vallee", "Vallée de la Loue"),
    ],
)
async def test_other_territories(fediverse: Fediverse, arguments: dict[str, str], username: str, name: str) -> None:
    node = await fediverse.node("terre.example")
    await says(node, "territory.create", **arguments)
    made = await actors.local_by_username(node.ctx.db.reader, username, "terre.example")
    assert made is not None
    assert made.name == name
    await says(node, "territory.show", handle=f"@{username}@terre.example")


async def test_a_code_that_nobody_has(fediverse: Fediverse) -> None:
    node = await fediverse.node("terre.example")
    for arguments in ({"epci": "000000000"}, {}, {"departement": "25", "region": "27"}):
        with pytest.raises((Invalid, UnknownPlace)):
            await says(node, "territory.create", **arguments)


async def test_an_agreement_by_commands(scene: Scene) -> None:
    """Each side at its own node; the history says who did what, in order, and nobody can change it."""
    here, there = scene.here.node, scene.there.node
    who = {"territory": scene.doubs.handle, "member": scene.ornans.handle}
    await says(there, "agreement.propose", **who, categories="#culture #agenda")
    await scene.settle()
    assert "proposed (territory)" in (await says(here, "agreement.list"))[0]
    agreement = await scene.here.agreement()
    assert agreement is not None
    assert agreement.terms is not None
    with pytest.raises(Invalid):
        await says(here, "agreement.accept", **who, terms_hash="sha256:another")
    assert "active" in (await says(here, "agreement.accept", **who, terms_hash=agreement.terms.hash))[0]
    await scene.settle()
    await says(here, "agreement.limit", **who, categories="culture")
    await scene.settle()
    with pytest.raises(Invalid):
        await says(here, "agreement.limit", **who, categories="culture sport")
    await says(there, "agreement.end", **who)
    await scene.settle()
    for node in (here, there):
        shown = "\n".join(await says(node, "agreement.show", **who))
        acts = [line.split("  ")[2] for line in shown.splitlines() if line.startswith(("  1", "  2", "  3", "  4"))]
        assert acts == ["territory offer", "member accept", "member limit", "territory end"]
        for change in ("UPDATE agreement_events SET act = 'accept'", "DELETE FROM agreement_events"):
            with pytest.raises(Exception, match="history of an agreement"):
                await node.ctx.db.write(lambda tx, change=change: tx.execute(change))  # type: ignore[misc]
    territory = await scene.there.pair()
    assert territory.territory.following_count == 0, "the territory still reads a commune that shares nothing"
