"""Several serving processes on one socket: a parent that opens it, forks, and starts again whoever dies.

One socket for all, so that a connection waits in one queue until somebody takes it: of a child that is killed, only
what it had already taken is lost. What was imported before the fork is shared memory (`gc.freeze` keeps the
collector from writing on it). The parent holds no database and no thread.
"""

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Final

from node.runtime import log

_SETTLED_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
REFUSED: Final = 1

Child = Callable[[int, int], None]
"""What a child does, given its place (from 0) and a descriptor that closes when the parent is gone."""


def run(count: int, child: Child) -> int:
    """Keep *count* children running until SIGTERM or SIGINT; the exit code for the whole."""
    return _Family(count, child).live()


class _Family:
    def __init__(self, count: int, child: Child) -> None:
        self._count, self._child = count, child
        self._places: dict[int, int] = {}
        self._began_s: dict[int, float] = {}
        self._stopping = False
        self._settled = False
        self._life, self._alive = os.pipe()  # children hold the reading end; it closes with the parent

    def live(self) -> int:
        gc.collect()
        gc.freeze()
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        for place in range(self._count):
            self._fork(place)
        code, pause_s = 0, _FIRST_PAUSE_S
        while self._places:
            pid, status = os.wait()
            place = self._places.pop(pid)
            ended, lived_s = os.waitstatus_to_exitcode(status), time.monotonic() - self._began_s.pop(pid)
            if self._stopping:
                code = code or max(0, ended)
                continue
            self._settled = self._settled or lived_s > _SETTLED_S
            if ended == REFUSED and not self._settled:
                code = REFUSED  # it said why: at the very start that is the keeper's to mend
                self._stop()
                continue
            log.warn("process.ended", place=place, exit=ended, lived_s=round(lived_s, 1))
            pause_s = _FIRST_PAUSE_S if lived_s > _SETTLED_S else min(pause_s * 2, _LONGEST_PAUSE_S)
            time.sleep(pause_s)
            if not self._stopping:
                self._fork(place)
        return code

    def _fork(self, place: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # a stop must not fall between the fork and its note
        try:
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._be(place)
            self._places[pid], self._began_s[pid] = place, time.monotonic()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _be(self, place: int) -> None:
        """The child's whole life; it never returns into the parent's."""
        code = 0
        try:
            os.close(self._alive)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._child(place, self._life)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else REFUSED
        except BaseException:  # noqa: BLE001 (the last word of a process)
            traceback.print_exc()
            code = 2
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, *_signal: object) -> None:
        self._stopping = True
        for pid in self._places:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
