"""A département's timeline is made of its members' agreements: an EPCI passes on what its communes share, once each."""

from node.agreements import speaking, terms
from node.agreements.speaking import Pair
from tests.agreements.conftest import Scene, Side, text
from tests.support.fediverse import Citizen


async def joined(scene: Scene, upper: Citizen, lower: Citizen) -> Side:
    """*lower* becomes a member of the territory *upper*."""
    await upper.find(lower.handle)
    await lower.find(upper.handle)
    there = Side(upper.node, upper.actor.uri, lower.actor.uri)
    here = Side(lower.node, upper.actor.uri, lower.actor.uri)
    await there.propose("territory")
    await scene.settle()
    await here.accept("member")
    await scene.settle()
    scene.fediverse.clock.forward(1)
    return there


async def read_by(citizen: Citizen) -> list[str]:
    return [text(each["reblog"]["content"]) for each in await citizen.home() if each["reblog"]]


async def test_what_a_commune_shares_reaches_the_territory_above(scene: Scene) -> None:
    region = await (await scene.fediverse.node("region.example")).territory("region")
    bob = await scene.alice.node.person("bob")
    await bob.follow(region.handle)
    await scene.agreed()
    await joined(scene, region, scene.doubs)
    post = await scene.ornans.post("Marché ce soir")
    await scene.doubs.post("Piscine ouverte")
    await scene.settle()
    assert sorted(await read_by(bob)) == ["Marché ce soir", "Piscine ouverte"]
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert await read_by(bob) == ["Piscine ouverte"], "a deleted post stays with the territory above"


async def test_a_commune_of_both_is_announced_once_by_each(scene: Scene) -> None:
    """It agreed with the EPCI and with the région: the région announces its post once, and stops with the last reason."""
    region = await (await scene.fediverse.node("region.example")).territory("region")
    bob = await scene.alice.node.person("bob")
    await bob.follow(region.handle)
    await scene.agreed()
    await joined(scene, region, scene.doubs)
    direct = await joined(scene, region, scene.ornans)
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert await read_by(bob) == ["Marché ce soir"], "the post came twice, or not at all"
    assert await direct.state() == "active"
    count = "SELECT COUNT(*) FROM posts p JOIN actors a ON a.id = p.author_id WHERE a.uri = $1 AND p.boost_of_id IS NOT NULL"
    assert await region.node.ctx.db.reader.value(count, region.actor.uri) == 1


async def test_territories_in_a_circle(scene: Scene) -> None:
    """Two territories that are members of each other come to rest."""
    other = await (await scene.fediverse.node("region.example")).territory("region")
    await joined(scene, other, scene.doubs)
    await joined(scene, scene.doubs, other)
    await scene.agreed()
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert await scene.announced() == ["Marché ce soir"]


async def test_two_parties_on_one_node(scene: Scene) -> None:
    """A syndicat hosts both: no message is needed, and the rest is the same."""
    node = scene.there.node
    amancey = await node.town("amancey")
    pair, ctx = Pair(scene.doubs.actor, amancey.actor), node.ctx
    await ctx.db.write(lambda tx: speaking.propose(tx, ctx, pair=pair, by="territory", terms=terms.make()))
    await ctx.db.write(lambda tx: speaking.accept(tx, ctx, pair=pair, by="member"))
    scene.fediverse.clock.forward(1)
    await amancey.post("Foire du plateau")
    await scene.settle()
    assert await scene.announced() == ["Foire du plateau"]
    assert len(await scene.letters(amancey)) == 1
    await ctx.db.write(lambda tx: speaking.end(tx, ctx, pair=pair, by="member"))
    await amancey.post("Après")
    await scene.settle()
    assert await scene.announced() == ["Foire du plateau"]
