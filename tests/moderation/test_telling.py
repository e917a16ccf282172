"""A report by somebody without an account, through pages: told, decided, appealed, reversed; each side reads its part."""

import re

import pytest

from admin import operations
from node.moderation import audit, cases
from node.runtime.mail.letters import opened
from tests.admin.conftest import Office, office  # noqa: F401 - a fixture
from tests.support.fediverse import fediverse  # noqa: F401 - a fixture
from tests.web.conftest import PASSWORD, town  # noqa: F401 - a fixture
from tests.web.reader import Page, Reader

FRENCH = {"accept-language": "fr"}
TOLD = {
    "ground": "harassment",
    "comment": "Elle menace mon fils, par son nom.",
    "name": "Nadia Benali",
    "email": "nadia@example.org",
    "good_faith": "on",
}


async def letters(office: Office) -> list[tuple[str, str]]:  # noqa: F811
    ctx = office.town.node.ctx
    found = [opened(ctx, row) for row in await ctx.db.reader.fetch("SELECT * FROM letters ORDER BY id")]
    return [(each.to, each.text) for each in found]


async def filled(reader: Reader, about: str, **given: str) -> Page:
    """What the page says once the form was sent."""
    page = await reader.open("/report", **FRENCH)
    assert not page.faults, page.faults
    page = await reader.send(page.form("/report"), {**TOLD, "about": about, **given}, **FRENCH)
    if reader.answer.status == 200:
        page = await reader.open(reader.address.removeprefix(reader.home), **FRENCH)
    assert not page.faults, page.faults
    return page


async def at_file(office: Office, person, number: str = "2026-1") -> tuple[Reader, Page]:  # noqa: F811
    reader = await office.at_console(person)
    page = await reader.open(f"/admin/reports/{number}", **FRENCH)
    assert reader.answer.status == 200, page.words
    assert not page.faults, page.faults
    return reader, page


def form_of(page: Page, act: str):
    """The form of the file that does *act*; it goes to the page itself."""
    return next(each for each in page.forms if each.fields.get("act") == act)


async def test_told_without_an_account_decided_appealed_and_reversed(office: Office) -> None:  # noqa: F811
    town = office.town  # noqa: F811
    post = await town.post("Le fils Benali, je sais où il dort")
    nadia = town.reader()
    page = await nadia.open(f"/@mairie/{post.id}", **FRENCH)
    (link,) = [each for each in page.all("a") if each.words == "Signaler"]
    page = await nadia.open(link.attributes["href"], **FRENCH)
    assert page.all("textarea", id="about")[0].words.strip() == post.uri
    page = await filled(nadia, post.uri)
    private = nadia.address
    assert re.search(r"/report/[\w-]{32}\?done=sent$", private), private
    assert "Signalement 2026-1" in page.words
    assert "bien arrivé" in page.words
    (receipt,) = await letters(office)
    assert receipt[0] == "nadia@example.org"
    assert private.removesuffix("?done=sent") in receipt[1]

    maud, page = await at_file(office, office.moderator)
    for words in ("Nadia Benali", "nadia@example.org", "Elle menace mon fils", "je sais où il dort", "Harcèlement"):
        assert words in page.words, f"the file lacks: {words}"
    decision = {
        "kind": "hide", "days": "30", "ground": "harassment", "words": "", "why": "Le message menace un enfant.",
        f"post-{post.id}": "on",
    }  # fmt: skip
    page = await maud.send(form_of(page, "decide"), {**decision, "why": " "}, **FRENCH)
    assert maud.answer.status == 422
    assert "Dites pourquoi" in page.words, "what is missing is not said"
    page = await maud.send(form_of(page, "decide"), decision, **FRENCH)
    assert "La décision est prise" in page.words, page.words
    stranger = town.reader()
    await stranger.open(f"/@mairie/{post.id}")
    assert stranger.answer.status == 404, "a hidden post is shown"

    page = await nadia.open(private.removeprefix(nadia.home).partition("?")[0], **FRENCH)
    assert "Le message menace un enfant." in page.words
    assert "maud" not in nadia.answer.text.lower(), "who decided is told"
    told = dict(await letters(office))
    assert "Le message menace un enfant." in told["nadia@example.org"]
    assert "Harcèlement (code pénal" in told["odile@mairie.example"]

    odile = await town.logged_in()
    page = await odile.open("/account/decisions", **FRENCH)
    (link,) = [each for each in page.all("a") if "Publications masquées" in each.words]
    page = await odile.open(link.attributes["href"], **FRENCH)
    assert not page.faults, page.faults
    for words in (
        "Le message menace un enfant.",
        "Harcèlement",
        "je sais où il dort",
        "elle prend alors fin",
        "2026-1",
    ):
        assert words in page.words, f"the statement lacks: {words}"
    assert "faire recours jusqu" in page.words, "the statement does not say that one may appeal"
    path = odile.address.removeprefix(odile.home)
    page = await odile.send(page.form(path), {"words": "C'est une citation d'un roman."}, **FRENCH)
    assert "Votre recours est bien arrivé" in page.words
    assert path not in [each.action for each in page.forms], "one appeals twice"
    assert "faire recours jusqu" not in page.words, "an appeal is offered after one was made"
    assert "tribunal" in page.words, "the way to court is gone with it"

    maud, page = await at_file(office, office.moderator)
    assert "vous-même" in page.words, "who decided is offered to judge the appeal"
    assert not [each for each in page.forms if each.fields.get("act") == "judge"]
    karim, page = await at_file(office, office.keeper)
    headings = [each.words for each in page.all("h2")]
    assert headings[0] == "Un recours attend", f"what has to be judged does not stand first: {headings}"
    judged = {"verdict": "reverse", "why": "C'est bien une citation, avec sa source."}
    forged = form_of(page, "judge")
    maud, page = await at_file(office, office.moderator)
    token = form_of(page, "note").fields["form_token"]
    await maud.send(form_of(page, "note"), {**forged.fields, **judged, "form_token": token}, **FRENCH)
    assert maud.answer.status == 403, "who decided judged her own decision"
    page = await karim.send(forged, judged, **FRENCH)
    assert "Le recours est jugé" in page.words, page.words
    await stranger.open(f"/@mairie/{post.id}")
    assert stranger.answer.status == 200, "what was reversed is still hidden"
    told_last = dict((await letters(office))[-3:])
    assert {"nadia@example.org", "odile@mairie.example"} < set(told_last), "both sides are not told"
    assert all("C'est bien une citation" in text for text in told_last.values())

    page = await stranger.open("/about/moderation", **FRENCH)
    assert not page.faults, page.faults
    assert "1 signalement 1 décision 1 recours" in page.words, page.words
    assert "Nadia" not in page.words
    assert "mairie" not in page.words


async def test_a_dismissal_is_appealed_at_the_private_address(office: Office) -> None:  # noqa: F811
    post = await office.town.post("Le maire ment")
    nadia = office.town.reader()
    await filled(nadia, post.uri)
    private = nadia.address.removeprefix(nadia.home).partition("?")[0]
    maud, page = await at_file(office, office.moderator)
    why = {"kind": "none", "ground": "", "words": "Critique d'un élu", "why": "Critiquer un élu est permis."}
    await maud.send(form_of(page, "decide"), why, **FRENCH)
    page = await nadia.open(private, **FRENCH)
    page = await nadia.send(page.form(private), {"words": "non"}, **FRENCH)
    assert nadia.answer.status == 422
    page = await nadia.send(page.form(private), {"words": "Il cite le nom de mon fils."}, **FRENCH)
    assert "Votre recours est bien arrivé" in page.words
    assert private not in [each.action for each in page.forms], "one appeals twice"
    karim, page = await at_file(office, office.keeper)
    await karim.send(form_of(page, "judge"), {"verdict": "uphold", "why": "Aucun nom n'y figure."}, **FRENCH)
    page = await nadia.open(private, **FRENCH)
    assert "La décision est maintenue" in page.words
    assert "Aucun nom n'y figure." in page.words
    assert not [to for to, _ in await letters(office) if to == "odile@mairie.example"], "nothing was done to the town"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"about": ""}, "adresse exacte"),
        ({"about": "https://ailleurs.example/@x/1"}, "n’est pas l’adresse"),
        ({"about": "javascript:alert(1)"}, "n’est pas l’adresse"),
        ({"about": "/@personne"}, "n’est pas l’adresse"),
        ({"about": "https://[bad/"}, "n’est pas l’adresse"),
        ({"about": "/@mairie\n/@autre"}, "plusieurs comptes"),
        ({"about": " ".join(f"/@mairie/{n}" for n in range(12))}, "au plus 10"),
        ({"ground": ""}, "Choisissez"),
        ({"ground": "no such"}, "Choisissez"),
        ({"comment": "court"}, "Expliquez"),
        ({"comment": "x" * 5_001}, "5000"),
        ({"name": ""}, "votre nom"),
        ({"name": "x" * 101}, "100"),
        ({"email": "nadia"}, "adresse électronique"),
        ({"good_faith": ""}, "Cochez"),
    ],
)
async def test_a_report_that_is_not_one_is_refused(office: Office, given: dict[str, str], sentence: str) -> None:  # noqa: F811
    """With a sentence that says what to do; what was typed stays, nothing is kept and nothing is sent."""
    await office.town.node.person("autre")
    reader = office.town.reader()
    page = await filled(reader, **{"about": "/@mairie", **given})
    assert reader.answer.status == 422
    assert sentence in page.words, page.words
    if "comment" not in given:
        assert TOLD["comment"] in page.all("textarea", id="comment")[0].words, "what was typed is lost"
    ctx = office.town.node.ctx
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM reports") == 0
    assert await letters(office) == []


@pytest.mark.parametrize("about", ["/@mairie", "@mairie@montreuil.example", "https://montreuil.example/users/mairie"])
async def test_the_ways_to_name_an_account(office: Office, about: str) -> None:  # noqa: F811
    page = await filled(office.town.reader(), about)
    assert "@mairie@montreuil.example" in page.words


async def test_abuse_of_children_is_told_without_a_name(office: Office) -> None:  # noqa: F811
    page = await filled(office.town.reader(), "/@mairie", name="", email="", ground="child abuse")
    assert "bien arrivé" in page.words
    assert await letters(office) == []


async def test_a_post_for_few_is_not_found_out_by_reporting_it(office: Office) -> None:  # noqa: F811
    secret = await office.town.post("Entre nous", visibility="followers")
    page = await filled(office.town.reader(), secret.uri)
    assert "n’est pas l’adresse" in page.words


async def test_one_address_tells_five_times_an_hour(office: Office) -> None:  # noqa: F811
    reader = office.town.reader()
    answers = [await filled(reader, "/@mairie") for _ in range(6)]
    assert reader.answer.status == 429
    assert "Trop" in answers[-1].words
    assert TOLD["comment"] in answers[-1].all("textarea", id="comment")[0].words


async def test_another_site_files_no_report(office: Office) -> None:  # noqa: F811
    reader = office.town.reader()
    page = await reader.open("/report")
    await reader.send(page.form("/report"), {**TOLD, "about": "/@mairie", "form_token": "x" * 43})
    assert reader.answer.status == 403


async def test_nobody_reads_anothers_report_or_decision(office: Office) -> None:  # noqa: F811
    """The pages of strangers, of other accounts, and of the console are closed."""
    town = office.town  # noqa: F811
    await filled(town.reader(), "/@mairie")
    maud, page = await at_file(office, office.moderator)
    why = {"kind": "warn", "ground": "rule: attacks", "words": "", "why": "Trois insultes."}
    await maud.send(form_of(page, "decide"), why, **FRENCH)
    decision_id = await town.node.ctx.db.reader.value("SELECT id FROM decisions")
    other = await town.person("paul@example.org")
    assert other.state == "active"
    paul = town.reader()
    await paul.log_in("paul@example.org", PASSWORD)
    for path in (f"/account/decisions/{decision_id}", "/report/" + "A" * 32, "/report/x%C3%A9"):
        await paul.open(path)
        assert paul.answer.status == 404, path
    assert "Trois insultes" not in (await paul.open("/account/decisions")).words
    for path in ("/admin/reports", "/admin/reports/2026-1"):
        await paul.open(path)
        assert paul.answer.status == 403
    stranger = town.reader()
    await stranger.open(f"/account/decisions/{decision_id}")
    assert "/login" in stranger.address


async def test_a_file_costs_the_same_however_much_was_decided(office: Office, monkeypatch) -> None:  # noqa: F811
    """What each decision was about is counted for all at once."""
    ctx = office.town.node.ctx
    maud = await office.at_console(office.moderator)

    async def decided(count: int) -> None:
        for _ in range(count):
            post = await office.town.post("Bande de clowns")
            await operations.perform(ctx, "case.open", {"handle": "@mairie@montreuil.example"})
            number = (await cases.about(ctx.db.reader, office.town.hall.actor.id))[0].number
            asked = {
                "number": number,
                "kind": "hide",
                "about": str(post.id),
                "words": "Aucune insulte",
                "why": "Une insulte",
            }
            await operations.perform(ctx, "case.decide", asked)

    async def cost() -> int:
        asked: list[str] = []

        async def fetch(sql: str, *args: object) -> object:
            asked.append(sql)
            return await type(ctx.db.survey).fetch(ctx.db.survey, sql, *args)

        monkeypatch.setattr(ctx.db.survey, "fetch", fetch)
        await maud.open("/admin/reports/2026-1", **FRENCH)
        monkeypatch.undo()
        assert maud.answer.status == 200, maud.page.words
        return len(asked)

    await decided(1)
    few = await cost()
    await decided(3)
    assert await cost() == few
    assert maud.page.words.count("1 publication de @mairie") == 4, maud.page.words


async def test_what_is_over_is_not_taken_back_in_the_log(office: Office) -> None:  # noqa: F811
    """The log says who took a decision back, once."""
    ctx = office.town.node.ctx
    await operations.perform(ctx, "case.open", {"handle": "@mairie@montreuil.example"})
    asked = {"number": "2026-1", "kind": "limit", "words": "Aucune insulte", "why": "Une insulte"}
    await operations.perform(ctx, "case.decide", asked)
    taken = {"decision": str(await ctx.db.reader.value("SELECT id FROM decisions"))}
    for _ in range(2):
        (said,) = await operations.perform(ctx, "case.lift", taken)
    assert "déjà" in said, said
    assert len(await audit.listed(ctx.db.reader, audit.Search(act="case.lift"))) == 1


async def test_the_queue_shows_what_waits(office: Office) -> None:  # noqa: F811
    await filled(office.town.reader(), "/@mairie")
    maud = await office.at_console(office.moderator)
    page = await maud.open("/admin", **FRENCH)
    assert "Signalements à décider : 1" in page.words
    page = await maud.open("/admin/reports", **FRENCH)
    assert not page.faults, page.faults
    assert "2026-1" in page.words
    assert "@mairie@montreuil.example" in page.words
    maud, page = await at_file(office, office.moderator)
    await maud.send(form_of(page, "note"), {"words": "À voir avec le DGS"}, **FRENCH)
    page = await maud.send(form_of(maud.page, "assign"), {"email": office.keeper.email}, **FRENCH)
    assert "À voir avec le DGS" in page.words
    assert f"confié à {office.keeper.email}" in page.words
    karim = await office.at_console(office.keeper)
    assert "2026-1" in (await karim.open("/admin/reports?which=mine", **FRENCH)).words
    assert "2026-1" not in (await maud.open("/admin/reports?which=mine", **FRENCH)).words


async def test_hostile_words_are_words(office: Office) -> None:  # noqa: F811
    """On the pages of a moderator and of who reported."""
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)"> & "\''
    post = await office.town.post(evil)
    reader = office.town.reader()
    await filled(reader, post.uri, comment=evil, name='<b onclick="x">Nadia</b>')
    _, page = await at_file(office, office.moderator)
    assert all("alert" not in each.words for each in page.all("script"))
    assert not [each for each in page.elements if any(name.startswith("on") for name in each.attributes)]
    assert not [each for each in page.all("img") if each.attributes.get("src") == "x"]


async def test_one_of_ours_reads_what_became_of_her_report(office: Office) -> None:  # noqa: F811
    """Told by an application; read at the browser, by her alone."""
    town = office.town  # noqa: F811
    other = await town.node.person("autre")
    answer = await town.hall.client.post(
        "/api/v1/reports", {"account_id": other.actor.id, "comment": "Elle nous copie"}
    )
    assert answer.status == 200
    maud, page = await at_file(office, office.moderator)
    why = {"kind": "none", "ground": "", "words": "Parodie", "why": "La parodie est permise."}
    await maud.send(form_of(page, "decide"), why, **FRENCH)
    asked = await town.node.ctx.db.reader.value("SELECT person_id FROM reports")
    odile = await town.logged_in()
    assert not [each for each in (await odile.open("/account/decisions", **FRENCH)).all("a") if "2026-1" in each.words]
    await town.node.ctx.db.write(lambda tx: tx.execute("UPDATE reports SET person_id = $1", town.odile.id))
    assert asked not in (None, town.odile.id), "the report is not of the person who told"
    page = await odile.open("/account/decisions", **FRENCH)
    assert not page.faults, page.faults
    (link,) = [each for each in page.all("a") if "Signalement 2026-1" in each.words]
    assert "La parodie est permise." in (await odile.open(link.attributes["href"], **FRENCH)).words
