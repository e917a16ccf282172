"""Making an account with an application, as Mastodon's clients do it."""

import pytest

from node.actors import domains, people
from node.moderation import sign_up_rules, sign_ups
from tests.support.client import Client
from tests.support.fediverse import some_keys
from tests.web.conftest import PASSWORD

DAY_S = 86_400
GOOD = {
    "username": "bruno", "email": "bruno@poste.example", "password": PASSWORD, "agreement": True, "locale": "fr",
    "date_of_birth": "1980-05-17",
}  # fmt: skip


@pytest.fixture
def opened(town):
    async def opened(registrations="open"):
        domain = town.node.domain
        await town.node.ctx.db.write(
            lambda tx: domains.update(
                tx, domain=domain, name=domain.name, description="", contact_email="", registrations=registrations
            )
        )
        town.node.ctx.forget("domains_by_host")

    return opened


@pytest.fixture
async def app(town):
    """An application with a token of its own."""
    client = Client(town.node.app, town.host)
    made = (
        await client.post(
            "/api/v1/apps",
            {
                "client_name": "Ice Cubes",
                "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
                "scopes": "read write follow push",
            },
        )
    ).ok()
    token = (
        await client.post(
            "/oauth/token",
            {"grant_type": "client_credentials", "client_id": made["client_id"],
             "client_secret": made["client_secret"], "scope": "read write follow push"},
        )
    ).ok()  # fmt: skip
    return Client(town.node.app, town.host, token["access_token"])


async def sign_up(town, app, **given):
    answer = await app.post("/api/v1/accounts", json={**GOOD, **given})
    if answer.status != 200:
        return answer, None
    return answer, Client(town.node.app, town.host, answer.json["access_token"])


async def press(town, path):
    reader = town.reader()
    page = await reader.open(path)
    await reader.send(page.form(path))
    assert reader.answer.status == 200, reader.page.words


async def test_an_account_is_made_and_its_token_begins_to_work(town, opened, app, fediverse, mailbox):
    await opened()
    answer, phone = await sign_up(town, app)
    assert set(answer.ok()) == {"access_token", "token_type", "scope", "created_at"}
    waiting = await phone.get("/api/v1/accounts/verify_credentials")
    assert (waiting.status, waiting.json["error"]) == (403, "Your login is missing a confirmed e-mail address")
    assert (await phone.get("/api/v1/timelines/home")).status == 403
    assert (await phone.post("/api/v1/statuses", {"status": "Bonjour"})).status == 403
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    me = (await phone.get("/api/v1/accounts/verify_credentials")).ok()
    assert me["acct"] == "bruno"
    assert (await phone.post("/api/v1/statuses", {"status": "Bonjour"})).status == 200


async def test_where_a_person_looks_the_token_waits_longer(town, opened, app, fediverse, mailbox):
    await opened("approval")
    answer, _ = await sign_up(town, app)
    assert answer.status == 422
    assert answer.json["details"]["reason"][0]["error"] == "ERR_BLANK"
    _, phone = await sign_up(town, app, reason="J’habite ici")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    waiting = await phone.get("/api/v1/accounts/verify_credentials")
    assert (waiting.status, waiting.json["error"]) == (403, "Your login is currently pending approval")
    ctx = town.node.ctx
    (one,) = await sign_ups.waiting(ctx.db.reader)
    keys = await some_keys()
    await ctx.db.write(lambda tx: sign_ups.approve(tx, ctx, sign_up_id=one.id, keys=keys))
    assert (await phone.get("/api/v1/accounts/verify_credentials")).status == 200


async def test_after_a_refusal_the_token_is_void(town, opened, app, fediverse, mailbox):
    await opened("approval")
    _, phone = await sign_up(town, app, reason="Montres")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    ctx = town.node.ctx
    (one,) = await sign_ups.waiting(ctx.db.reader)
    await ctx.db.write(lambda tx: sign_ups.refuse(tx, ctx, sign_up_id=one.id, reason="Non"))
    assert (await phone.get("/api/v1/accounts/verify_credentials")).status == 401


async def test_an_address_that_has_an_account_answers_like_any_other(town, opened, app, fediverse, mailbox):
    await opened()
    answer, phone = await sign_up(town, app, email="odile@mairie.example")
    assert answer.status == 200
    assert (await phone.get("/api/v1/accounts/verify_credentials")).json == {
        "error": "Your login is missing a confirmed e-mail address"
    }
    await fediverse.settle()
    assert "/login" in mailbox.text("odile@mairie.example")


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"username": "mairie"}, "username", "ERR_RESERVED"), ({"username": "c1aire"}, "username", "ERR_TAKEN"),
        ({"username": ""}, "username", "ERR_BLANK"),
        ({"username": "a b"}, "username", "ERR_INVALID"), ({"email": "x"}, "email", "ERR_INVALID"),
        ({"email": ""}, "email", "ERR_BLANK"), ({"password": "court"}, "password", "ERR_TOO_SHORT"),
        ({"agreement": False}, "agreement", "ERR_ACCEPTED"), ({"date_of_birth": ""}, "date_of_birth", "ERR_BLANK"),
        ({"date_of_birth": "2020-01-01"}, "date_of_birth", "ERR_BELOW_LIMIT"),
        ({"date_of_birth": "hier"}, "date_of_birth", "ERR_INVALID"), ({"reason": "x" * 2_000}, "reason", "ERR_TOO_LONG"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_as_mastodon_says_it(town, opened, app, given, field, code):
    await opened()
    await town.node.person("claire")
    answer, _ = await sign_up(town, app, **given)
    assert answer.status == 422
    assert answer.json["error"].startswith("Validation failed: ")
    assert [each["error"] for each in answer.json["details"][field]] == [code]
    assert all(each["description"] for each in answer.json["details"][field])
    assert await town.node.ctx.db.reader.value("SELECT COUNT(*) FROM sign_ups") == 0


@pytest.mark.parametrize(
    ("born", "status"), [("2011-09-21", 200), ("2011-09-22", 422)]
)  # the story begins on 2026-09-21
async def test_fifteen_to_the_day(town, opened, app, born, status):
    await opened()
    assert (await sign_up(town, app, date_of_birth=born))[0].status == status
    rows = await town.node.ctx.db.reader.fetch("SELECT * FROM sign_ups")
    assert "2011" not in str([tuple(row) for row in rows]), "the date of birth is kept"


async def test_a_rule_refuses_here_too(town, opened, app):
    await opened()
    ctx = town.node.ctx
    await ctx.db.write(lambda tx: sign_up_rules.add(tx, ctx, kind="mail", value="poste.example", act="refuse"))
    answer, _ = await sign_up(town, app)
    assert answer.json["details"]["email"][0]["error"] == "ERR_BLOCKED"


@pytest.mark.parametrize("registrations", ["closed", "invitation"])
async def test_where_it_is_not_open_it_is_forbidden(town, opened, app, registrations):
    await opened(registrations)
    assert (await sign_up(town, app))[0].status == 403


async def test_an_application_without_a_token_and_a_person_make_no_account(town, opened, app):
    await opened()
    assert (await sign_up(town, Client(town.node.app, town.host)))[0].status == 401
    assert (await sign_up(town, town.hall.client))[0].status == 401
    _, phone = await sign_up(town, app)
    assert (await sign_up(town, phone, username="claire"))[0].status == 401


async def test_one_network_makes_only_so_many_with_many_applications(town, opened, app):
    await opened()
    for number in range(10):
        assert (await sign_up(town, app, username=f"voisin{number}", email=f"v{number}@poste.example"))[0].status == 200
    assert (await sign_up(town, app, username="voisin10", email="v10@poste.example"))[0].status == 429


async def test_the_letter_is_sent_again_also_to_another_address(town, opened, app, fediverse, mailbox):
    await opened()
    _, phone = await sign_up(town, app)
    await fediverse.settle()
    first = mailbox.link("bruno@poste.example")
    assert (await phone.post("/api/v1/emails/confirmations")).ok() == {}
    assert (await phone.post("/api/v1/emails/confirmations", {"email": "b@autre.example"})).ok() == {}
    await fediverse.settle()
    reader = town.reader()
    await reader.open(first)
    assert reader.answer.status == 410, "an address that was a slip could still confirm the account"
    await press(town, mailbox.link("b@autre.example"))
    assert await people.by_email(town.node.ctx.db.reader, "b@autre.example") is not None
    again = await phone.post("/api/v1/emails/confirmations")
    assert (again.status, again.json["error"]) == (
        403, "This method is only available while the e-mail is awaiting confirmation",
    )  # fmt: skip
    assert (await town.hall.client.post("/api/v1/emails/confirmations")).status == 403


@pytest.mark.parametrize("email", ["x", "a@b.example\nBcc: c@d.example"])
async def test_a_bad_other_address_changes_nothing(town, opened, app, fediverse, mailbox, email):
    await opened()
    _, phone = await sign_up(town, app)
    assert (await phone.post("/api/v1/emails/confirmations", {"email": email})).status == 422
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))


@pytest.mark.parametrize(
    ("registrations", "enabled", "approval"),
    [("closed", False, False), ("invitation", False, False), ("approval", True, True), ("open", True, False)],
)
async def test_the_instance_says_what_holds(town, opened, registrations, enabled, approval):
    await opened(registrations)
    client = Client(town.node.app, town.host)
    said = (await client.get("/api/v2/instance")).ok()["registrations"]
    assert said == {
        "enabled": enabled, "approval_required": approval, "reason_required": approval, "message": None,
        "min_age": 15, "url": None,
    }  # fmt: skip
    first = (await client.get("/api/v1/instance")).ok()
    assert (first["registrations"], first["approval_required"]) == (enabled, approval)


async def test_a_sign_up_that_is_forgotten_takes_its_token_along(town, opened, app, fediverse):
    await opened()
    _, phone = await sign_up(town, app)
    await fediverse.later(3 * DAY_S)
    assert (await phone.get("/api/v1/accounts/verify_credentials")).status == 401
