"""Two processes on one SQLite: one writes, the other answers hot reads and hands over everything else."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from node.cli.demo.agents import until
from node.cli.demo.nodes import NodeProcess, pair
from node.cli.demo.storm import Storm
from tests.scaled.test_stories import the_stories
from tests.tls.towns import Town, found

pytestmark = pytest.mark.xdist_group("scaled")


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    """Besançon with two processes, Ornans with one; each follows the other."""
    nodes = pair("besancon.localhost", "ornans.localhost", tmp_path_factory.mktemp("reading"), log_level="warning")
    nodes[0].settings["processes"] = "2"
    try:
        made = found(nodes[0], "25056"), found(nodes[1], "25434")
        for each in nodes:
            each.start()
        made[0].follow(made[1])
        made[1].follow(made[0])
        yield made
        for each in nodes:
            assert "Traceback" not in each.tail(200), f"{each.host} broke:\n{each.tail(60)}"
    finally:
        for each in nodes:
            each.stop()


def children(node: NodeProcess) -> list[int]:
    return [int(each) for each in Path(f"/proc/{node.pid}/task/{node.pid}/children").read_text().split()]


def writing(node: NodeProcess) -> int:
    """The child that holds the lock of the database."""
    database = node.data / "beffroi.db"
    inode = (database.parent / "beffroi.db.lock").stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "FLOCK" and int(words[5].rpartition(":")[2]) == inode:
            return int(words[4])
    raise AssertionError("nobody holds the database")


def test_the_stories_in_both_directions(towns: tuple[Town, Town]) -> None:
    """Whichever process takes a connection, clients and servers see one node."""
    besancon, ornans = towns
    assert len(children(besancon.node)) == 2
    for turn in range(2):
        the_stories(besancon, ornans, f"Besançon {turn}")
        the_stories(ornans, besancon, f"Ornans {turn}")


def test_an_address_is_the_clients_own_in_each_process(towns: tuple[Town, Town]) -> None:
    """Counted as one client whichever process takes the connection, and whatever it says in the inner header."""
    node = towns[0].node
    left = []
    for number in range(12):
        with node.session() as session:  # a new connection: either process may take it
            answer = session.get(
                f"{node.url}/api/v1/accounts/verify_credentials", timeout=20,
                headers={"X-Beffroi-Client": f"198.51.100.{number}", "X-Forwarded-For": "203.0.113.8"},
            )  # fmt: skip
        assert answer.status_code == 401
        assert "," not in answer.headers["x-request-id"], "two processes put their number on one answer"
        left.append(int(answer.headers["x-ratelimit-remaining"]))
    assert left == list(range(left[0], left[0] - 12, -1)), f"it passed for several clients: {left}"


def test_streams_pass_through(towns: tuple[Town, Town]) -> None:
    """Server-sent events and WebSockets, on six connections of each, held by whichever process."""
    besancon, ornans = towns
    heard: list[str] = []
    headers = {"Authorization": f"Bearer {besancon.client.access_token}"}
    ready = threading.Barrier(13)

    def events() -> None:
        with besancon.node.session() as session:
            address = f"{besancon.node.url}/api/v1/streaming/user"
            with session.get(address, headers=headers, stream=True, timeout=60) as answer:
                lines = answer.iter_lines()
                next(lines)
                ready.wait(20)
                for line in lines:
                    if line.startswith(b"data:"):
                        heard.append(json.loads(line[5:]).get("uri", ""))
                        return

    def sockets() -> None:
        import socket
        import ssl

        context = ssl.create_default_context(cafile=besancon.node.settings["extra_ca"])
        wired = socket.create_connection(("127.0.0.1", besancon.node.port))
        address = f"wss://{besancon.node.authority_part}/api/v1/streaming?stream=user"
        with connect(
            address, sock=wired, ssl=context, server_hostname=besancon.node.host, additional_headers=headers
        ) as line:
            ready.wait(20)
            said = json.loads(line.recv(timeout=30))
            heard.append(json.loads(said["payload"])["uri"])

    listening = [threading.Thread(target=each, daemon=True) for each in (events, sockets) for _ in range(6)]
    for each in listening:
        each.start()
    ready.wait(30)
    post = ornans.client.status_post("Vu en direct par tous")
    for each in listening:
        each.join(30)
    assert heard == [post.uri] * 12


def test_a_picture_passes_whole(towns: tuple[Town, Town]) -> None:
    """A multipart body through the inner socket, several times: either process may take the connection."""
    from io import BytesIO

    from PIL import Image

    besancon, _ornans = towns
    drawn = BytesIO()
    Image.effect_noise((900, 900), 90).save(drawn, "PNG")
    for _ in range(4):
        client = besancon.agent.again(besancon.client)
        assert client.media_post(drawn.getvalue(), "image/png", description="du bruit").id


def test_a_key_in_any_letters_is_the_same_by_either_way(towns: tuple[Town, Town]) -> None:
    """An application sends again over a connection that another process takes: the post must not exist twice."""
    besancon, _ornans = towns
    ids = set()
    for _ in range(12):
        with besancon.node.session() as session:
            answer = session.post(
                f"{besancon.node.url}/api/v1/statuses", data={"status": "Une seule fois"}, timeout=20,
                headers={
                    "Authorization": f"Bearer {besancon.client.access_token}", "Idempotency-Key": "Écriture 1".encode("latin-1"),
                },
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            ids.add(answer.json()["id"])
    assert len(ids) == 1, "the same key meant another post in another process"


def test_a_killed_writer_comes_back_and_nothing_is_lost(towns: tuple[Town, Town]) -> None:
    """Kill -9 of the child that writes, among forty posts; the reader waits for the next one."""
    besancon, ornans = towns
    storm = Storm(besancon.agent, "Écriture", 40)
    storm.blow(after=15, then=lambda: os.kill(writing(besancon.node), signal.SIGKILL))
    until("two processes", lambda: len(children(besancon.node)) == 2)
    until("the node", lambda: _ready(besancon.node))
    storm.finish()
    storm.seen_by(ornans.client)


def _ready(node: NodeProcess) -> bool:
    with node.session() as session:
        try:
            return session.get(f"{node.url}/readyz", timeout=5).status_code == 200
        except OSError:
            return False


def test_a_second_node_on_the_same_data_is_refused(towns: tuple[Town, Town]) -> None:
    """Two processes are one node; two nodes are not."""
    refused = towns[0].node.attempt("serve")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
