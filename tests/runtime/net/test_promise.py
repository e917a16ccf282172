"""The same stories over TCP and inside the process: what holds in one network holds in the other."""

import asyncio
import contextlib
import contextvars
import gzip
import json
import socket

import pytest
import uvicorn

from node.runtime.net import ConnectionFailed, Network, NotResolved, TooMuch, TooSlow
from node.runtime.net.client import AiohttpNetwork
from tests.support.asgi_network import AsgiNetwork

AGENT = {"User-Agent": "beffroi-test", "Accept": "application/activity+json"}


async def mirror(scope, receive, send):
    """Tell what was received; some paths misbehave."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    seen = {
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "version": scope["http_version"],
        "headers": sorted((name.decode(), value.decode()) for name, value in scope["headers"]),
        "length": len(body),
    }
    content, headers, status = json.dumps(seen).encode(), [(b"content-type", b"application/json")], 200
    match scope["path"]:
        case "/long":
            content = b"x" * 5000
        case "/bomb":
            content, headers = gzip.compress(bytes(10**6)), [(b"content-encoding", b"gzip")]
        case "/empty":
            content, status = b"", 202
        case "/twice":
            headers += [(b"Link", b"<a>"), (b"link", b"<b>")]
        case "/crash":
            raise RuntimeError("a fault of the application")
        case "/sleep":
            await asyncio.sleep(5)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content[:10], "more_body": True})
    await send({"type": "http.response.body", "body": content[10:]})


@pytest.fixture(params=["tcp", "in process"])
async def told(request, caplog):
    """A network and the address of the mirror on it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        laboratory = frozenset({("lyon.localhost", port)})
        url = f"http://lyon.localhost:{port}"
        if request.param == "in process":
            inside = AsgiNetwork({f"lyon.localhost:{port}": mirror}, laboratory=laboratory)
            yield inside, url
            await inside.close()
            return
        config = uvicorn.Config(mirror, lifespan="off", log_config=None, server_header=False, date_header=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        network = AiohttpNetwork(laboratory=laboratory)
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield network, url
        await network.close()
        server.should_exit = server.force_exit = True
        await serving


async def test_an_application_sees_the_same_request(told):
    """Path, query and headers arrive byte for byte: signatures cover them."""
    network, url = told
    path = "/users/%C3%A9/a%2Fb;c/../~d?max_id=1&x=%20+é"
    for method, body in (("GET", b""), ("POST", b"{}"), ("DELETE", b"")):
        response = await network.request(method, url + path, headers=AGENT, body=body, max_bytes=10_000)
        assert response.headers["CONTENT-TYPE"] == "application/json"
        assert response.url == url + "/users/%C3%A9/a%2Fb;c/../~d?max_id=1&x=%20+%C3%A9"
        expected = {
            "host": url.removeprefix("http://"),
            "user-agent": "beffroi-test",
            "accept": "application/activity+json",
            "accept-encoding": "identity",
        }
        if method != "GET":
            expected["content-length"] = str(len(body))
        assert json.loads(response.body) == {
            "method": method,
            "path": "/users/é/a/b;c/../~d",
            "raw_path": "/users/%C3%A9/a%2Fb;c/../~d",
            "query": "max_id=1&x=%20+%C3%A9",
            "version": "1.1",
            "headers": sorted([name, value] for name, value in expected.items()),
            "length": len(body),
        }


async def test_a_header_of_the_caller_travels_as_it_is(told):
    network, url = told
    headers = {"user-agent": "a", "Signature": 'keyId="x",b="é"', "content-type": "application/activity+json"}
    seen = json.loads((await network.request("POST", url, headers=headers, body=b"{}", max_bytes=9999)).body)["headers"]
    assert ["signature", 'keyId="x",b="é"'] in seen
    assert ["content-type", "application/activity+json"] in seen


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 600_000, 3_000_000])
async def test_a_body_arrives_whole(told, size):
    network, url = told
    response = await network.request("POST", url, headers=AGENT, body=b"x" * size, max_bytes=9999)
    assert json.loads(response.body)["length"] == size


async def test_a_head_has_no_body(told):
    network, url = told
    response = await network.request("HEAD", url + "/long", headers=AGENT, max_bytes=10)
    assert (response.status, response.body) == (200, b"")


async def test_a_repeated_header_is_kept(told):
    network, url = told
    response = await network.request("GET", url + "/twice", headers=AGENT, max_bytes=9999)
    assert response.headers.getall("Link") == ["<a>", "<b>"]


async def test_an_empty_answer_is_an_answer(told):
    network, url = told
    response = await network.request("POST", url + "/empty", headers=AGENT, body=b"{}", max_bytes=0)
    assert (response.status, response.body) == (202, b"")


@pytest.mark.parametrize("path", ["/long", "/bomb"])
async def test_a_body_is_cut_at_its_limit(told, path):
    network, url = told
    with pytest.raises(TooMuch) as cut:
        await network.request("GET", url + path, headers=AGENT, max_bytes=4999)
    assert cut.value.answered == 200


async def test_a_crash_is_a_500(told):
    network, url = told
    assert (await network.request("GET", url + "/crash", headers=AGENT, max_bytes=9999)).status == 500


async def test_patience_ends(told):
    network, url = told
    with pytest.raises(TooSlow):
        await network.request("GET", url + "/sleep", headers=AGENT, max_bytes=9, timeout_s=0.1)


@pytest.mark.parametrize("headers", [{}, {"User-Agent": "a", "X": "a\r\nHost: b"}, {"User-Agent": "a\0"}])
async def test_broken_headers_are_our_fault(told, headers):
    network, url = told
    with pytest.raises(ValueError, match=r"."):
        await network.request("GET", url, headers=headers, max_bytes=9)


def test_both_keep_the_promise():
    """Checked by mypy: either may stand wherever a Network is asked for."""
    networks: list[type[Network]] = [AiohttpNetwork, AsgiNetwork]
    assert len(networks) == 2


# -- what only the network of the stories can do


async def ask(network, url="https://lyon.test/", **options):
    return await network.request("GET", url, headers=AGENT, max_bytes=9999, **options)


async def test_hosts_go_down_and_come_back():
    network = AsgiNetwork({"lyon.test": mirror})
    network.down.add("lyon.test")
    with pytest.raises(ConnectionFailed):
        await ask(network)
    network.down.clear()
    assert (await ask(network)).status == 200
    with pytest.raises(NotResolved):
        await ask(network, "https://besancon.test/")


async def test_a_slow_host_makes_nobody_wait_for_real():
    network = AsgiNetwork({"lyon.test": mirror})
    network.slow["lyon.test"] = 3600
    with pytest.raises(TooSlow):
        await ask(network)
    assert not network.sent


async def test_faults_are_injected():
    network = AsgiNetwork({"lyon.test": mirror})
    network.faults["lyon.test"] = 503
    assert (await ask(network)).status == 503
    network.faults["lyon.test"] = ConnectionFailed("cut")
    with pytest.raises(ConnectionFailed, match="cut"):
        await ask(network)
    network.faults["lyon.test"] = lambda sent: None
    assert (await ask(network)).status == 200
    assert [sent.method for sent in network.sent] == ["GET"] * 3


async def test_nothing_of_the_sender_leaks_into_the_receiver():
    """Two nodes in one process share no context variable, as two machines do not."""
    whose = contextvars.ContextVar("whose", default="nobody")
    seen = []

    async def app(scope, receive, send):
        seen.append(whose.get())
        await mirror(scope, receive, send)

    whose.set("lyon")
    await ask(AsgiNetwork({"lyon.test": app}))
    assert seen == ["nobody"]


async def test_work_after_the_answer_is_waited_for():
    done = []

    async def app(scope, receive, send):
        await mirror(scope, receive, send)
        with contextlib.suppress(asyncio.CancelledError):
            assert (await receive())["type"] == "http.disconnect"
        done.append(True)

    network = AsgiNetwork({"lyon.test": app})
    await ask(network)
    await network.idle()
    assert done == [True]
