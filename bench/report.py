"""docs/benchmarks.md: the tables of one run, and the machine that they are of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import machine
from bench.table import Table

FILE: Final = Path(__file__).parents[1] / "docs" / "benchmarks.md"

_HEAD: Final = """\
# How fast it is

Written by `make bench` on {date}; do not edit. These figures are of one machine on one day:

{machine}
- in the minute before, other programs wanted {load:.1f} of its cores

Another machine has others: what travels is the column *beside the machine*, the rate beside what this machine could
do at all in the same minutes.

- **bare**: a Starlette application that answers the same bytes from memory, served with the same settings, asked at
  as many connections (c). **signing**: RSA-2048 signatures on one core. **commit**: one small row in a transaction
  of its own, durable before the next one begins.
- **CPU ms each** is the processor time of the node's own process for one request, activity or delivery, with all that
  follows from it; after the plus sign, PostgreSQL's. **c** connections ask at once, from a process of its own.
- The home page is of a reader who follows fifty; of ten posts one is a boost and two are replies. The load comes with
  many tokens, because a client may ask 300 times in five minutes, and no limit is switched off.
- SQLite runs with `synchronous=FULL`, PostgreSQL with `fsync` and `synchronous_commit`: what was answered is on the disk.
- Everything runs on this machine: the node, the database, the load, and the other servers, which share its cores.
- The aims at c=16 are meant for two serving processes; one is measured.

"""


def write(tables: Sequence[Table], *, quick: bool, load: float) -> Path:
    """Write the page; where it is. *load* is what others used of the machine before the first measure."""
    kind = "\n".join(f"- {line}" for line in machine.kind())
    head = _HEAD.format(date=datetime.now(UTC).date().isoformat(), machine=kind, load=load)
    if quick:
        head += "A short run (`--quick`): fewer hosts, less time.\n\n"
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(head + "\n".join(table.markdown() for table in tables), encoding="utf-8")
    return FILE
