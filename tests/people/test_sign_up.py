"""Making an account at a browser: closed, by approval, open; the letters; a parent; what strangers must not learn."""

import re

import pytest

from node.actors import actors, domains, memberships, people
from node.moderation import sign_up_rules, sign_ups, traces
from node.runtime.mail import letters
from tests.support.fediverse import some_keys
from tests.web.conftest import PASSWORD

DAY_S = 86_400
PARENT = "maman@poste.example"
GOOD = {
    "username": "bruno", "name": "Bruno", "email": "bruno@poste.example", "password": PASSWORD, "age": "yes",
    "agreement": "on",
}  # fmt: skip


@pytest.fixture
def opened(town):
    """To open the town's domain."""

    async def opened(registrations="open"):
        domain = town.node.domain
        await town.node.ctx.db.write(
            lambda tx: domains.update(
                tx, domain=domain, name=domain.name, description="", contact_email="mairie@montreuil.example",
                registrations=registrations,
            )
        )  # fmt: skip
        for cache in ("domains_by_host",):
            town.node.ctx.forget(cache)

    return opened


async def ask(town, *, wait_s=20, address="203.0.113.7", path="/sign-up", **given):
    """Fill the form in, as a person who takes her time."""
    reader = town.reader(address=address)
    page = await reader.open(path)
    form = page.form(path)
    town.node.ctx.clock.forward(wait_s)
    await reader.send(form, {key: value for key, value in {**GOOD, **given}.items() if value is not None})
    return reader


async def press(town, path, **given):
    """Open a link of a letter, and press its button."""
    reader = town.reader()
    page = await reader.open(path)
    if reader.answer.status == 200:
        await reader.send(page.form(path), given)
    return reader


async def logs_in(town, email="bruno@poste.example"):
    reader = town.reader(address="198.51.100.9")
    await reader.log_in(email, PASSWORD)
    return reader.answer.status == 200


async def actor(town, username="bruno"):
    return await actors.local_by_username(town.node.ctx.db.reader, username, town.host)


async def count(town, table):
    return await town.node.ctx.db.reader.value(f"SELECT COUNT(*) FROM {table}")


@pytest.mark.parametrize("registrations", ["closed", "invitation"])
async def test_where_it_is_not_open_nobody_signs_up(town, opened, fediverse, mailbox, registrations):
    await opened("open")
    reader = town.reader()
    form = (await reader.open("/sign-up")).form("/sign-up")
    await opened(registrations)
    town.node.ctx.clock.forward(20)
    await reader.send(form, GOOD)
    assert reader.answer.status == 403
    page = await reader.open("/sign-up")
    assert not [each for each in page.forms if each.method == "post"]
    await fediverse.settle()
    assert [(each["To"], each["Subject"]) for each in mailbox.taken] == []
    assert await count(town, "sign_ups") == 0


async def test_at_an_open_town_an_account_is_there_after_the_letter(town, opened, fediverse, mailbox):
    await opened()
    reader = await ask(town)
    assert reader.answer.status == 200, reader.page.words
    await fediverse.settle()
    assert await actor(town) is None, "the account is there before the address is confirmed"
    assert not await logs_in(town)
    path = mailbox.link("bruno@poste.example")
    reader = town.reader()
    await reader.open(path)
    assert await actor(town) is None, "a mail program that opens links has confirmed the address"
    reader = await press(town, path)
    assert reader.answer.status == 200
    made = await actor(town)
    assert made is not None
    assert (made.name, made.locked, made.discoverable) == ("Bruno", False, True)
    assert await logs_in(town)
    person = await people.by_email(town.node.ctx.db.reader, "bruno@poste.example")
    assert person is not None
    ((speaks, role),) = await memberships.actors_of(town.node.ctx.db.reader, person.id)
    assert (speaks.id, role) == (made.id, "owner")
    await fediverse.settle()
    assert "@bruno@montreuil.example" in mailbox.text("bruno@poste.example")
    assert await count(town, "sign_ups") == 0, "what was said at the sign-up is kept twice"


async def test_a_link_works_once(town, opened, fediverse, mailbox):
    await opened()
    await ask(town)
    await fediverse.settle()
    path = mailbox.link("bruno@poste.example")
    assert (await press(town, path)).answer.status == 200
    assert (await press(town, path)).answer.status == 410


async def test_after_two_days_a_link_is_over_and_everything_is_forgotten(town, opened, fediverse, mailbox):
    await opened()
    await ask(town)
    await fediverse.settle()
    path = mailbox.link("bruno@poste.example")
    await fediverse.later(2 * DAY_S + 1_000)
    assert (await press(town, path)).answer.status == 410
    assert await count(town, "sign_ups") == 0


async def test_who_has_an_account_learns_it_by_letter_and_others_do_not(town, opened, fediverse, mailbox):
    """The same page, the same rows, the same work: nobody finds out which citizens have an account."""
    await opened()
    known = await ask(town, email="odile@mairie.example", username="nouvelle")
    rows = await count(town, "sign_ups"), await letters.count(town.node.ctx.db.reader)
    unknown = await ask(town)
    assert known.answer.text == unknown.answer.text
    assert known.address == unknown.address
    assert (await count(town, "sign_ups"), await letters.count(town.node.ctx.db.reader)) == (
        rows[0] * 2, (rows[1][0] * 2, 0),
    )  # fmt: skip
    await fediverse.settle()
    said = mailbox.text("odile@mairie.example")
    assert "/login" in said
    assert "/sign-up/" not in said, "an account with one's own address could be made twice"


async def test_where_a_person_looks_first_it_waits(town, opened, fediverse, mailbox):
    await opened("approval")
    reader = await ask(town)
    assert reader.answer.status == 422, "no reason is asked for"
    await ask(town, reason="J’habite ici")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    assert await actor(town) is None
    ctx = town.node.ctx
    (waiting,) = await sign_ups.waiting(ctx.db.reader)
    assert (waiting.username, waiting.reason) == ("bruno", "J’habite ici")
    keys = await some_keys()
    await ctx.db.write(lambda tx: sign_ups.approve(tx, ctx, sign_up_id=waiting.id, keys=keys))
    assert await actor(town) is not None
    assert await logs_in(town)
    await fediverse.settle()
    assert "Bienvenue" in mailbox.last("bruno@poste.example")["Subject"]


async def test_a_refusal_is_mailed_with_its_reason_and_all_else_is_forgotten(town, opened, fediverse, mailbox):
    await opened("approval")
    await ask(town, reason="Achetez mes montres")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    ctx = town.node.ctx
    (waiting,) = await sign_ups.waiting(ctx.db.reader)
    await ctx.db.write(
        lambda tx: sign_ups.refuse(tx, ctx, sign_up_id=waiting.id, reason="Publicité seulement.\nDésolé.")
    )
    await fediverse.settle()
    assert "Publicité seulement. Désolé." in mailbox.text("bruno@poste.example")
    assert await count(town, "sign_ups") == 0
    assert not await logs_in(town)


async def test_who_waits_for_a_month_is_forgotten(town, opened, fediverse, mailbox):
    await opened("approval")
    await ask(town, reason="Bonjour")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    await fediverse.later(30 * DAY_S + 1_000)
    assert await count(town, "sign_ups") == 0


async def test_a_name_that_waits_is_not_given_to_another(town, opened, fediverse, mailbox):
    await opened("approval")
    await ask(town, reason="Bonjour")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    reader = await ask(town, email="claire@poste.example", username="brun0", reason="Bonjour")
    assert reader.answer.status == 422
    assert reader.page.all("p", id="problem-username")


async def test_a_name_taken_between_the_form_and_the_letter(town, opened, fediverse, mailbox):
    """She chooses another one on the page of the link; nothing is lost."""
    await opened()
    await ask(town)
    await ask(town, email="claire@poste.example")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    path = mailbox.link("claire@poste.example")
    reader = await press(town, path)
    assert reader.answer.status == 422
    await reader.send(reader.page.form(path), {"username": "claire"})
    assert reader.answer.status == 200, reader.page.words
    assert await actor(town, "claire") is not None
    assert await logs_in(town, "claire@poste.example")


@pytest.mark.parametrize("act", ["refuse", "hold"])
async def test_the_rules_look_at_another_name_too(town, opened, fediverse, mailbox, act):
    """A name that no form would have taken is not slipped in at the link."""
    await opened()
    await rule(town, kind="word", value="casino", act=act)
    await ask(town)
    await fediverse.settle()
    path = mailbox.link("bruno@poste.example")
    reader = await press(town, path, username="casino_gratuit")
    assert await actor(town, "casino_gratuit") is None
    if act == "hold":
        assert [each.username for each in await sign_ups.waiting(town.node.ctx.db.reader)] == ["casino_gratuit"]
        return
    assert reader.answer.status == 422
    await press(town, path)
    assert await actor(town) is not None, "the link was spent by what it refused"


# Under fifteen


async def minor(town, opened, fediverse, mailbox, registrations="open"):
    await opened(registrations)
    await ask(town, age="no", parent_email=PARENT, reason="Pour le club")
    await fediverse.settle()
    reader = await press(town, mailbox.link("bruno@poste.example"))
    await fediverse.settle()
    assert await actor(town) is None, "the account is there before a parent agreed"
    return reader


async def test_a_parent_agrees_and_the_account_is_private_at_first(town, opened, fediverse, mailbox):
    await minor(town, opened, fediverse, mailbox)
    reader = await press(town, mailbox.link(PARENT), answer="yes")
    assert reader.answer.status == 200
    made = await actor(town)
    assert made is not None
    assert (made.locked, made.discoverable, made.indexable, made.hides_network, made.post_visibility) == (
        True, False, False, True, "followers",
    )  # fmt: skip
    consent = await town.node.ctx.db.reader.row("SELECT * FROM parental_consents")
    assert consent["parent_email"] == PARENT, "nobody could show that a parent agreed"
    assert await logs_in(town)


async def test_a_parent_says_no(town, opened, fediverse, mailbox):
    await minor(town, opened, fediverse, mailbox)
    await press(town, mailbox.link(PARENT), answer="no")
    assert await actor(town) is None
    assert await count(town, "sign_ups") == 0
    await fediverse.settle()
    assert "parent" in mailbox.text("bruno@poste.example")
    assert (await press(town, mailbox.link(PARENT), answer="yes")).answer.status == 410


async def test_the_page_of_the_parent_says_what_it_means(town, opened, fediverse, mailbox):
    await minor(town, opened, fediverse, mailbox)
    page = await town.reader().open(mailbox.link(PARENT))
    assert "@bruno@montreuil.example" in page.words
    assert "autorité parentale" in page.words


async def test_a_parent_and_then_a_keeper(town, opened, fediverse, mailbox):
    await minor(town, opened, fediverse, mailbox, "approval")
    await press(town, mailbox.link(PARENT), answer="yes")
    assert await actor(town) is None
    assert len(await sign_ups.waiting(town.node.ctx.db.reader)) == 1


@pytest.mark.parametrize("wrong", [{"parent_email": ""}, {"parent_email": "x"}, {"parent_email": GOOD["email"]}])
async def test_a_child_names_a_parent(town, opened, wrong):
    await opened()
    reader = await ask(town, age="no", **wrong)
    assert reader.answer.status == 422
    assert reader.page.all("p", id="problem-parent_email")


async def test_no_date_of_birth_is_asked_or_kept(town, opened):
    await opened()
    page = await town.reader().open("/sign-up")
    assert not page.all("input", type="date")
    columns = await town.node.ctx.db.reader.fetch("SELECT * FROM people")
    assert not [name for name in columns[0].keys() if "birth" in name or name == "age"]  # noqa: SIM118 (a row)


# Bad input, programs, floods


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""), ("email", "bruno"), ("email", "a@b.example\r\nBcc: c@d.example"), ("email", "é@b.example"), ("email", "a@b.example."),
        ("username", ""), ("username", "mairie-montreuil"), ("username", "admin"), ("username", "Brünö"),
        ("username", "mairie"), ("username", "x" * 31), ("password", ""), ("password", "court"),
        ("password", "aaaaaaaaaaaa"), ("age", ""), ("agreement", ""), ("name", "x" * 101),
    ],
)  # fmt: skip
async def test_each_field_says_what_is_wrong_and_nothing_is_stored(town, opened, fediverse, mailbox, field, value):
    await opened()
    reader = await ask(town, **{field: value})
    assert reader.answer.status == 422
    said = reader.page.all("p", id=f"problem-{field}")
    assert said, f"nothing says what is wrong with {field}: {reader.page.words}"
    assert not re.search(r"\b(the|your|is)\b", said[0].words), f"not in French: {said[0].words}"
    assert not reader.page.faults
    await fediverse.settle()
    assert [(each["To"], each["Subject"]) for each in mailbox.taken] == []
    assert await count(town, "sign_ups") == 0


async def test_what_was_typed_is_still_there_but_not_the_password(town, opened):
    await opened()
    reader = await ask(town, age="", name='Bruno "le grand" <b>')
    form = reader.page.form("/sign-up")
    assert form.fields["name"] == 'Bruno "le grand" <b>'
    assert form.fields["email"] == GOOD["email"]
    assert form.fields["password"] == ""


@pytest.mark.parametrize("wait_s", [0, 1, 2 * DAY_S])
async def test_a_form_that_comes_back_at_once_or_days_later_is_not_taken(town, opened, fediverse, mailbox, wait_s):
    await opened()
    reader = await ask(town, wait_s=wait_s)
    assert reader.answer.status == 422
    await fediverse.settle()
    assert [(each["To"], each["Subject"]) for each in mailbox.taken] == []


async def test_a_program_that_fills_in_every_field_gets_nothing(town, opened, fediverse, mailbox):
    await opened()
    reader = await ask(town, website="https://spam.example")
    assert reader.answer.status == 200, "it learns why"
    await fediverse.settle()
    assert [(each["To"], each["Subject"]) for each in mailbox.taken] == []
    assert await count(town, "sign_ups") == 0


async def test_the_moment_of_the_page_cannot_be_made_up(town, opened):
    await opened()
    reader = town.reader()
    form = (await reader.open("/sign-up")).form("/sign-up")
    town.node.ctx.clock.forward(60)
    another = (await town.reader().open("/sign-up")).form("/sign-up").fields["shown"]
    shown = form.fields["shown"]
    for made_up in ("", "0", "x" * 80, shown[:-4] + "AAAA", another, "é"):
        await reader.send(form, {**GOOD, "shown": made_up})
        assert reader.answer.status == 403, made_up


async def test_one_address_makes_only_so_many(town, opened):
    await opened()
    statuses = [
        (await ask(town, email=f"p{number}@poste.example", username=f"voisin{number}")).answer.status
        for number in range(11)
    ]
    assert statuses == [200] * 10 + [429]


async def test_one_mailbox_is_not_flooded(town, opened, fediverse, mailbox):
    await opened()
    for number in range(5):
        await ask(town, username=f"voisin{number}", address=f"198.51.100.{number}")
    await fediverse.settle()
    assert len(mailbox.of("bruno@poste.example")) == 3


async def test_the_mailbox_of_a_parent_is_not_flooded(town, opened, fediverse, mailbox):
    """Whoever has mailboxes of their own has this node write to others as a 'parent' only so often."""
    await opened()
    for number in range(5):
        email = f"enfant{number}@poste.example"
        await ask(town, username=f"enfant{number}", email=email, age="no", parent_email=PARENT,
                  address=f"198.51.100.{number}")  # fmt: skip
        await fediverse.settle()
        if mailbox.of(email):
            await press(town, mailbox.link(email))
    await fediverse.settle()
    assert len(mailbox.of(PARENT)) == 3


# Rules


async def rule(town, **given):
    ctx = town.node.ctx
    await ctx.db.write(lambda tx: sign_up_rules.add(tx, ctx, **given))


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "mail", "value": "Poste.example"}, {"kind": "mail", "value": "@example"},
        {"kind": "network", "value": "203.0.113.0/24"}, {"kind": "network", "value": "203.0.113.7"},
        {"kind": "word", "value": "MONTRES"},
    ],
)  # fmt: skip
async def test_a_rule_refuses(town, opened, fediverse, mailbox, given):
    await opened()
    await rule(town, act="refuse", **given)
    reader = await ask(town, name="Vendeur de Montrès")
    assert reader.answer.status == 422
    await fediverse.settle()
    assert [(each["To"], each["Subject"]) for each in mailbox.taken] == []


async def test_a_rule_of_others_hits_nobody_else(town, opened):
    await opened()
    for kind, value in (("mail", "autreposte.example"), ("mail", "oste.example"), ("network", "203.0.114.0/24"),
                        ("network", "2001:db8::/32"), ("word", "casino")):  # fmt: skip
        await rule(town, kind=kind, value=value, act="refuse")
    assert (await ask(town)).answer.status == 200


async def test_a_rule_holds_for_a_look_at_an_open_town(town, opened, fediverse, mailbox):
    await opened()
    await rule(town, kind="mail", value="poste.example", act="hold")
    await ask(town)
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    assert await actor(town) is None
    (waiting,) = await sign_ups.waiting(town.node.ctx.db.reader)
    assert waiting.held


# Traces


async def test_from_where_an_account_was_made_is_kept_sealed_for_a_year(town, opened, fediverse, mailbox):
    await opened()
    await ask(town)
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    ctx = town.node.ctx
    person = await people.by_email(ctx.db.reader, "bruno@poste.example")
    assert person is not None
    (kept,) = await traces.of_person(ctx.db.reader, ctx, person_id=person.id)
    assert (kept.act, kept.client) == ("sign-up", "203.0.113.7")
    for table in ("connection_traces", "people", "sign_ups"):
        assert "203.0.113.7" not in str([tuple(row) for row in await ctx.db.reader.fetch(f"SELECT * FROM {table}")])
    await fediverse.later(364 * DAY_S)
    assert len(await traces.of_person(ctx.db.reader, ctx, person_id=person.id)) == 1
    await fediverse.later(2 * DAY_S)
    assert await count(town, "connection_traces") == 0


async def test_the_pages_are_well_made(town, opened, fediverse, mailbox):
    await opened("approval")
    reader = town.reader()
    for path in ("/sign-up", "/sign-up/done?what=made", "/sign-up/done", "/login/forgotten", "/sign-up/confirm/x"):
        page = await reader.open(path)
        assert not page.faults, f"{path}: {page.faults}"
        assert not page.all("script")
        words = re.findall(r"\b(?:the|your|you|and|with|this|from|of|to)\b", page.words)
        assert not words, f"{path}: {page.words}"
        for field in page.all("input"):
            if field.attributes.get("type") != "hidden":
                assert page.all("label", for_=field.attributes["id"]), f"{path}: {field.attributes} has no label"
