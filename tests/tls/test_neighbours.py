"""What in-process stories skip: sockets, TLS, signatures by real clocks, connections that stay open."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from node.cli.demo import loopback
from node.cli.demo.agents import text
from node.cli.demo.authority import Authority
from tests.tls.towns import Towns

pytestmark = pytest.mark.xdist_group("tls")


def connections_to(port: int) -> set[str]:
    """The client ends of all TCP connections to a port of this machine, those just closed among them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {local for _number, local, remote, *_ in rows if int(remote.rpartition(":")[2], 16) == port}


def test_news_reach_the_neighbour_and_an_answer_comes_back(towns: Towns) -> None:
    """Follow, post, reply, over TLS and with signatures that hold for the clock on the wall."""
    ornans, besancon = towns.ornans, towns.besancon
    ornans.follow(besancon)
    besancon.follow(ornans)
    post = besancon.client.status_post("Le tram est en panne, des bus le remplacent.", language="fr")
    arrived = ornans.receives(post.uri)
    assert text(arrived) == "Le tram est en panne, des bus le remplacent."
    assert arrived.url == post.url, "the reader is not led to the original page"
    assert arrived.url.startswith(besancon.node.url), "the original page is elsewhere"
    answer = ornans.client.status_reply(arrived, "Merci, nous prévenons les lycéens.")
    assert besancon.receives(answer.uri).in_reply_to_id == post.id, "the answer is not in the thread"


def test_deliveries_keep_their_connections(towns: Towns) -> None:
    """Twenty posts, one after the other, do not cost twenty TLS handshakes."""
    ornans, besancon = towns.ornans, towns.besancon
    ornans.follow(besancon)
    before = connections_to(ornans.node.port)
    for number in range(20):
        ornans.receives(besancon.client.status_post(f"Info trafic {number}").uri)
    new = connections_to(ornans.node.port) - before
    # Four places a host, and what this test asks Ornans itself.
    assert len(new) < 10, f"{len(new)} new connections for 20 deliveries: they are not kept"


def test_a_client_keeps_its_connection(towns: Towns) -> None:
    """One handshake carries several requests, errors among them."""
    node = towns.besancon.node
    with node.session() as session:
        statuses = [
            session.get(f"{node.url}{path}", timeout=20).status_code
            for path in ("/healthz", "/api/v1/nothing", "/api/v2/instance", "/nothing")
        ]
        adapter = session.get_adapter(node.url)
        opened = [pool.num_connections for pool in adapter.poolmanager.pools._container.values()]  # type: ignore[attr-defined]
    assert statuses == [200, 404, 200, 404]
    assert opened == [1], "the node hung up between two requests"


def test_a_server_that_certifies_itself_is_not_spoken_to(towns: Towns, tmp_path: Path) -> None:
    """An impostor with a certificate of its own learns nothing: the town hangs up in the handshake."""
    certificate = Authority(tmp_path).certificate("faux.localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.cert, certificate.key)
    outcomes: list[str] = []
    with socket.create_server(("127.0.0.1", towns.impostor_port)) as listening:
        listening.settimeout(20)

        def meet() -> None:
            call, _address = listening.accept()
            try:
                with context.wrap_socket(call, server_side=True) as secured:
                    outcomes.append(f"was told {secured.recv(200)!r}")
            except OSError:  # refused with an alert, or hung up on
                outcomes.append("was told nothing")

        meeting = threading.Thread(target=meet)
        meeting.start()
        found = towns.ornans.client.search_v2(
            f"@mairie@faux.localhost:{towns.impostor_port}", resolve=True, result_type="accounts"
        )
        meeting.join()
    assert found.accounts == []
    assert outcomes == ["was told nothing"], f"the impostor {outcomes}"


def test_health_is_told_and_figures_are_not(towns: Towns) -> None:
    """`/metrics` answers on its private address only."""
    node, other = towns.besancon.node, towns.ornans.node
    with node.session() as session:
        assert session.get(f"{node.url}/healthz", timeout=20).text == "OK\n"
        assert session.get(f"{node.url}/readyz", timeout=20).text == "OK\n"
        assert session.get(f"{node.url}/metrics", timeout=20).status_code == 404
        assert session.get(f"{other.url}/metrics", timeout=20).status_code == 404
    with loopback.session() as session:
        private = session.get(f"http://{node.settings['metrics_listen']}/metrics", timeout=20)
    assert private.status_code == 200
    assert "beffroi_requests_total{" in private.text, private.text[:500]
