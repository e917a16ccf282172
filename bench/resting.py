"""A node that nobody asks: how soon it serves, and what it holds."""

import time
from typing import Final

from bench import machine
from bench.stand import Stand
from bench.table import Aim, Line

_STARTS: Final = 3


def starts(stand: Stand) -> None:
    """The seconds from the command to the first answer; the node runs on after the last start."""
    found = []
    for _ in range(_STARTS):
        stand.node.stop()
        took_s = stand.node.start()
        found.append((took_s, machine.cpu_s(machine.family(stand.node.pid))))
    took_s, cpu_s = sorted(found)[_STARTS // 2]
    stand.table.add(
        Line(
            "time to serving", seconds=took_s, aims=(Aim("seconds", 1.5),),
            note=f"median of {_STARTS}; {cpu_s:.2f} s of processor time",
        )
    )  # fmt: skip
    time.sleep(1.5)
    memory(stand, "idle memory (PSS)", (Aim("mib", 100),))


def memory(stand: Stand, name: str, aims: tuple[Aim, ...] = ()) -> None:
    """What the node's processes hold now."""
    stand.table.add(Line(name, mib=machine.pss_mib(machine.family(stand.node.pid)), aims=aims))
