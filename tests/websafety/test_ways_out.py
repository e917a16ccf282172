"""Ways out: no address, header, letter or table leads where a stranger wants, and no host but ours is believed."""

from urllib.parse import quote, urljoin, urlsplit

import pytest

from admin import audit as copying
from node.runtime.mail.letters import opened
from tests.web.conftest import PASSWORD
from tests.websafety.house import House, house_link

AWAY = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "///evil.example", "https:evil.example",
    "https://montreuil.example@evil.example/", "https://montreuil.example.evil.example/", "javascript:alert(1)", "data:text/html,x",
    "%2f%2fevil.example", "/%09/evil.example", "/%5cevil.example", "https://evil。example/", "//evil%E3%80%82example", "http:\\\\evil.example",
    "/..//evil.example", "/.//evil.example", "?next=//evil.example", "", " //evil.example", "/\u2028/evil.example", "/account\r\nX-Evil: 1",
)  # fmt: skip


def leaves(house: House, location: str) -> bool:
    """Whether a browser that follows it is elsewhere (it leaves out tabs and line ends: URL Standard)."""
    cleaned = "".join(each for each in location if each not in "\t\r\n").strip().replace("\\", "/")
    parts = urlsplit(urljoin(f"https://{house.town.host}/x/y", cleaned))
    return parts.scheme != "https" or parts.netloc != house.town.host


@pytest.mark.parametrize("path", ["/login", "/account/factor", "/login/factor", "/account/security"])
async def test_no_next_leads_away(house: House, path: str):
    """In the address and in the form."""
    wrong: list[str] = []
    for trick in AWAY:
        house.calm()
        reader = await house.browser("odile")
        answer = await reader.client.get(f"{path}?next={quote(trick)}&lang=fr", accept="text/html")
        if leaves(house, answer.headers.get("location", "/")):
            wrong.append(f"GET {path}?next={trick!r} leads to {answer.headers['location']}")
        if path == "/login":
            stranger = house.town.reader()
            form = (await stranger.open("/login")).form("/login").fields
            data = {**form, "email": "odile@mairie.example", "password": PASSWORD, "next": trick}
            answer = await stranger.client.request("POST", "/login", data=data, headers={"origin": stranger.home})
            if answer.status != 303 or leaves(house, answer.headers["location"]) or "x-evil" in answer.headers:
                wrong.append(f"POST next={trick!r}: {answer.status} {answer.headers.get('location')}")
    assert wrong == [], "\n".join(wrong)


async def test_no_other_word_of_an_address_leads_away(house: House):
    """The language, the referer, a page's number, what to act upon, the host that a form came from."""
    wrong: list[str] = []
    reader = await house.browser("keeper")
    for trick in AWAY:
        for path in (
            f"/about?lang={quote(trick)}", f"/account?lang={quote(trick)}", f"/authorize_interaction?uri={quote(trick)}",
            f"/oauth/authorize?response_type=code&client_id={house.names['client']}&redirect_uri={quote(trick)}",
            f"/login/reset/{quote(trick, safe='')}", f"/desk/{quote(trick, safe='')}", f"/@{quote(trick, safe='')}",
        ):  # fmt: skip
            house.calm()
            answer = await reader.client.get(path, accept="text/html", referer="https://evil.example/")
            if answer.status == 500 or leaves(house, answer.headers.get("location", "/")):
                wrong.append(f"{path}: {answer.status} {answer.headers.get('location')}")
            wrong += [
                f"{path}: {name} has a line end" for name, value in answer.headers.items() if set("\r\n") & set(value)
            ]
    assert wrong == [], "\n".join(wrong)


async def test_letters_name_our_own_host(house: House):
    """Whatever the request says of hosts; a host that is not ours has no form at all."""
    for name, value in (
        ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("x-original-host", "evil.example"),
        ("x-host", "evil.example"), ("x-forwarded-proto", "http"), ("x-rewrite-url", "//evil.example"),
    ):  # fmt: skip
        reader = house.town.reader()
        house.calm()
        page = await reader.open("/login/forgotten", **{name: value})
        assert "evil.example" not in reader.answer.text, name
        await reader.send(page.form("/login/forgotten"), {"email": "odile@mairie.example"}, **{name: value})
    await house.fediverse.settle()
    assert (await house_link(house, "odile@mairie.example")).startswith("/login/reset/")
    rows = await house.ctx.db.reader.fetch("SELECT * FROM letters")
    for row in rows:
        assert "evil.example" not in opened(house.ctx, row).text
    client = house.town.reader().client
    for host in (
        "evil.example",
        "montreuil.example.evil.example",
        "montreuil.example:99999",
        "montreuil.example@evil.example",
        "",
    ):
        answer = await client.request("GET", "/login", headers={"host": host, "accept": "text/html"})
        assert answer.status >= 400, f"{host!r} is served"


@pytest.mark.parametrize("cell", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_of_the_log_is_a_formula(cell: str):
    entry = {name: cell if name == "about" else "" for name in copying.COLUMNS}
    line = copying.as_csv([{**entry, "details": {}}], header=False)
    assert f"'{cell[0]}" in line, line
