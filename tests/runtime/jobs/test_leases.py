"""Leases: nobody works a row that another holds, nothing that was claimed is lost, and patience lasts three days."""

from hypothesis import given
from hypothesis import strategies as st

from node.runtime.jobs import MAX_ATTEMPTS, backoff_ms, enqueue, leases

DAY_MS = 86_400_000


async def put(ctx, *kinds, **more):
    for kind in kinds:
        await ctx.db.write(lambda tx, kind=kind: enqueue(tx, ctx, kind, {}, **more))


async def claim(ctx, limit=10, **more):
    return await ctx.db.write(
        lambda tx: leases.claim(tx, "jobs", now_ms=ctx.clock.now_ms(), lease_ms=60_000, limit=limit, **more)
    )


async def states(ctx):
    return [row["state"] for row in await ctx.db.reader.fetch("SELECT state FROM jobs ORDER BY id")]


def test_sixteen_attempts_are_about_three_days():
    """After a weekend of a broken server, what was written on Friday still arrives."""
    for _ in range(50):
        waited_ms = sum(backoff_ms(attempts) for attempts in range(1, MAX_ATTEMPTS))
        assert 2 * DAY_MS < waited_ms < 3 * DAY_MS


@given(st.integers(1, MAX_ATTEMPTS))
def test_each_wait_is_longer_and_a_little_random(attempts):
    shortest_ms = (attempts**4 + 15) * 1000
    assert shortest_ms <= backoff_ms(attempts) <= shortest_ms * 1.2
    assert 15_000 <= backoff_ms(1) <= 20_000


async def test_the_oldest_come_first_and_only_what_is_due(ctx):
    await put(ctx, "late", at_ms=ctx.clock.now_ms() + 5_000)
    await put(ctx, "second")
    await put(ctx, "first", at_ms=ctx.clock.now_ms() - 5_000)
    assert [row["kind"] for row in await claim(ctx)] == ["first", "second"]
    ctx.clock.forward(6)
    assert [row["kind"] for row in await claim(ctx)] == ["late"]


async def test_a_row_is_held_by_one_worker(ctx):
    await put(ctx, *["job"] * 5)
    first, second, third = await claim(ctx, 3), await claim(ctx, 3), await claim(ctx, 3)
    ids = [row["id"] for row in (*first, *second, *third)]
    assert len(ids) == len(set(ids)) == 5
    assert all(row["attempts"] == 1 for row in first)


async def test_workers_that_claim_at_once_share_the_rows(ctx):
    import asyncio

    await put(ctx, *["job"] * 40)
    claimed = await asyncio.gather(*(claim(ctx, 10) for _ in range(8)))
    ids = [row["id"] for rows in claimed for row in rows]
    assert len(ids) == len(set(ids)), "two workers hold one row"
    ids += [row["id"] for row in await claim(ctx, 100)]
    assert len(ids) == 40


async def test_a_choice_can_be_narrowed(ctx):
    await put(ctx, "a", "b", "c")
    rows = await claim(ctx, where="kind <> ALL($3::text[])", args=(["a", "c"],))
    assert [row["kind"] for row in rows] == ["b"]


async def test_the_reaper_gives_back_what_a_dead_worker_held_and_nothing_else(ctx):
    await put(ctx, "one", "two")
    [held, *_] = await claim(ctx, 1)
    reap = lambda: ctx.db.write(lambda tx: leases.reap(tx, "jobs", now_ms=ctx.clock.now_ms()))  # noqa: E731
    assert await reap() == 0
    ctx.clock.forward(59)
    await ctx.db.write(
        lambda tx: leases.renew(tx, "jobs", row_ids=[held["id"]], now_ms=ctx.clock.now_ms(), lease_ms=60_000)
    )
    ctx.clock.forward(2)
    assert await reap() == 0, "a renewed lease was reaped"
    ctx.clock.forward(60)
    assert await reap() == 1
    assert await states(ctx) == ["ready", "ready"]
    rows = await claim(ctx)
    assert {row["kind"]: row["attempts"] for row in rows} == {"one": 2, "two": 1}, "an interrupted attempt counts"


async def test_what_was_not_worked_is_given_back_as_if_never_claimed(ctx):
    await put(ctx, "job")
    [held] = await claim(ctx)
    await ctx.db.write(lambda tx: leases.release(tx, "jobs", row_ids=[held["id"]], now_ms=ctx.clock.now_ms()))
    [again] = await claim(ctx)
    assert again["attempts"] == 1


async def test_an_idle_table_is_only_read(ctx):
    assert not await leases.due(ctx.db.reader, "jobs", now_ms=ctx.clock.now_ms())
    await put(ctx, "late", at_ms=ctx.clock.now_ms() + 1)
    assert not await leases.due(ctx.db.reader, "jobs", now_ms=ctx.clock.now_ms())
    ctx.clock.forward(0.001)
    assert await leases.due(ctx.db.reader, "jobs", now_ms=ctx.clock.now_ms())
    await claim(ctx)
    assert not await leases.due(ctx.db.reader, "jobs", now_ms=ctx.clock.now_ms())
    ctx.clock.forward(61)
    assert await leases.due(ctx.db.reader, "jobs", now_ms=ctx.clock.now_ms()), "an orphaned row is not seen"


async def test_reasons_are_kept_short(ctx):
    await put(ctx, "job")
    [held] = await claim(ctx)
    await ctx.db.write(lambda tx: leases.bury(tx, "jobs", row_id=held["id"], error="x" * 5_000))
    row = await ctx.db.reader.row("SELECT state, error FROM jobs")
    assert (row["state"], len(row["error"])) == ("dead", 500)
