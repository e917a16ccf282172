"""From stored rows to what they mean: each row is worked once, and marked done in the transaction that applies it.

Activities of one actor are worked in the order in which they came, those of different actors side by side: a server
that thinks for half a minute delays its own people only. That order holds across processes too: an actor who has a
leased row anywhere is left to whoever has it. What is refused keeps its reason, what is not understood is
kept as it came, what fails is tried again for days.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from node.actors.actor import Actor
from node.federation import resolve
from node.federation.identity import allow_http
from node.federation.inbox import door, follow, handlers, keeping, rows
from node.federation.inbox.follow import Asked, Asking
from node.federation.inbox.keeping import Keeping, Kept
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.inbox.rows import LEASE_MS, Arrival, Overtaken
from node.federation.resolve import actors
from node.federation.vocab import activities, json
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import AlreadyThere, Row, Tx
from node.runtime.database.together import Together
from node.runtime.errors import BeffroiError, Forbidden
from node.runtime.jobs import Part, leases

_BATCH: Final = 100
_PLACES: Final = 64
"""Actors whose activities are worked at once."""
_PREPARATION_S: Final = 120.0
# Renewed before a row whose work, however long, could outlast what is left of it.
_RENEWED_EVERY_S: Final = 300.0
_POLL_S: Final = 1.0

# Of a suspended actor nothing is heard but that it leaves.
_HEARD_WHEN_SUSPENDED: Final = frozenset({"Delete"})


class Inbox(Part):
    """Works what was received."""

    bell = "inbox"

    def __init__(self) -> None:
        self._busy = Counter[str]()
        self._active: set[int] = set()
        self._doubt = False
        self._posts = keeping.together()
        self._follows = follow.together()
        self._working: set[asyncio.Task[None]] = set()
        self._open = False
        self._some_wait = False
        """Rows that could be worked were left where they are: whoever ends makes room for them."""

    async def turn(self, ctx: Context) -> int:
        claimed = await self._claim(ctx)
        await asyncio.gather(*(self._work(ctx, group) for group in _by_actor(claimed)))
        return len(claimed)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(run_at_ms) FROM inbox WHERE state = 'ready'")
        return None if found is None else int(found)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        bell = ctx.live.bell(self.bell)
        self._open = True
        door.lead_to(ctx, self)
        try:
            while not stop.is_set():
                bell.clear()
                claimed: Sequence[Arrival] = ()
                try:
                    self._some_wait = True
                    if self.places():
                        claimed = await self._claim(ctx)
                except Exception as error:  # noqa: BLE001 (the database is away: try again in a while)
                    self._doubt = True  # it may have been committed all the same
                    log.fail("inbox.claim_failed", error)
                self._begin(ctx, claimed)
                if not claimed:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(bell.wait(), _POLL_S)
        finally:
            door.lead_to(ctx, None)
            self._open = False
            # What is under way is given up: its lease ends, or the next start releases it.
            for task in self._working:
                task.cancel()
            await asyncio.gather(*self._working, return_exceptions=True)
            await self._posts.rest()
            await self._follows.rest()

    def places(self) -> int:
        """How many more actors' rows may be worked at once."""
        return max(0, _PLACES - len(self._working))

    def take(self, ctx: Context, arrivals: Sequence[Arrival]) -> None:
        """Work rows that the door has leased for us."""
        if self._open:
            self._hold(arrivals)
            self._begin(ctx, arrivals)
        else:
            self.doubt()  # nobody works them, and they are ours

    def doubt(self) -> None:
        """Look for rows that are leased for us without our knowing."""
        self._doubt = True

    def _begin(self, ctx: Context, arrivals: Sequence[Arrival]) -> None:
        for group in _by_actor(arrivals):
            task = asyncio.create_task(self._work(ctx, group))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _claim(self, ctx: Context) -> Sequence[Arrival]:
        now_ms = ctx.clock.now_ms()
        if not self._doubt and not await ctx.db.reader.value(
            "SELECT 1 FROM inbox WHERE state = 'leased' AND lease_until_ms <= $1 UNION ALL "
            "SELECT 1 FROM inbox WHERE state = 'ready' AND run_at_ms <= $1 LIMIT 1",
            now_ms,
        ):
            self._some_wait = False
            return ()
        busy, known, doubt = set(self._busy), list(self._active), self._doubt

        async def step(tx: Tx) -> tuple[Sequence[Row], dict[str, Actor]]:
            # One claim at a time: each sees what the others have leased.
            await tx.lock("inbox:claim")
            await leases.reap(tx, "inbox", now_ms=now_ms)
            if doubt:
                await leases.release_forgotten(tx, "inbox", holder=ctx.seat.number, known=known, now_ms=now_ms)
            # Plan: inbox_leased, as many rows as are being worked. With DISTINCT SQLite walks through all that ever came.
            leased = await tx.fetch("SELECT actor_uri FROM inbox WHERE state = 'leased'")
            taken = await leases.claim(
                tx, "inbox", now_ms=now_ms, lease_ms=LEASE_MS, limit=_BATCH, holder=ctx.seat.number,
                where="actor_uri <> ALL($3::text[])", args=(list(busy | {row[0] for row in leased}),),
            )  # fmt: skip
            return taken, await actors.at_hand(tx, ctx, {row["actor_uri"] for row in taken})

        claimed, senders = await ctx.db.write(step)
        self._doubt = self._doubt and not doubt
        found = [
            Arrival(
                row["id"], row["actor_uri"], row["attempts"], row["recipient_id"], bytes(row["body"] or b""),
                senders.pop(row["actor_uri"], None),
            )
            for row in sorted(claimed, key=lambda row: int(row["id"]))
        ]  # fmt: skip
        self._hold(found)
        return found

    def _hold(self, arrivals: Sequence[Arrival]) -> None:
        self._active.update(arrival.id for arrival in arrivals)
        self._busy.update({arrival.actor_uri for arrival in arrivals})

    async def _work(self, ctx: Context, group: Sequence[Arrival]) -> None:
        actor_uri, held_s = group[0].actor_uri, time.monotonic()
        try:
            for place, arrival in enumerate(group):
                if time.monotonic() - held_s > _RENEWED_EVERY_S:
                    await rows.hold_longer(ctx, group[place:])
                    held_s = time.monotonic()
                log.begin(inbox_id=arrival.id, actor=actor_uri)
                await work(ctx, arrival, self._posts, self._follows)
        except Exception as error:  # noqa: BLE001 (the end of a row could not be written)
            self._doubt = True
            log.fail("inbox.not_ended", error)
        finally:
            self._busy[actor_uri] -= 1
            if not self._busy[actor_uri]:
                del self._busy[actor_uri]
            self._active.difference_update(arrival.id for arrival in group)
            if self._some_wait:
                ctx.live.bell(self.bell).set()


def _by_actor(claimed: Sequence[Arrival]) -> list[list[Arrival]]:
    ordered = sorted(claimed, key=lambda arrival: (arrival.actor_uri, arrival.id))
    return [list(group) for _, group in groupby(ordered, key=lambda arrival: arrival.actor_uri)]


async def work(
    ctx: Context,
    arrival: Arrival,
    together: Together[Kept, None] | None = None,
    follows: Together[Asked, None] | None = None,
) -> None:
    """Work one row to its end, or to its next attempt; whatever happens is told in the row.

    A post is kept with those that are ready at the same moment (*together*), and so is a Follow (*follows*).
    """
    together, follows = together or keeping.together(), follows or follow.together()
    try:
        with together.coming():
            async with asyncio.timeout(_PREPARATION_S):
                received = await _read(ctx, arrival)
                handler = handlers.handler_of(received)
                step = None if handler is None else await handler(ctx, received)
        if step is None:
            await _ignore(ctx, arrival, received.activity.type)
            return
        if isinstance(step, Dropped):
            await rows.end(ctx, arrival, "dropped", step.why)
            return
        if isinstance(step, Keeping):
            await together.write(ctx.db, Kept(arrival, step))
        elif isinstance(step, Asking):
            await follows.write(ctx.db, Asked(arrival, step))
        else:
            await _apply(ctx, arrival, received, step)
        ctx.metrics.count("inbox_worked", outcome="done")
    except Overtaken:
        pass
    except BeffroiError as error:
        if error.again:
            await rows.later(ctx, arrival, str(error))
        else:
            log.log("inbox.refused_later", reason=str(error))
            await rows.end(ctx, arrival, "refused", str(error))
    except TimeoutError:
        await rows.later(ctx, arrival, "other servers took too long to answer")
    except AlreadyThere as error:
        await rows.later(ctx, arrival, f"two at once: {error}")
    except Exception as error:  # noqa: BLE001 (a fault of ours is told in the row and tried again)
        log.fail("inbox.failed", error, attempts=arrival.attempts)
        await rows.later(ctx, arrival, f"{type(error).__name__}: {error}")


async def _read(ctx: Context, arrival: Arrival) -> Received:
    activity = arrival.activity or activities.read(json.read(arrival.body), allow_http=allow_http(ctx))
    sender = arrival.sender or await resolve.actor(ctx, arrival.actor_uri)
    if not sender.active and activity.type not in _HEARD_WHEN_SUSPENDED:
        raise Forbidden("this account is suspended here")
    return Received(sender, activity, arrival.recipient_id, arrival.body)


async def _apply(ctx: Context, arrival: Arrival, received: Received, step: Step) -> None:
    async def whole(tx: Tx) -> None:
        await tx.lock(f"inbox:{received.object_id or arrival.id}")
        await rows.done(tx, arrival)
        await step(tx)

    await ctx.db.write(whole)


async def _ignore(ctx: Context, arrival: Arrival, kind: str) -> None:
    """Keep what is not understood, as it came; of what is understood and changes nothing, that it came."""
    known = kind in handlers.WITHOUT_EFFECT
    ctx.metrics.count("inbox_ignored", type=kind if known or kind in activities.TYPES else "other")
    why = "this kind of activity changes nothing here" if known else "this kind of activity is not understood here"
    await rows.end(ctx, arrival, "ignored", why, keeps_body=not known)
