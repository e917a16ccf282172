"""This machine: what it is, and what a process has used of it, read from /proc."""

import os
import platform
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


def kind() -> list[str]:
    """One line each: processor and cores, memory, system, Python, SQLite."""
    model = _first_field(Path("/proc/cpuinfo"), "model name") or platform.machine()
    memory_kib = int((_first_field(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0])
    return [
        f"{os.cpu_count()} cores, {model}",
        f"{memory_kib / 1024 / 1024:.1f} GiB of memory",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    ]


def load() -> float:
    """Processes that wanted a core in the last minute: what else this machine was doing."""
    return os.getloadavg()[0]


def family(pid: int) -> list[int]:
    """A process and everything that it started, as far as it runs."""
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        if Path(f"/proc/{each}").exists():
            found.append(each)
            for task in Path(f"/proc/{each}/task").glob("*/children"):
                waiting.extend(int(child) for child in _text(task).split())
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """The processor seconds that these processes have used, in their own code and in the system's for them."""
    total = 0
    for pid in pids:
        # The name, in parentheses, may hold spaces: the fields are counted from its end (proc_pid_stat(5)).
        fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        if fields:
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS_A_SECOND


def fine_cpu_s(pids: Iterable[int]) -> float:
    """The same to the microsecond, of their threads that run now: for who does almost nothing."""
    tasks = (task for pid in pids for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int((_text(task).split() or ["0"])[0]) for task in tasks) / 1e9


def pss_mib(pids: Iterable[int]) -> float:
    """Their memory, each shared page divided by those who share it."""
    kib = 0
    for pid in pids:
        kib += int((_first_field(Path(f"/proc/{pid}/smaps_rollup"), "Pss") or "0 kB").split()[0])
    return kib / 1024


class Stopwatch:
    """Wall and processor time since it was made, of the processes named in *pids* (their children are looked up now).

    *but*: one of them that serves the measuring.
    """

    def __init__(self, *pids: int, but: int | None = None) -> None:
        self._pids = [each for pid in pids for each in family(pid) if each != but]
        self._cpu_s = cpu_s(self._pids)
        self._began_s = time.perf_counter()

    @property
    def wall_s(self) -> float:
        return time.perf_counter() - self._began_s

    @property
    def cpu_s(self) -> float:
        return cpu_s(self._pids) - self._cpu_s


def _first_field(file: Path, name: str) -> str | None:
    for line in _text(file).splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == name:
            return value.strip()
    return None


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # it ended at this moment
        return ""
