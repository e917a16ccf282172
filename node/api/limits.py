"""Rate limits: windows of five or thirty minutes per token, or per address where there is none.

The package `limits` would do this in memory too, but its expiry walks over every key at each hit and its memory
grows with the number of addresses that ever asked: a stranger with an IPv6 network would fill it. A bounded
cache forgets whoever was away longest instead, and costs two microseconds.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from node.api.answers import Header
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import TooMany

_KEPT = 65_536


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *hits* in *window_s* seconds."""

    name: str
    hits: int
    window_s: int


USUAL = Limit("usual", 300, 5 * 60)
MEDIA = Limit("media", 30, 30 * 60)
FILES = Limit("files", 1500, 5 * 60)  # pictures: a page of a timeline shows dozens


@dataclass(slots=True)
class _Window:
    ends_ms: int
    hits: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands after a hit."""

    limit: Limit
    remaining: int
    ends_ms: int

    @property
    def headers(self) -> tuple[Header, ...]:
        """As clients read them; the reset is a date (ISO 8601), not seconds."""
        return (
            (b"x-ratelimit-limit", b"%d" % self.limit.hits),
            (b"x-ratelimit-remaining", b"%d" % max(0, self.remaining)),
            (b"x-ratelimit-reset", iso(self.ends_ms).encode()),
        )

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0


def hit(ctx: Context, limit: Limit, who: str) -> Standing:
    """Count one request of *who*."""
    windows, now_ms = ctx.cache.of("rate_limits", _KEPT), ctx.clock.now_ms()
    window: _Window | None = windows.get((limit.name, who))
    if window is None or window.ends_ms <= now_ms:
        window = _Window(now_ms + limit.window_s * 1000, 0)
        windows.put((limit.name, who), window)
    window.hits += 1
    return Standing(limit, limit.hits - window.hits, window.ends_ms)


def refusal(standing: Standing, now_ms: int) -> TooMany:
    """What is said to a client that asked too often."""
    return TooMany("Too many requests", retry_s=max(1, (standing.ends_ms - now_ms) // 1000))


@lru_cache(maxsize=4096)
def address(client: str) -> str:
    """Who an address is: an IPv6 subscriber has a whole /64."""
    try:
        parsed = ip_address(client)
    except ValueError:
        return client
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> 64:x}/64"
    return client
