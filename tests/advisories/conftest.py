"""One stage for all of these tests; the group keeps them on one worker."""

from collections.abc import Callable, Iterator
from itertools import cycle

import pytest

from node.cli.demo.agents import Agent
from node.cli.demo.authority import Authority
from node.cli.demo.nodes import NodeProcess, free_ports
from node.runtime.clock import SystemClock
from tests.advisories.stage import Neighbour, Server, Stage, Wire, serve

_PASSWORD = "un mot de passe d'essai"


@pytest.fixture(scope="session")
def _play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Stage]]:
    """`_play("ornans.localhost", **settings)`: a town's node beside the servers of friends and villains."""
    folder = tmp_path_factory.mktemp("advisories")
    authority = Authority(folder)
    towns = dict(zip(("ornans.localhost", "ferme.localhost"), free_ports(2), strict=True))
    names = dict(zip(("amis.localhost", "vilains.localhost", "lents.localhost"), free_ports(3), strict=True))
    wire = Wire(authority.file)
    friends, villains, idlers = (
        Server(f"{name}:{port}", wire, SystemClock())  # type: ignore[arg-type]
        for name, port in names.items()
    )
    serving = serve({
        port: (server, authority.certificate(name))
        for (name, port), server in zip(names.items(), (friends, villains, idlers), strict=True)
    })  # fmt: skip
    neighbour = Neighbour()
    running: list[NodeProcess] = []

    def played(host: str, **more: str) -> Stage:
        certificate = authority.certificate(host)
        settings = {
            "extra_ca": str(authority.file), "laboratory": ",".join(f"{name}:{port}" for name, port in names.items()),
            "tls_cert": str(certificate.cert), "tls_key": str(certificate.key), "log_level": "warning", **more,
        }  # fmt: skip
        node = NodeProcess(host, towns[host], folder / host, settings)
        email = f"agent@{host}.localdomain"
        node.command(
            "init", "--domain", node.authority_part, "--insee", "25434", "--email", email, "--password", _PASSWORD
        )
        running.append(node)
        node.start()
        agent = Agent(node, email, _PASSWORD)
        clients = [agent.log_in(f"Town {number}") for number in range(8)]
        town = f"{node.url}/users/{clients[0].me().username}"
        return Stage(node, cycle(clients), town, friends, villains, idlers, neighbour)

    next(serving)
    try:
        yield played
        for node in running:
            said = node.tail(400)
            assert "Traceback" not in said, f"an attack broke the node:\n{said}"
    finally:
        for node in running:
            node.stop()
        next(serving, None)
        neighbour.close()


@pytest.fixture(scope="session")
def _open(_play: Callable[..., Stage]) -> Stage:
    return _play("ornans.localhost")


@pytest.fixture(scope="session")
def closed(_play: Callable[..., Stage]) -> Stage:
    """Another node, which shows its documents to servers that sign."""
    return _play("ferme.localhost", signed_reads="true")


@pytest.fixture
def stage(_open: Stage) -> Iterator[Stage]:
    """The stage; after each test the node must still be up, and its neighbour undisturbed."""
    yield _open
    assert _open.get("/readyz").status_code == 200, "the node no longer serves"
    _open.untouched()
