"""A node that nobody asks: how soon it serves, and what it holds."""

import time
from typing import Final

from bench import machine
from bench.driver import Plan, run
from bench.stand import HITS_A_TOKEN, Stand, request
from bench.table import Aim, Line

START: Final = "time to serving"
MEMORY: Final = "idle memory (PSS)"
IDLE: Final = "idle: processor time a second"
_STARTS: Final = 3
_IDLE_S: Final = 4
_PAGE: Final = 40


def starts(stand: Stand, processes: int) -> None:
    """With so many processes: the seconds from the command to the first answer. The node runs on after the last start."""
    found = []
    stand.node.processes = processes
    for _ in range(_STARTS):
        stand.node.stop()
        took_s = stand.node.start()
        found.append((took_s, machine.cpu_s(machine.family(stand.node.pid))))
    took_s, cpu_s = sorted(found)[_STARTS // 2]
    stand.table.add(
        Line(
            f"{START}{_with(processes)}", seconds=took_s, aims=(Aim("seconds", 1.5),),
            note=f"median of {_STARTS}; {cpu_s:.2f} s of processor time",
        )
    )  # fmt: skip
    time.sleep(1.5)
    servers = machine.family(stand.database_pid) if stand.database_pid else []
    each, began_s = (machine.family(stand.node.pid), servers), time.perf_counter()
    before = [machine.fine_cpu_s(pids) for pids in each]
    time.sleep(stand.seconds(_IDLE_S))
    wall_s = time.perf_counter() - began_s
    node_ms, database_ms = (
        1000 * (machine.fine_cpu_s(pids) - used_s) / wall_s for pids, used_s in zip(each, before, strict=True)
    )
    stand.table.add(
        Line(
            f"{IDLE}{_with(processes)}", cpu_ms=node_ms, database_cpu_ms=database_ms,
            note="milliseconds in each second in which nobody asks",
        )
    )  # fmt: skip
    memory(stand, f"{MEMORY}{_with(processes)}", (Aim("mib", 100),))


def _with(processes: int) -> str:
    return "" if processes == 1 else f", {processes} processes"


def memory_after(stand: Stand, posts: int) -> None:
    """What the node holds once a client has paged through that many posts: what is kept in memory is bounded."""
    pages = posts // _PAGE
    # A reader asks for the next page by the last id of the one before.
    ids = stand.peek.column(
        "SELECT id FROM posts WHERE visibility = 'public' AND boost_of_id IS NULL AND NOT hidden ORDER BY id DESC"
    )
    heads = []
    for number, token in enumerate(stand.secrets(stand.seeded.reader, pages)):
        for page in range(number * HITS_A_TOKEN, min((number + 1) * HITS_A_TOKEN, pages)):
            path = f"/api/v1/timelines/public?limit={_PAGE}&max_id={ids[(page * _PAGE) % len(ids)]}"
            heads.append(request("GET", path, token))
    found = run(Plan(stand.node.port, heads, 16)).require(200)
    stand.table.add(
        Line(
            f"memory after {posts:,} posts were read (PSS)", mib=machine.pss_mib(machine.family(stand.node.pid)),
            note=f"{found.count:,} pages of {_PAGE} at 16 connections, {found.per_s:,.0f}/s",
        )
    )  # fmt: skip


def memory(stand: Stand, name: str, aims: tuple[Aim, ...] = ()) -> None:
    """What the node's processes hold now."""
    stand.table.add(Line(name, mib=machine.pss_mib(machine.family(stand.node.pid)), aims=aims))
