"""`beffroi serve`: the first start makes what is missing; commands go to the node that runs; it ends in order."""

import json
import re
import shlex
import signal
import socket
import stat
import urllib.error
import urllib.request

import pytest

from admin.control import path
from tests.support.postgresql import free_port


@pytest.fixture
def first(beffroi, port):
    """A newcomer: an empty folder, one command."""
    beffroi.set(listen=f"127.0.0.1:{port}")
    beffroi.port = port
    beffroi.url = f"http://localhost:{port}"
    return beffroi


def test_a_newcomers_first_hour(first):
    """One command, and where to go is on the screen; then commands, a second node, an end."""
    with first.serving() as node:
        assert node.get(f"{first.url}/healthz") == (200, "OK\n")
        assert node.get(f"{first.url}/readyz") == (200, "OK\n")
        [address] = re.findall(rf"{first.url}/first-run/[\w-]{{43}}$", node.said, re.MULTILINE)
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert "Quelle commune" in browser.open(address).read().decode()
        assert node.get(f"{first.url}/first-run")[0] == 403, "a stranger may set the node up"
        assert node.get(f"{first.url}/")[0] == 503

        # Who wants no questions types what is printed too.
        [command] = re.findall(r"beffroi (init --domain .+)$", node.said, re.MULTILINE)
        lines = "\n".join(first.ok(*shlex.split(command)))
        [password] = re.findall(r"Mot de passe, affiché cette seule fois : (\S+)", lines)
        assert len(password) >= 12
        assert "agent@localhost.localdomain" in lines
        assert node.get(f"{first.url}/@ma-commune")[0] == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            browser.open(f"{first.url}/first-run")

        # Commands are done by the node that runs: there is one writer.
        sock = path(first.data)
        assert stat.S_IMODE(sock.stat().st_mode) == 0o600, "anybody on this machine could command the node"
        assert first.ok("user", "create", "marie@commune.example")[0].startswith("marie@commune.example")
        assert "marie@commune.example" in "\n".join(first.ok("user", "list"))
        assert "réservé" in first.refused("actor", "create", "--username", "admin")
        assert first.ok(f"init --domain localhost:{first.port} --username ma-commune")
        assert first.ok("actor", "create", "--username", "marie", "--member", "marie@commune.example")
        assert node.get(f"{first.url}/@marie")[0] == 200

        # A second node is refused before it touches anything.
        again = first.process("serve")
        assert again.returncode == 1
        assert len(again.stderr.splitlines()) == 1
        assert again.stderr.startswith("beffroi: ")
        assert "migrate" not in again.stdout
        assert first("migrate").code == 1
        assert node.get(f"{first.url}/healthz")[0] == 200
        assert sock.exists(), "the refused node took the socket of the one that runs"

        assert node.stop() == 0
        assert not sock.exists()
    assert not (first.data / "beffroi.db-wal").exists(), "the database was not closed"
    assert "Traceback" not in node.said

    # The second start finds everything, and asks nothing.
    node.log.write_text("")
    with first.serving() as node:
        assert node.get(f"{first.url}/readyz") == (200, "OK\n")
        assert f"Beffroi: {first.url}/" in node.said
        assert "first-run" not in node.said
        assert node.stop(signal.SIGINT) == 0


def test_a_killed_node_does_not_stand_in_the_way(first):
    """Its socket and its lock stay behind: commands and a new start work all the same."""
    with first.serving() as node:
        node.get(f"{first.url}/healthz")
        first.ok("user", "create", "marie@commune.example")
        node.stop(signal.SIGKILL)
    assert path(first.data).exists()
    assert "marie@commune.example" in first.ok("user", "list")[0]
    with first.serving() as node:
        assert node.get(f"{first.url}/readyz") == (200, "OK\n")
        assert first.ok("user", "list")
        assert node.stop() == 0


def test_an_address_that_is_taken_is_said(first):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first.port))
        taken.listen()
        said = first.process("serve")
    assert said.returncode == 1
    assert "BEFFROI_LISTEN" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_public_node_is_not_made_by_accident(first):
    """With https no trial is offered: it says how to go on, and leaves no file that says http."""
    first.set(scheme="https")
    with first.serving() as node:
        assert node.get(f"{first.url}/readyz") == (200, "OK\n")
        assert re.search(r"https://NOM-DU-SERVEUR/first-run/[\w-]{43}$", node.said, re.MULTILINE), node.said
        assert "pour un essai" not in node.said
        assert node.stop() == 0
    assert not (first.data / "beffroi.toml").exists()
    assert first.rows("SELECT COUNT(*) FROM domains") == [(0,)]


def test_an_address_is_printed_anew(first):
    """Before the node runs, and while it does; with its host where that is known; not once there is a domain."""
    first.set(scheme="http")
    [said, _] = first.ok("init", "--browser")
    assert re.search(rf"{first.url}/first-run/[\w-]{{43}}$", said), said
    with first.serving() as node:
        node.get(f"{first.url}/healthz")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        for address in (said.split()[-1], first.ok("init", "--browser")[0].split()[-1]):
            assert "Quelle commune" in browser.open(address).read().decode(), "what was printed does not open"
        [named] = first.ok("init", "--browser", "--service-host", "social.commune.example")
        assert "://social.commune.example/first-run/" in named
        first.ok("init", "--domain", f"localhost:{first.port}", "--username", "ma-commune")
        assert "déjà installé" in first.refused("init", "--browser")
        assert node.stop() == 0
    assert said.rpartition("/")[2] not in node.said, "the log keeps a token that was opened"


def test_figures_are_elsewhere_and_private(first):
    private = free_port()
    first.set(metrics_listen=f"127.0.0.1:{private}", log_format="json")
    with first.serving() as node:
        node.get(f"{first.url}/healthz")
        assert node.get(f"{first.url}/metrics")[0] == 404
        status, body = node.get(f"http://127.0.0.1:{private}/metrics")
        assert status == 200
        assert "beffroi_requests_total" in body
        request = urllib.request.Request(f"{first.url}/healthz", headers={"X-Request-Id": "forged"})
        with urllib.request.urlopen(request) as answer:
            assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])
        assert node.stop() == 0
    logged = [json.loads(line) for line in node.said.splitlines() if line.startswith("{")]
    assert all({"event", "level", "timestamp"} <= set(entry) for entry in logged)


def test_figures_on_an_address_that_is_taken_are_said(first):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first.set(metrics_listen=f"127.0.0.1:{taken.getsockname()[1]}")
        said = first.process("serve")
    assert said.returncode == 1
    assert "BEFFROI_METRICS_LISTEN" in said.stderr
    assert "Traceback" not in said.stderr
