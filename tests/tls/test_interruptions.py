"""Power cuts, restarts and stops: what was acknowledged stays, what was under way goes on, and once."""

import signal
import sqlite3

import pytest

from node.cli.demo.agents import home, until
from node.cli.demo.storm import Storm
from tests.tls.towns import Towns

pytestmark = pytest.mark.xdist_group("tls")


def test_what_was_acknowledged_survives_a_kill(towns: Towns) -> None:
    """Kill -9 among forty posts: those that were answered are there, once; the rest comes with the same keys."""
    besancon, ornans = towns.besancon, towns.ornans
    ornans.follow(besancon)
    storm = Storm(besancon.agent, "Conseil", 40)
    storm.blow(after=15, then=besancon.node.kill)
    promised = set(storm.acknowledged)
    assert len(promised) >= 15
    besancon.node.start()
    kept = storm.counted(home(besancon.client))
    assert not [number for number in promised if kept[storm.words(number)] != 1], "a promised post is lost or doubled"
    storm.finish()
    storm.seen_by(ornans.client)


def test_what_was_under_way_goes_on_after_both_restarted(towns: Towns) -> None:
    """The neighbour is down, so deliveries wait; the sender restarts, then the neighbour: everything arrives, once."""
    besancon, ornans = towns.besancon, towns.ornans
    ornans.follow(besancon)
    besancon.follow(ornans)
    assert ornans.node.stop() == 0
    storm = Storm(besancon.agent, "Avis", 10)
    storm.finish()
    assert besancon.waiting() == 10
    assert besancon.node.stop() == 0
    besancon.node.start()
    ornans.node.start()
    # A sign of life of the neighbour opens the way at once, however long it was to stay closed.
    sign = ornans.client.status_post("Nous sommes de retour.")
    besancon.receives(sign.uri)
    storm.seen_by(ornans.client)
    until("an empty queue", lambda: not besancon.waiting())


def test_a_second_server_on_the_same_data_is_refused(towns: Towns) -> None:
    """In one sentence, without a traceback, and the first goes on."""
    node = towns.besancon.node
    refused = node.attempt("serve")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    said = [line for line in refused.stderr.splitlines() if line.startswith("beffroi: ")]
    assert len(said) == 1, refused.stderr
    assert "another process" in said[0], said[0]
    assert towns.besancon.client.me().id


def test_a_stop_is_orderly(towns: Towns) -> None:
    """SIGTERM: it says good-bye with 0, takes its socket away and leaves a database that is whole."""
    node = towns.ornans.node
    post = towns.ornans.client.status_post("Avant l'arrêt")
    said = len(node.log.read_text())
    assert node.stop() == 0, f"it ended badly:\n{node.tail()}"
    assert not (node.data / "control.sock").exists(), "commands would knock at a door that nobody opens"
    assert "Traceback" not in node.log.read_text()[said:]
    with sqlite3.connect(f"file:{node.data / 'beffroi.db'}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert any("@ornans" in line for line in node.command("actor", "list")), "commands fail while it is stopped"
    node.start()
    assert towns.ornans.client.status(post.id).id == post.id


def test_a_stop_does_not_wait_for_who_only_listens(towns: Towns) -> None:
    """An idle connection and an open stream, neither of which its client closes: the stream is ended, and properly."""
    node = towns.ornans.node
    said = len(node.log.read_text())
    with node.session() as idle, node.session() as listening:
        assert idle.get(f"{node.url}/healthz", timeout=20).status_code == 200
        address = f"{node.url}/api/v1/streaming/user?access_token={towns.ornans.client.access_token}"
        with listening.get(address, stream=True, timeout=20) as stream:
            words = stream.iter_content(chunk_size=1)
            assert next(words) == b":", "the stream does not begin"
            assert node.stop() == 0, f"it ended badly:\n{node.tail()}"
            assert b"".join(words).endswith(b"\n"), "the stream was cut off"
    assert "timeout graceful shutdown exceeded" not in node.log.read_text()[said:], "the stop had to be forced"
    node.start()


def test_ctrl_c_is_a_stop_too(towns: Towns) -> None:
    """SIGINT, as from a terminal."""
    node = towns.ornans.node
    assert node.stop(signal.SIGINT) == 0, f"it ended badly:\n{node.tail()}"
    node.start()
