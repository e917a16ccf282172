"""How often a stranger may try: passwords, and look-ups that make the node call another server.

Counted in a bounded cache that forgets whoever was away longest: a stranger with a network full of addresses
cannot make it grow.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from node.runtime.context import Context
from node.runtime.errors import TooMany
from node.runtime.i18n import sentence

_KEPT: Final = 32_768


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most *times* in *window_s* seconds."""

    name: str
    times: int
    window_s: int


LOGIN_FROM: Final = Allowance("log-in from an address", 20, 15 * 60)
LOGIN_AS: Final = Allowance("log-in as a person", 30, 60 * 60)
LOOK_UP: Final = Allowance("look-up on another server", 20, 5 * 60)


@dataclass(slots=True)
class _Window:
    ends_ms: int
    times: int


def spend(ctx: Context, allowance: Allowance, who: str) -> None:
    """Count one attempt of *who*.

    Raises:
        TooMany: there were too many.
    """
    windows, now_ms = ctx.cache.of("web_attempts", _KEPT), ctx.clock.now_ms()
    window: _Window | None = windows.get((allowance.name, who))
    if window is None or window.ends_ms <= now_ms:
        window = _Window(now_ms + allowance.window_s * 1000, 0)
        windows.put((allowance.name, who), window)
    window.times += 1
    if window.times > allowance.times:
        retry_s = max(1, (window.ends_ms - now_ms) // 1000)
        minutes = max(1, -(-retry_s // 60))
        raise TooMany(sentence("Too many attempts. Try again in %(count)s min.", count=minutes), retry_s)


def who(client: str) -> str:
    """Whom an address stands for: an IPv6 subscriber has a whole /64."""
    try:
        parsed = ip_address(client)
    except ValueError:
        return client
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> 64:x}/64"
    return client
