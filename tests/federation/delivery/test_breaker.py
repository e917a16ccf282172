"""Hosts that do not answer: left alone for a while, given up after a week, and believed when they speak."""

import pytest

from node.federation.delivery import breaker
from node.runtime.net import ConnectionFailed

INBOX = "https://a.example/inbox"
DAY_S = 86_400


@pytest.fixture
def failing(post):
    server = post.server("a.example")
    post.network.faults["a.example"] = ConnectionFailed("the connection to a.example failed")
    return server


async def asked(post):
    return sum("a.example" in sent.url for sent in post.network.sent) // 2  # each is tried again at once


async def fail(post, times):
    for _ in range(times):
        await post.to(INBOX)
        await post.send()


async def test_three_failures_close_the_way(post, failing):
    await fail(post, 2)
    assert await asked(post) == 2
    assert not breaker.closed_until_ms(post.ctx, "a.example")
    await fail(post, 1)
    now_ms = post.ctx.clock.now_ms()
    assert breaker.closed_until_ms(post.ctx, "a.example") == now_ms + 30_000
    await fail(post, 5)
    assert await asked(post) == 3, "a host that does not answer is asked all the same"
    assert all(row["run_at_ms"] >= now_ms + 30_000 for row in await post.rows())


async def test_others_are_not_touched(post, failing):
    other = post.server("b.example")
    await fail(post, 3)
    await post.to("https://b.example/inbox")
    await post.send()
    assert len(other.received) == 1


async def test_it_is_tried_again_with_one_and_longer_each_time(post, failing):
    await fail(post, 3)
    await post.to(*(f"https://a.example/{n}" for n in range(6)))
    pauses = []
    for _ in range(12):
        before = await asked(post)
        pauses.append(await post.wait())
        assert await asked(post) - before == 1, "a host that just failed is asked with many at once"
    assert pauses[1:8] == [60, 120, 240, 480, 960, 1920, 3600]
    assert max(pauses) <= 3_600


async def test_one_success_opens_the_way_and_sends_what_waited(post, failing):
    await fail(post, 3)
    await post.to(*(f"https://a.example/{n}" for n in range(6)))
    del post.network.faults["a.example"]
    await post.wait()
    assert len(failing.received) == 9
    assert not await post.rows()
    host = await post.host("a.example")
    assert (host["state"], host["failing_days"], host["closed_until_ms"]) == ("up", 0, 0)
    assert not breaker.closed_until_ms(post.ctx, "a.example")


async def test_what_is_ordered_while_the_way_is_closed_waits_also_after_a_restart(post, failing):
    """The memory of the process is gone; the row of the host is not."""
    await fail(post, 3)
    until_ms = breaker.closed_until_ms(post.ctx, "a.example")
    post.ctx.cache.of("breaker", 10_000).clear()
    await post.to(INBOX)
    assert (await post.rows())[-1]["run_at_ms"] == until_ms
    assert await post.send() == 0


async def test_a_valid_request_is_a_sign_of_life(post, failing):
    """Whoever writes to us is not dead: what waits is sent at once."""
    await fail(post, 3)
    del post.network.faults["a.example"]
    assert await breaker.troubled(post.ctx.db.reader, "a.example")
    bell = post.ctx.live.bell("deliveries")
    bell.clear()
    await post.ctx.db.write(lambda tx: breaker.answered(tx, post.ctx, "a.example"))
    assert bell.is_set()
    assert not await breaker.troubled(post.ctx.db.reader, "a.example")
    assert await post.send() == 3
    assert len(failing.received) == 3


async def test_a_host_is_dead_after_seven_failing_days(post, failing):
    for day in range(1, 8):
        assert (await post.host("a.example") or {"state": "up"})["state"] != "dead"
        made = await post.to(INBOX)
        await post.send()
        await fail(post, 2)  # several failures of one day are one day
        host = await post.host("a.example")
        assert host["failing_days"] == day
        post.town.later(DAY_S)
    assert (await post.host("a.example"))["state"] == "dead"
    assert {row["state"] for row in await post.rows()} == {"dead"}, "what waited is still sent to a dead host"
    assert await post.figures(made) == ("done", 1, 0, 1)
    before = await asked(post)
    made = await post.to(INBOX)
    assert await post.send() == 0
    assert await asked(post) == before
    assert await post.figures(made) == ("done", 1, 0, 1)


async def test_a_good_day_begins_the_count_anew(post, failing):
    for _ in range(6):
        await fail(post, 1)
        post.town.later(DAY_S)
    fault = post.network.faults.pop("a.example")
    await post.send()
    await post.to(INBOX)
    await post.send()
    post.network.faults["a.example"] = fault
    await fail(post, 1)
    host = await post.host("a.example")
    assert (host["state"], host["failing_days"]) == ("down", 1)


async def test_a_dead_host_that_writes_to_us_gets_our_posts_again(post, failing):
    await post.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO hosts (host, state, failing_days, last_failing_day, created_ms) "
            "VALUES ('a.example', 'dead', 7, 20000, 0)"
        )
    )
    del post.network.faults["a.example"]
    await post.ctx.db.write(lambda tx: breaker.answered(tx, post.ctx, "a.example"))
    made = await post.to(INBOX)
    await post.send()
    assert await post.figures(made) == ("done", 1, 1, 0)


async def test_a_server_that_answers_with_errors_is_left_alone_too(post):
    server = post.server("a.example", 500)
    await fail(post, 6)
    assert len(server.received) == 3


async def test_a_server_that_refuses_is_not_failing(post):
    server = post.server("a.example", 403)
    await fail(post, 6)
    assert len(server.received) == 6
    assert await post.host("a.example") is None


async def test_a_step_that_runs_again_counts_a_failure_once(post, failing, monkeypatch):
    """PostgreSQL may ask for the same step twice; the breaker must not close after two failures for that."""
    from node.federation.delivery import results

    plain, runs = results.write, []

    async def twice(tx, *args):
        runs.append(1)
        await plain(tx, *args)
        if len(runs) % 2:
            raise RuntimeError("once more")

    monkeypatch.setattr(results, "write", twice)
    await post.to(INBOX)
    outcomes = [await post.sender._attempt(post.ctx, each) for each in await post.sender._claim(post.ctx, 9)]
    standing = results.count(post.ctx, outcomes)
    with pytest.raises(RuntimeError):
        await post.ctx.db.write(lambda tx: results.write(tx, post.ctx, outcomes, standing))
    await post.ctx.db.write(lambda tx: results.write(tx, post.ctx, outcomes, standing))
    assert post.ctx.cache.of("breaker").get("a.example").failures == 1
