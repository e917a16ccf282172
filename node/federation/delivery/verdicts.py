"""What became of one attempt, and what it means: done, again later, or given up."""

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from node.federation.delivery import breaker
from node.runtime.context import Context
from node.runtime.jobs import MAX_ATTEMPTS, backoff_ms
from node.runtime.net import Response

_RETRY_AFTER_AT_MOST_S = 86_400
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed row with what it needs from its order."""

    id: int
    order_id: int
    inbox: str
    host: str
    attempts: int
    actor_id: int
    actor_suspended: bool
    body: bytes
    synchronize: bool = False
    """The receiver is told who the actor's followers there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. `again_ms`: when to try again; None: done, or dead if there is an error."""

    delivery: Delivery
    error: str = ""
    again_ms: int | None = None
    host_failed: bool = False
    """It counts against the host: no answer, or one that says that the server is broken."""
    hold_until_ms: int = 0
    """Until when the host asked to be left alone (429, 503 with Retry-After)."""


def judge(ctx: Context, delivery: Delivery, status: int, asked_s: int | None = None) -> Outcome:
    """What an answer means: 1xx, 3xx, 401, 408, 429 and 5xx but 501 may pass, other 4xx are final (as Mastodon judges).

    *asked_s*: for how long the answer asks to wait (`retry_after_s`).
    """
    if 200 <= status < 300:
        return Outcome(delivery)
    reason = f"the server answered {status}"
    if status < 400 or status in (401, 408, 429) or (status >= 500 and status != 501):
        until_ms = ctx.clock.now_ms() + asked_s * 1000 if asked_s and status in (429, 503) else 0
        return later(ctx, delivery, reason, asked_s or 0, host_failed=status >= 500, hold_until_ms=until_ms)
    return Outcome(delivery, reason)


def later(
    ctx: Context, delivery: Delivery, reason: str, wait_s: int = 0, *, host_failed: bool = True, hold_until_ms: int = 0
) -> Outcome:
    """Try again after the backoff, and not before *wait_s*; after the last attempt it is dead."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return Outcome(delivery, reason, None, host_failed, hold_until_ms)
    at_ms = ctx.clock.now_ms() + max(backoff_ms(delivery.attempts), wait_s * 1000)
    return Outcome(
        delivery, reason, max(at_ms, breaker.closed_until_ms(ctx, delivery.host)), host_failed, hold_until_ms
    )


def retry_after_s(response: Response, now_ms: int) -> int | None:
    """Retry-After in seconds, from either form (RFC 9110 §10.2.3); a day at most, None if absent or nonsense."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:  # nearly always; to find no date in nothing takes as long as to find one
        return None
    if _SECONDS.fullmatch(value):
        return min(int(value), _RETRY_AFTER_AT_MOST_S)
    try:
        at = parsedate_to_datetime(value)
        wait_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_ms / 1000
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0, min(int(wait_s), _RETRY_AFTER_AT_MOST_S))
