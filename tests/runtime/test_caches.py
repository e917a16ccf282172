"""Small caches: bounded, the least recently used goes first, safe between threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from node.runtime.caches import Caches, Lru

KEYS = st.integers(0, 8)


@given(st.integers(1, 5), st.lists(st.tuples(st.sampled_from(["get", "put", "drop"]), KEYS), max_size=80))
def test_it_holds_the_latest(size, operations):
    cache, model = Lru(size), list[tuple[int, int]]()
    for number, (operation, key) in enumerate(operations):
        held = dict(model)
        if operation == "put":
            cache.put(key, number)
            model = [*((k, v) for k, v in model if k != key), (key, number)][-size:]
        elif operation == "get":
            assert cache.get(key) == held.get(key)
            if held.get(key) is not None:
                model = [*((k, v) for k, v in model if k != key), (key, held[key])]
        else:
            cache.drop(key)
            model = [(k, v) for k, v in model if k != key]
        assert cache.items() == model
        assert len(cache) == len(model) <= size


def test_a_name_is_one_cache():
    caches = Caches()
    caches.of("tokens", 2).put("a", 1)
    assert caches.of("tokens").get("a") == 1
    assert caches.of("others").get("a") is None
    caches.of("tokens").clear()
    assert caches.of("tokens").get("a") is None


def test_threads_may_share_one():
    """The event loop reads while the thread that writes to SQLite drops: a value is there or not, nothing breaks."""
    caches, start = Caches(), threading.Barrier(4)

    def work(seed):
        start.wait()
        for number in range(20_000):
            cache, key = caches.of("shared", 8), (number * seed) % 16
            cache.put(key, number)
            cache.get((key + 1) % 16)
            cache.drop((key + 2) % 16)
            if number % 1_000 == 0:
                cache.items()
                cache.clear()
        return True

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, (1, 3, 5, 7)))
    assert len(caches.of("shared", 8)) <= 8
