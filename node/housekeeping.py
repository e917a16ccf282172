"""What a node forgets by itself, and when: one table, a little at a time, so that no writer waits for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.federation.delivery import reach
from node.media import attachments, remote
from node.moderation import forgetting, pruning, replies, subscriptions, traces
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import Part, enqueue
from node.timeline import home

_EVERY_MS = 600_000
_ROWS_AT_ONCE = 500
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of *table* that are forgotten: those for which *where* holds, $1 being *after_ms* ago."""

    table: str
    key: str
    where: str
    after_ms: int


RULES: Sequence[Rule] = (
    # An activity that comes again within a month is known; afterwards the object's own id is the guard.
    Rule("inbox", "id", "received_ms < $1 AND state IN ('done', 'ignored', 'refused')", 30 * _DAY_MS),
    Rule("mutes", "id", "expires_ms < $1", 0),
    Rule("sessions", "token_hash", "expires_ms < $1", 0),
    Rule("mailed_links", "token_hash", "expires_ms < $1", 0),
    Rule("sign_ups", "id", "expires_ms < $1", 0),
    Rule("connection_traces", "id", "at_ms < $1 AND act <> 'identity'", traces.KEPT_MS),
    Rule("connection_traces", "id", "at_ms < $1", traces.IDENTITY_KEPT_MS),
    # Who was invited by which address: not longer than somebody may ask why she cannot come in.
    Rule("invitations", "id", "expires_ms < $1", 30 * _DAY_MS),
    Rule("letters", "id", "created_ms < $1 AND state = 'dead'", 30 * _DAY_MS),
    # What new accounts wrote to people here, to be compared; the waves that came of it.
    Rule(
        "spam_suspects", "post_id", "created_ms < $1 AND post_id NOT IN (SELECT id FROM posts WHERE held)", 7 * _DAY_MS
    ),
    Rule("spam_waves", "id", "last_ms < $1", 30 * _DAY_MS),
    # Pages that no post links to any more.
    Rule(
        "cards",
        "id",
        "created_ms < $1 AND NOT EXISTS (SELECT 1 FROM post_cards pc WHERE pc.card_id = cards.id)",
        30 * _DAY_MS,
    ),
    # A used code is kept a day, so that its second use revokes what the first one gave.
    Rule("oauth_codes", "code_hash", "expires_ms < $1", _DAY_MS),
    # What was deleted before it came is remembered for six hours; what was here, for good (410).
    Rule("tombstones", "uri", "deleted_ms < $1 AND type = ''", 6 * _HOUR_MS),
)

Chore = Callable[[Tx, Context], Awaitable[Any]]


async def _forget_pictures(tx: Tx, ctx: Context) -> None:
    await enqueue(tx, ctx, remote.EXPIRE_JOB, {}, unique=remote.EXPIRE_JOB)


CHORES: Mapping[str, Chore] = {
    "orders whose deliveries are long over": reach.prune,
    "media that no post uses": attachments.remove_unused,
    "remote pictures that nobody looked at": _forget_pictures,
    "old rows of home feeds": home.trim,
    "strangers' old posts that nobody here has a tie to, at night": pruning.enqueue_due,
    "lists of hosts that were not read today": subscriptions.enqueue_due,
    "strangers' posts that were held for a month": replies.forget_held,
    "who reported, and what decided posts said, after a year": forgetting.forget,
}


class Housekeeping(Part):
    """Forgets, every ten minutes."""

    bell = "housekeeping"

    async def turn(self, ctx: Context) -> int:
        now_ms = ctx.clock.now_ms()
        last = ctx.cache.of("housekeeping", 1)
        if now_ms - (last.get("ms") or 0) < _EVERY_MS:
            return 0
        last.put("ms", now_ms)
        done = 0
        for rule in RULES:
            done += await ctx.db.write(lambda tx, rule=rule: forget(tx, rule, now_ms))  # type: ignore[misc]
        for chore in CHORES.values():
            await ctx.db.write(lambda tx, chore=chore: chore(tx, ctx))  # type: ignore[misc]
        return done


async def forget(tx: Tx, rule: Rule, now_ms: int) -> int:
    """One bite of one rule; how many rows went."""
    return await tx.execute(
        f"DELETE FROM {rule.table} WHERE {rule.key} IN "
        f"(SELECT {rule.key} FROM {rule.table} WHERE {rule.where} LIMIT {_ROWS_AT_ONCE})",
        now_ms - rule.after_ms,
    )
