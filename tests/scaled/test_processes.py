"""Several processes on one database, told from inside: seats, leases of the dead, the order of an actor, hints."""

import asyncio
import itertools
import json

import pytest

from node import worker
from node.api.streaming.events import Event
from node.app import join_others
from node.federation.delivery import breaker
from node.federation.inbox.processing import Inbox
from node.runtime import seats
from node.runtime.database import DatabaseUnusable
from node.runtime.hints import name_of
from node.runtime.hints.bus import Bus
from node.runtime.hints.wakeups import hear
from node.runtime.jobs import leases
from tests.support.context import NOON_MS, make_context


async def until(look, patience_s=20.0):
    """The first true answer of *look*."""
    end = asyncio.get_running_loop().time() + patience_s
    while not (found := look()):
        assert asyncio.get_running_loop().time() < end, "not seen"
        await asyncio.sleep(0.02)
    return found


@pytest.fixture
def dialect(postgresql):
    """Several processes need PostgreSQL."""
    return "postgresql"


@pytest.fixture
async def processes(database_url, tmp_path, request):
    """A factory of contexts on one database, each with a seat of its own."""
    url, made, numbers = database_url(), [], itertools.count()

    async def process(**settings):
        seat = await seats.take(url)
        ctx = await make_context(url, tmp_path / str(next(numbers)), **settings)
        ctx.ids.sit(seat.number)
        object.__setattr__(ctx, "seat", seat)
        made.append(ctx)
        return ctx

    yield process
    for ctx in made:
        if isinstance(ctx.live.elsewhere, Bus):
            await ctx.live.elsewhere.close()
        await ctx.db.close()
        await ctx.seat.leave()


async def test_no_two_processes_share_a_seat(processes):
    """Each has another number, its ids say so, and a seat that was left is free again."""
    first, second, third = [await processes() for _ in range(3)]
    assert {each.seat.number for each in (first, second, third)} == {0, 1, 2}
    assert await first.seat.taken() == {0, 1, 2}
    made = [each.ids.next() for each in (first, second, third) for _ in range(500)]
    assert len(made) == len(set(made)), "two processes made the same id in the same millisecond"
    left = second.seat.number
    await second.seat.leave()
    await until_taken(first, {0, 2})
    assert (await processes()).seat.number == left


async def until_taken(ctx, wanted):
    for _ in range(200):
        if await ctx.seat.taken() == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the seats are {await ctx.seat.taken()}")


async def test_the_sixty_fifth_process_is_refused(database_url, monkeypatch):
    """In one sentence (64 connections would be tried for real on a larger server)."""
    monkeypatch.setattr(seats, "SEATS", 2)
    url = database_url()
    held = [await seats.take(url), await seats.take(url)]
    with pytest.raises(seats.NoSeat, match="use this database already"):
        await seats.take(url)
    for each in held:
        await each.leave()


async def test_a_seat_whose_session_broke_is_taken_again(processes, postgresql):
    """PostgreSQL restarts, or a keeper ends the session: within a second the process has a seat of its own again."""
    ctx, other = await processes(), await processes()
    postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'beffroi seat'")
    for _ in range(200):
        await asyncio.sleep(0.05)
        try:
            taken = await ctx.seat.taken()
        except DatabaseUnusable:
            continue
        if len(taken) == 2:
            break
    assert taken == {ctx.seat.number, other.seat.number}


async def test_one_of_them_is_alone_until_it_dies(processes):
    """Merging feeds is one process's work; another takes it over."""
    first, second = await processes(), await processes()
    assert await first.seat.alone("feeds")
    assert await first.seat.alone("feeds")
    assert not await second.seat.alone("feeds")
    assert await second.seat.alone("housekeeping")
    await first.seat.leave()
    for _ in range(200):
        if await second.seat.alone("feeds"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody merges feeds any more")


async def put_job(ctx):
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO jobs (id, kind, args, state, run_at_ms, created_ms) VALUES ($1, 'x', '{}', 'ready', $2, $2)",
            ctx.ids.next(),
            NOON_MS,
        )
    )


async def test_what_a_dead_process_had_leased_is_given_back_at_once(processes):
    """Long before its lease ends; what living ones hold is theirs."""
    living, dying = await processes(), await processes()
    for ctx in (living, dying):
        await put_job(ctx)
        await ctx.db.write(
            lambda tx, ctx=ctx: leases.claim(
                tx, "jobs", now_ms=NOON_MS, lease_ms=600_000, limit=1, holder=ctx.seat.number
            )
        )
    missed = await worker.bury_absent(living, set())
    assert missed == set()
    await dying.seat.leave()
    await until_taken(living, {living.seat.number})
    missed = await worker.bury_absent(living, set())
    assert missed == {dying.seat.number}, "it is believed dead at the first miss, or never"
    await worker.bury_absent(living, missed)
    states = [row["state"] for row in await living.db.reader.fetch("SELECT state FROM jobs ORDER BY id")]
    assert sorted(states) == ["leased", "ready"]


async def test_who_sits_down_inherits_from_who_sat_there(processes):
    """A worker dies, and a serving process is the next on its seat: nobody would seek a dead one there."""
    _first, dying = await processes(), await processes()
    await put_job(dying)
    await dying.db.write(
        lambda tx: leases.claim(tx, "jobs", now_ms=NOON_MS, lease_ms=600_000, limit=1, holder=dying.seat.number)
    )
    number = dying.seat.number
    await dying.seat.leave()
    await until_taken(_first, {_first.seat.number})
    serving = await processes()
    assert serving.seat.number == number
    await join_others(serving)
    assert await serving.db.reader.value("SELECT state FROM jobs") == "ready"


async def test_what_a_living_process_lost_sight_of_is_given_back(processes):
    """The database broke off when a claim was committed: nobody works the row, and its lease would last for minutes."""
    ctx, other = await processes(), await processes()
    for holder in (ctx, ctx, other):
        await put_job(ctx)
        await ctx.db.write(
            lambda tx, holder=holder: leases.claim(
                tx, "jobs", now_ms=NOON_MS, lease_ms=600_000, limit=1, holder=holder.seat.number
            )
        )
    worked, lost, others = [row["id"] for row in await ctx.db.reader.fetch("SELECT id FROM jobs ORDER BY id")]
    await ctx.db.write(
        lambda tx: leases.release_forgotten(tx, "jobs", holder=ctx.seat.number, known=[worked], now_ms=NOON_MS)
    )
    states = {row["id"]: row["state"] for row in await ctx.db.reader.fetch("SELECT id, state FROM jobs")}
    assert states == {worked: "leased", lost: "ready", others: "leased"}


async def put_activity(ctx, actor, number):
    body = json.dumps({"type": "Listen", "id": f"{actor}/{number}", "actor": actor, "object": actor}).encode()
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO inbox (id, actor_uri, activity_id, type, body, state, run_at_ms, received_ms) "
            "VALUES ($1, $2, $3, 'Listen', $4, 'ready', $5, $5)",
            ctx.ids.next(), actor, f"{actor}/{number}", body, NOON_MS,
        )
    )  # fmt: skip


async def test_an_actors_activities_are_worked_by_one_worker_at_a_time(processes):
    """Two workers claim at the same moment, again and again: no actor is ever with both."""
    first, second = await processes(), await processes()
    for number in range(30):
        for actor in ("https://a.example/u/a", "https://b.example/u/b", "https://c.example/u/c"):
            await put_activity(first, actor, number)
    held: dict[str, int] = {}
    parts = [(first, Inbox()), (second, Inbox())]
    for _ in range(10):
        claims = await asyncio.gather(*(part._claim(ctx) for ctx, part in parts))
        for place, claimed in enumerate(claims):
            for arrival in claimed:
                assert held.setdefault(arrival.actor_uri, place) == place, f"{arrival.actor_uri} is with both"
        # Another one arrives while its actor is being worked: it waits for whoever has it.
        await put_activity(first, "https://a.example/u/a", 1000 + _)
    assert len(held) == 3


async def test_a_worker_that_was_overtaken_changes_nothing(processes):
    """Its lease had ended, another applied the row: neither 'again' nor 'dead' of the first brings it back."""
    ctx = await processes()
    await put_job(ctx)
    claim = lambda tx: leases.claim(tx, "jobs", now_ms=NOON_MS, lease_ms=0, limit=1)  # noqa: E731
    (row,) = await ctx.db.write(claim)
    await ctx.db.write(lambda tx: leases.reap(tx, "jobs", now_ms=NOON_MS))
    await ctx.db.write(claim)
    ours = {"row_id": row["id"], "error": "late", "attempts": row["attempts"]}
    await ctx.db.write(lambda tx: leases.again(tx, "jobs", at_ms=NOON_MS, **ours))
    await ctx.db.write(lambda tx: leases.bury(tx, "jobs", **ours))
    found = await ctx.db.reader.row("SELECT state, error FROM jobs")
    assert (found["state"], found["error"]) == ("leased", "")


async def test_a_worker_learns_that_a_host_is_back_from_the_rows(processes):
    """The sign of life came to a web process; the worker's memory says closed for an hour more."""
    web, sender = await processes(), await processes()
    for _ in range(3):
        until_ms = breaker.count_failure(sender, "b.example")
    await sender.db.write(lambda tx: breaker.record_failure(tx, "b.example", now_ms=NOON_MS, closed_until_ms=until_ms))
    await breaker.look_again(sender, sender.db.reader)
    assert breaker.closed(sender) == ["b.example"]
    await web.db.write(lambda tx: breaker.answered(tx, web, "b.example"))
    await breaker.look_again(sender, sender.db.reader)
    assert breaker.closed(sender) == []


@pytest.fixture
async def two(processes, redis_url):
    """Two processes with a Redis between them."""
    made = [await processes(redis=redis_url), await processes(redis=redis_url)]
    name = await name_of(made[0].db.reader)
    for ctx in made:
        ctx.live.elsewhere = Bus(ctx, f"{name}:{id(made)}", [Event])
        ctx.live.elsewhere._tasks = (
            asyncio.create_task(ctx.live.elsewhere._for_ever("speaking", ctx.live.elsewhere._speak)),
            asyncio.create_task(ctx.live.elsewhere._for_ever("listening", ctx.live.elsewhere._listen)),
        )
    await asyncio.sleep(0.3)
    return made


async def test_an_event_reaches_a_stream_in_another_process(two):
    """Once somebody listens there, and only then is it sent at all."""
    web, other = two
    assert not other.live.heard("actor:1")
    listener = web.live.subscribe(["actor:1"])
    await until(lambda: other.live.heard("actor:1"))
    other.live.publish("actor:1", Event("update", 7))
    other.live.publish("actor:2", Event("update", 7))
    assert await asyncio.wait_for(listener.queue.get(), 20) == ("actor:1", Event("update", 7))


async def test_a_forgotten_cache_is_forgotten_everywhere(two):
    """Nothing but the cache's name travels; strange names are not obeyed."""
    web, other = two
    for name in ("oauth_tokens", "rate_limits"):
        web.cache.of(name).put("key", "value")
    other.forget("rate_limits")
    other.forget("oauth_tokens")
    await until(lambda: web.cache.of("oauth_tokens").get("key") is None)
    assert web.cache.of("rate_limits").get("key") == "value"


async def test_nonsense_on_the_bus_is_survived(two):
    """Whoever may write to Redis can be a nuisance, no more."""
    web, _other = two
    for said in (b"", b"\xff", b"[]", b"{}", b'{"from": 1, "event": ["Event"], "channels": [1]}',
                 b'{"from": "x", "event": ["Context", 1], "channels": ["a"]}'):  # fmt: skip
        web.live.elsewhere._hear(said)
    web.live.elsewhere._hear(b'{"from": "x", "event": ["Event", "update", 1, 2, 3], "channels": ["a"]}')


async def test_a_bell_wakes_a_worker_in_another_process(processes, redis_url):
    """By arq, once for many rings."""
    web, working = await processes(redis=redis_url), await processes(redis=redis_url)
    web.live.elsewhere = await Bus.open(web, [Event])
    stop = asyncio.Event()
    hearing = asyncio.create_task(hear(working, stop))
    bell = working.live.bell("inbox")
    bell.clear()
    for _ in range(50):
        web.live.ring("inbox")
    await asyncio.wait_for(bell.wait(), 20)
    stop.set()
    await asyncio.wait_for(hearing, 20)


async def test_a_redis_that_is_not_there_holds_up_nobody(processes):
    """Ringing, publishing and forgetting return at once, and the process ends in time."""
    ctx = await processes(redis="redis://127.0.0.1:1/0")
    ctx.live.elsewhere = await Bus.open(ctx, [Event])
    for number in range(10_000):
        ctx.live.ring("inbox")
        ctx.live.publish("actor:1", Event("update", number))
        ctx.forget("oauth_tokens")
    assert len(ctx.live.elsewhere._waiting) <= 5_000
    async with asyncio.timeout(20):
        await ctx.live.elsewhere.close()
