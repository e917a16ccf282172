"""From an order to its deliveries: one row per distinct inbox, shared inboxes merged."""

from collections.abc import Iterable, Mapping, Sequence

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
        earlier = await succession.unfinished(tx, orders)
        policies, joined = await hosts.in_force(tx), await relays.accepted(tx)
        expanded = set[int]()
        for each in orders:
            before = earlier.get(each["id"], ())
            if any(row["state"] == "new" and row["id"] not in expanded for row in before):
                continue  # another worker has it in its hands: this one comes after it
            after = await succession.last_waiting(tx, before)
            await self._expand(tx, ctx, each, policies, after, joined)
            expanded.add(each["id"])
        if expanded:
            tx.after_commit(lambda: ctx.live.ring("deliveries"))
        return len(expanded)

    async def _asked(self, tx: Tx) -> Sequence[Row]:
        skip = "FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
        return await tx.fetch(
            "SELECT id, actor_id, type, subject, audience FROM delivery_orders WHERE state = 'new' "
            f"ORDER BY id LIMIT {_ORDERS_A_TURN} {skip}"
        )

    async def _expand(
        self,
        tx: Tx,
        ctx: Context,
        order: Row,
        policies: hosts.Policies,
        after: Mapping[str, int],
        joined: Sequence[Relay],
    ) -> None:
        audience = Audience.from_json(order["audience"])
        rows, refused = [], list[str]()
        now_ms = ctx.clock.now_ms()
        wanted = await inboxes(tx, order["actor_id"], audience)
        if audience.relays:
            wanted |= await relays.inboxes(tx, ctx, order, joined)
        targets, unusable = _targets(wanted)
        meant = await dialects.of_kind(tx, targets.values(), audience.dialect)
        meant.difference_update(audience.but_hosts)
        targets = {inbox: host for inbox, host in targets.items() if host in meant}
        standing = await breaker.standing(tx, set(targets.values()))
        if unusable:
            log.log("delivery.unusable_inbox", count=unusable)
        for inbox, host in sorted(targets.items()):
            if host in standing.dead or policies.suspends(host):
                refused.append(host)
                continue
            run_at_ms = max(now_ms, standing.closed_until_ms.get(host, 0))
            rows.append((ctx.ids.next(), order["id"], inbox, host, "ready", run_at_ms, now_ms, after.get(inbox)))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            await tx.executemany(
                "INSERT INTO deliveries (id, order_id, inbox, host, state, run_at_ms, created_ms, after_id) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id, inbox) DO NOTHING",
                rows[start : start + _ROWS_AT_ONCE],
            )
        await tx.execute(
            "UPDATE delivery_orders SET state = $2, total = $3, dead = $4, servers = $5, lost = $6 WHERE id = $1",
            order["id"],
            "sending" if rows else "done",
            len(rows) + len(refused) + unusable,
            len(refused) + unusable,
            len(set(targets.values())),
            len(set(refused)),
        )


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
