"""Signs and sends what is due: many at once, few per host, results written in batches.

A slow or silent host holds only its own places: rows beyond its share go back at once and it is left out of the
next claims until one of its places is free. `turn` sends what is due and waits for it (tests); `run` keeps the
places filled without waiting for the slowest.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial

from node.actors import keys
from node.federation import signatures
from node.federation.delivery import breaker
from node.federation.identity import user_agent
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Row, Tx
from node.runtime.jobs import MAX_ATTEMPTS, Part, backoff_ms, leases
from node.runtime.net import NetworkFailure, Response

PLACES = 256
PLACES_PER_HOST = 4
_LEASE_MS = 300_000
_CLAIM = 128
_POLL_S = 1.0
_FINISH_EVERY_S = 0.02
_ANSWER_MAX_BYTES = 65_536
_RETRY_AFTER_AT_MOST_S = 86_400


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed row with what it needs from its order."""

    id: int
    order_id: int
    inbox: str
    host: str
    attempts: int
    actor_id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. `again_ms`: when to try again; None: done, or dead if there is an error."""

    delivery: Delivery
    error: str = ""
    again_ms: int | None = None
    host_failed: bool = False


class Sender(Part):
    """Sends deliveries."""

    bell = "deliveries"

    def __init__(self) -> None:
        self._flying: Counter[str] = Counter()
        self._signers = ThreadPoolExecutor(2, thread_name_prefix="signer")  # threads start when used; OpenSSL frees the GIL

    async def turn(self, ctx: Context) -> int:
        deliveries = await self._claim(ctx)
        if not deliveries:
            return 0
        await self._finish(ctx, await asyncio.gather(*(self._attempt(ctx, each) for each in deliveries)))
        return len(deliveries)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(run_at_ms) FROM deliveries WHERE state = 'ready'")
        return None if found is None else int(found)

    async def run(self, ctx: Context, stop: asyncio.Event) -> None:
        bell = ctx.live.bell(self.bell)
        flying: set[asyncio.Task[None]] = set()
        done: asyncio.Queue[Outcome] = asyncio.Queue()
        finisher = asyncio.create_task(self._finish_for_ever(ctx, done))

        async def fly(delivery: Delivery) -> None:
            done.put_nowait(await self._attempt(ctx, delivery))
            bell.set()

        while not stop.is_set():
            bell.clear()
            claimed: Sequence[Delivery] = ()
            if len(flying) < PLACES:
                try:
                    claimed = await self._claim(ctx)
                except Exception as error:  # noqa: BLE001 (the database is away: try again in a while)
                    log.fail("deliveries.claim_failed", error)
            for each in claimed:
                task = asyncio.create_task(fly(each))
                flying.add(task)
                task.add_done_callback(flying.discard)
            if not claimed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), _POLL_S)
        # What is under way is given up: its lease ends, or the next start releases it.
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        await done.join()
        finisher.cancel()
        self._signers.shutdown(wait=False)

    async def _claim(self, ctx: Context) -> Sequence[Delivery]:
        full = [host for host, count in self._flying.items() if count >= PLACES_PER_HOST]
        now_ms = ctx.clock.now_ms()

        async def step(tx: Tx) -> list[Delivery]:
            await leases.reap(tx, "deliveries", now_ms=now_ms)
            rows = await leases.claim(
                tx,
                "deliveries",
                now_ms=now_ms,
                lease_ms=_LEASE_MS,
                limit=_CLAIM,
                where="host <> ALL($3::text[])",
                args=(full,),
            )
            return await self._share_out(tx, rows)

        if not await ctx.db.reader.value(
            "SELECT 1 FROM deliveries WHERE state = 'leased' AND lease_until_ms <= $1 UNION ALL "
            "SELECT 1 FROM deliveries WHERE state = 'ready' AND run_at_ms <= $1 LIMIT 1",
            now_ms,
        ):
            return ()
        claimed = await ctx.db.write(step)
        for each in claimed:
            self._flying[each.host] += 1
        return claimed

    async def _share_out(self, tx: Tx, rows: Sequence[Row]) -> list[Delivery]:
        taken = Counter(self._flying)
        kept, given_back = [], []
        for row in sorted(rows, key=lambda row: (row["run_at_ms"], row["id"])):
            if taken[row["host"]] < PLACES_PER_HOST:
                taken[row["host"]] += 1
                kept.append(row)
            else:
                given_back.append(row["id"])
        if given_back:
            await tx.execute(
                "UPDATE deliveries SET state = 'ready', lease_until_ms = NULL, attempts = attempts - 1 "
                "WHERE id = ANY($1::bigint[])",
                given_back,
            )
        orders = {
            row["id"]: row
            for row in await tx.fetch(
                "SELECT id, actor_id, body FROM delivery_orders WHERE id = ANY($1::bigint[])",
                list({row["order_id"] for row in kept}),
            )
        }
        return [
            Delivery(
                row["id"],
                row["order_id"],
                row["inbox"],
                row["host"],
                row["attempts"],
                orders[row["order_id"]]["actor_id"],
                bytes(orders[row["order_id"]]["body"]),
            )
            for row in kept
        ]

    async def _attempt(self, ctx: Context, delivery: Delivery) -> Outcome:
        try:
            response = await self._post(ctx, delivery)
        except NetworkFailure as error:
            outcome = later(ctx, delivery, str(error)) if error.again else Outcome(delivery, str(error))
        except Exception as error:  # noqa: BLE001 (a fault of ours must not lose the row)
            log.fail("delivery.failed", error, inbox=delivery.inbox)
            outcome = later(ctx, delivery, f"{type(error).__name__}: {error}", host_failed=False)
        else:
            outcome = judge(ctx, delivery, response)
        finally:
            self._flying[delivery.host] -= 1
            if not self._flying[delivery.host]:
                del self._flying[delivery.host]
        return outcome

    async def _post(self, ctx: Context, delivery: Delivery) -> Response:
        key_id, private_key = await keys.signing_key(ctx, ctx.db.reader, delivery.actor_id)
        sign = partial(signatures.sign, "POST", delivery.inbox, delivery.body, key_id, private_key, ctx.clock.now_ms())
        signed = await asyncio.get_running_loop().run_in_executor(self._signers, sign)
        headers = {"User-Agent": await user_agent(ctx), "Accept": "application/activity+json", **signed}
        return await ctx.network.request(
            "POST", delivery.inbox, headers=headers, body=delivery.body, max_bytes=_ANSWER_MAX_BYTES
        )

    async def _finish_for_ever(self, ctx: Context, done: asyncio.Queue[Outcome]) -> None:
        while True:
            outcomes = [await done.get()]
            await asyncio.sleep(_FINISH_EVERY_S)
            while not done.empty():
                outcomes.append(done.get_nowait())
            try:
                await self._finish(ctx, outcomes)
            except Exception as error:  # noqa: BLE001 (their leases end: they are sent again)
                log.fail("deliveries.finish_failed", error, count=len(outcomes))
            for _ in outcomes:
                done.task_done()

    async def _finish(self, ctx: Context, outcomes: Sequence[Outcome]) -> None:
        await ctx.db.write(lambda tx: finish(tx, ctx, outcomes))
        for each in outcomes:
            ctx.metrics.count("deliveries", outcome="again" if each.again_ms else "dead" if each.error else "done")


def judge(ctx: Context, delivery: Delivery, response: Response) -> Outcome:
    """What an answer means: 401, 408, 429 and 5xx but 501 may pass, other 4xx are final (as Mastodon judges)."""
    status = response.status
    if 200 <= status < 300:
        return Outcome(delivery)
    reason = f"the server answered {status}"
    if status in (401, 408, 429) or (status >= 500 and status != 501):
        return later(ctx, delivery, reason, retry_after_s(response, ctx.clock.now_ms()), host_failed=status >= 500)
    return Outcome(delivery, reason)


def later(
    ctx: Context, delivery: Delivery, reason: str, wait_s: int | None = None, *, host_failed: bool = True
) -> Outcome:
    """Try again after the backoff, or when the host asked for; after the last attempt it is dead."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return Outcome(delivery, reason, host_failed=host_failed)
    now_ms = ctx.clock.now_ms()
    at_ms = now_ms + (backoff_ms(delivery.attempts) if wait_s is None else wait_s * 1000)
    return Outcome(delivery, reason, max(at_ms, breaker.closed_until_ms(ctx, delivery.host)), host_failed)


def retry_after_s(response: Response, now_ms: int) -> int | None:
    """Retry-After in seconds, from either form (RFC 9110 §10.2.3); bounded, None if absent or nonsense."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return min(int(value[:9]), _RETRY_AFTER_AT_MOST_S)
    try:
        wait_s = parsedate_to_datetime(value).timestamp() - now_ms / 1000
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, min(int(wait_s), _RETRY_AFTER_AT_MOST_S))


async def finish(tx: Tx, ctx: Context, outcomes: Sequence[Outcome]) -> None:
    """Write what became of these attempts, in one transaction."""
    done = [each.delivery for each in outcomes if not each.error]
    if done:
        await tx.execute("DELETE FROM deliveries WHERE id = ANY($1::bigint[])", [each.id for each in done])
        for order_id, count in Counter(each.order_id for each in done).items():
            await tx.execute(
                "UPDATE delivery_orders SET done = done + $2, "
                "state = CASE WHEN done + $2 + dead >= total THEN 'done' ELSE state END WHERE id = $1",
                order_id,
                count,
            )
        for host in {each.host for each in done}:
            if breaker.closed_until_ms(ctx, host) or await breaker.troubled(tx, host):
                await breaker.answered(tx, ctx, host)
    for each in outcomes:
        if not each.error:
            continue
        if each.host_failed:
            await breaker.failed(tx, ctx, each.delivery.host)
        if each.again_ms is not None:
            at_ms = max(each.again_ms, breaker.closed_until_ms(ctx, each.delivery.host))
            await leases.again(tx, "deliveries", row_id=each.delivery.id, at_ms=at_ms, error=each.error)
        else:
            await leases.bury(tx, "deliveries", row_id=each.delivery.id, error=each.error)
            await tx.execute("UPDATE delivery_orders SET dead = dead + 1 WHERE id = $1", each.delivery.order_id)
