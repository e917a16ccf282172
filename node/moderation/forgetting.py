"""What a case file forgets in time: who reported without an account, and what was written in posts that were decided about.

The file, its decisions and their grounds stay.
"""

from typing import Final

from node.moderation.statements import APPEAL_DAYS
from node.runtime.context import Context
from node.runtime.database import Tx

_DAY_MS: Final = 86_400_000
_AFTER_MS: Final = 365 * _DAY_MS
"""A year: longer than one can appeal."""
_ROWS_AT_ONCE: Final = 500

assert APPEAL_DAYS * _DAY_MS < _AFTER_MS


async def forget(tx: Tx, ctx: Context) -> int:
    """The chore: some at a time; how many rows."""
    before = ctx.clock.now_ms() - _AFTER_MS
    names = await tx.execute(
        "UPDATE reports SET reporter_name = '', reporter_email = '' WHERE id IN (SELECT id FROM reports "
        "WHERE closed_ms < $1 AND (reporter_name <> '' OR reporter_email <> '') AND NOT EXISTS "
        f"(SELECT 1 FROM appeals p WHERE p.report_id = reports.id AND p.state = 'pending') LIMIT {_ROWS_AT_ONCE})",
        before,
    )
    texts = await tx.execute(
        "UPDATE decided_posts SET content = '' WHERE decision_id IN (SELECT k.decision_id FROM decided_posts k "
        "JOIN decisions d ON d.id = k.decision_id WHERE k.content <> '' AND d.created_ms < $1 "
        "AND (d.state <> 'standing' OR d.kind IN ('warn', 'delete')) AND NOT EXISTS "
        f"(SELECT 1 FROM appeals p WHERE p.decision_id = d.id AND p.state = 'pending') LIMIT {_ROWS_AT_ONCE})",
        before,
    )
    return names + texts
