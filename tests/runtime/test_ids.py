"""Ids sort by time, fit in 64 bits, and are never made twice, whatever the clock does."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.clock import SetClock, SystemClock
from node.runtime.ids import Ids, first_at
from tests.support.context import NOON_MS

INT64 = 2**63 - 1


def time_of(id_):
    """The milliseconds that an id carries."""
    return id_ // first_at(1)


@given(st.lists(st.integers(-5_000, 5_000), max_size=200))
def test_ids_grow_also_when_the_clock_steps_back(steps):
    """A machine whose clock is set right must not show tomorrow's posts below yesterday's."""
    clock, made = SetClock(NOON_MS), []
    ids = Ids(clock)
    for step in steps:
        clock._now_ms += step
        made.append(ids.next())
    assert made == sorted(set(made))
    assert all(0 < each <= INT64 for each in made)


@given(st.integers(0, 2**47 - 2))
def test_an_id_carries_its_time(now_ms):
    made = Ids(SetClock(now_ms)).next()
    assert time_of(made) == now_ms or now_ms == 0
    assert first_at(now_ms) <= made <= INT64


def test_a_millisecond_may_be_crowded():
    clock = SetClock(NOON_MS)
    ids = Ids(clock)
    made = [ids.next() for _ in range(5_000)]
    assert made == sorted(set(made))
    assert time_of(made[-1]) <= NOON_MS + 5


def test_two_processes_never_make_the_same():
    clock = SetClock(NOON_MS)
    made = [ids.next() for ids in (Ids(clock, process) for process in range(64)) for _ in range(1_000)]
    assert len(made) == len(set(made))


@pytest.mark.parametrize("process", [-1, 64])
def test_there_are_sixty_four_processes(process):
    with pytest.raises(ValueError, match="between 0 and 63"):
        Ids(SystemClock(), process)


def test_two_threads_never_make_the_same():
    """The event loop and the thread that writes to SQLite make ids at the same time."""
    ids, start = Ids(SystemClock()), threading.Barrier(4)

    def many(_):
        start.wait()
        return [ids.next() for _ in range(20_000)]

    with ThreadPoolExecutor(4) as threads:
        made = [each for part in threads.map(many, range(4)) for each in part]
    assert len(made) == len(set(made))


@given(st.integers(-(10**15), 10**18))
def test_what_was_published_elsewhere_sorts_by_its_own_second(at_ms):
    made = Ids(SetClock(NOON_MS)).next(at_ms)
    assert 0 <= made <= INT64
    assert time_of(made) // 1000 == min(max(0, at_ms), NOON_MS) // 1000


def test_what_claims_to_be_from_the_future_is_from_now():
    """A stranger's clock must not keep his post on top of every list for a year."""
    ids = Ids(SetClock(NOON_MS))
    for _ in range(100):
        assert time_of(ids.next(NOON_MS + 10**10)) // 1000 == NOON_MS // 1000


def test_ids_of_one_second_differ():
    ids = Ids(SetClock(NOON_MS))
    made = {ids.next(NOON_MS - 60_000) for _ in range(100)}
    assert len(made) == 100
