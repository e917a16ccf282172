"""Figures: counted by everyone, shown only where a keeper asked for it."""

import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from node.runtime.metrics import Metrics
from tests.support.postgresql import free_port


def test_what_happened_is_counted():
    metrics = Metrics()
    assert metrics.counted("posts") == 0
    metrics.count("posts")
    metrics.count("posts", 2)
    metrics.count("requests", method="GET", status="2xx")
    assert metrics.counted("posts") == 3
    assert metrics.counted("requests", status="2xx", method="GET") == 1
    assert b'beffroi_requests_total{method="GET",status="2xx"} 1.0' in metrics.text()


def test_two_nodes_in_one_process_count_apart():
    one, other = Metrics(), Metrics()
    one.count("posts")
    assert other.counted("posts") == 0
    other.count("posts")


def test_threads_may_count_at_once():
    metrics, start = Metrics(), threading.Barrier(4)

    def many(_):
        start.wait()
        for number in range(2_000):
            metrics.count(f"things_{number % 50}", kind="a")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(many, range(4)))
    assert sum(metrics.counted(f"things_{number}", kind="a") for number in range(50)) == 8_000


def test_they_are_shown_on_their_own_address():
    metrics, port = Metrics(), free_port()
    metrics.count("posts")
    metrics.show("127.0.0.1", port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"beffroi_posts_total 1.0" in answer.read()


def test_an_address_that_is_taken_is_said():
    port = free_port()
    Metrics().show("127.0.0.1", port)
    with pytest.raises(OSError, match="in use"):
        Metrics().show("127.0.0.1", port)
