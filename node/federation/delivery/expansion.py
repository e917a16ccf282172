"""From an order to its deliveries: one row per distinct inbox, shared inboxes merged."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from node.actors import hosts
from node.federation.delivery import breaker
from node.federation.delivery.orders import Audience
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.jobs import Part

_ORDERS_A_TURN = 20
_ROWS_AT_ONCE = 1_000

# Plans: follows_followee, then actors by primary key; each branch is a short index range.
_FOLLOWERS = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM follows f JOIN actors a ON a.id = f.follower_id
WHERE f.followee_id = $1 AND f.state = 'accepted' AND a.domain_id IS NULL AND a.state = 'active'"""
_ACTORS = """
SELECT DISTINCT {inbox} FROM actors a WHERE a.id = ANY($1::bigint[]) AND a.domain_id IS NULL"""
_INVOLVED = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM actors a WHERE a.domain_id IS NULL AND a.id IN (
  SELECT author_id FROM posts WHERE boost_of_id = ANY($1::bigint[]) UNION
  SELECT actor_id FROM favourites WHERE post_id = ANY($1::bigint[]) UNION
  SELECT author_id FROM posts WHERE reply_to_id = ANY($1::bigint[]))"""
_KNOWN = """
SELECT DISTINCT COALESCE(a.shared_inbox, a.inbox) FROM actors a WHERE a.domain_id IS NULL AND a.state = 'active'"""


class Expansion(Part):
    """Expands new orders."""

    bell = "orders"

    async def turn(self, ctx: Context) -> int:
        return await ctx.db.write(lambda tx: self._expand_some(tx, ctx))

    async def _expand_some(self, tx: Tx, ctx: Context) -> int:
        skip = "FOR UPDATE SKIP LOCKED" if tx.dialect == "postgresql" else ""
        orders = await tx.fetch(
            "SELECT id, actor_id, audience FROM delivery_orders WHERE state = 'new' "
            f"ORDER BY id LIMIT {_ORDERS_A_TURN} {skip}"
        )
        for each in orders:
            await self._expand(tx, ctx, each)
        if orders:
            tx.after_commit(lambda: ctx.live.ring("deliveries"))
        return len(orders)

    async def _expand(self, tx: Tx, ctx: Context, order: Row) -> None:
        audience = Audience.from_json(order["audience"])
        rows, refused = [], 0
        now_ms = ctx.clock.now_ms()
        dead = await breaker.dead_hosts(tx)
        policies = await hosts.in_force(tx)
        for inbox in sorted(await inboxes(tx, order["actor_id"], audience)):
            host = host_of(inbox)
            if host in dead or policies.suspends(host):
                refused += 1
                continue
            rows.append((ctx.ids.next(), order["id"], inbox, host, "ready", now_ms, now_ms))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            await tx.executemany(
                "INSERT INTO deliveries (id, order_id, inbox, host, state, run_at_ms, created_ms) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id, inbox) DO NOTHING",
                rows[start : start + _ROWS_AT_ONCE],
            )
        await tx.execute(
            "UPDATE delivery_orders SET state = $2, total = $3, dead = $4 WHERE id = $1",
            order["id"],
            "sending" if rows else "done",
            len(rows) + refused,
            refused,
        )


async def inboxes(reader: Reader, actor_id: int, audience: Audience) -> set[str]:
    """The distinct remote inboxes of *audience*."""
    found: set[str] = set(audience.inboxes)

    def add(rows: Iterable[Row]) -> None:
        found.update(row[0] for row in rows)

    if audience.followers:
        add(await reader.fetch(_FOLLOWERS, actor_id))
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


def host_of(url: str) -> str:
    """Host, and port where there is one: what the breaker and the limits count by."""
    return urlsplit(url).netloc.lower()
