"""Where a post was delivered, as a page: for who speaks for its author or keeps the node, and for nobody else."""

from node.timeline import posts as timeline
from tests.support.peer import peer_on
from tests.web.conftest import PASSWORD, Town


async def test_the_team_of_a_town_reads_where_a_post_was_delivered(town: Town, fediverse) -> None:
    zoe = await peer_on(fediverse, "elsewhere.example").actor("zoe")
    await zoe.send(town.host, zoe.activity("Follow", town.hall.actor.uri))
    await fediverse.settle()
    written = await town.post()
    await fediverse.settle()
    kept = await timeline.require(town.node.ctx.db.reader, written.id)
    path = f"/@{town.hall.actor.username}/{kept.id}/deliveries"
    odile = await town.logged_in()
    await odile.open(path)
    assert odile.answer.status == 200
    assert "Serveurs qui l’ont reçue : 1 sur 1." in odile.answer.text.replace("\xa0", " ").replace("\u202f", " ")
    assert odile.answer.headers["cache-control"] == "no-store"


async def test_nobody_else_reads_it(town: Town) -> None:
    written = await town.post()
    path = f"/@{town.hall.actor.username}/{written.id}/deliveries"
    stranger = town.reader()
    await stranger.open(path)
    assert "/login" in stranger.address, "a stranger is shown which servers a town knows"
    await town.person("paul@town.example")
    paul = town.reader()
    await paul.log_in("paul@town.example", PASSWORD)
    await paul.open(path)
    assert paul.answer.status == 403
    odile = await town.logged_in()
    for absent in ("1", "x", "9" * 25):
        await odile.open(f"/@{town.hall.actor.username}/{absent}/deliveries")
        assert odile.answer.status == 404
