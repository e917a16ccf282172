"""A node as a keeper runs it, and foreign implementations beside it: `make interop` installs them and runs these.

Each peer is a process of its own in an environment of its own (`tests/interop/peers/`); none of their code is ever
imported by a node. Everything listens on 127.0.0.1 and speaks plain HTTP, which a node does in a laboratory alone.
"""

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from node.cli.demo.agents import Agent
from node.cli.demo.nodes import NodeProcess, free_ports
from tests.interop.fedify import Fedify
from tests.interop.town import PASSWORD, Town

PEERS = Path(__file__).parent / "peers"


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    """Where everything listens: the node is told beforehand whom it may call on this machine."""
    names = ("node", "fedify", "fedify-rfc9421", "fedify-by-hand", "python", "pasture")
    return dict(zip(names, free_ports(len(names)), strict=True))


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]) -> Iterator[NodeProcess]:
    """A node of one town, served by the command that keepers use."""
    peers = ",".join(f"127.0.0.1:{port}" for name, port in ports.items() if name != "node")
    settings = {"scheme": "http", "laboratory": peers, "log_level": "warning"}
    node = NodeProcess("127.0.0.1", ports["node"], tmp_path_factory.mktemp("interop"), settings)
    node.command(
        "init", "--domain", node.authority_part, "--insee", "25434", "--email", "agent@ornans.localdomain",
        "--password", PASSWORD,
    )  # fmt: skip
    node.start()
    try:
        yield node
        said = node.tail(200)
        assert "Traceback" not in said, f"the node broke:\n{said}"
    finally:
        node.stop()


@pytest.fixture(scope="session")
def _towns(_running: NodeProcess) -> Iterator[Town]:
    """The town through one application after the other: each may ask 300 times in five minutes."""
    agent = Agent(_running, "agent@ornans.localdomain", PASSWORD)
    return cycle([Town(_running, agent.log_in(f"Interop {number}")) for number in range(6)])


@pytest.fixture
def town(_towns: Iterator[Town]) -> Town:
    """Its agent, logged in with an application."""
    return next(_towns)


@pytest.fixture(scope="session")
def fedify(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Fedify]]:
    """`fedify("fedify", first_knock=…, refuse=…, approve=…)` starts the peer of that port's name, once."""
    peers: dict[str, Fedify] = {}

    def started(name: str, **options: str) -> Fedify:
        if name not in peers:
            log = tmp_path_factory.mktemp(name) / "log"
            peers[name] = Fedify(PEERS, ports[name], log, options)
            peers[name].start()
        return peers[name]

    try:
        yield started
    finally:
        for peer in peers.values():
            peer.stop()


@pytest.fixture(scope="session")
def foreign_python() -> Path:
    """The interpreter of the environment that holds the foreign Python peers.

    Raises:
        pytest.fail.Exception: it is not there; nothing here is skipped.
    """
    found = Path(os.environ.get("BEFFROI_INTEROP_PYTHON", ".venv-interop/bin/python"))
    if not found.exists():
        pytest.fail(f"the foreign peers are not installed ({found} is absent): make interop")
    return found.absolute()
