"""How often somebody may do something: at most so many times in a window, in memory and bounded in number.

The package `limits` would do this in memory too, but its expiry walks over every key at each hit and its memory
grows with the number of addresses that ever asked: a stranger with an IPv6 network would fill it. A bounded
cache forgets whoever was away longest instead, and costs two microseconds.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from node.runtime.context import Context

_KEPT = 65_536


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *hits* in *window_s* seconds; each name is counted by itself."""

    name: str
    hits: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands in the window."""

    limit: Limit
    remaining: int
    """Hits that are left; below 0 after one too many."""
    ends_ms: int

    @property
    def exceeded(self) -> bool:
        """The last hit was one too many."""
        return self.remaining < 0

    def retry_s(self, now_ms: int) -> int:
        """When to come back, in whole seconds, at least one."""
        return max(1, (self.ends_ms - now_ms) // 1000)


@dataclass(slots=True)
class _Window:
    ends_ms: int
    hits: int


def hit(ctx: Context, limit: Limit, who: str) -> Standing:
    """Count one of *who*."""
    window = _window(ctx, limit, who)
    window.hits += 1
    return Standing(limit, limit.hits - window.hits, window.ends_ms)


def give_back(ctx: Context, limit: Limit, who: str) -> None:
    """Take back one that was counted, because it was none of those that the limit is for."""
    window = _window(ctx, limit, who)
    window.hits = max(0, window.hits - 1)


def standing(ctx: Context, limit: Limit, who: str) -> Standing:
    """Where *who* stands, nothing counted."""
    window = _window(ctx, limit, who)
    return Standing(limit, limit.hits - window.hits, window.ends_ms)


@lru_cache(maxsize=4096)
def subscriber(address: str) -> str:
    """Whom an address stands for: an IPv6 subscriber has a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> 64:x}/64"
    return address


def _window(ctx: Context, limit: Limit, who: str) -> _Window:
    windows, now_ms = ctx.cache.of(f"window of {limit.name}", _KEPT), ctx.clock.now_ms()
    window: _Window | None = windows.get(who)
    if window is None or window.ends_ms <= now_ms:
        window = _Window(now_ms + limit.window_s * 1000, 0)
        windows.put(who, window)
    return window
