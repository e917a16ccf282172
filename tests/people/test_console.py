"""The console's pages of sign-ups, rules, invitations and mail: what a keeper does there, without JavaScript."""

import re

import pytest

from node.actors import people, sessions
from node.runtime import mail
from node.runtime.database import Tx
from tests.people.test_sign_up import ask, count, press
from tests.support.legal_notice import opened
from tests.web.conftest import digest

PAGES = ("/admin/sign-ups", "/admin/sign-up-rules", "/admin/invitations", "/admin/mail")


@pytest.fixture
async def keeper(town):
    """A browser of who keeps the node, second factor shown."""
    ctx, hashed = town.node.ctx, await digest()

    async def step(tx: Tx) -> str:
        person = await people.create(tx, ctx, email="gardien@mairie.example", password=hashed, keeper=True)
        await tx.execute(
            "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) "
            "VALUES ($1, $2, 'totp', 'x', TRUE, 0)",
            ctx.ids.next(), person.id,
        )  # fmt: skip
        return await sessions.open(tx, ctx, person_id=person.id, factor=True)

    reader = town.reader()
    reader.client.cookies["__Host-beffroi"] = await ctx.db.write(step)
    return reader


async def waiting(town, fediverse, mailbox, **given):
    await opened(town.node.ctx, "approval")
    await ask(town, reason="J’habite ici", **given)
    await fediverse.settle()
    await press(town, mailbox.link(given.get("email", "bruno@poste.example")))
    (number,) = [row[0] for row in await town.node.ctx.db.reader.fetch("SELECT id FROM sign_ups")]
    return f"/admin/sign-ups/{number}"


async def test_every_page_is_well_made_and_in_french(town, keeper, fediverse, mailbox):
    await waiting(town, fediverse, mailbox, name="<b>Bruno</b>")
    for path in PAGES:
        page = await keeper.open(path)
        assert keeper.answer.status == 200, path
        assert not page.faults, f"{path}: {page.faults}"
        assert not re.search(r"\b(the|your|and|this)\b", page.words), f"{path}: {page.words}"
        for field in [*page.all("input"), *page.all("select"), *page.all("textarea")]:
            if field.attributes.get("type") != "hidden":
                assert page.all("label", for_=field.attributes["id"]), f"{path}: {field.attributes} has no label"


@pytest.mark.parametrize("path", PAGES)
async def test_others_do_not_see_them(town, path):
    reader = await town.logged_in()
    await reader.open(path)
    assert reader.answer.status == 403
    await town.reader().open(path)


async def test_a_keeper_approves(town, keeper, fediverse, mailbox):
    path = await waiting(town, fediverse, mailbox)
    assert "1" in (await keeper.open("/admin")).words
    page = await keeper.open("/admin/sign-ups")
    assert "J’habite ici" in page.words
    await keeper.send(page.form(path), {"act": "approve"})
    assert "bruno@poste.example" in keeper.page.words
    assert await people.by_email(town.node.ctx.db.reader, "bruno@poste.example") is not None


async def test_a_keeper_refuses_and_says_why(town, keeper, fediverse, mailbox):
    path = await waiting(town, fediverse, mailbox)
    page = await keeper.open("/admin/sign-ups")
    form = page.form(path)
    await keeper.send(form, {"act": "refuse", "reason": " "})
    assert keeper.answer.status == 422
    assert await count(town, "sign_ups") == 1
    await keeper.send(form, {"act": "refuse", "reason": "Compte en double."})
    await fediverse.settle()
    assert "Compte en double." in mailbox.text("bruno@poste.example")
    assert await count(town, "sign_ups") == 0


async def test_rules_are_made_and_taken_back(town, keeper):
    page = await keeper.open("/admin/sign-up-rules")
    form = page.form("/admin/sign-up-rules")
    await keeper.send(form, {"do": "add", "kind": "network", "value": "0.0.0.0/0", "act": "refuse", "note": ""})
    assert keeper.answer.status == 422
    await keeper.send(form, {"do": "add", "kind": "mail", "value": "jetable.example", "act": "hold", "note": "essai"})
    assert "jetable.example" in keeper.page.words
    await keeper.send(form, {"do": "remove", "kind": "mail", "value": "jetable.example"})
    assert await count(town, "sign_up_rules") == 0


async def test_an_invitation_is_made_and_withdrawn(town, keeper, fediverse, mailbox):
    page = await keeper.open("/admin/invitations")
    form = page.form("/admin/invitations")
    good = {"act": "create", "email": "claire@poste.example", "handle": "@mairie@montreuil.example", "role": "editor"}
    for wrong in ({"uses": "dix"}, {"days": "-1"}, {"handle": "@x@y.example"}, {"email": "x"}):
        await keeper.send(form, {**good, **wrong})
        assert keeper.answer.status in (404, 422), wrong
    await keeper.send(form, good)
    await fediverse.settle()
    link = mailbox.link("claire@poste.example")
    assert "gardien" in mailbox.text("claire@poste.example"), "the letter does not say who invites"
    row = await town.node.ctx.db.reader.row("SELECT id FROM invitations")
    await keeper.send(form, {"act": "withdraw", "id": str(row[0])})
    reader = town.reader()
    await reader.open(link)
    assert reader.answer.status == 410


async def test_mail_is_tried_and_what_was_given_up_is_sent_again(town, keeper, fediverse, mailbox):
    ctx = town.node.ctx
    mailbox.answers["nobody@poste.example"] = "550 5.1.1 no such mailbox"
    await ctx.db.write(lambda tx: mail.post(tx, ctx, to="nobody@poste.example", subject="Bonjour", text="jeton-secret"))
    await fediverse.settle()
    assert "1" in (await keeper.open("/admin")).words
    page = await keeper.open("/admin/mail")
    assert "no such mailbox" in page.words
    assert "jeton-secret" not in keeper.answer.text
    form = page.form("/admin/mail")
    await keeper.send(form, {"act": "test", "address": "x"})
    assert keeper.answer.status == 422
    await keeper.send(form, {"act": "test", "address": "odile@poste.example"})
    assert len(mailbox.of("odile@poste.example")) == 1
    mailbox.answers.clear()
    await keeper.send(form, {"act": "retry"})
    await fediverse.settle()
    assert len(mailbox.of("nobody@poste.example")) == 1


@pytest.mark.parametrize("path", PAGES)
async def test_a_form_of_another_site_does_nothing(town, keeper, fediverse, mailbox, path):
    page = await keeper.open(path)
    token = page.all("input", name="form_token")
    answer = await keeper.client.post(
        path if path != "/admin/sign-ups" else f"{path}/1",
        {"act": "approve", "form_token": "x" * 64 if token else ""},
        origin="https://montreuil.example",
    )
    assert answer.status == 403
