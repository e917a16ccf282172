"""nginx and Caddy, as docs/production.md configures them, before a real node: what must pass through them does."""

import contextlib
import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from node.cli.demo.loopback import session as client
from tests.production.conftest import NAMES, Behind
from tests.scaled.test_stories import the_stories

pytestmark = pytest.mark.xdist_group("production")


def test_the_stories_pass_through(behind: Behind) -> None:
    """Signed by a neighbour over Host, path, date and digest, and read on the other side of the proxy; and back."""
    behind.town.follow(behind.neighbour)
    behind.neighbour.follow(behind.town)
    the_stories(behind.town, behind.neighbour, behind.proxy)
    the_stories(behind.neighbour, behind.town, f"vers {behind.proxy}")


def test_many_domains(behind: Behind) -> None:
    """The Host of the client comes through: each name is its own instance, and addresses are https without a hint."""
    for name in NAMES:
        at = f"{name}:{behind.town.node.port}"
        with client(behind.authority) as session:
            shown = session.get(f"https://{at}/api/v2/instance", timeout=20).json()
            assert shown["domain"] == at
            nodeinfo = session.get(f"https://{at}/.well-known/nodeinfo", timeout=20).json()
            assert all(link["href"].startswith(f"https://{at}/") for link in nodeinfo["links"])
            login = session.get(f"https://{at}/auth/edit", timeout=20, allow_redirects=False)
            assert login.headers.get("location", f"https://{at}/").startswith((f"https://{at}/", "/"))


def remaining(behind: Behind, address: str, **headers: str) -> int:
    """What is left of the allowance of a client at *address*, after one more request."""
    name, port = behind.town.node.host, behind.town.node.port
    trusting = ssl.create_default_context(cafile=behind.authority)
    line = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(address, 0))
    with trusting.wrap_socket(line, server_hostname=name) as call:
        lines = {"Host": f"{name}:{port}", "Connection": "close", **headers}
        asked = "GET /api/v1/instance HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        call.sendall(asked.encode() + b"\r\n")
        told = b""
        while piece := call.recv(65_536):
            told += piece
    head = told.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith("http/1.1 200"), head
    return int(head.partition("x-ratelimit-remaining: ")[2].split("\r\n")[0])


def test_who_asks_is_known_by_its_address(behind: Behind) -> None:
    """The proxy says for whom it asks; what the client claims of itself counts for nothing."""
    first = remaining(behind, "127.0.0.2")
    assert remaining(behind, "127.0.0.2") == first - 1
    assert remaining(behind, "127.0.0.3") == first, "two clients behind the proxy are taken for one"
    forged = remaining(behind, "127.0.0.2", **{"X-Forwarded-For": "203.0.113.9"})
    assert forged == first - 2, "a client chose its own address"


@contextlib.contextmanager
def listening(behind: Behind) -> Iterator[ClientConnection]:
    """A WebSocket through the proxy."""
    name, port = behind.town.node.host, behind.town.node.port
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    address = f"wss://{name}:{port}/api/v1/streaming?stream=user&access_token={behind.town.client.access_token}"
    with connect(address, sock=line, ssl=ssl.create_default_context(cafile=behind.authority)) as call:
        yield call


def test_streams_come_at_once(behind: Behind) -> None:
    """A WebSocket is upgraded, and events sent by the server are not kept back in a buffer."""
    heard: list[str] = []
    opened = threading.Event()
    headers = {"Authorization": f"Bearer {behind.town.client.access_token}"}

    def listen() -> None:
        with behind.town.node.session() as session:
            address = f"{behind.town.node.url}/api/v1/streaming/user"
            with session.get(address, headers=headers, stream=True, timeout=60) as answer:
                for line in answer.iter_lines(chunk_size=1):
                    if line.startswith(b":)"):
                        opened.set()
                    if line.startswith(b"data:"):
                        heard.append(json.loads(line[5:])["uri"])
                        return

    events = threading.Thread(target=listen, daemon=True)
    events.start()
    assert opened.wait(20), "the first bytes of a stream did not come through"
    with listening(behind) as call:
        began_s = time.monotonic()
        post = behind.town.client.status_post("En direct")
        while True:
            said = json.loads(call.recv(timeout=20))
            if said["event"] == "update":
                break
        assert json.loads(said["payload"])["uri"] == post.uri
        events.join(20)
        assert heard == [post.uri]
        assert time.monotonic() - began_s < 15, "the proxy kept events back"


def uploaded(behind: Behind, data: bytes) -> requests.Response:
    headers = {"Authorization": f"Bearer {behind.town.client.access_token}"}
    with behind.town.node.session() as session:
        return session.post(
            f"{behind.town.node.url}/api/v2/media",
            headers=headers,
            files={"file": ("vue.png", data, "image/png")},
            timeout=60,
        )


def picture() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((1200, 900), 90).save(made, "PNG")
    return made.getvalue()


def test_pictures_pass_up_to_the_nodes_own_limit(behind: Behind) -> None:
    """A picture that a phone takes is taken; what the node refuses, it refuses itself; what is larger, the proxy may."""
    whole = picture()
    assert len(whole) > 1_000_000, "nginx's own limit is 1 MB: this would not show that it was raised"
    assert uploaded(behind, whole).status_code in (200, 202)
    refused: Any = uploaded(behind, whole + bytes(16 * 1_048_576 + 200_000 - len(whole)))
    assert refused.status_code in (413, 422)
    assert "error" in refused.json(), "the proxy refused what the node would have answered"
    film: Any = uploaded(behind, bytes(39 * 1_048_576))
    assert "error" in film.json(), "the proxy refused what is as large as a film"
    with contextlib.suppress(requests.ConnectionError):  # it may hang up on who goes on sending
        assert uploaded(behind, bytes(64 * 1_048_576)).status_code == 413


def test_http2_is_offered(behind: Behind) -> None:
    trusting = ssl.create_default_context(cafile=behind.authority)
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    line = socket.create_connection(("127.0.0.1", behind.town.node.port), timeout=20)
    with trusting.wrap_socket(line, server_hostname=behind.town.node.host) as call:
        assert call.selected_alpn_protocol() == "h2"


def test_a_node_that_is_down_is_said_to_be(behind: Behind) -> None:
    """Other servers and clients come back after 502 to 504; nothing else would make them."""
    node = behind.town.node
    node.stop()
    try:
        with node.session() as session:
            assert session.get(f"{node.url}/readyz", timeout=20).status_code in (502, 503, 504)
    finally:
        node.start()
