"""The time, as milliseconds since 1970 in UTC; tests turn the hands."""

import os
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

_MOVED_BY: Final = "BEFFROI_TEST_CLOCK"
_LOOK_EVERY_S: Final = 0.1


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


class MovedClock:
    """The machine's clock, set wrong by as many milliseconds as a file says: for the fault run, which moves it."""

    def __init__(self, said: Path) -> None:
        self._said = said
        self._by_ms = 0
        self._looked_s = 0.0

    def now_ms(self) -> int:
        if time.monotonic() - self._looked_s > _LOOK_EVERY_S:
            self._looked_s = time.monotonic()
            try:
                self._by_ms = int(self._said.read_text())
            except (OSError, ValueError):
                self._by_ms = 0
        return time.time_ns() // 1_000_000 + self._by_ms


def of_this_machine() -> Clock:
    """The machine's clock; the fault run's, where it names a file."""
    said = os.environ.get(_MOVED_BY)
    return MovedClock(Path(said)) if said else SystemClock()


@lru_cache(maxsize=1024)
def iso(ms: int) -> str:
    """`2026-01-31T10:00:00.000Z`: exactly three decimals and Z, as Mastodon's clients parse it."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z"
