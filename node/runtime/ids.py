"""Ids: 64-bit integers that sort by time, made without asking the database.

Layout: 47 bits of milliseconds since 1970, then 16 bits: the process (6) and its count within the
millisecond (10). The sign bit stays 0, so SQLite and PostgreSQL both store them.
"""

import secrets
from threading import Lock

from node.runtime.clock import Clock

_COUNT_BITS = 10
_TAIL_BITS = 16


class Ids:
    """One per process. *process* (0 to 63) keeps two processes of one node apart."""

    def __init__(self, clock: Clock, process: int = 0) -> None:
        self._clock = clock
        self.sit(process)
        self._latest_ms = 0
        self._count = 0
        self._alone = Lock()  # the event loop and the thread that writes to SQLite both make ids

    def sit(self, process: int) -> None:
        """Make ids as *process* from now on (see `seats.py`)."""
        if not 0 <= process < 64:
            raise ValueError("process must be between 0 and 63")
        self._process = process

    def next(self, at_ms: int | None = None) -> int:
        """A fresh id of now; or about *at_ms* (same second), for what was published earlier elsewhere.

        Ids of now always grow, also when the machine's clock steps back. Ids of the past are drawn at
        random within their second (26 bits): two that meet fail on the primary key, and the job that
        made the second one runs again.
        """
        now_ms = self._clock.now_ms()
        if at_ms is not None:
            # Nothing is from the future, or it would stay on top of every list until then.
            second_ms = min(max(0, at_ms), now_ms) // 1000 * 1000
            return (second_ms + secrets.randbelow(1000)) << _TAIL_BITS | secrets.randbits(_TAIL_BITS)
        with self._alone:
            if now_ms > self._latest_ms:
                self._latest_ms, self._count = now_ms, 0
            else:
                self._count += 1
                if self._count >> _COUNT_BITS:
                    self._latest_ms, self._count = self._latest_ms + 1, 0
            return self._latest_ms << _TAIL_BITS | self._process << _COUNT_BITS | self._count


def first_at(ms: int) -> int:
    """The smallest id of that millisecond: a bound for lists ordered by id."""
    return ms << _TAIL_BITS
