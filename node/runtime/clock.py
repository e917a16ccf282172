"""The time, as milliseconds since 1970 in UTC; tests turn the hands."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class SetClock:
    """A clock whose hands are turned by hand."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        return self._now_ms

    def forward(self, seconds: float) -> None:
        """Turn the hands forward."""
        self._now_ms += int(seconds * 1000)


def iso(ms: int) -> str:
    """`2026-01-31T10:00:00.000Z`: exactly three decimals and Z, as Mastodon's clients parse it."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z"
