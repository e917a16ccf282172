"""A forgotten password, and another e-mail address: by a letter, once, in time, and without telling who has an account."""

import re

import pytest

from node.actors import people
from node.oauth import tokens
from node.runtime.mail import letters
from tests.web.conftest import PASSWORD

NEW = "un tout autre mot de passe"
HOUR_S = 3_600


async def ask(town, email, *, address="203.0.113.7"):
    reader = town.reader(address=address)
    page = await reader.open("/login/forgotten")
    await reader.send(page.form("/login/forgotten"), {"email": email})
    return reader


async def choose(town, path, password=NEW, again=None):
    """Open the link at a fresh browser, and choose."""
    reader = town.reader()
    page = await reader.open(path)
    if reader.answer.status == 200:
        await reader.send(page.form("/login/reset"), {"wanted": password, "again": again or password})
    return reader


async def logs_in(town, password, email="odile@mairie.example"):
    reader = town.reader(address="198.51.100.9")
    await reader.log_in(email, password)
    return reader.answer.status == 200


async def test_a_forgotten_password_is_replaced(town, fediverse, mailbox):
    reader = await ask(town, " Odile@Mairie.example ")
    assert "une heure" in reader.page.words
    await fediverse.settle()
    reader = await choose(town, mailbox.link("odile@mairie.example"))
    assert "changé" in reader.page.words
    assert await logs_in(town, NEW)
    assert not await logs_in(town, PASSWORD)
    await fediverse.settle()
    assert "changé" in mailbox.last("odile@mairie.example")["Subject"], "she is not told that her password was changed"


async def test_sessions_and_applications_are_logged_out(town, fediverse, mailbox):
    """Who stole the old password keeps nothing."""
    thief = await town.logged_in()
    registered = await town.application("https://app.example/back")

    async def step(tx):
        return await tokens.issue(
            tx,
            town.node.ctx,
            app=registered.app,
            scopes=("read",),
            person_id=town.odile.id,
            actor_id=town.hall.actor.id,
        )

    issued = await town.node.ctx.db.write(step)
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    await choose(town, mailbox.link("odile@mairie.example"))
    await thief.open("/account")
    assert thief.address.endswith("/login?next=%2Faccount"), "the thief's session lives"
    assert await tokens.find(town.node.ctx.db.reader, town.node.ctx, issued.secret) is None


async def test_known_and_unknown_addresses_get_the_same_answer(town, fediverse, mailbox):
    """Neither words, nor headers, nor the work that is done before the answer say who has an account."""
    answers = [await ask(town, email) for email in ("odile@mairie.example", "nobody@mairie.example")]
    one, other = (re.sub(r'value="[^"]*"', "", each.answer.text) for each in answers)
    assert one == other
    assert answers[0].answer.status == answers[1].answer.status == 200
    jobs = await town.node.ctx.db.reader.fetch("SELECT kind, state FROM jobs ORDER BY id")
    assert [tuple(job) for job in jobs] == [("recovery.forgotten", "ready")] * 2
    assert await letters.count(town.node.ctx.db.reader) == (0, 0), "the letter is written before the answer"
    await fediverse.settle()
    assert mailbox.of("nobody@mairie.example") == []


async def test_a_suspended_person_gets_no_link(town, fediverse, mailbox):
    await town.node.ctx.db.write(lambda tx: people.set_state(tx, person_id=town.odile.id, state="suspended"))
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    assert mailbox.taken == []


async def test_a_link_works_once(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    path = mailbox.link("odile@mairie.example")
    await choose(town, path)
    reader = await choose(town, path, "encore un autre passage")
    assert reader.answer.status == 410
    assert await logs_in(town, NEW)


async def test_the_other_links_end_with_the_first_that_is_used(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    first, second = mailbox.of("odile@mairie.example")
    paths = [re.findall(r"/login/reset/\S+", letter.get_content())[0] for letter in (first, second)]
    assert (await choose(town, paths[1])).answer.status == 200
    assert (await choose(town, paths[0])).answer.status == 410


async def test_a_link_that_was_asked_for_ends_when_the_password_is_changed(town, fediverse, mailbox):
    """Who reads an old letter next week, or in the same hour, opens nothing with it."""
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    path = mailbox.link("odile@mairie.example")
    reader = await town.logged_in()
    form = reader.page.form("/account/password")
    await reader.send(form, {"present": PASSWORD, "wanted": NEW})
    assert reader.answer.status == 200
    assert (await choose(town, path, "un mot de passe de voleuse")).answer.status == 410
    assert await logs_in(town, NEW)


async def test_a_link_in_the_old_mailbox_ends_when_the_address_is_changed(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    path = mailbox.link("odile@mairie.example")
    await change(town, "odile@poste.example")
    await fediverse.settle()
    new = mailbox.link("odile@poste.example")
    reader = town.reader()
    await reader.send((await reader.open(new)).form(new))
    assert (await choose(town, path)).answer.status == 410


async def test_after_an_hour_a_link_is_over(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    fediverse.clock.forward(HOUR_S + 1)
    assert (await choose(town, mailbox.link("odile@mairie.example"))).answer.status == 410


@pytest.mark.parametrize("token", ["x" * 43, "x", "é", "%2e%2e", "a" * 500])
async def test_a_made_up_link_opens_nothing(town, token):
    reader = town.reader()
    await reader.open(f"/login/reset/{token}")
    assert reader.answer.status in (404, 410)


async def test_a_bad_password_changes_nothing_and_the_link_still_works(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    path = mailbox.link("odile@mairie.example")
    for bad, again in (("court", "court"), ("aaaaaaaaaaaa", "aaaaaaaaaaaa"), (NEW, "autre chose encore")):
        reader = await choose(town, path, bad, again)
        assert reader.answer.status == 422
        assert reader.page.all("p", role="alert"), "nothing says what is wrong"
    assert await logs_in(town, PASSWORD)
    assert (await choose(town, path)).answer.status == 200


async def test_the_token_is_in_no_address_from_which_a_page_is_left(town, fediverse, mailbox):
    """A Referer, a history, a bookmark: the page where the password is typed has an address without the token."""
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    path = mailbox.link("odile@mairie.example")
    reader = town.reader()
    first = await reader.client.request("GET", path, headers={"accept": "text/html"})
    assert first.status == 303
    assert first.headers["referrer-policy"] == "no-referrer"
    await reader.open(path)
    assert reader.address.endswith("/login/reset")
    token = path.rpartition("/")[2]
    assert token not in reader.answer.text


async def test_a_token_is_kept_as_its_hash(town, fediverse, mailbox):
    await ask(town, "odile@mairie.example")
    await fediverse.settle()
    token = mailbox.link("odile@mairie.example").rpartition("/")[2]
    for table in ("mailed_links", "letters", "jobs"):
        rows = await town.node.ctx.db.reader.fetch(f"SELECT * FROM {table}")
        assert token not in str([tuple(row) for row in rows])


async def test_the_link_leads_to_this_site_whatever_the_request_said(town, fediverse, mailbox):
    """Host header poisoning: the letter would bring the token to another server."""
    reader = town.reader()
    page = await reader.open("/login/forgotten")
    await reader.send(
        page.form("/login/forgotten"), {"email": "odile@mairie.example"}, x_forwarded_host="evil.example",
        forwarded="host=evil.example",
    )  # fmt: skip
    await fediverse.settle()
    assert "https://montreuil.example/login/reset/" in mailbox.text("odile@mairie.example")
    assert "evil.example" not in mailbox.text("odile@mairie.example")


async def test_one_address_is_not_flooded_and_nobody_is_locked_out(town, fediverse, mailbox):
    for number in range(6):
        reader = await ask(town, "odile@mairie.example", address=f"203.0.113.{number}")
        assert reader.answer.status == 200
    await fediverse.settle()
    assert len(mailbox.of("odile@mairie.example")) == 3
    assert (await choose(town, mailbox.link("odile@mairie.example"))).answer.status == 200
    assert await logs_in(town, NEW)


async def test_one_visitor_asks_only_so_often(town):
    statuses = [(await ask(town, f"p{number}@poste.example")).answer.status for number in range(12)]
    assert statuses[:10] == [200] * 10
    assert statuses[10:] == [429, 429]


async def test_a_form_of_another_site_asks_nothing(town, fediverse, mailbox):
    reader = town.reader()
    page = await reader.open("/login/forgotten")
    form = page.form("/login/forgotten")
    await reader.send(form, {"email": "odile@mairie.example", "form_token": "x" * 43})
    assert reader.answer.status == 403
    await reader.send(form, {"email": "odile@mairie.example"}, origin="https://evil.example")
    assert reader.answer.status == 403
    await fediverse.settle()
    assert mailbox.taken == []


async def test_without_a_mail_server_the_page_says_whom_to_ask(fediverse):
    from tests.web.conftest import Town, found

    node = await fediverse.node("muet.example")
    hall = await node.town("mairie")
    town = Town(node, hall, await found(node, hall.actor))
    reader = town.reader()
    page = await reader.open("/login/forgotten")
    assert "contact@muet.example" in page.words
    assert not [form for form in page.forms if form.method == "post"]


# Another address


async def change(town, email, password=PASSWORD):
    reader = await town.logged_in()
    page = await reader.open("/account/email")
    await reader.send(page.form("/account/email"), {"email": email, "present": password})
    return reader


async def test_an_address_is_changed_when_the_new_mailbox_says_yes(town, fediverse, mailbox):
    reader = await change(town, "Odile@Poste.example")
    assert reader.answer.status == 200
    await fediverse.settle()
    assert "odile@poste.example" in mailbox.text("odile@mairie.example"), "the old address is not told"
    assert not await logs_in(town, PASSWORD, "odile@poste.example"), "it is changed before it is confirmed"
    path = mailbox.link("odile@poste.example")
    stranger = town.reader()
    page = await stranger.open(path)
    assert not await logs_in(town, PASSWORD, "odile@poste.example"), "a mail program that opens links has confirmed it"
    await stranger.send(page.form(path))
    assert await logs_in(town, PASSWORD, "odile@poste.example")
    assert not await logs_in(town, PASSWORD, "odile@mairie.example")
    await stranger.open(path)
    assert stranger.answer.status == 410


async def test_only_who_knows_the_password_changes_the_address(town, fediverse, mailbox):
    reader = await change(town, "odile@poste.example", "pas le bon mot de passe")
    assert reader.answer.status == 422
    await fediverse.settle()
    assert mailbox.taken == []


async def test_an_address_that_somebody_has_is_not_given_away(town, fediverse, mailbox):
    await town.person("bruno@poste.example")
    reader = await change(town, "bruno@poste.example")
    assert reader.answer.status == 200
    assert "bruno" not in reader.page.words, "the page says that the address is taken"
    await fediverse.settle()
    assert mailbox.of("bruno@poste.example") == []


async def test_an_address_taken_meanwhile_is_refused(town, fediverse, mailbox):
    await change(town, "bruno@poste.example")
    await fediverse.settle()
    await town.person("bruno@poste.example")
    reader = town.reader()
    path = mailbox.link("bruno@poste.example")
    page = await reader.open(path)
    await reader.send(page.form(path))
    assert reader.answer.status == 422
    assert await logs_in(town, PASSWORD)


async def test_who_has_an_address_that_takes_no_mail_changes_her_password_and_her_address(town, fediverse, mailbox):
    """A keeper made her so, when the node sent no mail: no notice stands in the way of what she wants."""
    ctx = town.node.ctx
    await ctx.db.write(
        lambda tx: tx.execute("UPDATE people SET email = 'élodie@mairie.example' WHERE id = $1", town.odile.id)
    )
    reader = town.reader()
    await reader.log_in("élodie@mairie.example", PASSWORD)
    page = await reader.open("/account")
    wanted = "une autre phrase de passe"
    await reader.send(page.form("/account/password"), {"present": PASSWORD, "wanted": wanted})
    assert reader.answer.status == 200, reader.page.words
    page = await reader.open("/account/email")
    await reader.send(page.form("/account/email"), {"email": "odile@poste.example", "present": wanted})
    await fediverse.settle()
    path = mailbox.link("odile@poste.example")
    await reader.send((await reader.open(path)).form(path))
    assert await logs_in(town, wanted, "odile@poste.example")


@pytest.mark.parametrize(
    "email", ["", "odile", "a@b.example\nBcc: c@d.example", "a@b.example.", "odile@mairie.example"]
)
async def test_what_is_no_other_address_is_refused(town, fediverse, mailbox, email):
    reader = await change(town, email)
    assert reader.answer.status == 422
    await fediverse.settle()
    assert mailbox.taken == []
