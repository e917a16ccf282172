"""Servers that are gone cost those that live nothing: no waiting, no places.

Nothing here looks at a clock: the dead never answer at all, and the living are all served meanwhile.
"""

import asyncio

import pytest

from node.federation.delivery import breaker
from node.federation.delivery.sender import LINGERING, PLACES, PLACES_IN_DOUBT, PLACES_PER_HOST, _room
from node.runtime.net import TooSlow
from tests.federation.delivery.conftest import until

LIVE, DEAD = 800, 200


@pytest.fixture
def dialect():
    """Who gets a place is decided in memory; `test_sending` tells the same to both databases."""
    return "sqlite"


async def silent(post, count, name="dead"):
    """Servers that take a connection and never answer."""
    for_ever = asyncio.Event()
    return [post.server(f"{name}{number}.example", before=for_ever.wait) for number in range(count)], for_ever


async def served(post, made):
    return (await post.figures(made))[2]


async def test_two_hundred_dead_among_a_thousand(post, running):
    """Three posts in a row: the living have all three while the dead still think about the first."""
    dead, for_ever = await silent(post, DEAD)
    live = [post.server(f"live{number}.example") for number in range(LIVE)]
    orders = [
        await post.to(
            *(f"https://dead{number}.example/inbox" for number in range(DEAD)),
            *(f"https://live{number}.example/inbox" for number in range(LIVE)),
        )
        for _ in range(3)
    ]

    async def done():
        return [await served(post, made) for made in orders] == [LIVE] * 3

    async with running:
        await until(done)
        assert all(len(each.received) == 3 for each in live)
        assert sum(each.inside for each in dead) <= DEAD, "the dead hold more than a place each"
        assert all(each.inside <= 1 for each in dead), "a server that never took anything was given several places"
        for_ever.set()


async def test_more_silent_servers_than_places(post, running):
    """Who does not answer within a second leaves its place: three hundred of them are more than there are places."""
    dead, for_ever = await silent(post, PLACES + 50)
    await post.to(*(f"https://dead{number}.example/inbox" for number in range(PLACES + 50)))
    post.town.later(60)
    made = await post.to(*(f"https://live{number}.example/inbox" for number in range(20)))
    for number in range(20):
        post.server(f"live{number}.example")

    async def done():
        return await served(post, made) == 20

    async with running:
        await until(done)
        assert sum(each.inside for each in dead) == PLACES + 50
        for_ever.set()


async def test_hosts_in_trouble_share_a_few_places(post, running):
    """A day later three hundred dead servers are tried again, all at once."""
    count = PLACES_IN_DOUBT * 3
    dead, for_ever = await silent(post, count)
    for number in range(count):
        post.network.faults[f"dead{number}.example"] = TooSlow("silent")
    await post.to(*(f"https://dead{number}.example/inbox" for number in range(count)))
    await post.send()
    assert len(breaker.in_doubt(post.ctx)) == count
    post.town.later(86_400)
    post.network.faults.clear()
    live = post.server("live.example")
    await post.to("https://live.example/inbox")
    async with running:
        await until(lambda: live.received)
        await until(lambda: sum(each.inside for each in dead) >= PLACES_IN_DOUBT)
        assert sum(each.inside for each in dead) == PLACES_IN_DOUBT, "the dead take the places of the living"
        for_ever.set()


async def test_a_server_that_answers_is_given_more(post, running):
    """One place until it took something, then several."""
    go = asyncio.Event()
    server = post.server("a.example")
    await post.to("https://a.example/first")
    await post.send()
    server.before = go.wait
    await post.to(*(f"https://a.example/{n}" for n in range(10)))
    async with running:
        await until(lambda: server.inside == PLACES_PER_HOST)
        go.set()
        await until(lambda: len(server.received) == 11)
    assert server.most == PLACES_PER_HOST


async def test_nothing_is_sent_to_what_died_long_ago(post):
    """Dead after seven days: its rows do not even begin."""
    dead, _ = await silent(post, 1)
    await post.ctx.db.write(
        lambda tx: tx.execute("INSERT INTO hosts (host, state, created_ms) VALUES ('dead0.example', 'dead', 0)")
    )
    made = await post.to("https://dead0.example/inbox")
    assert await post.send() == 0
    assert await post.figures(made) == ("done", 1, 0, 1)
    assert not dead[0].requests


@pytest.mark.parametrize(
    ("fresh", "lingering", "room"),
    [
        (0, 0, PLACES), (10, 0, PLACES - 10), (PLACES, 0, 0), (10, 100, PLACES - 10), (10, LINGERING, PLACES - 10),
        (10, LINGERING + 7, PLACES - 17), (PLACES, LINGERING, 0),
    ],
)  # fmt: skip
def test_room(fresh, lingering, room, monkeypatch):
    monkeypatch.setattr("node.federation.delivery.sender.time.monotonic", lambda: 100.0)
    assert _room([50.0] * lingering + [99.5] * fresh) == room
