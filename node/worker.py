"""The worker: everything that a node does by itself, in parts that each have turns."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from node.actors import moves, recovery
from node.agreements import announcing
from node.agreements import requests as agreement_requests
from node.federation import requests
from node.federation.delivery.expansion import Expansion
from node.federation.delivery.sender import Sender
from node.federation.inbox import forwarded, synchronization
from node.federation.inbox.processing import Inbox
from node.federation.outbox.agreements import Reminders
from node.federation.resolve import conversations, software
from node.federation.resolve import polls as remote_polls
from node.federation.resolve import posts as resolving
from node.federation.resolve import quotes as remote_quotes
from node.federation.resolve import replies as remote_replies
from node.housekeeping import Housekeeping
from node.media import attachments, remote
from node.moderation import decisions, pruning, subscriptions, waves
from node.moderation.audit import Sealing
from node.notifications.push import sending
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.hints import wakeups
from node.runtime.jobs import Part, leases
from node.runtime.jobs.part import rest
from node.runtime.jobs.queue import Handler, JobQueue
from node.runtime.mail import Postman
from node.timeline import cards, emojis, erasure, held, polls, previews, quotes, scheduled
from node.timeline.home import Merger
from node.timeline.search.index import Indexer

HANDLERS: Mapping[str, Handler] = {
    attachments.REMOVE_JOB: attachments.remove_files,
    attachments.DRAW_JOB: attachments.draw_job,
    remote.EXPIRE_JOB: remote.expire,
    erasure.ERASE_JOB: erasure.erase,
    emojis.FORGET_JOB: emojis.forget_job,
    resolving.FETCH_JOB: resolving.fetch_job,
    polls.CLOSE_JOB: polls.close_job,
    scheduled.PUBLISH_JOB: scheduled.publish_job,
    cards.FIND_JOB: previews.find_job,
    previews.FETCH_JOB: previews.fetch_job,
    polls.TALLY_JOB: polls.tally_job,
    remote_polls.REFRESH_JOB: remote_polls.refresh_job,
    quotes.VERIFY_JOB: remote_quotes.verify_job,
    subscriptions.FETCH_JOB: subscriptions.fetch_job,
    held.PROVE_JOB: remote_replies.prove_job,
    forwarded.REFETCH_JOB: forwarded.refetch_job,
    synchronization.JOB: synchronization.synchronize_job,
    conversations.READ_JOB: conversations.read_job,
    software.LEARN_JOB: software.learn_job,
    agreement_requests.READ_JOB: requests.read_job,
    moves.CARRY_JOB: moves.carry_job,
    recovery.FORGOTTEN_JOB: recovery.forgotten_job,
    announcing.WITHDRAW_JOB: announcing.withdraw_job,
    decisions.END_JOB: decisions.end_job,
    pruning.PRUNE_JOB: pruning.prune_job,
    sending.SEND_JOB: sending.send_job,
    waves.SETTLE_JOB: waves.settle_job,
}
"""Kinds of jobs -> who does them."""


def parts() -> Sequence[Part]:
    """Fresh parts of one worker: what came in, what follows from it, what goes out."""
    return (
        Inbox(),
        JobQueue(HANDLERS),
        Merger(),
        Reminders(),
        Expansion(),
        Sender(),
        Postman(),
        Sealing(),
        Indexer(),
        Housekeeping(),
    )


TABLES: Sequence[leases.Table] = ("jobs", "inbox", "deliveries", "letters")
"""Where leased rows are."""

ALONE = frozenset({"feeds", "housekeeping", "search"})
"""Parts (by their bell) that one process of the node runs for all: two would do the same work twice, in each other's way."""
_LOOK_FOR_DEAD_S = 2.0
_ASK_TO_BE_ALONE_S = 5.0


async def run(ctx: Context, stop: asyncio.Event) -> None:
    """Work until *stop*."""
    await take_over(ctx)
    async with asyncio.TaskGroup() as group:
        for part in parts():
            group.create_task(_run(part, ctx, stop))
        if ctx.settings.several_processes:
            group.create_task(_inherit(ctx, stop))
        if ctx.settings.redis:
            group.create_task(wakeups.hear(ctx, stop))


async def take_over(ctx: Context) -> None:
    """What is leased for this seat was held by who sat here before, and died; on SQLite there is no other seat.

    Every process does it when it sits down, the serving ones too: on a seat that is taken nobody else seeks the dead.
    """
    now_ms = ctx.clock.now_ms()

    async def step(tx: Tx) -> None:
        for table in TABLES:
            if tx.dialect == "sqlite":
                await leases.release_all(tx, table, now_ms=now_ms)
            else:
                await leases.release_held(tx, table, holders=[ctx.seat.number], now_ms=now_ms)

    try:
        await ctx.db.write(step)
    except Exception as error:  # noqa: BLE001 (their leases end by themselves, only later)
        log.fail("worker.take_over_failed", error)


async def _inherit(ctx: Context, stop: asyncio.Event) -> None:
    """Give back what the dead have leased. Missed twice is dead: a session that broke is back within a second."""
    missed: set[int] = set()
    while not stop.is_set():
        await rest(stop, stop, _LOOK_FOR_DEAD_S)
        try:
            missed = await bury_absent(ctx, missed)
        except Exception as error:  # noqa: BLE001 (the database is away: later)
            log.warn("worker.dead_not_sought", error=str(error))
            missed = set()


async def bury_absent(ctx: Context, missed: Collection[int]) -> set[int]:
    """Release what the seats in *missed* hold that nobody sits on now either; the seats missed this time."""
    holding = {holder for table in TABLES for holder in await leases.holders(ctx.db.reader, table)}
    if not holding:
        return set()
    absent = holding - await ctx.seat.taken()
    dead = sorted(absent & set(missed))
    if dead:
        now_ms = ctx.clock.now_ms()

        async def step(tx: Tx) -> int:
            return sum([await leases.release_held(tx, table, holders=dead, now_ms=now_ms) for table in TABLES])

        log.warn("worker.died", seats=dead, released=await ctx.db.write(step))
        for table in TABLES:
            ctx.live.ring(table)
    return absent


async def _run(part: Part, ctx: Context, stop: asyncio.Event) -> None:
    """Run a part, again if it ends before its time: the others must not end with it."""
    while not stop.is_set():
        try:
            if part.bell in ALONE and not await ctx.seat.alone(part.bell):
                await rest(stop, stop, _ASK_TO_BE_ALONE_S)
                continue
            await part.run(ctx, stop)
        except Exception as error:  # noqa: BLE001 (the node goes on)
            log.fail("worker.part_ended", error, part=type(part).__name__)
            await rest(stop, stop)
