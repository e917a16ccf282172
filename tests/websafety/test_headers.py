"""What every page tells the browser: from the tables of routes, for a stranger, an agent and a keeper; errors too."""

import re

from node.app import create_app
from tests.support.client import Answer, Client
from tests.web.reader import Page
from tests.websafety.house import House
from tests.websafety.pages import every

PRIVATE = (
    "/account",
    "/desk",
    "/admin",
    "/login",
    "/oauth",
    "/report",
    "/invitations",
    "/sign-up",
    "/authorize_interaction",
)


def faults(path: str, answer: Answer) -> list[str]:
    """What is missing in an answer that has a body."""
    head = answer.headers
    found = [f"says its {name}: {head[name]}" for name in ("server", "x-powered-by", "via") if name in head]
    if not answer.body:
        return [f"{path}: {each}" for each in found]
    if head.get("x-content-type-options") != "nosniff":
        found.append("lets the browser guess its type")
    if path.startswith(PRIVATE) and head.get("cache-control") != "no-store":
        found.append(f"is kept: {head.get('cache-control')}")
    if answer.status >= 400 and head.get("cache-control") != "no-store":
        found.append(f"an error that is kept: {head.get('cache-control')}")
    if "text/html" in head.get("content-type", ""):
        found += of_page(answer)
    return [f"{path}: {each}" for each in found]


def of_page(answer: Answer) -> list[str]:
    head, found = answer.headers, []
    policy = head.get("content-security-policy", "")
    found += [
        f"its policy lacks {part}"
        for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
        if part not in policy
    ]
    if "unsafe" in policy or "data:" in policy or re.search(r"script-src (?!'self'(;|$))", policy):
        found.append(f"its policy lets in more than our files: {policy}")
    wanted = {
        "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
    }  # fmt: skip
    found += [f"{name} is {head.get(name)}" for name, value in wanted.items() if head.get(name) != value]
    if head.get("referrer-policy") not in ("same-origin", "no-referrer"):
        found.append(f"its address goes elsewhere: {head.get('referrer-policy')}")
    for what in ("camera=()", "geolocation=()", "microphone=()", "payment=()"):
        if what not in head.get("permissions-policy", ""):
            found.append(f"permissions: {head.get('permissions-policy')}")
    page = Page(answer.text)
    for each in page.elements:
        got = each.attributes
        loaded = [
            got[name]
            for name in ("src", "srcset", "poster", "data", "action", "formaction", "background")
            if name in got
        ]
        if each.tag == "link" and not {"canonical", "alternate"} & set(got.get("rel", "").split()):
            loaded.append(got["href"])
        found += [f"<{each.tag}> leads the browser to {one}" for one in loaded if not re.match(r"/(?![/\\])", one)]
        if each.tag == "script" and "src" not in got:
            found.append("a script in the page itself")
        if (
            (each.tag == "style" and "'sha256-" not in policy)
            or "style" in got
            or any(name.startswith("on") for name in got)
        ):
            found.append(f"<{each.tag}> carries what the policy forbids")
        if each.tag in ("base", "iframe", "object", "embed", "frame"):
            found.append(f"<{each.tag}>")
        if got.get("http-equiv"):
            found.append(f"http-equiv {got['http-equiv']}")
        if "noopener" not in got.get("rel", "noopener") and got.get("target") == "_blank":
            found.append("a link opens a window that can reach back")
    return found


async def test_every_page_is_told_what_it_may_do(house: House):
    """Nothing is loaded from elsewhere, nothing runs that is not ours, nothing of one person is kept."""
    wrong: list[str] = []
    shown: dict[str, set[int]] = {}
    for who in ("stranger", "odile", "keeper"):
        for route, path in every(house).items():
            reader = await house.browser(who)
            answer = await reader.client.get(path, accept="text/html")
            shown.setdefault(route, set()).add(answer.status)
            wrong += [f"{who}: {each}" for each in faults(path, answer)]
            location = answer.headers.get("location", "")
            if re.search(r"__Host|session|form_token", location) or any(
                value in location for value in reader.client.cookies.values() if len(value) > 20
            ):
                wrong.append(f"{who}: {path}: a cookie's value stands in an address: {location}")
            if reader.client.cookies.get("__Host-beffroi", "never") in answer.text:
                wrong.append(f"{who}: {path} shows the session's token")
    assert wrong == [], "\n".join(wrong)
    nowhere = [route for route, statuses in shown.items() if not statuses & {200, 302, 303, 410}]
    assert nowhere == [], f"nothing stands there, so nothing was looked at: {nowhere}"


async def test_errors_too(house: House):
    """Not there, not allowed, not in this way, too much, no host of ours, and broken."""
    reader = await house.browser("odile")
    client = reader.client
    wrong: list[str] = []
    form = {"content-type": "application/x-www-form-urlencoded"}
    asked: list[tuple[str, str, dict[str, str], bytes]] = [
        ("GET", "/nowhere", {}, b""), ("GET", "/@nobody", {}, b""), ("GET", "/admin", {}, b""), ("POST", "/", {}, b""),
        ("GET", "/account/revoke", {}, b""), ("POST", "/account/password", form, b"x=" + b"y" * 70_000),
        ("GET", "/", {"host": "elsewhere.example"}, b""), ("GET", "/@%00", {}, b""), ("TRACE", "/", {}, b""),
        ("BEFFROI", "/", {}, b""),
    ]  # fmt: skip
    for method, path, more, body in asked:
        answer = await client.request(method, path, headers={"accept": "text/html", **more}, body=body)
        if answer.status < 400:
            wrong.append(f"{method} {path}: {answer.status}")
        wrong += [f"{method} {each}" for each in faults(path, answer)]
    broken = Client(create_app(house.ctx, with_worker=False), house.town.host)
    broken.cookies["__Host-beffroi"] = "x"
    rows = house.ctx.db.reader
    object.__setattr__(house.ctx.db, "reader", None)
    try:
        answer = await broken.get("/account", accept="text/html")
    finally:
        object.__setattr__(house.ctx.db, "reader", rows)
    assert answer.status == 500
    wrong += [f"broken: {each}" for each in faults("/account", answer)]
    assert wrong == [], "\n".join(wrong)
