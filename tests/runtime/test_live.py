"""Live: who listens is told, nobody waits for who does not read, and nothing stays behind."""

import asyncio

from node.runtime.live import Live


def heard(listener):
    found = []
    while not listener.queue.empty():
        found.append(listener.queue.get_nowait())
    return found


def test_who_listens_to_a_channel_hears_it_and_nothing_else():
    live = Live()
    home, public = live.subscribe(["actor:1"]), live.subscribe(["public", "tag:besancon"])
    live.publish("actor:1", "a")
    live.publish("tag:besancon", "b")
    live.publish("actor:2", "c")
    assert heard(home) == [("actor:1", "a")]
    assert heard(public) == [("tag:besancon", "b")]
    assert (live.heard("public"), live.heard("actor:2")) == (True, False)


def test_channels_may_be_joined_and_left():
    live = Live()
    listener = live.subscribe(["a"])
    live.join(listener, ["a", "b"])
    live.publish("b", 1)
    live.leave(listener, ["b", "never"])
    live.publish("b", 2)
    live.publish("a", 3)
    assert heard(listener) == [("b", 1), ("a", 3)]
    live.leave(listener)
    live.publish("a", 4)
    assert not heard(listener)
    assert not live._listeners, "a closed stream is kept for ever"
    live.leave(listener)


def test_a_listener_who_does_not_read_is_marked_and_waited_for_by_nobody():
    live = Live()
    deaf, awake = live.subscribe(["public"]), live.subscribe(["public"])
    for number in range(2_000):
        live.publish("public", number)
        heard(awake)
    assert deaf.overrun
    assert not awake.overrun
    assert deaf.queue.qsize() < 2_000


async def test_at_the_end_everyone_is_sent_away():
    live = Live()
    waiting, deaf = live.subscribe(["public", "actor:1"]), live.subscribe(["public"])
    for number in range(2_000):
        live.publish("public", number)
    heard(waiting)
    reading = asyncio.create_task(waiting.queue.get())
    await asyncio.sleep(0)
    live.end()
    async with asyncio.timeout(5):
        await reading
    assert waiting.overrun, "a stream would hold the end of the process up"
    assert deaf.overrun


async def test_a_bell_wakes_who_waits():
    live = Live()
    waiting = asyncio.create_task(live.bell("jobs").wait())
    await asyncio.sleep(0)
    live.ring("inbox")
    await asyncio.sleep(0)
    assert not waiting.done()
    live.ring("jobs")
    async with asyncio.timeout(5):
        assert await waiting
