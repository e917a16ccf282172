"""An invitation's link at a browser: for who has an account here, and for who has none."""

import re

import pytest

from node.actors import domains, invitations, memberships, people
from tests.web.conftest import PASSWORD

DAY_S = 86_400


async def invite(town, **more):
    ctx = town.node.ctx
    given = {"email": None, "by": town.odile, "domain_id": town.node.domain.id, "actor_id": town.hall.actor.id,
             "role": "editor", **more}  # fmt: skip
    token = await ctx.db.write(lambda tx: invitations.invite(tx, ctx, **given))
    return f"/invitations/{token}"


async def role_of(town, email):
    person = await people.by_email(town.node.ctx.db.reader, email)
    if person is None:
        return None
    return await memberships.role_of(town.node.ctx.db.reader, person_id=person.id, actor_id=town.hall.actor.id)


async def as_bruno(town):
    reader = town.reader()
    await reader.log_in("bruno@poste.example", PASSWORD)
    return reader


async def fill(town, path, **given):
    reader = town.reader()
    page = await reader.open(f"{path}/sign-up")
    form = page.form(f"{path}/sign-up")
    town.node.ctx.clock.forward(30)
    await reader.send(form, {"name": "Bruno", "password": PASSWORD, "agreement": "on", **given})
    return reader


async def test_an_agent_who_has_no_account_here_joins_the_team(town, fediverse, mailbox):
    """From the letter to the desk: no second letter, since this one came to her mailbox."""
    await invite(town, email="bruno@poste.example")
    await fediverse.settle()
    path = mailbox.link("bruno@poste.example")
    reader = town.reader()
    page = await reader.open(path)
    assert "Mairie de Montreuil" in page.words
    assert "Odile" in page.words
    reader = await fill(town, path)
    assert reader.answer.status == 200, reader.page.words
    assert await role_of(town, "bruno@poste.example") == "editor"
    await (await as_bruno(town)).open("/account")
    reader = town.reader()
    await reader.open(path)
    assert reader.answer.status == 410


async def test_an_agent_who_has_an_account_logs_in_and_accepts(town):
    await town.person("bruno@poste.example")
    path = await invite(town, email="bruno@poste.example", role="contributor")
    reader = town.reader()
    page = await reader.open(path)
    links = [each.attributes["href"] for each in page.all("a", class_="button")]
    assert links[0] == f"/login?next={path}"
    page = await reader.log_in("bruno@poste.example", PASSWORD, path)
    assert await role_of(town, "bruno@poste.example") is None, "opening the page has accepted"
    await reader.send(page.form(path))
    assert await role_of(town, "bruno@poste.example") == "contributor"
    assert "accepté" in reader.page.words


async def test_an_open_link_confirms_the_address_first(town, fediverse, mailbox):
    """Whoever has the link may use it; that the address is hers, a letter asks."""
    path = await invite(town, role="reader")
    await fill(town, path, email="bruno@poste.example")
    assert await role_of(town, "bruno@poste.example") is None
    await fediverse.settle()
    confirm = mailbox.link("bruno@poste.example")
    reader = town.reader()
    page = await reader.open(confirm)
    await reader.send(page.form(confirm))
    assert await role_of(town, "bruno@poste.example") == "reader"


async def test_the_address_of_a_bound_invitation_cannot_be_changed(town):
    path = await invite(town, email="bruno@poste.example")
    await fill(town, path, email="voleuse@poste.example")
    assert await people.by_email(town.node.ctx.db.reader, "voleuse@poste.example") is None
    assert await role_of(town, "bruno@poste.example") == "editor"


async def test_another_person_who_is_logged_in_is_told_so(town):
    await town.person("bruno@poste.example")
    path = await invite(town, email="claire@poste.example")
    reader = await as_bruno(town)
    page = await reader.open(path)
    assert "autre adresse" in page.words
    assert not [each for each in page.forms if each.action == path]
    form = (await reader.open("/account")).form("/logout")
    await reader.client.post(path, dict(form.fields), origin=reader.home)
    assert await role_of(town, "bruno@poste.example") is None


@pytest.mark.parametrize("why", ["withdrawn", "used", "late", "never"])
async def test_a_link_that_is_over_says_why(town, why):
    await town.person("bruno@poste.example")
    path = await invite(town)
    ctx = town.node.ctx
    if why == "withdrawn":
        (one,) = await invitations.of_actor(ctx.db.reader, ctx, actor_id=town.hall.actor.id)
        await ctx.db.write(lambda tx: invitations.withdraw(tx, ctx, invitation_id=one.id, by=town.odile))
    elif why == "used":
        reader = await as_bruno(town)
        await reader.send((await reader.open(path)).form(path))
    elif why == "late":
        ctx.clock.forward(8 * DAY_S)
    else:
        path = f"/invitations/{'x' * 43}"
    for address in (path, f"{path}/sign-up"):
        reader = town.reader()
        page = await reader.open(address)
        assert reader.answer.status == (404 if why == "never" else 410)
        assert page.all("p", role="alert")
        assert not page.faults
        assert not re.search(r"\b(the|your|this|was)\b", page.words), f"not in French: {page.words}"


async def test_a_citizen_is_invited_to_an_account_of_her_own(town, fediverse, mailbox):
    ctx, domain = town.node.ctx, town.node.domain
    await ctx.db.write(
        lambda tx: domains.update(
            tx, domain=domain, name=domain.name, description="", contact_email="", registrations="invitation"
        )
    )
    keeper = await ctx.db.write(lambda tx: people.create(tx, ctx, email="gardien@mairie.example", keeper=True))
    path = await invite(town, by=keeper, actor_id=None, role=None, email="bruno@poste.example")
    reader = await fill(town, path, username="bruno", age="yes")
    assert reader.answer.status == 200, reader.page.words
    reader = await as_bruno(town)
    assert "@bruno@montreuil.example" in reader.page.words


async def test_an_address_that_has_an_account_is_not_made_twice(town):
    await town.person("bruno@poste.example")
    path = await invite(town, email="bruno@poste.example")
    reader = await fill(town, path)
    assert reader.answer.status == 422
    assert "connectez-vous" in reader.page.words
    assert await role_of(town, "bruno@poste.example") is None


async def test_a_form_of_another_site_accepts_nothing(town):
    await town.person("bruno@poste.example")
    path = await invite(town)
    reader = await as_bruno(town)
    form = (await reader.open(path)).form(path)
    await reader.send(form, {"form_token": "x" * 64})
    assert reader.answer.status == 403
    await reader.send(form, origin="https://evil.example")
    assert reader.answer.status == 403
    assert await role_of(town, "bruno@poste.example") is None


async def test_the_pages_are_well_made(town):
    path = await invite(town, email="bruno@poste.example")
    reader = town.reader()
    for address in (path, f"{path}/sign-up"):
        page = await reader.open(address)
        assert not page.faults, f"{address}: {page.faults}"
        for field in page.all("input"):
            if field.attributes.get("type") != "hidden":
                assert page.all("label", for_=field.attributes["id"]), f"{address}: {field.attributes} has no label"
