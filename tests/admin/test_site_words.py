"""Rules and announcements: written by keepers at the console, read on the pages and by applications."""

from functools import partial

import pytest

from admin import operations
from node.moderation import announcements, grounds, rules
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import translator
from tests.admin.conftest import Office
from tests.support.client import Client
from tests.support.fediverse import Citizen
from tests.web.reader import Reader

FRENCH = {"accept-language": "fr"}
SAY = translator("fr")


async def rules_of(office: Office) -> list[str]:
    """In their order."""
    node = office.town.node
    domain = (await operations.perform(node.ctx, "domain.list", {}))[0].split()[0]
    assert domain == node.host
    found = (await Client(node.app, node.host).request("GET", "/api/v1/instance/rules")).json
    return [rule["text"] for rule in found]


async def at_rules(office: Office) -> Reader:
    """The keeper, on the page of rules."""
    reader = await office.at_console(office.keeper)
    await reader.open("/admin/rules", **FRENCH)
    assert reader.answer.status == 200, reader.page.words
    return reader


async def send(reader: Reader, path: str, **said: str) -> None:
    """A form of the page at *path*: the first one's token, these values."""
    token = reader.page.form(path).fields["form_token"]
    answer = await reader.client.request(
        "POST",
        path,
        data={"form_token": token, **said},
        headers={"origin": reader.home, "accept": "text/html", **FRENCH},
    )
    reader.answer = answer


async def test_a_new_site_has_rules_and_a_keeper_writes_her_own(office: Office):
    """Added, changed, moved and removed; numbers stay, the order is hers, and everybody reads them."""
    assert "Ni haine ni harcèlement" in await rules_of(office)
    reader = await at_rules(office)
    await send(reader, "/admin/rules", act="add", words="On se dit bonjour", hint="Toujours")
    assert reader.answer.status == 200, reader.page.words
    assert (await rules_of(office))[-1] == "On se dit bonjour"
    await send(reader, "/admin/rules", act="up", number="5", place="1")
    assert (await rules_of(office))[0] == "On se dit bonjour"
    await send(reader, "/admin/rules", act="change", number="5", words="On se salue")
    await send(reader, "/admin/rules", act="remove", number="1")
    assert await rules_of(office) == [
        "On se salue", "Ni haine ni harcèlement", "Pas de données privées d’autrui",
        "Ni publicité ni messages non sollicités",
    ]  # fmt: skip
    page = await office.town.reader().open("/about", **FRENCH)
    assert "On se salue" in page.words
    assert "Respecter la loi" not in page.words
    instance = await Client(office.town.node.app, office.town.host).request("GET", "/api/v2/instance")
    assert [each["id"] for each in instance.json["rules"]] == ["5", "2", "3", "4"]


async def test_a_wrong_rule_is_refused_and_changes_nothing(office: Office):
    """In a sentence, with what was typed."""
    reader, before = await at_rules(office), await rules_of(office)
    for wrong in (
        {"act": "add", "words": "  "},
        {"act": "add", "words": "x" * 301},
        {"act": "change", "number": "99", "words": "Rien"},
        {"act": "change", "number": "un", "words": "Rien"},
        {"act": "up", "number": "1", "place": "0"},
        {"act": "remove", "number": "77"},
        {"act": "what", "number": "1"},
    ):
        await send(reader, "/admin/rules", **wrong)
        assert reader.answer.status in (404, 422), wrong
        assert reader.page.all("p", class_="problem"), wrong
        assert await rules_of(office) == before, wrong
    domain = office.town.node.domain
    for number in (1, 2, 3):
        await office.town.node.ctx.db.write(partial(rules.remove, domain=domain, number=number, say=SAY))
    with pytest.raises(Invalid):
        await office.town.node.ctx.db.write(lambda tx: rules.remove(tx, domain=domain, number=4, say=SAY))
    moderator = await office.at_console(office.moderator)
    await moderator.open("/admin/rules", **FRENCH)
    assert moderator.answer.status == 403, "rules are for keepers"


async def test_reports_and_decisions_name_the_rules(office: Office):
    """By the words that stood there; a number that nobody wrote is refused."""
    node, hall = office.town.node, office.town.hall
    await operations.perform(node.ctx, "rule.add", {"words": "On se dit bonjour"})
    domain = node.domain
    known = await grounds.of_site(node.ctx.db.reader, domain.id, SAY)
    assert grounds.chosen("rule: 5", "", SAY, known).words.endswith(": On se dit bonjour")
    with pytest.raises(Invalid):
        grounds.chosen("rule: 9", "", SAY, known)
    page = await office.town.reader().open("/report", **FRENCH)
    assert "On se dit bonjour" in page.words, "the form for people without an account knows other rules"
    zoe = await node.person("zoe")
    answer = await zoe.client.request(
        "POST", "/api/v1/reports", data={"account_id": str(hall.actor.id), "rule_ids[]": "5", "category": "violation"}
    )
    assert answer.status == 200, answer.text
    assert answer.json["rule_ids"] == ["5"]
    assert await node.ctx.db.reader.value("SELECT ground FROM reports ORDER BY id DESC LIMIT 1") == "On se dit bonjour"
    before = await node.ctx.db.reader.value("SELECT COUNT(*) FROM reports")
    answer = await zoe.client.request(
        "POST", "/api/v1/reports", data={"account_id": str(hall.actor.id), "rule_ids[]": "99"}
    )
    assert answer.status == 422
    assert await node.ctx.db.reader.value("SELECT COUNT(*) FROM reports") == before


async def test_an_announcement_is_shown_for_its_time_and_dismissed(office: Office):
    """A draft to nobody; then to all until its end; read by one, unread by the other; other words are unread again."""
    node, path = office.town.node, "/admin/announcements"
    zoe, yann = await node.person("zoe"), await node.person("yann")
    reader = await office.at_console(office.keeper)
    await reader.open(path, **FRENCH)
    await send(reader, path, act="draft", words="Coupure <lundi> https://ville.example", ends="2099-01-01")
    assert reader.answer.status == 200, reader.page.words

    async def seen(citizen: Citizen) -> list[tuple[str, bool]]:
        found = (await citizen.client.request("GET", "/api/v1/announcements")).json
        return [(each["content"], each["read"]) for each in found]

    assert await seen(zoe) == [], "a draft is shown"
    [made] = await announcements.kept(node.ctx.db.reader, node.domain.id)
    await send(reader, path, act="publish", id=str(made.id))
    [(content, read)] = await seen(zoe)
    assert "&lt;lundi&gt;" in content
    assert not read
    page = await office.town.reader().open("/about", **FRENCH)
    assert "Coupure" in page.words
    answer = await zoe.client.request("POST", f"/api/v1/announcements/{made.id}/dismiss")
    assert answer.status == 200, answer.text
    assert [read for _, read in await seen(zoe)] == [True]
    assert [read for _, read in await seen(yann)] == [False]
    await send(reader, path, act="change", id=str(made.id), words="Coupure mardi")
    assert [read for _, read in await seen(zoe)] == [False]
    await send(reader, path, act="change", id=str(made.id), words="Coupure mardi", starts="2099-01-01")
    assert await seen(zoe) == [], "shown before it starts"
    await send(reader, path, act="withdraw", id=str(made.id))
    assert (await zoe.client.request("POST", f"/api/v1/announcements/{made.id}/dismiss")).status == 404
    await send(reader, path, act="remove", id=str(made.id))
    assert await announcements.kept(node.ctx.db.reader, node.domain.id) == []


async def test_a_wrong_announcement_is_refused_and_changes_nothing(office: Office):
    """Nothing said, too much, dates that are none or the wrong way round, one that is not there."""
    node, path = office.town.node, "/admin/announcements"
    reader = await office.at_console(office.keeper)
    await reader.open(path, **FRENCH)
    for wrong in (
        {"act": "add", "words": " "},
        {"act": "add", "words": "x" * 2001},
        {"act": "add", "words": "Fête", "starts": "demain"},
        {"act": "add", "words": "Fête", "starts": "2026-12-02", "ends": "2026-12-01"},
        {"act": "publish", "id": "12"},
        {"act": "remove", "id": "-1"},
        {"act": "add", "words": "Fête", "domain": "ailleurs.example"},
    ):
        await send(reader, path, **wrong)
        assert reader.answer.status in (404, 422), wrong
        assert await announcements.kept(node.ctx.db.reader, node.domain.id) == [], wrong
    with pytest.raises(NotFound):
        await announcements.require(node.ctx.db.reader, 12)
