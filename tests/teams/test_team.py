"""Who speaks for an account: asked by mail, given a role, removed; what she loses, and when."""

import asyncio
from functools import partial

import pytest

from node.actors import memberships
from node.actors.permissions import ACTS, may
from node.runtime.errors import Invalid
from tests.privacy.streams import Stream
from tests.support.mailbox import Mailbox
from tests.teams.conftest import Agent, Team
from tests.teams.test_replies import held
from tests.web.reader import Reader


async def desk(reader: Reader, path: str, **given: str) -> Reader:
    """Fill in the form of the team page that goes to *path*, for the person named."""
    page = await reader.open("/desk/mairie/team")
    wanted = [
        form for form in page.forms if form.action == path and form.fields.get("person", "") == given.get("person", "")
    ]
    assert wanted, f"no such form on the page: {page.words}"
    await reader.send(wanted[0], given)
    return reader


async def works(agent: Agent, method: str = "GET", path: str = "/api/v1/timelines/home", **data: str) -> int:
    return (await agent.client.request(method, path, data=data or None)).status


async def test_who_is_removed_does_nothing_more(team: Team):
    """At once: in her browser, in her application, in a stream that is open."""
    edith, odile = await team.agent("edith", "editor"), await (await team.owner()).browser()
    hers = await edith.browser()
    assert await works(edith) == 200
    async with Stream(team.node, "user", edith.client.token) as stream:
        await desk(odile, "/desk/mairie/team/remove", person=str(edith.person.id))
        assert "ne parle plus au nom du compte" in odile.page.words
        for _ in range(300):
            if stream.ended:
                break
            await asyncio.sleep(0.01)
        assert stream.ended, "her stream goes on"
    assert await works(edith) == 401
    assert await works(edith, "POST", "/api/v1/statuses", status="Encore moi") == 401
    await hers.open("/desk/mairie/write")
    assert hers.answer.status == 403
    page = await odile.open("/desk/mairie/log")
    assert "a retiré de l’équipe edith@mairie.example" in page.words


async def test_another_role_counts_from_the_next_request(team: Team):
    edith, odile = await team.agent("edith", "editor"), await (await team.owner()).browser()
    assert await works(edith, "POST", "/api/v1/statuses", status="Bonjour") == 200
    await desk(odile, "/desk/mairie/team/role", person=str(edith.person.id), role="contributor")
    status = (await edith.client.post("/api/v1/statuses", {"status": "Bonsoir"})).ok()
    assert status["beffroi"]["waiting"] is True
    await desk(odile, "/desk/mairie/team/role", person=str(edith.person.id), role="reader")
    assert await works(edith, "POST", "/api/v1/statuses", status="Bonne nuit") == 403
    assert await works(edith, "PUT", f"/api/v1/statuses/{status['id']}", status="Bonne nuit") == 403
    assert await works(edith) == 200


async def test_an_account_keeps_an_owner(team: Team):
    """Nobody can leave it ownerless: neither by leaving, nor by another role, nor two at the same moment."""
    odile, ctx = await (await team.owner()).browser(), team.node.ctx
    for person, _ in await memberships.people_of(ctx.db.reader, team.hall.actor.id):
        if person.id != team.odile.id:  # who made the account
            await ctx.db.write(partial(memberships.remove, person_id=person.id, actor_id=team.hall.actor.id))
    for path, given in (
        ("/desk/mairie/team/leave", {"sure": "on"}),
        ("/desk/mairie/team/role", {"person": str(team.odile.id), "role": "reader"}),
    ):
        page = await odile.open("/desk/mairie/team")
        form = next(each for each in page.forms if each.action == path)
        page = await odile.send(form, given)
        assert odile.answer.status == 422
        assert "propriétaire" in page.words
    with pytest.raises(Invalid):
        await team.role(team.odile, "editor")
    nadia = await team.agent("nadia", "owner")
    await desk(await nadia.browser(), "/desk/mairie/team/remove", person=str(team.odile.id))
    left = await memberships.people_of(team.node.ctx.db.reader, team.hall.actor.id)
    assert [person.email for person, _ in left] == ["nadia@mairie.example"]


async def test_she_leaves(team: Team):
    edith = await team.agent("edith", "editor")
    reader = await edith.browser()
    page = await reader.open("/desk/mairie/team")
    await reader.send(page.form("/desk/mairie/team/leave"), {"sure": "on"})
    assert reader.answer.status == 200
    assert reader.address.endswith("/desk")
    assert await works(edith) == 401


@pytest.mark.parametrize("role", ["editor", "contributor", "moderator", "reader"])
async def test_only_owners_make_the_team(team: Team, role: memberships.Role):
    """The forms are not offered, and what they would send is refused."""
    agent, edith = await team.agent("agent", role), await team.agent("edith", "editor")
    reader = await agent.browser()
    page = await reader.open("/desk/mairie/team")
    assert [form.action for form in page.forms] == ["/desk/mairie/team/leave"]
    form = page.forms[0]
    for path, given in (
        ("invite", {"email": "x@mairie.example", "role": "owner"}), ("withdraw", {"invitation": "1"}),
        ("role", {"person": str(edith.person.id), "role": "reader"}), ("role", {"person": str(agent.person.id), "role": "owner"}),
        ("remove", {"person": str(edith.person.id)}),
    ):  # fmt: skip
        form.action = f"/desk/mairie/team/{path}"
        await reader.send(form, given)
        assert reader.answer.status == 403, path
    assert await works(edith) == 200


async def test_somebody_of_another_team_is_not_changed_here(team: Team):
    """An owner names a person who does not belong to the team: she is not taken into it, nor out of hers."""
    pool = await team.node.town("piscine")
    eve = await team.agent("eve", "editor", pool.actor)
    odile = await (await team.owner()).browser()
    page = await odile.open("/desk/mairie/team")
    for path in ("role", "remove"):
        form = page.form("/desk/mairie/team/role")
        form.action = f"/desk/mairie/team/{path}"
        await odile.send(form, {"person": str(eve.person.id), "role": "owner"})
        assert odile.answer.status == 404
    assert await works(eve) == 200
    reader = team.node.ctx.db.reader
    assert await memberships.role_of(reader, person_id=eve.person.id, actor_id=team.hall.actor.id) is None


async def test_somebody_is_invited_by_mail(mailbox: Mailbox, letters_team: Team):
    """She gets a link; the owners hear of it when she comes, and she when she goes."""
    team = letters_team
    odile = await (await team.owner()).browser()
    page = await odile.open("/desk/mairie/team")
    form = page.form("/desk/mairie/team/invite")
    for given, said in (
        ({"email": "nobody", "role": "editor"}, "adresse"),
        ({"email": "iris@mairie.example", "role": "roi"}, "rôle"),
    ):
        page = await odile.send(form, given)
        assert odile.answer.status == 422
        assert said in page.words.lower()
    page = await odile.send(form, {"email": "iris@mairie.example", "role": "contributor"})
    assert "iris@mairie.example" in page.words
    await team.fediverse.settle()
    assert "/invitations/" in mailbox.link("iris@mairie.example")
    edith = await team.agent("edith", "editor")
    await team.fediverse.settle()
    assert "edith@mairie.example parle au nom de" in mailbox.text("odile@mairie.example")
    assert "parle au nom de" in mailbox.text("edith@mairie.example")
    await desk(odile, "/desk/mairie/team/remove", person=str(edith.person.id))
    await team.fediverse.settle()
    assert "ne parle plus" in mailbox.text("edith@mairie.example")


async def test_who_judges_replies_hears_of_the_first_that_waits(mailbox: Mailbox, letters_team: Team):
    """One letter for all that wait; another once those are judged; none to who may not judge; never the words."""
    team = letters_team
    await team.agent("carla", "contributor")
    ada = await team.agent("ada", "moderator")
    posted, luc = await held(team)
    await luc.post("Et le gymnase ?", in_reply_to_id=posted)
    await team.fediverse.settle()
    told = [letter["Subject"] for letter in mailbox.of("ada@mairie.example")]
    assert sum("attend" in subject for subject in told) == 1, told
    assert "piscine" not in mailbox.text("ada@mairie.example"), "the letter says what nobody has read yet"
    assert mailbox.link("ada@mairie.example") == "/desk/mairie/replies"
    assert not [each for each in mailbox.of("carla@mairie.example") if "réponse" in each["Subject"]]
    waiting = (await ada.client.get("/api/v1/interaction_requests")).ok()
    assert len(waiting) == 2
    for each in waiting:
        (await ada.client.post(f"/api/v1/interaction_requests/{each['id']}/authorize")).ok()
    await team.fediverse.settle()
    await luc.post("Et la patinoire ?", in_reply_to_id=posted)
    await team.fediverse.settle()
    told = [letter["Subject"] for letter in mailbox.of("ada@mairie.example")]
    assert sum("attend" in subject for subject in told) == 2, "nobody hears of what came after"


async def test_who_approves_and_who_wrote_hear_by_mail(mailbox: Mailbox, letters_team: Team):
    team = letters_team
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Réunion jeudi"})).ok()
    await carla.client.post("/api/v1/statuses", {"status": "Et vendredi"})
    await team.fediverse.settle()
    told = [letter["Subject"] for letter in mailbox.of("edith@mairie.example")]
    assert sum("attend une approbation" in subject for subject in told) == 1, told
    assert "Réunion" not in mailbox.text("edith@mairie.example"), "the letter says what only the team may read"
    (await edith.client.post(f"/api/v1/beffroi/statuses/{status['id']}/refuse", {"reason": "À quelle heure ?"})).ok()
    await team.fediverse.settle()
    assert "À quelle heure ?" in mailbox.text("carla@mairie.example")
    assert mailbox.link("carla@mairie.example") == f"/desk/mairie/posts/{status['id']}"


def test_what_each_role_may_do_grows():
    """Whoever may more may all that the others may; a reader changes nothing."""
    assert ACTS["reader"] <= ACTS["contributor"] <= ACTS["editor"] <= ACTS["owner"]
    assert ACTS["reader"] <= ACTS["moderator"] <= ACTS["editor"]
    assert not {"write", "publish", "interact", "approve", "block", "manage members"} & ACTS["reader"]
    assert not may("contributor", "publish")
    assert not may(None, "look")
