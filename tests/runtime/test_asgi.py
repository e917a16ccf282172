"""The frame around every request: an id on the answer and on each line of the log, an address that nobody invents."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from node.runtime import log
from node.runtime.asgi import Frame
from node.runtime.metrics import Metrics
from node.runtime.settings import Settings
from tests.support.written import written

PROXY, CLIENT, FORGED = "10.0.0.1", "203.0.113.7", "198.51.100.66"


def frame(app, *, proxies=("127.0.0.1", "::1", "10.0.0.0/8"), scheme="https"):
    ctx = SimpleNamespace(settings=Settings(trusted_proxies=proxies, scheme=scheme), metrics=Metrics())

    def broken(scope, status, request_id):
        return [(b"content-type", b"text/plain")], f"{status} {request_id}".encode()

    return Frame(app, ctx, broken)  # type: ignore[arg-type]


async def ask(app, *headers, client=(PROXY, 1), kind="http", **more):
    sent = []
    scope = {
        "type": kind, "method": "GET", "path": "/", "client": client, "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers], **more,
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return scope, sent


async def seen_from(client, *headers, **more):
    """The address that the application sees."""

    async def app(scope, receive, send):
        pass

    scope, _ = await ask(frame(app, **more), *headers, client=client)
    return scope["state"]["client"]


XFF = "x-forwarded-for"


@pytest.mark.parametrize(
    ("peer", "headers", "seen"),
    [
        ((CLIENT, 1), [], CLIENT),
        # Who comes directly may write what he likes (CVE-2023-49952: a new address for each guess of a password).
        ((CLIENT, 1), [(XFF, FORGED)], CLIENT),
        ((PROXY, 1), [(XFF, CLIENT)], CLIENT),
        ((PROXY, 1), [(XFF, f"{FORGED}, {CLIENT}")], CLIENT),
        ((PROXY, 1), [(XFF, f"{FORGED},{CLIENT}, 10.0.0.9")], CLIENT),
        # HAProxy adds a line of its own below the client's.
        ((PROXY, 1), [(XFF, FORGED), (XFF, CLIENT)], CLIENT),
        ((PROXY, 1), [(XFF, f"{CLIENT}, {FORGED}"), ("accept", "*/*"), (XFF, f"{CLIENT}, 10.2.2.2")], CLIENT),
        # A client who pretends to be a trusted proxy.
        ((PROXY, 1), [(XFF, f"10.0.0.7, {CLIENT}")], CLIENT),
        ((PROXY, 1), [(XFF, "10.0.0.7, 127.0.0.1")], "10.0.0.7"),
        ((PROXY, 1), [], PROXY),
        ((PROXY, 1), [(XFF, "")], PROXY),
        ((PROXY, 1), [(XFF, "unknown")], PROXY),
        ((PROXY, 1), [(XFF, f"{FORGED}, unknown")], PROXY),
        ((PROXY, 1), [(XFF, f"{FORGED}, {'9' * 4000}")], PROXY),
        ((PROXY, 1), [(XFF, f"{CLIENT}:51234")], CLIENT),
        ((PROXY, 1), [(XFF, "[2001:db8::7]:443")], "2001:db8::7"),
        ((PROXY, 1), [(XFF, "2001:DB8:0::7")], "2001:db8::7"),
        (("::ffff:10.0.0.1", 1), [(XFF, CLIENT)], CLIENT),
        (("::ffff:203.0.113.7", 1), [(XFF, FORGED)], CLIENT),
        (("::1", 1), [(XFF, f"::ffff:{CLIENT}")], CLIENT),
        (None, [(XFF, CLIENT)], CLIENT),
        (None, [], "127.0.0.1"),
        (("testclient", 1), [(XFF, FORGED)], "testclient"),
        ((PROXY, 1), [("forwarded", f"for={FORGED}"), ("x-real-ip", FORGED), ("client-ip", FORGED)], PROXY),
    ],
)
async def test_the_address_is_the_one_that_our_proxy_saw(peer, headers, seen):
    assert await seen_from(peer, *headers) == seen


async def test_without_a_trusted_proxy_nothing_is_believed():
    assert await seen_from(("127.0.0.1", 1), (XFF, FORGED), proxies=()) == "127.0.0.1"


WORDS = st.lists(
    st.sampled_from([FORGED, "10.0.0.9", "127.0.0.1", "::1", "unknown", "", " ", "é", "1.2.3.4:5", "[::", "%", "0"])
    | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n,"), max_size=12),
    max_size=8,
)


@given(st.lists(WORDS, max_size=4), st.booleans())
async def test_nothing_that_a_client_writes_changes_who_it_is(lines, own_line):
    """Whatever stands before what our proxy appends, the address is the one that our proxy saw."""
    written = [", ".join(words) for words in lines]
    if own_line or not written:
        written.append(CLIENT)
    else:
        written[-1] += f", {CLIENT}"
    assert await seen_from((PROXY, 1), *((XFF, line) for line in written)) == CLIENT


async def test_the_scheme_is_the_settings_own():
    """A client's `X-Forwarded-Proto: http` must not turn the links of a page."""

    async def app(scope, receive, send):
        pass

    forged = ("x-forwarded-proto", "http")
    assert (await ask(frame(app), forged))[0]["scheme"] == "https"
    assert (await ask(frame(app, scheme="http"), ("x-forwarded-proto", "https")))[0]["scheme"] == "http"
    assert (await ask(frame(app), forged, kind="websocket"))[0]["scheme"] == "wss"


# -- ids and errors


@pytest.fixture
def entries():
    with written() as read:
        yield lambda: [json.loads(line) for line in read()]


def header(sent, name):
    return [value.decode() for key, value in sent[0]["headers"] if key == name]


async def test_every_answer_and_every_line_carries_the_id(entries):
    async def app(scope, receive, send):
        log.log("one")
        await send({"type": "http.response.start", "status": 204, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b""})
        log.log("two")

    framed = frame(app)
    scope, sent = await ask(framed, ("x-request-id", "forged"))
    [request_id] = header(sent, b"x-request-id")
    assert request_id == scope["state"]["request_id"]
    assert len(request_id) == 16
    assert header(sent, b"x-own") == ["1"]
    assert [entry["request"] for entry in entries()] == [request_id] * 2
    log.log("outside")
    assert "request" not in entries()[0]
    assert header((await ask(framed))[1], b"x-request-id") != [request_id]
    assert framed._ctx.metrics.counted("requests", method="GET", status="2xx") == 2


async def test_a_failure_is_a_clear_answer_and_a_traceback_with_the_same_id(entries):
    async def app(scope, receive, send):
        raise ZeroDivisionError("broken")

    _, sent = await ask(frame(app))
    [request_id] = header(sent, b"x-request-id")
    assert sent[0]["status"] == 500
    assert sent[1]["body"] == f"500 {request_id}".encode()
    assert b"broken" not in sent[1]["body"]
    [entry] = entries()
    assert (entry["event"], entry["request"], entry["path"]) == ("request.failed", request_id, "/")
    assert "ZeroDivisionError" in json.dumps(entry["exception"])


@pytest.mark.parametrize("end", ["", "/sign-up"])
async def test_the_token_of_a_mailed_link_is_in_no_log(entries, end):
    """Whoever reads the log, or a copy of it at a log host, would else choose her next password."""

    async def app(scope, receive, send):
        raise ZeroDivisionError

    token = "Zk3_-" + "a" * 38
    await ask(frame(app), path=f"/login/reset/{token}{end}")
    [entry] = entries()
    assert entry["path"] == f"/login/reset/[blank]{end}"
    assert token not in json.dumps(entry)


async def test_a_failure_after_the_answer_began_is_only_logged(entries):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        raise ZeroDivisionError

    _, sent = await ask(frame(app))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [entry["event"] for entry in entries()] == ["request.failed"]


async def test_a_client_who_leaves_is_no_failure(entries):
    async def app(scope, receive, send):
        raise ClientDisconnect

    _, sent = await ask(frame(app))
    assert not sent
    [entry] = entries()
    assert (entry["event"], entry["level"]) == ("request.left", "info")


async def test_odd_methods_are_one_figure():
    """A stranger must not fill the figures with names of his own."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 405, "headers": []})

    framed = frame(app)
    for number in range(50):
        await ask(framed, method=f"X{number}")
    assert framed._ctx.metrics.counted("requests", method="other", status="4xx") == 50


async def test_other_kinds_pass():
    passed = []

    async def app(scope, receive, send):
        passed.append(scope["type"])

    await frame(app)({"type": "lifespan"}, None, None)
    assert passed == ["lifespan"]
