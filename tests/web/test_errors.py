"""Errors: pages for people, JSON for programs, and a last page when everything else is broken."""

import pytest

from node.app import create_app
from node.web import errors
from tests.support.client import Client
from tests.web.conftest import Town
from tests.web.reader import Page


async def test_people_get_a_page_and_programs_json(town: Town):
    """By the address that was asked, or by what the client says it reads."""
    client = town.reader().client
    for path in ("/nowhere", "/@nobody", "/tags/x/y", "/oauth/nothing", "/media"):
        answer = await client.get(path, accept="text/html")
        assert answer.status == 404
        page = Page(answer.text)
        assert "Cette page n’existe pas" in page.words, path
        assert page.all("a", href="/"), "no way back"
    for path in ("/api/v1/nowhere", "/users/nobody", "/inbox/x", "/.well-known/x", "/nodeinfo/9"):
        answer = await client.get(path)
        assert answer.status in (404, 405), path
        assert answer.json["error"], path
    answer = await client.get("/@nobody", accept="application/activity+json")
    assert answer.status == 404
    assert answer.json["error"]


async def test_addresses_that_nobody_means(town: Town):
    """NUL, broken UTF-8, control characters, endless names: a clear refusal, never a fault of the node."""
    client = town.reader().client
    for odd in (
        "%00",
        "%ff%fe",
        "%0a",
        "%ED%A0%80",
        "%F0%9F%98%80",
        "..%2f..",
        "x" * 3000,
        "@",
        "%40%40",
        "a@b@c",
        "%25",
    ):
        for path in (
            "/@{}",
            "/@mairie/{}",
            "/@{}/1",
            "/@x@{}/1",
            "/@{}.rss",
            "/tags/{}",
            "/@{}/follow",
            "/static/{}",
            "/{}",
        ):
            answer = await client.get(path.format(odd), accept="text/html")
            assert answer.status in (200, 400, 404), f"{path.format(odd)}: {answer.status}"
        for path in (
            "/?max_id={}",
            "/login?next={}",
            "/?lang={}",
            "/oauth/authorize?client_id={}",
            "/authorize_interaction?uri={}",
        ):
            answer = await client.get(path.format(odd), accept="text/html")
            assert answer.status in (200, 303, 400, 401, 404), f"{path.format(odd)}: {answer.status}"


async def test_a_wrong_method_says_which_is_right(town: Town):
    """405 with Allow, as a page."""
    answer = await town.reader().client.delete("/about")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert "Cette adresse n’accepte pas cela" in Page(answer.text).words


async def test_an_unknown_host_gets_a_page_too(town: Town):
    """No domain of this node: said plainly, without a template that needs one."""
    for host in ("evil.example", "x" * 300, "[::1]", "exa mple", ""):
        answer = await Client(town.node.app, host).get("/", accept="text/html")
        assert answer.status == 404, host
        assert Page(answer.text).faults == []


@pytest.mark.parametrize("path", ["/@mairie", "/", "/account"])
async def test_the_last_page_stands_alone(town: Town, path: str):
    """The database is gone: a page without template or file, with the number that leads to the log; no traceback."""
    client = Client(create_app(town.node.ctx, with_worker=False), town.host)
    client.cookies["__Host-beffroi"] = "x"
    reader = town.node.ctx.db.reader
    object.__setattr__(town.node.ctx.db, "reader", None)
    try:
        answer = await client.get(path, accept_language="en")
    finally:
        object.__setattr__(town.node.ctx.db, "reader", reader)
    assert answer.status == 500
    page = Page(answer.text)
    assert page.faults == []
    assert page.all("html", lang="en")
    assert answer.headers["x-request-id"] in page.words
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text


def test_the_last_page_bears_anything():
    """Headers that no parser expects do not break it."""
    scope = {"type": "http", "path": "/", "headers": [(b"accept-language", b"\xff\xfe;q=\xff"), (b"host", b"\xff")]}
    headers, body = errors.broken(scope, 500, "abc")
    assert dict(headers)[b"content-length"] == str(len(body)).encode()
    assert Page(body.decode()).all("html", lang="fr")
