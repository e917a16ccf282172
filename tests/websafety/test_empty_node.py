"""The pages by which a node is set up, attacked: they are open to a stranger who holds an address, before there is anybody.

In the house of the other tests they are closed for ever; so each route of theirs stands here.
"""

from typing import Final
from urllib.parse import urlencode

import admin.first_run.routes
from tests.support.empty_node import ADDRESSES, HOST, LAST, Empty, empty
from tests.web.conftest import PASSWORD
from tests.web.reader import Page
from tests.websafety.house import digest_of
from tests.websafety.test_bad_input import BAD, said
from tests.websafety.test_forgery import FORGED
from tests.websafety.test_headers import faults

__all__ = ["empty"]

MAKE: Final = "/first-run/keeper"
PAGES: Final = {
    "/first-run": "/first-run?place=25056",
    "/first-run/addresses": ADDRESSES.replace(HOST, "autre.example"),
    "/first-run/keeper": LAST,
    "/first-run/{token}": "/first-run/" + "a" * 43,
}
"""Route -> an address of it."""
GOOD: Final = {"email": "agnes@besancon.example", "password": PASSWORD}


def test_every_page_of_it_stands_here():
    """Nothing but GET, and one form."""
    routes = admin.first_run.routes.routes
    assert {route.path for route in routes} == set(PAGES), "say what stands there"
    assert [route.path for route in routes if "POST" in (route.methods or ())] == [MAKE]
    assert not {"PUT", "DELETE", "PATCH"} & {each for route in routes for each in (route.methods or ())}


async def test_every_page_says_what_a_browser_may_do(empty: Empty):
    """For who holds the address, for a stranger, and once the node is made."""
    keeper, stranger, wrong = await empty.keeper(), empty.reader(), []
    token = keeper.client.cookies["__Host-beffroi-first-run"]
    for reader, statuses in ((keeper, (200, 303)), (stranger, (403, 303))):
        for path in PAGES.values():
            answer = await reader.client.get(path, accept="text/html")
            assert answer.status in statuses, f"{path}: {answer.status}"
            wrong += faults(path, answer)
            if token in answer.text or token in answer.headers.get("location", ""):
                wrong.append(f"{path} shows the token")
    await keeper.open(LAST)
    await keeper.send(keeper.page.form(MAKE), GOOD)
    assert "/account/security" in keeper.address
    for reader in (keeper, stranger):
        for path in PAGES.values():
            answer = await reader.client.get(path, accept="text/html")
            assert answer.status in (403, 303), f"{path} is open still"
            wrong += faults(path, answer)
    assert wrong == [], "\n".join(wrong)


async def test_no_other_site_makes_the_node(empty: Empty):
    """Without the form's token, with that of another browser, from another site, as text: refused, nothing changed."""
    keeper, other = await empty.keeper(), await empty.keeper()
    for each in (keeper, other):
        await each.open(LAST)
    good, own = {**keeper.page.form(MAKE).fields, **GOOD}, keeper.home
    theirs = other.page.form(MAKE).fields["form_token"]
    before = await digest_of(empty.ctx.db.reader)
    tries = {
        "from another site": (good, {"origin": "https://evil.example"}),
        "from a host that begins alike": (good, {"origin": f"{own}.evil.example"}),
        "from http": (good, {"origin": own.replace("https", "http")}),
        "from a sandbox": (good, {"origin": "null"}),
        "led by another page": (good, {"referer": "https://evil.example/"}),
        "without a token": ({**good, "form_token": ""}, {"origin": own}),
        "with another browser's token": ({**good, "form_token": theirs}, {"origin": own}),
    }
    for how, (data, headers) in tries.items():
        answer = await keeper.client.request("POST", MAKE, data=data, headers={**headers, "accept": "text/html"})
        assert answer.status == 403, how
        assert any(words in answer.text for words in FORGED), how
    for kind in ("text/plain", "application/json", ""):
        answer = await keeper.client.request(
            "POST", MAKE, body=urlencode(good).encode(), headers={"content-type": kind, "origin": own}
        )
        assert answer.status == 400, kind
    assert await digest_of(empty.ctx.db.reader) == before, "something was changed"


async def test_no_field_breaks_a_page(empty: Empty):
    """Every bad value in every field of the three pages: a page with a sentence, and nothing is made of what was refused."""
    keeper = await empty.keeper()
    await keeper.open(LAST)
    form = {**keeper.page.form(MAKE).fields, **GOOD}
    before, wrong = await digest_of(empty.ctx.db.reader), []
    asked = {
        "/first-run": {"place": ""},
        "/first-run/addresses": dict.fromkeys(("insee", "handle_host", "service_host", "known"), ""),
    }
    asked["/first-run/addresses"].update(insee="25056", handle_host=HOST, service_host=HOST)
    asked["/first-run/keeper"] = {"insee": "25056", "handle_host": HOST, "service_host": HOST}
    for path, query in asked.items():
        for name in query:
            for what, value in BAD.items():
                kept = urlencode({key: each for key, each in query.items() if key != name})
                answer = await keeper.client.get(f"{path}?{kept}&{name}={value}", accept="text/html")
                if answer.status not in (200, 303, 400, 414, 422) or (answer.body and said(answer)):
                    wrong.append(f"GET {path} {name} = {what}: {answer.status} {said(answer)}")
    for name in form:
        for what, value in BAD.items():
            if (name, what) in FINE:
                continue
            kept = urlencode({key: each for key, each in form.items() if key != name})
            answer = await keeper.client.request(
                "POST", MAKE, body=f"{kept}&{name}={value}".encode(),
                headers={"origin": keeper.home, "content-type": "application/x-www-form-urlencoded", "accept": "text/html"},
            )  # fmt: skip
            where = f"POST {name} = {what}: {answer.status}"
            if answer.status >= 500 or answer.status == 200:
                wrong.append(where)
            if answer.status >= 400 and (fault := said(answer)):
                wrong.append(f"{where}: {fault}")
            if await digest_of(empty.ctx.db.reader) != before:
                wrong.append(f"{where} {answer.headers.get('location')}: the node was made of it")
                assert wrong == [], "\n".join(wrong)
    assert wrong == [], "\n".join(wrong)
    assert Page(answer.text).all("h1")


_TEXTS: Final = ("publisher", "director", "host", "dpo")
FINE: Final = {
    *((name, what) for name in _TEXTS for what in BAD if what != "sixty thousand letters"),
    *(("password", what) for what in BAD if what != "nothing"), ("siren", "nothing"), ("contact", "nothing"),
    ("handle_host", "a NUL"), ("service_host", "a NUL"), ("service_host", "nothing"),
}  # fmt: skip
"""What may well be typed there: these texts are free, and a NUL is dropped everywhere."""
