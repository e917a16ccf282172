"""The desk: who finds which, what stands on it, and who is turned away."""

import re
from typing import get_args

import pytest

from node.actors.memberships import Role
from tests.web.conftest import PASSWORD, Town
from tests.web.reader import Reader


async def at(town: Town, email: str) -> Reader:
    """The browser of somebody with PASSWORD."""
    reader = town.reader(address=f"203.0.113.{len(email)}")
    await reader.log_in(email, PASSWORD)
    assert reader.answer.status == 200, f"{email} cannot log in"
    return reader


async def test_who_speaks_for_one_account_is_at_its_desk_at_once(town: Town):
    """Odile opens /desk, logs in, and is at the town hall's desk, with what it published."""
    await town.post("Marché ouvert ce soir")
    reader = town.reader()
    page = await reader.open("/desk")
    page = await reader.send(page.form("/login"), {"email": town.odile.email, "password": PASSWORD})
    assert reader.address.endswith("/desk/mairie")
    assert "Marché ouvert ce soir" in page.words
    assert page.all("a", aria_current="page")


async def test_who_speaks_for_several_chooses(town: Town):
    pool = await town.node.town("piscine", name="Piscine")
    paul = await town.person("paul@mairie.example", hall=(town.hall.actor, "editor"), pool=(pool.actor, "reader"))
    reader = await at(town, paul.email)
    page = await reader.open("/desk")
    assert {each.attributes["href"] for each in page.all("a")} >= {"/desk/mairie", "/desk/piscine"}


@pytest.mark.parametrize("role", get_args(Role))
async def test_each_role_finds_what_it_may_do(town: Town, role: Role):
    """No section that is offered is then refused."""
    person = await town.person(f"{role}@mairie.example", hall=(town.hall.actor, role))
    reader = await at(town, person.email)
    page = await reader.open("/desk/mairie")
    sections = re.findall(r'href="(/desk/mairie[^"]*)"', reader.answer.text)
    assert "/desk/mairie" in sections
    for path in sections:
        page = await reader.open(path)
        assert reader.answer.status == 200, f"{path} is offered to a {role} and then refused"
        assert page.faults == []
        assert len(page.all("h1")) == 1


async def test_strangers_are_turned_away(town: Town):
    """Who does not log in is asked to; who logs in and does not speak for the account reads that."""
    reader = town.reader()
    await reader.open("/desk/mairie")
    assert "/login" in reader.address
    await town.person("eve@ailleurs.example")
    reader = await at(town, "eve@ailleurs.example")
    await reader.open("/desk/mairie")
    assert reader.answer.status == 403
    assert "ne parlez pas au nom de ce compte" in reader.page.words
    await reader.open("/desk/personne")
    assert reader.answer.status == 404
    page = await reader.open("/desk")
    assert reader.answer.status == 200
    assert "Aucun compte" in page.words
