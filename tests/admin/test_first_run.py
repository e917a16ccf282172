"""The first run in a browser: who may, which commune, which addresses, all made in one step, and never again."""

import hashlib

import pytest

from admin import operations
from node.actors import domains, first_run, memberships, people
from node.moderation import legal
from tests.support.client import Answer
from tests.support.empty_node import ADDRESSES, FRENCH, HOST, LAST, Empty, empty
from tests.web.conftest import PASSWORD
from tests.web.reader import Page, Reader

__all__ = ["empty"]
KEEPER = "agnes@besancon.example"


async def send(reader: Reader, **given: str) -> Page:
    """The last form, sent as it stands with what was typed."""
    form = reader.page.form("/first-run/keeper")
    return await reader.send(form, {"email": KEEPER, "password": PASSWORD, **given}, **FRENCH)


async def test_from_the_code_to_the_second_factor(empty: Empty):
    """The pages in order, as a person does them; then she keeps a commune's node, is logged in and led on."""
    reader = await empty.keeper()
    assert reader.address.endswith("/first-run"), "the token stays in the address"
    page = await reader.open("/first-run?place=25056", **FRENCH)
    for words in ("Besançon (25)", "Doubs", "Communauté urbaine Grand Besançon Métropole", "118 489", "25056"):
        assert words in page.words, page.words
    [onward] = [each.attributes["href"] for each in page.all("a", class_="button")]
    page = await reader.open(onward, **FRENCH)
    fields = page.form("/first-run/addresses").fields
    assert (fields["handle_host"], fields["service_host"]) == (HOST, HOST), "not the host that was asked"
    page = await reader.open(ADDRESSES, **FRENCH)
    assert reader.address.endswith(LAST), page.words
    assert f"@besancon@{HOST}" in page.words
    fields = page.form("/first-run/keeper").fields
    assert (fields["publisher"], fields["siren"]) == ("Commune de Besançon", "212500565")
    page = await send(reader, director="Mme la maire (exemple)", host="Hébergeur exemple", dpo="dpo@besancon.example")
    assert reader.address.endswith("/account/security?next=%2Fdesk%2Fbesancon%2Fwrite"), page.words
    assert reader.answer.status == 200

    read = empty.ctx.db.reader
    [domain] = await domains.all(read)
    assert (domain.handle_host, domain.service_host, domain.name, domain.contact_email) == (
        HOST,
        HOST,
        "Besançon",
        KEEPER,
    )
    person = await people.by_email(read, KEEPER)
    assert person is not None
    assert person.keeper
    [(actor, role)] = await memberships.actors_of(read, person.id)
    assert (actor.username, actor.insee, role) == ("besancon", "25056", "owner")
    assert (await legal.of_domain(read, domain.id)).missing == []
    row = await read.row("SELECT name, via, act, details FROM audit WHERE act = 'set_up.found'")
    assert row is not None
    assert (row["name"], row["via"]) == (KEEPER, "console")
    assert PASSWORD not in row["details"]
    assert "token" not in row["details"]
    page = await reader.open("/desk/besancon/write", **FRENCH)
    assert reader.answer.status == 200, "the first post cannot be written"


async def test_a_stranger_is_told_how(empty: Empty):
    """403 on every page with what to do; an invented address too; and the first page says that nothing is here yet."""
    await empty.address()
    before = await empty.rows()
    stranger = empty.reader()
    for path in ("/first-run", ADDRESSES, LAST, "/first-run/" + "a" * 43):
        page = await stranger.open(path, **FRENCH)
        assert stranger.answer.status == 403, path
        assert "beffroi init --browser" in page.words, page.words
        assert not page.forms, "a stranger is shown a form"
        assert not page.faults, page.faults
    answer = await stranger.client.request(
        "POST", "/first-run/keeper", data={"email": KEEPER, "password": PASSWORD, "insee": "25056", "handle_host": HOST},
        headers={"origin": stranger.home},
    )  # fmt: skip
    assert answer.status == 403
    assert await empty.rows() == before
    page = await stranger.open("/", **FRENCH)
    assert stranger.answer.status == 503
    assert "n’est pas encore installé" in page.words, page.words


async def test_the_token_is_kept_nowhere(empty: Empty):
    """Neither in the database, nor in an address of a page, nor in a page: only its digest, and the browser's cookie."""
    path = await empty.address()
    token = path.rpartition("/")[2]
    stored = await empty.ctx.db.reader.fetch("SELECT token_hash FROM first_runs")
    assert [row[0] for row in stored] == [hashlib.sha256(token.encode()).hexdigest()]
    reader = empty.reader()
    first = await reader.client.request("GET", path, headers={"accept": "text/html"})
    assert (first.status, first.headers["location"], first.body) == (303, "/first-run", b"")
    cookie = first.headers["set-cookie"].lower()
    assert cookie.startswith(f"__host-beffroi-first-run={token.lower()}")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" in cookie
    for each in ("/first-run", "/first-run?place=ornans", ADDRESSES, LAST):
        page = await reader.open(each)
        assert reader.answer.status == 200, page.words
        assert token not in reader.answer.text, f"{each} shows the token"
        assert token not in reader.address
        assert reader.answer.headers["cache-control"] == "no-store"
    wrong = await reader.client.request("GET", "/first-run/" + "b" * 43)
    assert (wrong.status, wrong.body) == (303, b""), "a page at a wrong address would send it on as Referer"
    assert not (await empty.ctx.db.reader.fetch("SELECT * FROM audit WHERE details LIKE $1", f"%{token}%"))


async def test_it_ends_after_an_hour(empty: Empty):
    """Then another is drawn; what was drawn before within the hour stays good."""
    reader = await empty.keeper()
    empty.ctx.clock.forward(first_run.LIFETIME_MS // 1000 - 60)  # type: ignore[attr-defined]
    later = await empty.keeper()
    await reader.open("/first-run")
    assert reader.answer.status == 200
    empty.ctx.clock.forward(61)  # type: ignore[attr-defined]
    await reader.open("/first-run")
    assert reader.answer.status == 403, "an address is good for more than an hour"
    await later.open("/first-run")
    assert later.answer.status == 200


async def test_it_makes_one_node(empty: Empty):
    """Sent twice, or from a second browser with another address: the second finds it made, and changes nothing."""
    one, other = await empty.keeper(), await empty.keeper()
    for each in (one, other):
        await each.open(LAST, **FRENCH)
    form = one.page.form("/first-run/keeper")
    await send(one)
    assert "/account/security" in one.address
    made = await empty.rows()
    page = await send(other, email="autre@besancon.example")
    assert other.answer.status == 403
    assert "déjà installé" in page.words, page.words
    again = await one.send(form, {"email": "encore@besancon.example", "password": PASSWORD}, **FRENCH)
    assert one.answer.status == 403, again.words
    assert await empty.rows() == made
    assert await empty.ctx.db.reader.value("SELECT COUNT(*) FROM first_runs") == 0
    with pytest.raises(first_run.SetUpAlready):
        await operations.perform(empty.ctx, "set_up.begin", {})


async def test_the_address_dies_with_the_first_domain(empty: Empty):
    """Whoever made it: a command while the browser stands open."""
    reader = await empty.keeper()
    await operations.perform(empty.ctx, "domain.add", {"handle_host": "autre.example"})
    page = await reader.open(LAST, **FRENCH)
    assert reader.answer.status == 403
    assert "déjà installé" in page.words


@pytest.mark.parametrize(
    ("typed", "says", "status"),
    [
        ("sainte colombe", "Laquelle ?", 200),
        ("Saint-Denis", "Saint-Denis (974)", 200),
        ("25 056", "Besançon (25)", 200),
        ("besancon", "Besançon (25)", 200),
        ("25290", "Ornans (25)", 200),
        ("74011", "Annecy (74)", 200),
        ("Sain", "Il y en a peut-être d’autres", 200),
        ("99999", "Aucune commune", 422),
        ("Atlantide", "Aucune commune", 422),
        ("<script>", "Aucune commune", 422),
        ("x" * 900, "Aucune commune", 422),
    ],
)
async def test_communes_are_found_as_people_write_them(empty: Empty, typed: str, says: str, status: int):
    """By code of either kind, by name without its accents; namesakes are told apart; what is none is said."""
    reader = await empty.keeper()
    answer: Answer = await reader.client.request(
        "GET", "/first-run", params={"place": typed}, headers={"accept": "text/html", **FRENCH}
    )
    page = Page(answer.text)
    assert answer.status == status, page.words
    assert says in page.words.replace("\xa0", " "), page.words
    assert not page.faults, page.faults
    links = [each.attributes["href"] for each in page.all("a", class_="button")]
    assert len(set(links)) == len(links), "two of them lead to one"


@pytest.mark.parametrize(
    ("handle", "service", "says"),
    [
        ("", "social.besancon.example", "ce qui suit le @"),
        ("besançon fr", "besancon.example", "nom d’hôte"),
        ("besancon.example", "a..b", "nom d’hôte"),
        ("besancon.example/x y", "so_cial:x", "nom d’hôte"),
    ],
)
async def test_addresses_that_are_none_are_refused(empty: Empty, handle: str, service: str, says: str):
    """On the page that asks them, with what was typed."""
    reader = await empty.keeper()
    answer = await reader.client.request(
        "GET", "/first-run/addresses", params={"insee": "25056", "handle_host": handle, "service_host": service},
        headers={"accept": "text/html", **FRENCH},
    )  # fmt: skip
    page = Page(answer.text)
    assert answer.status == 422, page.words
    assert says in page.words.replace("\xa0", " "), page.words
    assert page.form("/first-run/addresses").fields["handle_host"] == handle


async def test_what_looks_odd_is_said_and_left_to_her(empty: Empty):
    """Another host than the one that was asked, a redirect to set: read once, then taken; other names are looked at anew."""
    reader = await empty.keeper()
    path = "/first-run/addresses?insee=25056&handle_host=https://Besancon.example/accueil&service_host=noeud.besancon.example"
    page = await reader.open(path, **FRENCH)
    assert "Avant de continuer" in page.words, page.words
    assert "noeud.besancon.example/.well-known/webfinger" in page.words
    assert HOST in page.words, "it does not say how it was reached"
    fields = page.form("/first-run/addresses").fields
    assert fields["handle_host"] == "besancon.example"
    query = "&".join(f"{name}={value}" for name, value in fields.items() if name != "known")
    changed = await reader.open(
        f"/first-run/addresses?{query.replace('noeud.', 'autre.')}&known={fields['known']}", **FRENCH
    )
    assert "Avant de continuer" in changed.words, "other names were taken unseen"
    await reader.open(f"/first-run/addresses?{query}&known={fields['known']}", **FRENCH)
    assert "/first-run/keeper?" in reader.address
    page = await send(reader)
    assert "https://noeud.besancon.example" in page.words, "she is not told where to go on"
    [there] = [each.attributes["href"] for each in page.all("a", class_="button")]
    assert there.startswith("https://noeud.besancon.example/login?next=")
    assert "__Host-beffroi" not in reader.client.cookies, "a session on a host that is not the node's"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"email": "personne"}, "adresse"),
        ({"email": ""}, "adresse"),
        ({"password": "court"}, "10 caractères"),
        ({"password": ""}, "mot de passe"),
        ({"siren": "123456789"}, "SIREN"),
        ({"contact": "pas une adresse"}, "adresse"),
        ({"director": "x" * 600}, "500 signes"),
    ],
)
async def test_a_refusal_changes_nothing_and_keeps_what_was_typed(empty: Empty, given: dict[str, str], says: str):
    """But the password, which no page repeats."""
    reader = await empty.keeper()
    await reader.open(LAST, **FRENCH)
    before = await empty.rows()
    page = await send(reader, host="Hébergeur <exemple>", **given)
    assert reader.answer.status in (400, 422), page.words
    assert says in page.words.replace("\xa0", " "), page.words
    fields = page.form("/first-run/keeper").fields
    assert fields["host"] == "Hébergeur <exemple>"
    assert fields["password"] == ""
    assert await empty.rows() == before
    await send(reader, **dict.fromkeys(given, "") | {"email": KEEPER, "password": PASSWORD})
    assert "/account/security" in reader.address, reader.page.words


async def test_no_other_site_sets_it_up(empty: Empty):
    """Without the token of the page, or from another origin: refused."""
    reader = await empty.keeper()
    await reader.open(LAST)
    form = reader.page.form("/first-run/keeper")
    good = {**form.fields, "email": KEEPER, "password": PASSWORD}
    before = await empty.rows()
    for data, origin in (
        ({**good, "form_token": ""}, reader.home),
        ({**good, "form_token": "x"}, reader.home),
        (good, "https://evil.example"),
        (good, "null"),
    ):
        answer = await reader.client.request("POST", "/first-run/keeper", data=data, headers={"origin": origin})
        assert answer.status == 403, f"{origin}: {data}"
    assert await empty.rows() == before


async def test_what_the_law_wants_waits_on_the_first_page(empty: Empty):
    """Until the legal notice is complete, and no longer."""
    from admin.console import attention

    reader = await empty.keeper()
    await reader.open(LAST)
    await send(reader)
    matter = await attention.legal_notices(empty.ctx.db.reader, empty.ctx)
    assert matter is not None
    assert matter.urgent
    [domain] = await domains.all(empty.ctx.db.reader)
    assert matter.link == f"/admin/domains/{domain.id}"
    said = {"director": "Mme la maire (exemple)", "host": "Hébergeur exemple", "dpo": "dpo@besancon.example"}
    await operations.perform(empty.ctx, "domain.legal", said)
    assert await attention.legal_notices(empty.ctx.db.reader, empty.ctx) is None
