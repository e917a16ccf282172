"""How much one origin may send, and how often one address may be wrong.

Counted per signed origin, so that nobody can use up another's share; and per address for what nobody signed.
"""

from typing import Final

from node.runtime import windows
from node.runtime.context import Context
from node.runtime.errors import TooMany
from node.runtime.windows import Limit, Standing

ORIGIN: Final = Limit("inbox by origin", 60_000, 60)
"""Signed activities of one origin: a large server that speaks to all our people at once stays far below."""
WRONG: Final = Limit("inbox refusals", 300, 60)
"""Requests of one address that were refused: each may have cost a fetch of a key."""


def hit(ctx: Context, limit: Limit, who: str) -> None:
    """Count one of *who*.

    Raises:
        TooMany: more than the limit in this window.
    """
    standing = windows.hit(ctx, limit, who)
    if standing.exceeded:
        raise _refusal(ctx, standing)


def check(ctx: Context, limit: Limit, who: str) -> None:
    """Pass while *who* has not used up the window.

    Raises:
        TooMany: it has.
    """
    standing = windows.standing(ctx, limit, who)
    if standing.remaining <= 0:
        raise _refusal(ctx, standing)


def _refusal(ctx: Context, standing: Standing) -> TooMany:
    return TooMany("too many requests", retry_s=standing.retry_s(ctx.clock.now_ms()))
