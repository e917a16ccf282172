"""How far a post got: 'of 214 servers, 212 have it; two have been down since Sunday', for its author and the keeper.

Nothing is counted for it while posts are sent. An order knows how many servers it is for, its rows are those that
do not have it yet, and what has no row any more although it was never taken is counted in `lost`. When an order is
forgotten after a month, two figures of it stay in `post_reach`, for as long as the post.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

FIRST_WORDS: Final = ("Create", "Announce")
"""The activities that bring a post; edits and deletions follow it and say nothing of who has it."""
_SHOWN: Final = 100
_DAY_MS: Final = 86_400_000
_DONE_KEPT_MS: Final = 30 * _DAY_MS
_KEPT_MS: Final = 180 * _DAY_MS
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Missing:
    """A server that does not have the post."""

    host: str
    given_up: bool
    """Nothing more is sent there unless a keeper asks for it."""
    reason: str
    """What the last attempt met; empty before the first."""
    down_since_ms: int | None
    """Since when the whole server does not answer; None: it does."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a post got."""

    servers: int
    """For how many servers it is."""
    reached: int
    """How many have it, in all the inboxes that it was for."""
    under_way: int
    """How many were not asked yet."""
    lost: int
    """To how many nothing is sent: dead, blocked, or dropped by a keeper."""
    missing: Sequence[Missing]
    """Those that were asked in vain, a hundred at most, the living before those that were given up."""
    begun: bool
    """Whether it is known yet for whom the post is."""


async def of_post(reader: Reader, post_id: int) -> Reach | None:
    """How far the post got; None when it was for nobody elsewhere."""
    orders = await reader.fetch(
        "SELECT id, state, servers, lost FROM delivery_orders WHERE post_id = $1 AND type = ANY($2::text[])",
        post_id,
        list(FIRST_WORDS),
    )
    kept = await reader.row("SELECT servers, reached FROM post_reach WHERE post_id = $1", post_id)
    if not orders and kept is None:
        return None
    # Plan: the unique (order_id, inbox) of deliveries; a row for each inbox that does not have it.
    rows = await reader.fetch(
        "SELECT d.host, MAX(d.attempts) AS attempts, MIN(CASE WHEN d.state = 'dead' THEN 1 ELSE 0 END) AS given_up, "
        "MAX(d.error) AS error, MAX(CASE WHEN h.state <> 'up' THEN h.failing_since_ms END) AS since_ms "
        "FROM deliveries d LEFT JOIN hosts h ON h.host = d.host WHERE d.order_id = ANY($1::bigint[]) "
        "GROUP BY d.host ORDER BY given_up, d.host",
        [order["id"] for order in orders],
    )
    servers, lost = (sum(order[name] for order in orders) for name in ("servers", "lost"))
    if kept is not None:
        servers, lost = servers + kept["servers"], lost + kept["servers"] - kept["reached"]
    waiting = [row for row in rows if not row["error"] and not row["given_up"]]
    missing = [_missing(row) for row in rows if row["error"] or row["given_up"]]
    return Reach(
        servers=servers,
        reached=max(0, servers - lost - len(rows)),
        under_way=len(waiting),
        lost=lost,
        missing=missing[:_SHOWN],
        begun=all(order["state"] != "new" for order in orders),
    )


def _missing(row: Row) -> Missing:
    return Missing(row["host"], bool(row["given_up"]), row["error"], row["since_ms"])


async def write_off(tx: Tx, *, host: str) -> None:
    """Count as lost the servers whose dead letters are about to be dropped: all, or those of *host*."""
    await tx.execute(
        "UPDATE delivery_orders SET lost = lost + (SELECT COUNT(DISTINCT d.host) FROM deliveries d "
        "WHERE d.order_id = delivery_orders.id AND d.state = 'dead' AND ($1 = '' OR d.host = $1) "
        "AND NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.order_id = d.order_id AND w.host = d.host "
        "AND w.state <> 'dead')) "
        "WHERE id IN (SELECT order_id FROM deliveries WHERE state = 'dead' AND ($1 = '' OR host = $1))",
        host,
    )


async def prune(tx: Tx, ctx: Context) -> int:
    """Forget old orders with what is left of their deliveries; of those that brought a post, how far it got stays."""
    now_ms = ctx.clock.now_ms()
    orders = await tx.fetch(
        "SELECT id, post_id, type, servers, lost FROM delivery_orders "
        "WHERE (created_ms < $1 AND state = 'done') OR (created_ms < $2 AND state <> 'new') "
        f"ORDER BY id LIMIT {_AT_ONCE}",
        now_ms - _DONE_KEPT_MS,
        now_ms - _KEPT_MS,
    )
    if not orders:
        return 0
    ids = [order["id"] for order in orders]
    without = {
        row[0]: row[1]
        for row in await tx.fetch(
            "SELECT order_id, COUNT(DISTINCT host) FROM deliveries WHERE order_id = ANY($1::bigint[]) GROUP BY order_id",
            ids,
        )
    }
    for order in orders:
        if order["post_id"] is not None and order["type"] in FIRST_WORDS and order["servers"]:
            reached = max(0, order["servers"] - order["lost"] - without.get(order["id"], 0))
            await tx.execute(
                "INSERT INTO post_reach (post_id, servers, reached) SELECT id, $2, $3 FROM posts WHERE id = $1 "
                "ON CONFLICT (post_id) DO UPDATE SET servers = post_reach.servers + excluded.servers, "
                "reached = post_reach.reached + excluded.reached",
                order["post_id"], order["servers"], reached,
            )  # fmt: skip
    return await tx.execute("DELETE FROM delivery_orders WHERE id = ANY($1::bigint[])", ids)
