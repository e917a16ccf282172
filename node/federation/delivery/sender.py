"""Signs and sends what is due: many at once, few per host, results written in batches.

A slow or silent host holds only its own places: what is beyond its share stays where it is, and the host is left out
of the claims until one of its places is free. A host has one place until it took something. `turn` sends what is due and waits for it (tests); `run` keeps the
places filled without waiting for the slowest.
"""

import asyncio
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from weakref import WeakValueDictionary

from node.actors import hosts, keys
from node.federation import signatures
from node.federation.delivery import breaker, results, synchronization
from node.federation.delivery.succession import IN_TURN
from node.federation.delivery.verdicts import Delivery, Outcome, judge, later, retry_after_s
from node.federation.identity import user_agent
from node.federation.knocking import FormOf, knock
from node.federation.signers import Signers
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Row, Tx
from node.runtime.errors import BeffroiError
from node.runtime.jobs import MAX_ATTEMPTS, Part, leases
from node.runtime.jobs.part import rest
from node.runtime.net import ConnectionFailed, NetworkFailure, Response, TooMuch
from node.runtime.net.urls import parse

PLACES = 256
"""Deliveries in the air that were begun within the last second."""
LINGERING = 192
"""And those that wait longer for an answer: the silent leave the places to those that answer."""
PLACES_IN_DOUBT = 96
"""Of all these, how many may go to hosts whose latest attempt failed."""
PLACES_PER_HOST = 4
_LINGERS_AFTER_S = 1.0
_LEASE_MS = 300_000
_LOOKED_AT = 256
_FINISH_EVERY_S = 0.02
_LOOK_AGAIN_MS = 2_000
_ANSWER_MAX_BYTES = 65_536


class Sender(Part):
    """Sends deliveries."""

    bell = "deliveries"

    def __init__(self) -> None:
        self._flying: Counter[str] = Counter()
        self._lines: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()
        self._looked_ms = 0
        self._active: set[int] = set()
        self._doubt = False
        self._signers = Signers()

    async def turn(self, ctx: Context) -> int:
        deliveries = await self._claim(ctx, PLACES)
        if not deliveries:
            return 0
        await self._finish(ctx, await asyncio.gather(*(self._attempt(ctx, each) for each in deliveries)))
        return len(deliveries)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value(f"SELECT MIN(run_at_ms) FROM deliveries WHERE state = 'ready' AND {IN_TURN}")
        return None if found is None else int(found)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        bell = ctx.live.bell(self.bell)
        flying: dict[asyncio.Task[None], Delivery] = {}
        begun_s: dict[asyncio.Task[None], float] = {}  # in the order in which they began
        landed: asyncio.Queue[Outcome] = asyncio.Queue()
        finisher = asyncio.create_task(self._finish_for_ever(ctx, landed))

        async def fly(delivery: Delivery) -> None:
            landed.put_nowait(await self._attempt(ctx, delivery))

        def ended(task: asyncio.Task[None]) -> None:
            del flying[task], begun_s[task]
            bell.set()

        while not stop.is_set():
            bell.clear()
            claimed: Sequence[Delivery] = ()
            try:
                if (room := _room(begun_s.values())) > 0:
                    claimed = await self._claim(ctx, room)
            except Exception as error:  # noqa: BLE001 (the database is away: try again in a while)
                self._doubt = True  # it may have been committed all the same
                log.fail("deliveries.claim_failed", error)
            for each in claimed:
                task = asyncio.create_task(fly(each))
                flying[task], begun_s[task] = each, time.monotonic()
                task.add_done_callback(ended)
            if not claimed:
                await rest(bell, stop)
        left = dict(flying)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await landed.join()
        finisher.cancel()
        row_ids, now_ms = [each.id for task, each in left.items() if task.cancelled()], ctx.clock.now_ms()
        if row_ids:  # who gets one twice knows it by its id
            await ctx.db.write(lambda tx: leases.release(tx, "deliveries", row_ids=row_ids, now_ms=now_ms))
        self._signers.close()

    async def _claim(self, ctx: Context, limit: int) -> Sequence[Delivery]:
        now_ms = ctx.clock.now_ms()
        doubt = self._doubt
        if not doubt and not await leases.due(ctx.db.reader, "deliveries", now_ms=now_ms, where=IN_TURN):
            return ()
        if ctx.settings.several_processes and now_ms - self._looked_ms >= _LOOK_AGAIN_MS:
            self._looked_ms = now_ms
            await breaker.look_again(ctx, ctx.db.reader)
        full = [host for host, count in self._flying.items() if count >= self._places(ctx, host)]
        left_out = [*full, *breaker.closed(ctx)]
        doubted = breaker.in_doubt(ctx)
        if sum(map(doubted.__contains__, self._flying)) >= PLACES_IN_DOUBT:
            left_out += doubted
        claimed = await ctx.db.write(lambda tx: self._take(tx, ctx, now_ms, left_out, doubted, limit))
        self._doubt = self._doubt and not doubt
        self._active.update(each.id for each in claimed)
        for each in claimed:
            self._flying[each.host] += 1
        return claimed

    @staticmethod
    def _places(ctx: Context, host: str) -> int:
        return PLACES_PER_HOST if breaker.answering(ctx, host) else 1

    async def _take(
        self, tx: Tx, ctx: Context, now_ms: int, left_out: Sequence[str], doubted: Collection[str], limit: int
    ) -> Sequence[Delivery]:
        await leases.reap(tx, "deliveries", now_ms=now_ms)
        if self._doubt:
            known = list(self._active)
            await leases.release_forgotten(tx, "deliveries", holder=ctx.seat.number, known=known, now_ms=now_ms)
        # Plan: deliveries_ready, in order. Only what is taken is written: a host with ten thousand rows costs no more.
        skip = "FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
        seen = await tx.fetch(
            "SELECT id, order_id, inbox, host, attempts FROM deliveries WHERE state = 'ready' AND run_at_ms <= $1 "
            f"AND host <> ALL($2::text[]) AND {IN_TURN} ORDER BY run_at_ms, id LIMIT {_LOOKED_AT} {skip}",
            now_ms,
            list(left_out),
        )
        taken, chosen = Counter(self._flying), list[Row]()
        in_doubt = sum(map(doubted.__contains__, taken))
        for row in seen:
            host = row["host"]
            if len(chosen) == limit:
                break
            if taken[host] >= self._places(ctx, host) or (host in doubted and in_doubt >= PLACES_IN_DOUBT):
                continue
            in_doubt += host in doubted
            taken[host] += 1
            chosen.append(row)
        if not chosen:
            return ()
        await tx.execute(
            "UPDATE deliveries SET state = 'leased', lease_until_ms = $2, attempts = attempts + 1, holder = $3 "
            "WHERE id = ANY($1::bigint[])",
            [row["id"] for row in chosen],
            now_ms + _LEASE_MS,
            ctx.seat.number,
        )
        orders = await tx.fetch(
            "SELECT o.id, o.actor_id, o.body, o.synchronize, a.state FROM delivery_orders o JOIN actors a ON a.id = o.actor_id "
            "WHERE o.id = ANY($1::bigint[])",
            list({row["order_id"] for row in chosen}),
        )
        by_id = {order["id"]: order for order in orders}
        return [_delivery(row, by_id[row["order_id"]]) for row in chosen]

    async def _attempt(self, ctx: Context, delivery: Delivery) -> Outcome:
        line = self._lines.setdefault((delivery.actor_id, delivery.inbox), asyncio.Lock())
        try:
            async with line:  # first come, first served: a Follow, its Undo and a second Follow arrive as such
                return await self._tried(ctx, delivery)
        except TooMuch as error:
            return judge(ctx, delivery, error.answered)
        except NetworkFailure as error:
            return later(ctx, delivery, str(error)) if error.again else Outcome(delivery, str(error))
        except BeffroiError as error:
            return later(ctx, delivery, str(error), host_failed=False) if error.again else Outcome(delivery, str(error))
        except Exception as error:  # noqa: BLE001 (a fault of ours must not lose the row)
            log.fail("delivery.failed", error, inbox=delivery.inbox)
            return later(ctx, delivery, f"{type(error).__name__}: {error}", host_failed=False)
        finally:
            self._flying[delivery.host] -= 1
            if not self._flying[delivery.host]:
                del self._flying[delivery.host]

    async def _tried(self, ctx: Context, delivery: Delivery) -> Outcome:
        if delivery.attempts > MAX_ATTEMPTS:
            return Outcome(delivery, "interrupted at every attempt")
        if delivery.actor_suspended:
            return Outcome(delivery, "the sender is suspended")
        if (await hosts.policies(ctx)).suspends(delivery.host):
            return Outcome(delivery, "this server has no dealings with that one")
        response = await self._post(ctx, delivery)
        return judge(ctx, delivery, response.status, retry_after_s(response, ctx.clock.now_ms()))

    async def _post(self, ctx: Context, delivery: Delivery) -> Response:
        url = parse(delivery.inbox).url  # what goes on the wire is what must be signed
        key_id, private_key = await keys.signing_key(ctx, ctx.db.reader, delivery.actor_id)
        agent = await user_agent(ctx)
        more = await synchronization.headers(ctx, delivery.actor_id, delivery.host) if delivery.synchronize else {}

        async def signed(form_of: FormOf) -> Response:
            sign = partial(
                signatures.sign, "POST", url, delivery.body, key_id, private_key, ctx.clock.now_ms(),
                scheme=form_of(delivery.host), more=more,
            )  # fmt: skip
            signature = await self._signers.sign(sign)
            headers = {"User-Agent": agent, "Accept": "application/activity+json", **signature}
            send = partial(
                ctx.network.request, "POST", url, headers=headers, body=delivery.body, max_bytes=_ANSWER_MAX_BYTES
            )
            try:
                return await send()
            except ConnectionFailed:
                # A server that hangs up an idle connection at the moment we write on it: a new one mostly holds.
                return await send()

        return await knock(ctx, signed)

    async def _finish_for_ever(self, ctx: Context, landed: asyncio.Queue[Outcome]) -> None:
        while True:
            outcomes = [await landed.get()]
            await asyncio.sleep(_FINISH_EVERY_S)
            while not landed.empty():
                outcomes.append(landed.get_nowait())
            try:
                await self._finish(ctx, outcomes)
            except Exception as error:  # noqa: BLE001 (they are sent again, and known by their ids)
                self._doubt = True
                log.fail("deliveries.finish_failed", error, count=len(outcomes))
            ctx.live.bell(self.bell).set()  # the turn of what came after them
            for _ in outcomes:
                landed.task_done()

    async def _finish(self, ctx: Context, outcomes: Sequence[Outcome]) -> None:
        standing = results.count(ctx, outcomes)
        try:
            await ctx.db.write(lambda tx: results.write(tx, ctx, outcomes, standing))
        finally:
            self._active.difference_update(each.delivery.id for each in outcomes)
        ended = Counter("again" if each.again_ms else "dead" if each.error else "done" for each in outcomes)
        for outcome, count in ended.items():
            ctx.metrics.count("deliveries", count, outcome=outcome)


def _room(begun_s: Iterable[float]) -> int:
    """How many more may begin, when those in the air began at *begun_s*, the earliest first."""
    began = list(begun_s)
    lingering = min(LINGERING, bisect_right(began, time.monotonic() - _LINGERS_AFTER_S))
    return PLACES - (len(began) - lingering)


def _delivery(row: Row, order: Row) -> Delivery:
    return Delivery(
        row["id"], row["order_id"], row["inbox"], row["host"], row["attempts"] + 1, order["actor_id"],
        order["state"] == "suspended", bytes(order["body"]), bool(order["synchronize"]),
    )  # fmt: skip
