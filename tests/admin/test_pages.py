"""The console's pages of people, accounts, domains and the log: by keepers, for those who have a minute."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from admin import operations
from node.actors import factors, memberships, people
from node.moderation import audit
from node.moderation.audit import Search
from tests.admin.conftest import Office
from tests.support.legal_notice import SAID
from tests.web.conftest import PASSWORD
from tests.web.reader import Reader

FRENCH = {"accept-language": "fr"}


def noting(ask: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    """*ask*, which writes down what it was asked."""

    async def noted(sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await ask(sql, *args)

    return noted


async def acts(office: Office) -> list[tuple[str, str, str]]:
    """What stands in the log, the newest first."""
    entries = await audit.listed(office.town.node.ctx.db.reader, Search())
    return [(entry.name, entry.act, entry.about) for entry in entries]


async def test_a_person_is_made_and_speaks(office: Office):
    """Her first password is shown once; she logs in with it, and the log names who made her."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/people/new", **FRENCH)
    page = await reader.send(
        page.form("/admin/people/new"),
        {"email": "Paul@mairie.example", "name": "Paul", "duty": "none", "handle": "@mairie@montreuil.example", "role": "editor"},
        **FRENCH,
    )  # fmt: skip
    assert reader.answer.status == 200, page.words
    drawn = re.search(r"cette seule fois : (\S+)", page.words.replace("\xa0", " ").replace("\u202f", " "))
    assert drawn, page.words
    other = office.town.reader()
    assert "Mairie de Montreuil" in (await other.log_in("paul@mairie.example", drawn[1])).words
    assert (office.keeper.email, "user.create", "Paul@mairie.example") in await acts(office)
    assert (office.keeper.email, "actor.member", "@mairie@montreuil.example") in await acts(office)


async def test_a_first_password_is_shown_whatever_becomes_of_the_account(office: Office):
    """A slip in the name of the account: she is made, her page says so, and her password is not lost."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/people/new", **FRENCH)
    page = await reader.send(
        page.form("/admin/people/new"),
        {"email": "paul@mairie.example", "name": "Paul", "duty": "none", "handle": "@marie@montreuil.example", "role": "editor"},
        **FRENCH,
    )  # fmt: skip
    assert reader.answer.status == 404, page.words
    assert "marie" in page.words
    drawn = re.search(r"cette seule fois : (\S+)", page.words.replace("\xa0", " ").replace("\u202f", " "))
    assert drawn, f"nobody knows her password: {page.words}"
    await office.town.reader().log_in("paul@mairie.example", drawn[1])


async def test_a_form_that_is_wrong_says_so_and_changes_nothing(office: Office):
    """Each refusal is a sentence, in the reader's language, beside what she typed."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/people/new", **FRENCH)
    for wrong, said in (
        ({"email": "nobody"}, "adresse"),
        ({"email": office.town.odile.email}, "déjà"),
    ):
        page = await reader.send(page.form("/admin/people/new"), {"duty": "none", **wrong}, **FRENCH)
        assert reader.answer.status == 422
        assert said in page.words, page.words
        assert wrong["email"] in reader.answer.text
    page = await reader.send(
        (await reader.open("/admin/people/new", **{"accept-language": "en"})).form("/admin/people/new"), {"email": "x"},
        **{"accept-language": "en"},
    )  # fmt: skip
    assert "This is not an e-mail address." in page.words
    assert await acts(office) == []


@pytest.mark.parametrize("typed", ["Élise", "élise", "ÉLISE"])
async def test_names_with_accents_are_found_however_they_are_typed(office: Office, typed: str):
    """Most first names of a town hall have one."""
    ctx = office.town.node.ctx
    await ctx.db.write(lambda tx: people.create(tx, ctx, email="e.martin@mairie.example", name="Élise Martin"))
    reader = await office.at_console(office.keeper)
    page = await reader.open(f"/admin/people?q={quote(typed)}", **FRENCH)
    assert "e.martin@mairie.example" in page.words, page.words


async def test_a_person_is_shut_out_let_in_and_given_a_duty(office: Office):
    """Each from her page; nobody does it to herself."""
    reader, odile = await office.at_console(office.keeper), office.town.odile
    path = f"/admin/people/{odile.id}"
    browser = await office.town.logged_in()
    page = await reader.open(path, **FRENCH)
    page = await reader.send(page.form(f"{path}/disable"), {}, **FRENCH)
    await browser.open("/account")
    assert "/login" in browser.address, "somebody who was shut out is still in"
    page = await reader.send(page.form(f"{path}/enable"), {}, **FRENCH)
    page = await reader.send(page.form(f"{path}/duty"), {"duty": "moderator"}, **FRENCH)
    db = office.town.node.ctx.db.reader
    assert (await people.by_id(db, odile.id)).moderator  # type: ignore[union-attr]
    page = await reader.send(page.form(f"{path}/duty"), {"duty": "king"}, **FRENCH)
    assert reader.answer.status == 422
    own = f"/admin/people/{office.keeper.id}"
    page = await reader.open(own, **FRENCH)
    for act, given in (("duty", {"duty": "none"}), ("disable", {}), ("reset-factor", {})):
        await reader.send(page.form(f"{own}/{act}"), given, **FRENCH)
        assert reader.answer.status == 422, f"a keeper can do {act} to herself"
    assert (await people.by_id(db, office.keeper.id)).keeper  # type: ignore[union-attr]


async def test_lost_factors_are_taken_away(office: Office):
    """And she is logged out: she enrols again."""
    reader, maud = await office.at_console(office.keeper), office.moderator
    hers = await office.at_console(maud)
    path = f"/admin/people/{maud.id}"
    page = await reader.open(path)
    await reader.send(page.form(f"{path}/reset-factor"))
    assert not await factors.enrolled(office.town.node.ctx.db.reader, maud.id)
    await hers.open("/admin")
    assert "/login" in hers.address


async def test_a_moderator_sees_people_and_changes_nothing(office: Office):
    """Neither a button nor a form that she makes herself works."""
    reader, odile = await office.at_console(office.moderator), office.town.odile
    path = f"/admin/people/{odile.id}"
    page = await reader.open(path)
    assert reader.answer.status == 200
    token = page.all("input", name="form_token")
    assert [form.action for form in page.forms if form.action.startswith("/admin")] == [], "forms that she may not send"
    assert not token
    page = await reader.open("/account/security")
    own = page.forms[0].fields["form_token"]
    for act in ("disable", "duty", "password", "member"):
        await reader.client.request(
            "POST", f"{path}/{act}", data={"form_token": own, "duty": "keeper"}, headers={"origin": reader.home}
        )
    await reader.open("/admin/people/new")
    assert reader.answer.status == 403
    assert await acts(office) == []


async def test_accounts_are_made_given_people_suspended_and_deleted(office: Office):
    """A commune by its code; deletion wants the whole name."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/accounts/new", **FRENCH)
    page = await reader.send(page.form("/admin/accounts/new"), {"insee": "35360", "username": "vitre"}, **FRENCH)
    assert "@vitre@montreuil.example" in page.words, page.words
    page = await reader.send(page.form("/admin/accounts/new"), {"insee": "99999", "username": ""}, **FRENCH)
    assert reader.answer.status in (404, 422)
    assert "99999" in page.words
    page = await reader.open("/admin/accounts?q=vitre@mont", **FRENCH)
    [link] = [each.attributes["href"] for each in page.all("a") if "@vitre@" in each.words]
    page = await reader.open(link, **FRENCH)
    page = await reader.send(page.form(f"{link}/member"), {"email": office.town.odile.email, "role": "owner"}, **FRENCH)
    assert office.town.odile.email in page.words
    page = await reader.send(page.form(f"{link}/unmember"), {}, **FRENCH)
    assert reader.answer.status == 422, "the last owner is gone"
    page = await reader.send(page.form(f"{link}/suspend"), {"why": "Essai"}, **FRENCH)
    assert reader.answer.status == 200, page.words
    page = await reader.send(page.form(f"{link}/unsuspend"), {}, **FRENCH)
    page = await reader.send(page.form(f"{link}/rotate-keys"), {}, **FRENCH)
    page = await reader.send(page.form(f"{link}/delete"), {"handle": "vitre"}, **FRENCH)
    assert reader.answer.status == 422, "deleted without its whole name"
    await reader.send(page.form(f"{link}/delete"), {"handle": "@vitre@montreuil.example"}, **FRENCH)
    assert reader.answer.status == 200
    done = [act for _, act, _ in await acts(office)]
    assert done == [
        "actor.delete",
        "actor.rotate_keys",
        "actor.unsuspend",
        "actor.suspend",
        "actor.member",
        "actor.create",
    ]


async def test_domains_are_added_and_described(office: Office):
    """What strangers read changes; the hosts do not."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/domains", **FRENCH)
    page = await reader.send(page.form("/admin/domains"), {"handle_host": "not a host"}, **FRENCH)
    assert reader.answer.status == 422
    page = await reader.send(
        page.form("/admin/domains"), {"handle_host": "vitre.example", "service_host": "social.vitre.example"}, **FRENCH
    )
    assert "social.vitre.example" in page.words
    [link] = [each.attributes["href"] for each in page.all("a") if each.words == "vitre.example"]
    page = await reader.open(link, **FRENCH)
    said = {
        "name": "Vitré",
        "description": "Les nouvelles",
        "contact_email": "mairie@vitre.example",
        "registrations": "approval",
    }
    page = await reader.send(page.form(link), said, **FRENCH)
    assert reader.answer.status == 422, "strangers are let in before the law's notice is said"
    assert "Directeur ou directrice de la publication" in page.words, page.words
    await reader.send(page.form(f"{link}/legal"), SAID, **FRENCH)
    page = await reader.open(link, **FRENCH)
    page = await reader.send(page.form(link), said, **FRENCH)
    row = await office.town.node.ctx.db.reader.row("SELECT * FROM domains WHERE handle_host = 'vitre.example'")
    assert {name: row[name] for name in said} == said  # type: ignore[index]
    for wrong in ({"registrations": "all"}, {"contact_email": "nobody"}):
        await reader.send(page.form(link), {**said, **wrong}, **FRENCH)
        assert reader.answer.status == 422, wrong


async def test_the_log_is_read_searched_checked_and_copied(office: Office):
    """By keepers and moderators; as a table and as lines of JSON."""
    keeper = await office.at_console(office.keeper)
    page = await keeper.open("/admin/people/new")
    for number in range(3):
        page = await keeper.open("/admin/people/new")
        await keeper.send(page.form("/admin/people/new"), {"email": f"p{number}@x.example", "duty": "none"})
    reader = await office.at_console(office.moderator)
    page = await reader.open("/admin/audit", **FRENCH)
    assert page.words.count("user.create") == 3, page.words
    page = await reader.open("/admin/audit?about=p1@", **FRENCH)
    assert page.words.count("user.create") == 1
    page = await reader.open("/admin/audit?since=hier", **FRENCH)
    assert reader.answer.status == 422
    page = await reader.send(next(form for form in page.forms if form.method == "post"), {}, **FRENCH)
    assert "3 entrées, aucune modifiée" in page.words, page.words
    answer = await reader.client.request("GET", "/admin/audit/export?form=jsonl&act=user")
    assert answer.status == 200, answer
    lines = [orjson.loads(line) for line in answer.body.splitlines()]
    assert [line["about"] for line in lines] == ["p0@x.example", "p1@x.example", "p2@x.example"]
    assert [line["number"] for line in lines] == [1, 2, 3]
    answer = await reader.client.request("GET", "/admin/audit/export?form=csv")
    assert answer.body.decode().count("user.create") == 3
    assert "attachment" in answer.headers["content-disposition"]


async def test_lists_cost_the_same_however_long(office: Office, monkeypatch: pytest.MonkeyPatch):
    """Fifty people and accounts on a page, by a fixed number of queries; the next page goes on with the search."""
    ctx = office.town.node.ctx
    reader = await office.at_console(office.keeper)

    async def cost(path: str) -> int:
        asked: list[str] = []
        for source in (ctx.db.reader, ctx.db.survey):
            for name in ("fetch", "row", "value"):
                monkeypatch.setattr(source, name, noting(getattr(type(source), name).__get__(source), asked))
        await reader.open(path)
        monkeypatch.undo()
        assert reader.answer.status == 200
        return len(asked)

    await cost("/admin/people")
    invited = {"handle": "@mairie@montreuil.example", "role": "reader"}
    await operations.perform(ctx, "invite.create", invited)
    few = [await cost("/admin/people"), await cost("/admin/accounts"), await cost("/admin/invitations")]
    for number in range(60):
        person = await office.town.person(f"many{number}@x.example", hall=(office.town.hall.actor, "reader"))
        assert await memberships.role_of(ctx.db.reader, person_id=person.id, actor_id=office.town.hall.actor.id)
    for number in range(3):
        given = {"handle_host": f"c{number}.example", "service_host": f"c{number}.example", "name": f"C{number}"}
        await operations.perform(ctx, "domain.add", given)
        await operations.perform(ctx, "invite.create", invited)
    assert [await cost("/admin/people"), await cost("/admin/accounts"), await cost("/admin/invitations")] == few
    page = await reader.open("/admin/people?q=many")
    seen = [each.words for each in page.all("a") if each.words.startswith("many")]
    [more] = [each.attributes["href"] for each in page.all("a") if "max_id" in each.attributes.get("href", "")]
    page = await reader.open(more)
    seen += [each.words for each in page.all("a") if each.words.startswith("many")]
    assert len(set(seen)) == len(seen) == 60


async def test_pages_are_well_made(office: Office):
    """Elements closed, one h1, labels, unique ids; and nothing of them is kept by a cache."""
    reader = await office.at_console(office.keeper)
    await office.town.person("x@x.example")
    page = await reader.open("/admin")
    paths = [each.attributes["href"] for each in page.all("a") if each.attributes.get("href", "").startswith("/admin")]
    paths += [
        f"/admin/people/{office.town.odile.id}", f"/admin/accounts/{office.town.hall.actor.id}",
        "/admin/people/new", "/admin/accounts/new", "/account/security",
    ]  # fmt: skip
    for path in dict.fromkeys(paths):
        page = await reader.open(path, **FRENCH)
        assert reader.answer.status == 200, path
        assert page.faults == [], f"{path}: {page.faults}"
        assert len(page.all("h1")) == 1, path
        ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
        assert len(set(ids)) == len(ids), f"{path}: an id stands twice"
        labelled = {each.attributes.get("for") for each in page.all("label")}
        for field in (*page.all("input"), *page.all("select"), *page.all("textarea")):
            if field.attributes.get("type") not in ("hidden", "submit"):
                assert field.attributes.get("id") in labelled, f"{path}: a field without a label: {field}"
        assert reader.answer.headers["cache-control"] == "no-store"
        assert "script-src" not in reader.answer.headers["content-security-policy"]


async def test_a_password_is_drawn_anew(office: Office):
    """The old one opens nothing any more."""
    reader: Reader = await office.at_console(office.keeper)
    path = f"/admin/people/{office.town.odile.id}"
    await reader.send((await reader.open(path)).form(f"{path}/password"))
    other = office.town.reader()
    await other.log_in(office.town.odile.email, PASSWORD)
    assert other.answer.status == 422
