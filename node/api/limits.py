"""Rate limits: windows of five or thirty minutes per token, or per address where there is none."""

from functools import lru_cache
from typing import Final

from node.api.answers import Header
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import TooMany
from node.runtime.windows import Limit, Standing, hit, subscriber

__all__ = ["FILES", "MEDIA", "USUAL", "Limit", "Standing", "headers", "hit", "refuse_exceeded", "subscriber"]

USUAL: Final = Limit("requests", 300, 5 * 60)
MEDIA: Final = Limit("uploads", 30, 30 * 60)
FILES: Final = Limit("files", 1500, 5 * 60)  # pictures: a page of a timeline shows dozens


def headers(standing: Standing) -> tuple[Header, ...]:
    """As clients read them; the reset is a date (ISO 8601), not seconds."""
    return (
        (b"x-ratelimit-limit", b"%d" % standing.limit.hits),
        (b"x-ratelimit-remaining", b"%d" % max(0, standing.remaining)),
        (b"x-ratelimit-reset", _date(standing.ends_ms)),
    )


@lru_cache(maxsize=4096)
def _date(ends_ms: int) -> bytes:
    return iso(ends_ms).encode()


def refuse_exceeded(ctx: Context, standing: Standing) -> None:
    """Pass, unless a client asked too often.

    Raises:
        TooMany: it did.
    """
    if standing.exceeded:
        raise TooMany("Too many requests", retry_s=standing.retry_s(ctx.clock.now_ms()))
