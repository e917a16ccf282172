"""What happens, told to many who listen: a town with a thousand open applications says something."""

import os
import time
from pathlib import Path
from typing import Final

from bench import machine
from bench.driver import run
from bench.listeners import Audience, Plan
from bench.stand import Stand
from bench.table import Aim, Line

REACHED: Final = "a post, until the last of 1,000 open streams has it"
MEMORY: Final = "memory with 1,000 open streams (PSS)"
READERS: Final = 1_000
_POSTS: Final = 6
_PAUSE_S: Final = 3.0


def posts(stand: Stand) -> None:
    """Posts one after the other, each followed until every follower's application has it; the node has one core."""
    secrets = [account.tokens[0] for account in stand.seeded.listeners]
    _confine(stand.node.pid)
    audience = Audience(Plan(stand.node.port, secrets))
    plan = stand.posts(stand.seeded.town, _POSTS, connections=1)
    time.sleep(stand.seconds(_PAUSE_S))
    watch, began_s = stand.watch(), list[float]()
    for request in plan.requests:
        began_s.append(time.perf_counter())
        run(type(plan)(plan.port, [request])).require(200)
        time.sleep(stand.seconds(_PAUSE_S))
    cpu_ms, database_cpu_ms = watch.each_ms(_POSTS * len(secrets))
    mib = machine.pss_mib(machine.family(stand.node.pid))
    heard = audience.heard()
    missed = sum(len(times) != _POSTS for times in heard)
    if missed:
        raise RuntimeError(f"{missed} of {len(heard)} readers did not hear each post once")
    took_s = sorted(at_s - began_s[turn] for times in heard for turn, at_s in enumerate(times))
    stand.table.add(
        Line(
            REACHED, seconds=took_s[-1], cpu_ms=cpu_ms, database_cpu_ms=database_cpu_ms, p50_ms=1000 * took_s[len(took_s) // 2],
            p99_ms=1000 * took_s[int(len(took_s) * 0.99)], aims=(Aim("seconds", 2.0),),
            note=f"{_POSTS} posts, the slowest; WebSocket, compressed; one process on one core",
        )
    )  # fmt: skip
    stand.table.add(Line(MEMORY, mib=mib, aims=(Aim("mib", 190),)))


def _confine(pid: int) -> None:
    """To one core, all threads of it."""
    core = {min(os.sched_getaffinity(pid))}
    for each in machine.family(pid):
        for task in Path(f"/proc/{each}/task").iterdir():
            os.sched_setaffinity(int(task.name), core)
