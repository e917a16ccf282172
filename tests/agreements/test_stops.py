"""Announcing stops on both sides at once, whoever was down; and what a territory above never passes on."""

from node.moderation import domains as policies
from node.moderation import suspensions
from tests.agreements.conftest import Scene
from tests.agreements.test_nested import joined, read_by
from tests.support.fediverse import Citizen

_HELD = (
    "UPDATE deliveries SET run_at_ms = run_at_ms + 7200000 WHERE order_id IN "
    "(SELECT id FROM delivery_orders WHERE activity_id LIKE '%#agreements/%')"
)


async def back_with_its_words_last(scene: Scene, speaker: Citizen) -> None:
    """The other node comes back, and hears everything else before the word about the agreement."""
    await speaker.node.ctx.db.write(lambda tx: tx.execute(_HELD))
    scene.fediverse.network.down.clear()
    await scene.later(300)
    await scene.later(4 * 3_600)


async def passed_on_by_the_commune(scene: Scene) -> list[str]:
    boosts = [each for each in await scene.alice.home() if each["reblog"]]
    return [each["reblog"]["uri"] for each in boosts if each["account"]["acct"] == "ornans@ornans.example"]


async def test_the_territory_ends_it_while_the_commune_is_down(scene: Scene) -> None:
    """In both directions: the territory announces nothing more, and the commune takes back what came after the word."""
    await scene.alice.follow(scene.ornans.handle)
    await scene.agreed(direction="both")
    await scene.doubs.post("Pendant l'accord")
    await scene.ornans.post("Annoncé")
    await scene.settle()
    assert len(await passed_on_by_the_commune(scene)) == 1
    scene.fediverse.network.down.add("ornans.example")
    await scene.there.end("territory")
    scene.fediverse.clock.forward(60)
    late = await scene.doubs.post("Après la fin")
    await scene.ornans.post("La commune ne le sait pas encore")
    await scene.settle()
    assert await scene.announced() == ["Annoncé"]
    await back_with_its_words_last(scene, scene.doubs)
    assert await scene.here.state() == "ended"
    assert await scene.announced() == ["Annoncé"], "the territory announced what came after its own word"
    assert late["uri"] not in await passed_on_by_the_commune(scene), "the commune announces what came after the end"
    assert len(await passed_on_by_the_commune(scene)) == 1, "what was announced before the end went too"


async def test_a_limit_said_while_the_territory_was_down(scene: Scene) -> None:
    """Posts of the meantime that the limit no longer covers are taken back when its word comes."""
    await scene.agreed()
    scene.fediverse.network.down.add("doubs.example")
    await scene.here.limit("member", categories="culture")
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Voirie")
    await scene.ornans.post("Concert #culture")
    await scene.settle()
    await back_with_its_words_last(scene, scene.ornans)
    assert await scene.announced() == ["Concert  # culture"]


async def region_above(scene: Scene) -> tuple[Citizen, Citizen]:
    """A région of which the territory is a member, and its reader Bob."""
    region = await (await scene.fediverse.node("region.example")).territory("region")
    bob = await scene.alice.node.person("bob")
    await bob.follow(region.handle)
    await scene.agreed()
    await joined(scene, region, scene.doubs)
    return region, bob


async def test_above_an_author_opts_out_by_its_profile(scene: Scene) -> None:
    """The commune agreed with the EPCI, not with the région: not to be discoverable is enough to stay below."""
    _, bob = await region_above(scene)
    hidden = {"discoverable": False}
    (await scene.ornans.client.patch("/api/v1/accounts/update_credentials", hidden)).ok()
    await scene.settle()
    await scene.ornans.post("Pour le Doubs")
    await scene.settle()
    assert await scene.announced() == ["Pour le Doubs"]
    assert await read_by(bob) == []


async def test_above_a_suspended_author_is_not_passed_on(scene: Scene) -> None:
    """The région has no dealings with this commune, whoever announces it."""
    region, bob = await region_above(scene)
    await scene.ornans.post("Connu")
    await scene.settle()
    assert await read_by(bob) == ["Connu"]
    ctx = region.node.ctx
    from node.actors import actors

    known = await actors.by_uri(ctx.db.reader, scene.ornans.actor.uri)
    assert known is not None
    await ctx.db.write(lambda tx: suspensions.suspend(tx, ctx, actor=known))
    await scene.ornans.post("Pendant la suspension")
    await scene.settle()
    assert await scene.announced() == ["Pendant la suspension", "Connu"], "below, nothing was decided"
    told = "SELECT COUNT(*) FROM posts p JOIN actors a ON a.id = p.author_id WHERE a.uri = $1 AND p.boost_of_id IS NOT NULL"
    assert await ctx.db.reader.value(told, region.actor.uri) == 1


async def test_a_server_that_is_kept_out_of_timelines_is_not_announced(scene: Scene) -> None:
    """A limited server is read by its followers only: a territory does not carry it to others."""
    await scene.agreed()
    ctx = scene.there.node.ctx
    await ctx.db.write(lambda tx: policies.block(tx, ctx, host="ornans.example", severity="silence"))
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert await scene.announced() == []
