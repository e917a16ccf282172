"""From an order to its deliveries: one row per distinct inbox, shared inboxes merged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from node.actors import hosts
from node.federation.delivery import breaker, dialects, relays, succession
from node.federation.delivery.orders import Audience
from node.federation.delivery.relays import Relay
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.jobs import Part
from node.runtime.net import BadUrl
from node.runtime.net.urls import parse

_ORDERS_A_TURN = 20
_ROWS_AT_ONCE = 1_000

# Plans: follows_remote, then actors by primary key; each branch is a short index range.
_FOLLOWERS = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM follows f JOIN actors a ON a.id = f.follower_id
WHERE f.followee_id = $1 AND f.state = 'accepted' AND f.remote AND a.state = 'active'"""
_ACTORS = """
SELECT DISTINCT {inbox} FROM actors a WHERE a.id = ANY($1::bigint[]) AND a.domain_id IS NULL AND a.state <> 'deleted'"""
_INVOLVED = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM actors a WHERE a.domain_id IS NULL AND a.state <> 'deleted'
AND a.id IN (
  SELECT author_id FROM posts WHERE boost_of_id = ANY($1::bigint[]) UNION
  SELECT actor_id FROM favourites WHERE post_id = ANY($1::bigint[]) UNION
  SELECT author_id FROM posts WHERE reply_to_id = ANY($1::bigint[]) UNION
  SELECT actor_id FROM poll_votes WHERE post_id = ANY($1::bigint[]) UNION
  SELECT actor_id FROM post_holders WHERE post_id = ANY($1::bigint[]))"""
_KNOWN = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM actors a WHERE a.domain_id IS NULL AND a.state = 'active'"""


class Expansion(Part):
    """Expands new orders."""

    bell = "orders"

    async def turn(self, ctx: Context) -> int:
        if await ctx.db.reader.value("SELECT 1 FROM delivery_orders WHERE state = 'new' LIMIT 1") is None:
            return 0
        return await ctx.db.write(lambda tx: self._expand_some(tx, ctx))

    async def _expand_some(self, tx: Tx, ctx: Context) -> int:
        orders = await self._asked(tx)
        if not orders:
            return 0
        earlier = await succession.unfinished(tx, orders)
        audiences = {each["id"]: Audience.from_json(each["audience"]) for each in orders}
        policies, joined = await hosts.in_force(tx), await relays.accepted(tx)
        alone = await _own_inboxes(tx, [each for each in audiences.values() if each.is_one_actor])
        plans, expanded = list[_Plan](), set[int]()
        for each in orders:
            before = earlier.get(each["id"], ())
            if any(row["state"] == "new" and row["id"] not in expanded for row in before):
                continue  # another worker has it in its hands: this one comes after it
            if before:  # what it comes after must be there to be found
                await _write(tx, ctx, plans, policies)
                plans = []
            audience = audiences[each["id"]]
            after = await succession.last_waiting(tx, before)
            plans.append(await _plan(tx, ctx, each, audience, after, joined, alone))
            expanded.add(each["id"])
        await _write(tx, ctx, plans, policies)
        if expanded:
            tx.after_commit(lambda: ctx.live.ring("deliveries"))
        return len(expanded)

    async def _asked(self, tx: Tx) -> Sequence[Row]:
        skip = "FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
        return await tx.fetch(
            "SELECT id, actor_id, type, subject, audience FROM delivery_orders WHERE state = 'new' "
            f"ORDER BY id LIMIT {_ORDERS_A_TURN} {skip}"
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of one order."""

    order_id: int
    targets: Mapping[str, str]
    """Inbox -> its host."""
    unusable: int
    after: Mapping[str, int]
    """Inbox -> the delivery that it waits for."""


async def _plan(
    tx: Tx,
    ctx: Context,
    order: Row,
    audience: Audience,
    after: Mapping[str, int],
    joined: Sequence[Relay],
    alone: Mapping[int, str],
) -> _Plan:
    if audience.is_one_actor:
        wanted = {alone[audience.actor_ids[0]]} if audience.actor_ids[0] in alone else set[str]()
    else:
        wanted = await inboxes(tx, order["actor_id"], audience)
    if audience.relays:
        wanted |= await relays.inboxes(tx, ctx, order, joined)
    targets, unusable = _targets(wanted)
    meant = await dialects.of_kind(tx, targets.values(), audience.dialect)
    meant.difference_update(audience.but_hosts)
    if unusable:
        log.log("delivery.unusable_inbox", count=unusable)
    return _Plan(order["id"], {inbox: host for inbox, host in targets.items() if host in meant}, unusable, after)


async def _write(tx: Tx, ctx: Context, plans: Sequence[_Plan], policies: hosts.Policies) -> None:
    """One statement of each kind, however many orders."""
    now_ms = ctx.clock.now_ms()
    standing = await breaker.standing(tx, {host for plan in plans for host in plan.targets.values()})
    rows, ends = list[tuple[object, ...]](), list[tuple[object, ...]]()
    for plan in plans:
        before, refused = len(rows), list[str]()
        for inbox, host in sorted(plan.targets.items()):
            if host in standing.dead or policies.suspends(host):
                refused.append(host)
                continue
            run_at_ms = max(now_ms, standing.closed_until_ms.get(host, 0))
            rows.append((ctx.ids.next(), plan.order_id, inbox, host, "ready", run_at_ms, now_ms, plan.after.get(inbox)))
        made, lost = len(rows) - before, len(refused) + plan.unusable
        servers = len(set(plan.targets.values()))
        ends.append((plan.order_id, "sending" if made else "done", made + lost, lost, servers, len(set(refused))))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await tx.executemany(
            "INSERT INTO deliveries (id, order_id, inbox, host, state, run_at_ms, created_ms, after_id) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id, inbox) DO NOTHING",
            rows[start : start + _ROWS_AT_ONCE],
        )
    if ends:
        await tx.executemany(
            "UPDATE delivery_orders SET state = $2, total = $3, dead = $4, servers = $5, lost = $6 WHERE id = $1", ends
        )


async def _own_inboxes(reader: Reader, audiences: Iterable[Audience]) -> Mapping[int, str]:
    """Actor -> its own inbox, for all that are written to alone. Some servers read a direct message nowhere else."""
    wanted = list({each.actor_ids[0] for each in audiences})
    if not wanted:
        return {}
    rows = await reader.fetch(
        "SELECT a.id, a.inbox FROM actors a WHERE a.id = ANY($1::bigint[]) AND a.domain_id IS NULL "
        "AND a.state <> 'deleted' AND a.inbox <> ''",
        wanted,
    )
    return {row[0]: row[1] for row in rows}


def _targets(inboxes: Iterable[str]) -> tuple[dict[str, str], int]:
    """Inbox in the form in which it is asked -> its host; and how many are none at all.

    One that cannot be read must not hold up the others: it is a stranger's.
    """
    found, unusable = {}, 0
    for inbox in inboxes:
        try:
            url = parse(inbox).url
        except BadUrl:
            unusable += 1
        else:
            found[url] = url.split("/", 3)[2]  # with its port: what the breaker and the limits count by
    return found, unusable


async def inboxes(reader: Reader, actor_id: int, audience: Audience) -> set[str]:
    """The distinct remote inboxes of *audience*."""
    found: set[str] = set(audience.inboxes)

    def add(rows: Iterable[Row]) -> None:
        found.update(row[0] for row in rows)

    if audience.followers:
        add(await reader.fetch(_FOLLOWERS, actor_id))
    for read_id in audience.followers_of:
        add(await reader.fetch(_FOLLOWERS, read_id))
    if audience.actor_ids:
        # Alone, the recipient's own inbox: some servers read a direct message nowhere else.
        alone = not audience.followers and len(audience.actor_ids) == 1
        inbox = "a.inbox" if alone else "COALESCE(a.shared_inbox, a.inbox)"
        add(await reader.fetch(_ACTORS.format(inbox=inbox), list(audience.actor_ids)))
    if audience.post_ids:
        add(await reader.fetch(_INVOLVED, list(audience.post_ids)))
    if audience.all_known:
        add(await reader.fetch(_KNOWN))
    return {inbox for inbox in found if inbox}
