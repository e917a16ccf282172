"""Two towns as two processes over TLS, as `beffroi demo` sets them up, but with their scenes in the tests.

One pair for all of these tests: the group `tls` keeps them on one worker. Each test finds both nodes running.
"""

from collections.abc import Iterator

import pytest

from node.cli.demo.nodes import free_ports, pair
from tests.tls.towns import Towns, found


@pytest.fixture(scope="session")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    """Besançon and Ornans, set up and running. The first shows its figures on an address of its own."""
    nodes = pair("besancon.localhost", "ornans.localhost", tmp_path_factory.mktemp("towns"), log_level="warning")
    metrics, impostor = free_ports(2)
    nodes[0].settings["metrics_listen"] = f"127.0.0.1:{metrics}"
    nodes[1].settings["laboratory"] += f",faux.localhost:{impostor}"
    try:
        made = Towns(found(nodes[0], "25056"), found(nodes[1], "25434"), impostor)
        for each in nodes:
            each.start()
        yield made
        for each in nodes:
            assert "Traceback" not in each.tail(200), f"{each.host} broke:\n{each.tail(60)}"
    finally:
        for each in nodes:
            each.stop()


@pytest.fixture
def towns(_pair: Towns) -> Towns:
    """Both running, whatever the test before left behind."""
    for each in (_pair.besancon.node, _pair.ornans.node):
        if not each.running:
            each.start()
    return _pair
