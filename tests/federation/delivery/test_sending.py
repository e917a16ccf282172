"""On the wire: signed as others verify it, to the address as it was signed, once more when a connection was stale."""

import asyncio

import pytest

from node.federation.delivery import sender as sending
from node.federation.delivery.sender import PLACES_PER_HOST, Sender
from node.moderation import domains as policies
from node.moderation import suspensions
from node.runtime.jobs import MAX_ATTEMPTS
from node.runtime.net import ConnectionFailed


async def test_what_is_sent_is_signed_by_its_actor(post):
    server = post.server("a.example")
    await post.to("https://a.example/inbox")
    await post.send()
    [request] = server.requests
    assert post.proved(request), "no other server would believe that this is from the town hall"
    assert request.headers["content-type"] == "application/activity+json"
    assert request.headers["user-agent"].startswith("Beffroi/")
    assert "social.town.example" in request.headers["user-agent"], "nobody would know whom to ask"
    assert server.received[0]["actor"] == post.mairie.uri


@pytest.mark.parametrize(
    ("inbox", "target"),
    [
        ("https://a.example/inbox?of=zoé&x=a b".replace(" ", "+"), "/inbox?of=zo%C3%A9&x=a+b"),
        ("https://A.Example:443/in%20box/é", "/in%20box/%C3%A9"),
        ("https://a.example", "/"),
        ("https://a.example/inbox#main", "/inbox"),
    ],
)
async def test_the_address_that_is_signed_is_the_one_that_is_asked(post, inbox, target):
    server = post.server("a.example")
    await post.to(inbox)
    await post.send()
    assert server.requests[0].target == target
    assert post.proved(server.requests[0])


async def test_a_stale_connection_is_tried_once_more_at_once(post):
    """A server closes an idle connection in the moment we write on it: that is no failure of the server."""
    server, cuts = post.server("a.example"), [1]
    post.network.faults["a.example"] = lambda sent: _cut() if cuts and cuts.pop() else None
    made = await post.to("https://a.example/inbox")
    await post.send()
    assert len(server.received) == 1
    assert await post.figures(made) == ("done", 1, 1, 0)
    assert len(post.network.sent) == 2


def _cut():
    raise ConnectionFailed("the connection to a.example failed")


async def test_two_cuts_are_a_failure(post):
    post.server("a.example")
    post.network.faults["a.example"] = lambda sent: _cut()
    await post.to("https://a.example/inbox")
    await post.send()
    assert len(post.network.sent) == 2
    assert (await post.host("a.example"))["state"] == "down"


async def test_a_suspended_town_sends_nothing_more(post):
    server = post.server("a.example")
    made = await post.to("https://a.example/inbox")
    await post.ctx.db.write(lambda tx: suspensions.suspend(tx, post.ctx, actor=post.mairie))
    await post.send()
    assert not server.received
    assert await post.figures(made) == ("done", 1, 0, 1)


async def test_a_server_that_is_blocked_while_a_delivery_waits_gets_nothing(post):
    server = post.server("a.example")
    await post.to("https://a.example/inbox")
    await post.ctx.db.write(lambda tx: policies.block(tx, post.ctx, host="a.example"))
    await post.send()
    assert not server.received
    assert [row["state"] for row in await post.rows()] == ["dead"]


async def test_an_actor_without_keys_is_said_and_does_not_stop_the_rest(post):
    server = post.server("a.example")
    await post.to("https://a.example/inbox")
    await post.ctx.db.write(lambda tx: tx.execute("DELETE FROM keys"))
    await post.send()
    [row] = await post.rows()
    assert row["state"] == "dead"
    assert "no keys" in row["error"]
    assert not server.received


async def test_a_fault_of_ours_loses_nothing(post, monkeypatch):
    server = post.server("a.example")
    await post.to("https://a.example/inbox")

    async def broken(*_):
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(sending, "user_agent", broken)
    await post.send()
    [row] = await post.rows()
    assert (row["state"], row["error"]) == ("ready", "ZeroDivisionError: a fault of ours")
    assert await post.host("a.example") is None, "our fault was counted against the server"
    monkeypatch.undo()
    await post.wait()
    assert len(server.received) == 1


async def test_a_delivery_that_ends_the_process_each_time_is_given_up(post):
    server = post.server("a.example")
    await post.to("https://a.example/inbox")
    await post.ctx.db.write(lambda tx: tx.execute("UPDATE deliveries SET attempts = $1", MAX_ATTEMPTS))
    await post.send()
    assert not server.received
    assert [row["state"] for row in await post.rows()] == ["dead"]


async def test_the_lease_of_a_dead_sender_ends(post):
    """Killed while a delivery is under way: another process sends it again, not before the lease has ended."""
    server = post.server("a.example")
    await post.to("https://a.example/inbox")
    [claimed] = await Sender()._claim(post.ctx, 10)
    assert claimed.attempts == 1
    assert await post.send() == 0
    post.town.later(301)
    assert await post.send() == 1
    assert len(server.received) == 1


async def test_a_lease_that_was_lost_counts_once(post):
    """Two processes send the same delivery, since the first was believed dead: the figures stay true."""
    post.server("a.example")
    made = await post.to("https://a.example/inbox", "https://a.example/2")
    late = Sender()
    claimed = await late._claim(post.ctx, 10)
    post.town.later(301)
    await post.send()
    assert await post.figures(made) == ("done", 2, 2, 0)
    await late._finish(post.ctx, [await late._attempt(post.ctx, each) for each in claimed])
    assert await post.figures(made) == ("done", 2, 2, 0)


async def test_the_cost_of_a_batch_does_not_grow_with_its_deliveries(post):
    """No question to the database per delivery: two hundred servers cost as many statements as twenty."""
    costs = []
    for hosts in (20, 200):
        for number in range(hosts):
            post.server(f"h{number}.example")
        await post.to(*(f"https://h{number}.example/inbox" for number in range(hosts)))
        asked: list[str] = []
        reader = post.ctx.db.reader
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fetch", "row", "value"):
                plain = getattr(type(reader), name)

                async def counted(self, sql, *args, plain=plain, asked=asked):
                    asked.append(sql)
                    return await plain(self, sql, *args)

                patch.setattr(type(reader), name, counted)
            while await post.sender.turn(post.ctx):
                pass
        costs.append(len(asked))
    assert costs[1] <= costs[0], f"{costs} questions for 20 and 200 servers"


# -- as a node runs it


async def test_a_slow_server_delays_nobody(post, running):
    """Ten deliveries for a server that takes its time, a hundred for others: the others are all done first."""
    go = asyncio.Event()
    slow = post.server("slow.example", before=go.wait)
    for number in range(100):
        post.server(f"h{number}.example")
    await post.to(*(f"https://slow.example/{n}" for n in range(10)))
    made = await post.to(*(f"https://h{number}.example/inbox" for number in range(100)))
    async with running:
        async with asyncio.timeout(30):
            while (await post.figures(made))[2] < 100:  # noqa: ASYNC110 (what is waited for is a row)
                await asyncio.sleep(0.01)
        assert 0 < len(slow.received) <= PLACES_PER_HOST, "the slow server was given everybody's places"
        go.set()
        async with asyncio.timeout(30):
            while await post.rows():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert slow.most <= PLACES_PER_HOST
    assert len(slow.received) == 10


async def test_servers_that_take_a_second_are_served_side_by_side(post, running):
    """A hundred servers of 0.2 s each: one after the other they would take 20 s."""
    for number in range(100):
        post.server(f"h{number}.example", before=lambda: asyncio.sleep(0.2))
    made = await post.to(*(f"https://h{number}.example/inbox" for number in range(100)))
    inside = 0
    async with running, asyncio.timeout(30):
        while (await post.figures(made))[0] != "done":
            inside = max(inside, sum(post.sender._flying.values()))
            await asyncio.sleep(0.01)
    assert inside > 50, "they waited for each other"


async def test_one_actors_words_to_one_server_arrive_in_order(post, running):
    """A Follow, its Undo and a second Follow mean another thing in another order."""
    server = post.server("a.example", before=lambda: asyncio.sleep(0.05))
    for _ in range(4):
        await post.to("https://a.example/inbox")
    async with running, asyncio.timeout(30):
        while await post.rows():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    sent = [activity["id"] for activity in server.received]
    ordered = [row[0] for row in await post.ctx.db.reader.fetch("SELECT activity_id FROM delivery_orders ORDER BY id")]
    assert sent == ordered, "what was said later was heard earlier"
    assert server.most == 1, "a later word was sent before the earlier one was heard"


async def test_a_stop_gives_back_what_is_under_way(post, running):
    begun = asyncio.Event()

    async def for_ever():
        begun.set()
        await asyncio.Event().wait()

    post.server("a.example", before=for_ever)
    await post.to("https://a.example/inbox")
    async with running:
        await begun.wait()
    [row] = await post.rows()
    assert (row["state"], row["attempts"]) == ("ready", 0), "the next start would wait for the end of a lease"
    await post.ctx.network.close()


async def test_a_host_with_a_long_queue_does_not_push_the_others_out(post, running):
    """A thousand old rows for one server that is slow, one new row for another."""
    go = asyncio.Event()
    post.server("slow.example", before=go.wait)
    await post.to(*(f"https://slow.example/{n}" for n in range(1000)))
    post.town.later(60)
    quick = post.server("quick.example")
    async with running:
        await asyncio.sleep(0.05)
        await post.to("https://quick.example/inbox")
        post.ctx.live.ring("deliveries")
        async with asyncio.timeout(10):
            while not quick.received:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        written = await post.ctx.db.reader.value("SELECT COUNT(*) FROM deliveries WHERE attempts > 0")
        assert written <= PLACES_PER_HOST + 1, "rows beyond the share were claimed and given back"
        go.set()
