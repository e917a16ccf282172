"""How to sign for a server: draft-cavage first, RFC 9421 where that is refused ('double knock'), remembered for each.

Never the other way round: a server that does not know RFC 9421 may answer 202 and drop what it was sent (snac 2.94
does). So what was learned is also doubted: after an hour, then after two, at last once in 30 days, the draft is tried
again; and at once when what worked begins to be refused. A 401 that had another cause costs no more than that.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from node.actors import hosts
from node.federation.signatures import Scheme
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.net import Response

FormOf = Callable[[str], Scheme]
"""How to sign for `host` or `host:port`."""

_REFUSALS: Final = frozenset({400, 401})
_FIRST_MS: Final = 3_600_000
_LONGEST_MS: Final = 30 * 86_400_000
_PAUSE_MS: Final = 600_000
"""For how long a server that refused both forms is asked in one only."""
_FRESH_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class _Learned:
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class _All:
    by_host: Mapping[str, _Learned]
    read_ms: int


async def knock(ctx: Context, send: Callable[[FormOf], Awaitable[Response]]) -> Response:
    """The answer to a request that `send(form_of)` signs and makes; a second one in the other form after 400 or 401.

    `send` asks `form_of` for every host that it signs for; the one that answered is learned about.
    """
    now_ms, learned = ctx.clock.now_ms(), await _learned(ctx)

    def form_of(host: str) -> Scheme:
        known = learned.get(host)
        return Scheme.RFC9421 if known is not None and now_ms < known.until_ms else Scheme.CAVAGE

    first = await send(form_of)
    host = hosts.of_uri(first.url)
    tried = form_of(host)
    if first.status not in _REFUSALS:
        if first.status < 300 and tried is Scheme.CAVAGE and host in learned:
            await _keep(ctx, host, None)
        return first
    paused_until_ms: int | None = ctx.cache.of("refuses_both_forms", 10_000).get(host)
    if paused_until_ms is not None and now_ms < paused_until_ms:
        return first
    other = Scheme.CAVAGE if tried is Scheme.RFC9421 else Scheme.RFC9421
    second = await send(lambda each: other if each == host else form_of(each))
    if second.status in _REFUSALS:
        ctx.cache.of("refuses_both_forms", 10_000).put(host, now_ms + _PAUSE_MS)
    if second.status < 400 and other is Scheme.RFC9421:
        await _keep(ctx, host, _again(learned.get(host), now_ms))
    elif tried is Scheme.RFC9421:
        await _keep(ctx, host, None)
    return second if second.status < 400 or second.status in (404, 410) else first


def _again(known: _Learned | None, now_ms: int) -> _Learned:
    """What is confirmed holds twice as long as before."""
    span_ms = _FIRST_MS if known is None else min(_LONGEST_MS, 2 * (known.until_ms - known.since_ms))
    return _Learned(now_ms, now_ms + span_ms)


async def _learned(ctx: Context) -> Mapping[str, _Learned]:
    """What is known of all servers; few are, and other processes learn too."""
    cache, now_ms = ctx.cache.of("signature_forms", 1), ctx.clock.now_ms()
    kept: _All | None = cache.get("all")
    if kept is None or now_ms - kept.read_ms >= _FRESH_MS:
        # Plan: hosts_rfc9421.
        rows = await ctx.db.reader.fetch(
            "SELECT host, rfc9421_since_ms, rfc9421_until_ms FROM hosts WHERE rfc9421_until_ms IS NOT NULL"
        )
        kept = _All({row["host"]: _Learned(row["rfc9421_since_ms"], row["rfc9421_until_ms"]) for row in rows}, now_ms)
        cache.put("all", kept)
    return kept.by_host


async def _keep(ctx: Context, host: str, found: _Learned | None) -> None:
    since_ms, until_ms = (None, None) if found is None else (found.since_ms, found.until_ms)

    async def step(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO hosts (host, rfc9421_since_ms, rfc9421_until_ms, created_ms) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (host) DO UPDATE SET rfc9421_since_ms = $2, rfc9421_until_ms = $3",
            host, since_ms, until_ms, ctx.clock.now_ms(),
        )  # fmt: skip

    await ctx.db.write(step)
    ctx.cache.of("signature_forms", 1).clear()
