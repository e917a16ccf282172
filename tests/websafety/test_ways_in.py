"""Ways in: sessions that are planted, stolen or replayed, links that are guessed, tampered with or used by two at once."""

import asyncio
from typing import Any

import argon2
import pytest

from node.actors import invitations
from tests.web.conftest import PASSWORD
from tests.web.reader import Reader
from tests.websafety.house import House

SESSION = "__Host-beffroi"
PENDING = "__Host-beffroi-factor"


async def is_in(house: House, token: str) -> bool:
    """Whether that cookie opens her page."""
    reader = house.town.reader(address="198.51.100.20")
    reader.client.cookies[SESSION] = token
    answer = await reader.client.get("/account", accept="text/html")
    return answer.status == 200


async def logged_in(house: House) -> Reader:
    reader = house.town.reader()
    await reader.log_in(house.town.odile.email, PASSWORD)
    return reader


async def test_a_planted_session_is_not_the_one_after(house: House):
    """Neither a made-up value nor the attacker's own session becomes hers."""
    mine = (await house.browser("bruno")).client.cookies[SESSION]
    for planted in ("A" * 43, mine):
        reader = house.town.reader()
        reader.client.cookies[SESSION] = planted
        page = await reader.open("/login?again=1")
        await reader.send(
            page.form("/login"), {"email": house.town.odile.email, "password": PASSWORD, "next": "/account"}
        )
        assert "odile@mairie.example" in reader.page.words
        assert reader.client.cookies[SESSION] != planted, "the session of before the log-in goes on"
        assert not await is_in(house, planted), "who planted it is logged in as her"


async def test_a_session_ends_where_it_should(house: House):
    """After log-out, a new password, being shut out; its cookie copied before is worth nothing."""
    ctx = house.ctx
    out = await logged_in(house)
    stolen = out.client.cookies[SESSION]
    form = (await out.open("/account")).form("/logout")
    await asyncio.gather(
        *(out.client.request("POST", "/logout", data=form.fields, headers={"origin": out.home}) for _ in range(5))
    )
    assert not await is_in(house, stolen), "a copied cookie outlives the log-out"

    other, here = await logged_in(house), await logged_in(house)
    page = await here.open("/account")
    before = here.client.cookies[SESSION]
    await here.send(page.form("/account/password"), {"present": PASSWORD, "wanted": "un autre long mot de passe"})
    for token in (other.client.cookies[SESSION], before):
        assert not await is_in(house, token), "a session outlives the password that opened it"
    assert await is_in(house, here.client.cookies[SESSION])
    await ctx.db.write(lambda tx: tx.execute("UPDATE people SET state = 'disabled' WHERE id = $1", house.town.odile.id))
    assert not await is_in(house, here.client.cookies[SESSION]), "who was shut out is in"


async def test_a_log_in_that_waits_for_its_factor_is_worth_nothing_elsewhere(house: House):
    """Not as a session, not with another browser's form, and not after the factor was shown."""
    reader = house.town.reader()
    page = await reader.log_in(house.people["keeper"].email, PASSWORD)
    pending = reader.client.cookies[PENDING]
    assert SESSION not in reader.client.cookies
    assert not await is_in(house, pending), "the half of a log-in opens a page"
    thief = house.town.reader(address="198.51.100.21")
    own = await thief.log_in(house.people["keeper"].email, PASSWORD)
    thief.client.cookies[PENDING] = pending
    answer = await thief.client.request(
        "POST",
        "/login/factor",
        data={**own.form("/login/factor").fields, "code": "123456"},
        headers={"origin": thief.home},
    )
    assert answer.status == 403, "a stolen half and a form of another log-in go together"
    for path in ("/account", "/admin", "/desk/mairie", "/account/security"):
        answer = await reader.client.get(path, accept="text/html")
        assert (answer.status, answer.headers["location"].startswith("/login")) == (303, True), path
    assert page.form("/login/factor").fields["form_token"] != pending, "the page shows what the cookie hides"


async def test_cookies_are_for_this_host_and_for_no_script(house: House):
    """Every cookie that any page gives."""
    paths = ("/login", "/report", "/sign-up", "/login/forgotten", house.names["reset"], house.names["confirm"])
    answers = [await house.town.reader().client.get(path, accept="text/html") for path in paths]
    given = [answer.headers.get("set-cookie", "") for answer in answers]
    reader = house.town.reader()
    page = await reader.open("/login")
    form = {**page.form("/login").fields, "email": "odile@mairie.example", "password": PASSWORD}
    answer = await reader.client.request("POST", "/login", data=form, headers={"origin": reader.home})
    given.append(answer.headers["set-cookie"])
    cookies = [each for line in given for each in line.split(", __Host-")]
    assert len([each for each in cookies if each]) >= 8
    for cookie in filter(None, cookies):
        assert line_ok(cookie), cookie
        assert "domain=" not in cookie.lower(), cookie


def line_ok(cookie: str) -> bool:
    said = cookie.lower()
    return all(word in said for word in ("httponly", "secure", "path=/", "samesite=lax"))


async def test_one_invitation_takes_one_of_two_who_press_at_once(house: House):
    """Exactly one is in; the other reads that it was used."""
    path = house.names["invitation"]
    readers = [await house.browser("bruno"), await house.browser("keeper")]
    forms = [(await reader.open(path)).form(path) for reader in readers]
    sent: list[Any] = await asyncio.gather(*(
        reader.client.request("POST", path, data=form.fields, headers={"origin": reader.home, "accept": "text/html"})
        for reader, form in zip(readers, forms, strict=True)
    ))  # fmt: skip
    assert sorted(answer.status for answer in sent) == [303, 410]
    members = await house.ctx.db.reader.value(
        "SELECT COUNT(*) FROM memberships WHERE actor_id = $1 AND person_id = ANY($2::bigint[])",
        house.town.hall.actor.id, [house.people["bruno"].id, house.people["keeper"].id],
    )  # fmt: skip
    assert members == 1


async def test_an_invitation_by_name_is_for_her_alone(house: House):
    """Somebody else who has the link is told so, and gets nothing."""
    ctx = house.ctx
    token = await ctx.db.write(
        lambda tx: invitations.invite(
            tx, ctx, email="lise@poste.example", by=house.town.odile, domain_id=house.town.node.domain.id,
            actor_id=house.town.hall.actor.id, role="owner",
        )
    )  # fmt: skip
    reader = await house.browser("bruno")
    fields = (await reader.open("/account")).form("/logout").fields
    answer = await reader.client.request(
        "POST", f"/invitations/{token}", data=fields, headers={"origin": reader.home, "accept": "text/html"}
    )
    assert answer.status == 403
    assert await ctx.db.reader.value("SELECT used FROM invitations WHERE email = 'lise@poste.example'") == 0


@pytest.mark.parametrize("name", ["invitation", "reset", "confirm", "parent", "address", "report"])
async def test_a_link_is_not_guessed(house: House, name: str):
    """A letter changed, cut, longer, in other capitals, empty, or another kind of link's: nothing is there."""
    path = house.names[name]
    root, _, token = path.rpartition("/")
    other = house.names["reset" if name != "reset" else "invitation"].rpartition("/")[2]
    changed = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    for tried in (changed, token[:-1], f"{token}A", token.swapcase(), other, "%25", "' OR 1=1--", "A" * 5_000):
        reader = house.town.reader()
        await reader.open(f"{root}/{tried}")
        assert reader.answer.status in (404, 410), f"{root}/{tried}: {reader.answer.status}"


async def test_known_and_unknown_take_the_same_way(house: House, monkeypatch: pytest.MonkeyPatch):
    """A password is hashed for an address that nobody has too; status and words are the same."""
    counted: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counting(*args: Any, **more: Any) -> bool:
        counted.append("once")
        return verify(*args, **more)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    answers = []
    for email in (house.town.odile.email, "personne@mairie.example"):
        counted.clear()
        reader = house.town.reader()
        await reader.log_in(email, "faux mot de passe")
        body = reader.answer.text.replace(email, "").replace(reader.page.form("/login").fields["form_token"], "")
        answers.append((len(counted), reader.answer.status, body))
    assert answers[0] == answers[1], "one learns who has an account"
    assert answers[0][0] == 1
