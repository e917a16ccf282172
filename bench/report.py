"""docs/benchmarks.md: the tables of one run, and the machine that they are of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import arriving, leaving, machine, reading, resting
from bench.hosted import Bill, bill
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
- SQLite runs with `synchronous=FULL`, PostgreSQL, asked by its Unix
  socket, with `fsync` and `synchronous_commit`: what was answered is on the disk.
- Everything runs on this machine: the node, the database, the load, and the other servers, which share its cores.
- The aims at c=16, and those with posts beside, are meant for two serving processes. **queries** are the statements
  of one request when all that can be in memory is; tests/bench asserts that they depend neither on the page nor on the table.

"""


PRODUCTION: Final = Path(__file__).parents[1] / "docs" / "production.md"
_BEGIN: Final = "<!-- measured by make bench: begin -->"
_END: Final = "<!-- measured by make bench: end -->"
_SIZES: Final = {
    "idle, one process": resting.MEMORY,
    "idle, two processes": f"{resting.MEMORY}, 2 processes",
    "time to serving, two processes": f"{resting.START}, 2 processes",
    "home pages a second, one connection": reading.HOME_ALONE,
    "home pages a second, two processes": reading.HOME_TWO,
    "posts a second, with 1,000 followers here": leaving.POSTS,
    "posts that come in, a second": arriving.CREATE,
    "deliveries a second, connections open": leaving.WARM,
    "deliveries a second, TLS begun anew": leaving.COLD,
    "followers a second, from servers never met": arriving.FOLLOWS,
}


def write(tables: Sequence[Table], *, quick: bool, load: float) -> list[Path]:
    """Write the page, and its part of docs/production.md; where. *load* is what others used of the machine before."""
    kind = "\n".join(f"- {line}" for line in machine.kind())
    date = datetime.now(UTC).date().isoformat()
    head = _HEAD.format(date=date, machine=kind, load=load)
    if quick:
        head += "A short run (`--quick`): fewer hosts, less time.\n\n"
    bills = [found for table in tables if (found := bill(table)) is not None]
    parts = [head, *(f"{table.markdown()}\n" for table in tables)]
    parts.append(_statements(tables))
    if bills:
        parts.append("## A month of a node for three hundred communes\n\n")
        parts += [f"{each.markdown()}\n" for each in bills]
    FILE.write_text("".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    text = PRODUCTION.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise RuntimeError(f"{PRODUCTION} has lost the marks between which its measured part stands")
    PRODUCTION.write_text(f"{before}{begin}\n{_sizes(tables, bills, date)}{end}{after}", encoding="utf-8")
    return [FILE, PRODUCTION]


def _statements(tables: Sequence[Table]) -> str:
    """How many statements a page of each list asks, the same in every layout."""
    rows = [
        f"| {name} | {' or '.join(map(str, sorted({table.queries[name] for table in tables})))} |"
        for name in tables[0].queries
    ]
    head = "## Statements of a page\n\nOf twenty lines, once all that can be in memory is.\n\n| list | statements |\n|---|---|\n"
    return head + "\n".join(rows) + "\n\n"


def _sizes(tables: Sequence[Table], bills: Sequence[Bill], date: str) -> str:
    full = [table for table in tables if table.find(leaving.POSTS) is not None]
    lines = [
        f"Measured on {date}: {'; '.join(machine.kind())}. Everything on that one machine, the load included.",
        "",
        "| | " + " | ".join(table.title for table in full) + " |",
        "|---" * (len(full) + 1) + "|",
    ]
    for words, name in _SIZES.items():
        found = [table.find(name) for table in full]
        lines.append(f"| {words} | " + " | ".join("" if line is None else line.found for line in found) + " |")
    for each in bills:
        lines += ["", each.markdown()]
    return "\n".join(lines).rstrip("\n") + "\n"
