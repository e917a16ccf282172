"""How much one origin may send, and how often one address may be wrong: windows in memory, bounded in number.

Counted per signed origin, so that nobody can use up another's share; and per address for what nobody signed.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from node.runtime.context import Context
from node.runtime.errors import TooMany

_KEPT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *hits* in *window_s* seconds."""

    name: str
    hits: int
    window_s: int


ORIGIN: Final = Limit("inbox_origin", 60_000, 60)
"""Signed activities of one origin: a large server that speaks to all our people at once stays far below."""
WRONG: Final = Limit("inbox_wrong", 300, 60)
"""Requests of one address that were refused: each may have cost a fetch of a key."""


@dataclass(slots=True)
class _Window:
    ends_ms: int
    hits: int


def hit(ctx: Context, limit: Limit, who: str) -> None:
    """Count one of *who*.

    Raises:
        TooMany: more than the limit in this window.
    """
    window = _window(ctx, limit, who)
    window.hits += 1
    if window.hits > limit.hits:
        _refuse(ctx, window)


def check(ctx: Context, limit: Limit, who: str) -> None:
    """Pass while *who* has not used up the window.

    Raises:
        TooMany: it has.
    """
    window = _window(ctx, limit, who)
    if window.hits >= limit.hits:
        _refuse(ctx, window)


def subscriber(address: str) -> str:
    """Who an address is: an IPv6 subscriber has a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> 64:x}/64"
    return address


def _window(ctx: Context, limit: Limit, who: str) -> _Window:
    windows, now_ms = ctx.cache.of("inbox_limits", _KEPT), ctx.clock.now_ms()
    window: _Window | None = windows.get((limit.name, who))
    if window is None or window.ends_ms <= now_ms:
        window = _Window(now_ms + limit.window_s * 1000, 0)
        windows.put((limit.name, who), window)
    return window


def _refuse(ctx: Context, window: _Window) -> None:
    raise TooMany("too many requests", retry_s=max(1, (window.ends_ms - ctx.clock.now_ms()) // 1000))
