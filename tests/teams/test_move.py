"""An account moves, at its desk: out and in, and what an application shows of it then."""

from typing import Any

from node.actors import actors
from tests.support.fediverse import Fediverse
from tests.support.peer import PeerActor, peer_on
from tests.teams.conftest import Team
from tests.web.conftest import PASSWORD
from tests.web.reader import Reader

FAR = "loin.example"


async def elsewhere(fediverse: Fediverse, name: str = "mairie", **profile: Any) -> PeerActor:
    return await peer_on(fediverse, FAR).actor(name, **profile)


async def desk(team: Team) -> Reader:
    return await (await team.owner()).browser()


async def test_a_town_hall_moves_out_and_its_readers_go_along(team: Team, fediverse: Fediverse):
    """The password is asked, the new account must say so; readers of here follow it, applications say where it went."""
    town, ctx = team.hall.actor, team.node.ctx
    target = await elsewhere(fediverse, alsoKnownAs=[town.uri])
    luc = await team.node.person("luc")
    await luc.follow(town.handle)
    await fediverse.settle()
    reader = await desk(team)
    form = (await reader.open("/desk/mairie/move")).form("/desk/mairie/move")
    for wrong in ({"target": target.handle, "password": "faux mot de passe"}, {"target": "rien", "password": PASSWORD}):
        await reader.send(form, wrong)
        assert reader.answer.status in (400, 422), wrong
    known = await actors.by_id(ctx.db.reader, town.id)
    assert known is not None
    assert known.moved_to is None
    page = await reader.send(form, {"target": target.handle, "password": PASSWORD})
    assert "a déménagé" in page.words
    await fediverse.settle()
    assert target.peer.of_type("Follow"), "its reader does not go along"
    shown = (await luc.client.get(f"/api/v1/accounts/{town.id}")).ok()
    assert shown["moved"]["url"] == target.uri
    client = (await team.owner()).client
    assert (await client.get("/api/v1/accounts/verify_credentials")).ok()["moved"]["url"] == target.uri
    assert (await client.post("/api/v1/statuses", {"status": "Encore là"})).status == 403, "it publishes on"
    page = await reader.send((await reader.open("/desk/mairie/move")).form("/desk/mairie/move/back"))
    assert "publie de nouveau ici" in page.words
    assert (await client.post("/api/v1/statuses", {"status": "Encore là"})).status == 200
    assert "a déménagé le compte" in (await reader.open("/desk/mairie/log")).words


async def test_who_does_not_say_so_is_no_new_home(team: Team, fediverse: Fediverse):
    """A wrong name does not lead the town's readers to somebody else."""
    victim = await elsewhere(fediverse, "maire")
    reader = await desk(team)
    form = (await reader.open("/desk/mairie/move")).form("/desk/mairie/move")
    await reader.send(form, {"target": victim.handle, "password": PASSWORD})
    assert reader.answer.status == 422
    found = await actors.by_id(team.node.ctx.db.reader, team.hall.actor.id)
    assert found is not None
    assert found.moved_to is None


async def test_an_account_elsewhere_may_move_here(team: Team, fediverse: Fediverse):
    """Its name is in the document that others read (`alsoKnownAs`), until it is taken out."""
    old = await elsewhere(fediverse, "ancienne")
    reader = await desk(team)
    page = await reader.open("/desk/mairie/move")
    page = await reader.send(page.form("/desk/mairie/move/alias"), {"alias": old.handle, "act": "add"})
    assert "peut maintenant déménager ici" in page.words
    found = await actors.by_id(team.node.ctx.db.reader, team.hall.actor.id)
    assert found is not None
    assert found.also_known_as == (old.uri,)
    assert f"@ancienne@{FAR}" in page.words
    page = await reader.send(page.form("/desk/mairie/move/alias"), {"act": "remove"})
    assert "ne peut plus déménager ici" in page.words
    found = await actors.by_id(team.node.ctx.db.reader, team.hall.actor.id)
    assert found is not None
    assert found.also_known_as == ()
    for strange in ("", "rien", f"personne@{FAR}", f"@mairie@{team.host}"):
        await reader.send(page.form("/desk/mairie/move/alias"), {"alias": strange, "act": "add"})
        assert 400 <= reader.answer.status < 500, strange


async def test_editors_do_not_move_the_town_hall(team: Team):
    edith = await team.agent("edith", "editor")
    reader = await edith.browser()
    page = await reader.open("/desk/mairie")
    assert "/desk/mairie/move" not in str([link.attributes.get("href") for link in page.all("a")])
    await reader.open("/desk/mairie/move")
    assert reader.answer.status == 403
