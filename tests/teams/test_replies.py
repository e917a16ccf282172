"""Replies at the desk: the team reads them first, and says who may reply at all."""

import json
from typing import get_args

import pytest

from node.actors import permissions
from node.actors.memberships import Role
from tests.support.fediverse import Citizen, Fediverse
from tests.teams.conftest import Team
from tests.web.reader import Reader

RULE = "/desk/mairie/replies"


async def held(team: Team, text: str = "Et la piscine ?") -> tuple[str, Citizen]:
    """A reply to the town hall that waits; its author."""
    answer = await team.hall.client.post(
        "/api/v1/statuses",
        json={"status": "Conseil jeudi", "interaction_policy": {"can_reply": {"with_approval": ["public"]}}},
    )
    luc = await team.node.person("luc")
    await luc.post(text, in_reply_to_id=answer.ok()["id"])
    return str(answer.json["id"]), luc


async def below(team: Team, status_id: str) -> list[str]:
    context = (await team.node.visitor().get(f"/api/v1/statuses/{status_id}/context")).ok()
    return [each["content"] for each in context["descendants"]]


async def read_by(citizen: Citizen) -> list[str]:
    return [each["content"].removeprefix("<p>").removesuffix("</p>") for each in await citizen.home()]


async def press(reader: Reader, word: str) -> None:
    """Press one of the buttons below the only reply."""
    page = await reader.open(RULE)
    form = next(each for each in page.forms if "/replies/" in each.action)
    await reader.send(form, {"word": word})


@pytest.mark.parametrize("role", get_args(Role))
async def test_who_judges_replies_does_so_at_the_desk(team: Team, role: Role) -> None:
    """Owner, editor and moderator read what waits and let it through; who may not, is refused whatever is sent."""
    posted, _ = await held(team)
    agent = await team.agent("ada", role)
    reader = await agent.browser()
    page = await reader.open(RULE)
    if not permissions.may(role, "judge replies"):
        assert reader.answer.status == 403
        answer = await agent.client.get("/api/v1/interaction_requests")
        assert answer.status == 403
        return
    assert "Et la piscine" in page.words
    assert page.faults == []
    assert await below(team, posted) == []
    await press(reader, "approve")
    assert reader.answer.status == 200
    assert await below(team, posted) == ["<p>Et la piscine ?</p>"]


async def test_a_reply_is_refused_and_its_author_blocked(team: Team) -> None:
    posted, luc = await held(team)
    reader = await (await team.agent("ada", "moderator")).browser()
    await press(reader, "block")
    assert await below(team, posted) == []
    relation = (await team.hall.client.get("/api/v1/accounts/relationships", {"id[]": luc.actor.id})).ok()
    assert relation[0]["blocking"] is True
    log = await (await team.owner()).browser()
    page = await log.open("/desk/mairie/log")
    assert "reply.block" in log.answer.text or "réponse" in page.words


async def test_a_reply_is_taken_back(team: Team) -> None:
    posted, _ = await held(team)
    reader = await (await team.agent("ada", "editor")).browser()
    await press(reader, "approve")
    page = await reader.open(f"{RULE}?shown=approved")
    await reader.send(next(each for each in page.forms if "/replies/" in each.action), {"word": "refuse"})
    assert await below(team, posted) == []
    page = await reader.open(f"{RULE}?shown=refused")
    assert "Et la piscine" in page.words


async def test_a_team_sees_that_its_own_reply_waits(team: Team) -> None:
    """At its desk, below the reply: that nobody else sees it yet, then that it was not let through; of others nothing."""
    luc = await team.node.person("luc")
    rule = {"can_reply": {"with_approval": ["public"]}}
    asked = (await luc.client.post("/api/v1/statuses", json={"status": "Une idée ?", "interaction_policy": rule})).ok()
    await team.hall.post("Oui, passez en mairie", in_reply_to_id=asked["id"])
    await team.hall.post("Marché samedi")
    reader = await (await team.agent("ada", "editor")).browser()
    page = await reader.open("/desk/mairie", **{"accept-language": "fr"})
    assert page.faults == []
    assert page.words.count("Personne d’autre ne voit") == 1, page.words
    assert "qui la reçoit la lit d’abord" in page.words
    [waits] = (await luc.client.get("/api/v1/interaction_requests")).ok()
    (await luc.client.post(f"/api/v1/interaction_requests/{waits['id']}/reject")).ok()
    page = await reader.open("/desk/mairie", **{"accept-language": "fr"})
    assert "elle n’a pas été acceptée" in page.words, page.words


async def test_a_reply_that_is_taken_back_goes_elsewhere_too(team: Team, fediverse: Fediverse) -> None:
    """Where Luc's followers read it, on another node, once it was let through: a Delete; of one never shown, nothing."""
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await bruno.follow(team.hall.handle)
    await fediverse.settle()
    posted, luc = await held(team)
    await bruno.follow(luc.handle)
    await fediverse.settle()
    await luc.post("Et le stade ?", in_reply_to_id=posted)
    await fediverse.settle()
    assert await read_by(bruno) == ["Conseil jeudi"], "a reply that waits is sent"
    reader = await (await team.agent("ada", "editor")).browser()
    page = await reader.open(RULE)
    forms = [each for each in page.forms if "/replies/" in each.action]
    await reader.send(forms[1], {"word": "approve"})
    await fediverse.settle()
    assert await read_by(bruno) == ["Et la piscine ?", "Conseil jeudi"]
    before = len(fediverse.network.sent)
    page = await reader.open(RULE)
    await reader.send(next(each for each in page.forms if "/replies/" in each.action), {"word": "refuse"})
    await fediverse.settle()
    assert fediverse.network.sent[before:] == [], "others hear of what they never had"
    page = await reader.open(f"{RULE}?shown=approved")
    await reader.send(next(each for each in page.forms if "/replies/" in each.action), {"word": "refuse"})
    await fediverse.settle()
    told = [json.loads(each.body) for each in fediverse.network.sent[before:] if each.method == "POST"]
    gone = [each["object"]["id"] for each in told if each["type"] == "Delete" and each["actor"] == luc.actor.uri]
    assert len(gone) == 1, "servers that know no stamps are told nothing"
    assert gone[0].startswith(luc.actor.uri)
    assert await read_by(bruno) == ["Conseil jeudi"], "what was taken back is still read elsewhere"


async def test_who_may_reply_is_chosen_at_the_desk(team: Team) -> None:
    reader = await (await team.agent("ada", "editor")).browser()
    page = await reader.open(RULE)
    await reader.send(page.form(RULE), {"who": "nobody"})
    assert reader.answer.status == 200
    posted = (await team.hall.client.post("/api/v1/statuses", {"status": "Communiqué"})).ok()
    luc = await team.node.person("luc")
    answer = await luc.client.post("/api/v1/statuses", {"status": "Non", "in_reply_to_id": posted["id"]})
    assert answer.status == 403
    page = await reader.open(RULE)
    await reader.send(page.form(RULE), {"who": "tout le monde"})
    assert reader.answer.status == 422
    again = (await team.hall.client.post("/api/v1/statuses", {"status": "Communiqué"})).ok()
    assert again["interaction_policy"]["can_reply"]["automatic_approval"] == ["author"], "a wrong word changed the rule"


async def test_a_post_written_at_the_desk_says_who_may_reply(team: Team) -> None:
    """Also one that waits for approval first."""
    contributor = await (await team.agent("carl", "contributor")).browser()
    page = await contributor.open("/desk/mairie/write")
    await contributor.send(
        page.form("/desk/mairie/write"), {"text": "Travaux rue Haute", "replies": "held", "act": "send"}
    )
    owner = await team.owner()
    waiting = (await owner.client.get(f"/api/v1/accounts/{team.hall.actor.id}/statuses")).ok()
    reader = await owner.browser()
    page = await reader.open(f"/desk/mairie/posts/{waiting[0]['id']}")
    await reader.send(page.form(f"/desk/mairie/posts/{waiting[0]['id']}/approve"), {})
    (status,) = (await team.node.visitor().get(f"/api/v1/accounts/{team.hall.actor.id}/statuses")).ok()
    assert status["interaction_policy"]["can_reply"]["manual_approval"] == ["public"]
