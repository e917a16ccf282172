"""A node as a process on http://localhost, and applications logged in to it as their users do.

Its tests share one node and ask for it by the group `clients`: one worker runs them, so that only one is started.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mastodon import Mastodon

from node.cli.demo.agents import Agent
from node.cli.demo.nodes import NodeProcess, free_ports
from tests.clients.village import PASSWORD, Village


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """The node; it runs until the last test is done."""
    folder: Path = tmp_path_factory.mktemp("village")
    node = NodeProcess("localhost", free_ports(1)[0], folder, {"scheme": "http", "log_level": "warning"})
    agent = Agent(node, "agent@village.example", PASSWORD)
    citizen = Agent(node, "camille@village.example", PASSWORD)
    node.command(
        "init", "--domain", node.authority_part, "--username", "mairie", "--name", "Village (exemple)",
        "--email", agent.email, "--password", PASSWORD,
    )  # fmt: skip
    node.command("user", "create", citizen.email, "--password", PASSWORD)
    node.command("actor", "create", "--username", "camille", "--name", "Camille", "--member", citizen.email)
    try:
        node.start()
        yield Village(node, agent, citizen)
    finally:
        code, said = node.stop(), node.tail(60)
        assert code == 0, f"the node did not stop as it should: exit code {code}\n{said}"
        assert "Traceback" not in said, f"the node broke while the applications used it:\n{said}"


@pytest.fixture(scope="session")
def mairie(village: Village) -> Mastodon:
    """The town hall's Mastodon.py."""
    return village.agent.log_in("Mastodon.py")


@pytest.fixture(scope="session")
def camille(village: Village) -> Mastodon:
    """The citizen's Mastodon.py."""
    return village.citizen.log_in("Mastodon.py")
