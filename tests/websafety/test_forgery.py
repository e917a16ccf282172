"""Forms that other sites send: every POST of pages and console, from the tables of routes, refused with nothing changed."""

from tests.web.reader import Page
from tests.websafety.house import POSTS, House, digest_of, routes

FORGED = ("did not come from this site", "ne vient pas de ce site")


def test_every_form_is_attacked():
    """A new form stands in the table, or this fails; and nothing but GET and POST is taken."""
    paths = {route.path for route in routes("POST")}
    assert paths == set(POSTS), f"say in house.py how it is filled in: {paths ^ set(POSTS)}"
    for method in ("PUT", "DELETE", "PATCH"):
        assert routes(method) == [], "a form of a browser is a POST"


async def test_no_form_is_sent_in_her_name(house: House):
    """Without token, with another browser's, from another site, as text, as an address: refused, and nothing changed."""
    wrong: list[str] = []
    idle: list[str] = []
    for path, post in sorted(POSTS.items(), key=lambda item: item[1].last):
        reader, form, given = await house.form(path, post)
        _, other, _ = await house.form(path, post)  # another session, another visitor
        action, own = form.action, reader.home
        if path == "/sign-up" or path.endswith("}/sign-up"):
            house.fediverse.clock.forward(20)
        good = {**form.fields, **given}
        forged = {**good, "form_token": other.fields.get("form_token", "")}
        assert post.bare or forged["form_token"] != good.get("form_token"), f"{path}: the same token for two browsers"
        before = await digest_of(house.ctx.db.reader)
        tries = {
            "from another site": (good, {"origin": "https://evil.example"}),
            "from a host that begins alike": (good, {"origin": f"{own}.evil.example"}),
            "from http": (good, {"origin": own.replace("https", "http")}),
            "from a sandbox": (good, {"origin": "null"}),
            "led by another page": (good, {"referer": "https://evil.example/montreuil.example"}),
        }
        if not post.bare:
            tries |= {
                "without a token": ({**good, "form_token": ""}, {"origin": own}),
                "with another browser's token": (forged, {"origin": own}),
                "with a token in capitals": ({**good, "form_token": good["form_token"].swapcase()}, {"origin": own}),
            }
        for how, (data, headers) in tries.items():
            answer = await reader.client.request("POST", action, data=data, headers={**headers, "accept": "text/html"})
            if answer.status != 403 or not any(words in answer.text for words in FORGED):
                wrong.append(f"POST {path} {how}: {answer.status} {answer.headers.get('location', '')}")
            if "__Host-beffroi=" in answer.headers.get("set-cookie", ""):
                wrong.append(f"POST {path} {how}: a session is changed")
        body = "&".join(f"{name}={value}" for name, value in good.items()).encode()
        for kind in ("text/plain", "application/json", ""):
            answer = await reader.client.request(
                "POST", action, body=body, headers={"content-type": kind, "origin": own}
            )
            if answer.status != 400:
                wrong.append(f"POST {path} as {kind!r}: {answer.status}")
        cookies = dict(reader.client.cookies)
        answer = await reader.client.request("GET", action, params=good, headers={"accept": "text/html"})
        reader.client.cookies = cookies
        if answer.status not in (200, 303, 404, 405, 410):
            wrong.append(f"GET {path}: {answer.status}")
        if await digest_of(house.ctx.db.reader) != before:
            wrong.append(f"{path}: something was changed")
        # And the same form from our own page does what it says: it is the attack that was refused.
        answer = await reader.client.request("POST", action, data=good, headers={"origin": own, "accept": "text/html"})
        if answer.status == 403 or (answer.status >= 500 and not post.idle):
            wrong.append(f"POST {path} from our own page: {answer.status}")
        if await digest_of(house.ctx.db.reader) == before and not post.idle:
            idle.append(f"{path}: {answer.status} {Page(answer.text).words[:300]}")
    assert wrong == [], "\n".join(wrong)
    assert idle == [], "nothing happens there even when all is right: " + ", ".join(idle)
