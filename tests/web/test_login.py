"""Logging in and out at a browser, and those who would like to do it for somebody else."""

import pytest

from node.actors import people
from node.runtime.database import Tx
from node.web.visitors import local_path
from tests.web.conftest import PASSWORD, Town

SESSION = "__Host-beffroi"


async def test_odile_logs_in_and_out(town: Town):
    """She gets to her page, and after logging out she no longer does, even with the old cookie."""
    reader = town.reader()
    page = await reader.log_in("Odile@mairie.example ", PASSWORD)
    assert "Mairie de Montreuil (exemple)" in page.words, page.words
    held = reader.client.cookies[SESSION]
    page = await reader.send(page.form("/logout"))
    assert SESSION not in reader.client.cookies, "the browser keeps the cookie of a session that was ended"
    reader.client.cookies[SESSION] = held
    await reader.open("/account")
    assert reader.address.startswith("https://montreuil.example/login"), "a session lives on after logging out"


async def test_the_cookie_is_for_this_host_and_no_script(town: Town):
    """Set only over TLS, for this very host, unseen by scripts, absent from other sites' forms."""
    reader = town.reader()
    page = await reader.open("/login")
    first = reader.answer.headers["set-cookie"]
    answer = await reader.client.post(
        "/login",
        {**page.form("/login").fields, "email": town.odile.email, "password": PASSWORD},
        origin="https://montreuil.example",
    )
    cookie = next(each for each in answer.headers["set-cookie"].split(", ") if each.startswith(f"{SESSION}="))
    for each in (first, cookie):
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in each.split(";")}
        assert "domain=" not in each.lower()
    assert answer.headers["cache-control"] == "no-store"


async def test_wrong_unknown_and_suspended_look_alike(town: Town):
    """The page does not tell a stranger who has an account here."""
    gone = await town.person("partie@mairie.example")
    await town.node.ctx.db.write(lambda tx: people.set_state(tx, person_id=gone.id, state="suspended"))
    seen = set()
    for email, password in (
        (town.odile.email, "un mauvais mot"),
        ("personne@mairie.example", PASSWORD),
        (gone.email, PASSWORD),
        ("pas une adresse", PASSWORD),
        (town.odile.email, ""),
    ):
        reader = town.reader()
        page = await reader.log_in(email, password)
        assert SESSION not in reader.client.cookies, f"{email} was let in"
        seen.add((reader.answer.status, page.words))
    assert len(seen) == 1, f"the answers differ: {seen}"


async def test_too_many_attempts_from_one_address(town: Town):
    """Twenty in a quarter of an hour, whatever the names; then the right password waits too, and later works."""
    for number in range(20):
        await town.reader(address="2001:db8:1::1").log_in(f"personne{number}@mairie.example", "essai")
    reader = town.reader(address="2001:db8:1::2")  # the same subscriber: a /64
    page = await reader.log_in(town.odile.email, PASSWORD)
    assert reader.answer.status == 429, page.words
    assert int(reader.answer.headers["retry-after"]) > 0
    assert "Trop d’essais" in page.words
    assert (await town.reader(address="2001:db8:2::1").log_in(town.odile.email, PASSWORD)).title.startswith(
        "Mon compte"
    )
    town.node.ctx.clock.forward(16 * 60)  # type: ignore[attr-defined]
    await reader.log_in(town.odile.email, PASSWORD)
    assert reader.answer.status == 200


async def test_too_many_attempts_as_one_person(town: Town):
    """Ten in a quarter of an hour from one address, and from a thousand addresses still only sixty an hour."""
    near = town.reader(address="198.51.100.250")
    for _ in range(10):
        await near.log_in(town.odile.email, "essai")
    await near.log_in(town.odile.email, PASSWORD)
    assert near.answer.status == 429
    for number in range(50):
        await town.reader(address=f"198.51.100.{number}").log_in(town.odile.email, "essai")
    reader = town.reader(address="198.51.100.200")
    await reader.log_in(town.odile.email.upper(), PASSWORD)
    assert reader.answer.status == 429


async def test_the_right_password_is_not_limited(town: Town):
    """Somebody tries many applications, each in a browser that knows nothing: only wrong passwords are counted."""
    for _ in range(30):
        reader = town.reader()
        assert (await reader.log_in(town.odile.email, PASSWORD)).title.startswith("Mon compte"), reader.page.words
    for _ in range(10):
        await town.reader().log_in(town.odile.email, "essai")
    reader = town.reader()
    await reader.log_in(town.odile.email, PASSWORD)
    assert reader.answer.status == 429, "right passwords in between made room for wrong ones"


async def test_strangers_shut_nobody_out_at_her_own_browser(town: Town):
    """However many passwords they type for her, also behind her own address; her password is limited there too."""
    reader = await town.logged_in()
    await reader.send((await reader.open("/account")).form("/logout"))
    for number in range(61):
        await town.reader(address=f"198.51.100.{number}").log_in(town.odile.email, "essai")
    for _ in range(21):
        await town.reader().log_in(town.odile.email, "essai")
    assert (await reader.log_in(town.odile.email, PASSWORD)).title.startswith("Mon compte"), "strangers shut her out"
    await reader.send(reader.page.form("/logout"))
    for _ in range(20):
        await reader.log_in(town.odile.email, "essai")
    await reader.log_in(town.odile.email, PASSWORD)
    assert reader.answer.status == 429, "a browser that she has left somewhere may try for ever"


async def test_a_known_browser_is_known_for_its_person_only(town: Town):
    """Not for somebody else, not when the cookie is made up, and not after a year."""
    paul = await town.person("paul@x.example")
    own = town.reader()
    await own.log_in(paul.email, PASSWORD)
    held = own.client.cookies["__Host-beffroi-device"]
    for number in range(60):
        await town.reader(address=f"198.51.100.{number}").log_in(town.odile.email, "essai")
    for cookie in (held, held[:-6] + "AAAAA=", "é", "A" * 5000, ""):
        thief = town.reader(address="203.0.113.99")
        thief.client.cookies["__Host-beffroi-device"] = cookie.encode("ascii", "ignore").decode()
        await thief.log_in(town.odile.email, PASSWORD)
        assert thief.answer.status == 429, f"known by {cookie[:20]}"
    town.node.ctx.clock.forward(366 * 24 * 3600)  # type: ignore[attr-defined]
    for number in range(60):
        await town.reader(address=f"198.51.100.{number}").log_in(paul.email, "essai")
    old = town.reader(address="203.0.113.98")
    old.client.cookies["__Host-beffroi-device"] = held
    await old.log_in(paul.email, PASSWORD)
    assert old.answer.status == 429


async def test_another_site_logs_nobody_in(town: Town):
    """Neither by its own form (Origin), nor with a token that this browser was not given."""
    reader = town.reader()
    form = (await reader.open("/login")).form("/login")
    mine = {"email": town.odile.email, "password": PASSWORD}
    for origin in (
        "https://evil.example",
        "null",
        "http://montreuil.example",
        "https://montreuil.example.evil.example",
    ):
        await reader.send(form, mine, origin=origin)
        assert reader.answer.status == 403, f"a form from {origin} was taken"
    stranger = town.reader()
    theirs = (await stranger.open("/login")).form("/login")
    await reader.send(theirs, mine)
    assert reader.answer.status == 403, "the token of another browser's form was taken"
    bare = town.reader()
    await bare.send(theirs, mine)
    assert bare.answer.status == 403, "a form without its cookie was taken"
    assert SESSION not in {*reader.client.cookies, *bare.client.cookies}


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", "javascript:alert(1)", "https:evil.example", "evil.example", "", "/%0d%0aSet-Cookie:x=y\r\n", "/ /x",
        "/" + "x" * 9000,
    ],
)  # fmt: skip
def test_no_path_leads_to_another_site(next_: str):
    """What follows logging in is a path of this host, or the account page."""
    assert local_path(next_) is None


async def test_an_open_redirect_is_refused(town: Town):
    """After logging in through a crafted link one is still here; an honest path is followed."""
    for next_, expected in (
        ("//evil.example/", "/account"),
        ("https://evil.example/", "/account"),
        ("/@mairie?lang=fr", "/@mairie?lang=fr"),
    ):
        reader = town.reader()
        form = (await reader.open("/login")).form("/login")
        form.fields["next"] = next_
        given = {**form.fields, "email": town.odile.email, "password": PASSWORD}
        answer = await reader.client.post("/login", given, origin="https://montreuil.example")
        assert (answer.status, answer.headers["location"]) == (303, expected)
        again = await reader.client.get("/login", {"next": next_})
        assert again.headers["location"] == expected


async def test_a_strange_body_is_refused(town: Town):
    """Not a form, too long a form, thousands of fields: a clear answer, never a fault of the node."""
    client = town.reader().client
    assert (await client.post("/login", json={"email": "x"})).status == 400
    assert (await client.post("/login", {"email": "x" * 100_000})).status == 413
    assert (await client.post("/login", {f"f{number}": "" for number in range(500)})).status == 413
    assert (await client.post("/login", {"form_token": "é\0", "email": "\0"})).status == 403


async def test_a_suspended_person_is_logged_out(town: Town):
    """What she had open closes at once."""
    reader = await town.logged_in()

    async def suspend(tx: Tx) -> None:
        await people.set_state(tx, person_id=town.odile.id, state="suspended")

    await town.node.ctx.db.write(suspend)
    await reader.open("/account")
    assert "/login" in reader.address
