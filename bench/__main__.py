"""`python -m bench`: seed, measure, print, and write docs/benchmarks.md.

--quick               a few minutes' worth in two, with 20,000 posts; nothing is written
--posts 200000        how many posts the node holds; 20,000 by default, then 200,000 for what grows with them
--database sqlite     one of the two; both by default, PostgreSQL where its programs are installed
--only reading,leaving  some of: reading, searching, writing, arriving, leaving, listening
--write               write docs/benchmarks.md and its part of docs/production.md (as without --quick)
"""

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import arriving, baselines, leaving, listening, machine, reading, report, resting, searching
from bench.hosted import bill
from bench.seeding import Size
from bench.stand import Stand, built
from bench.table import Table
from tests.support import postgresql

_PARTS: Final = ("reading", "searching", "writing", "arriving", "leaving", "listening")
_GROWING: Final = ("reading", "searching", "writing")
"""What may cost more in a larger node: measured again in one with many posts."""
_MANY: Final = 200_000
_READ: Final = 100_000
_SLOW: Final = 100
_DEAD: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    quick: bool
    posts: int
    parts: Sequence[str]
    far: int
    newcomers: int


def main() -> None:
    """Everything that was asked for."""
    said = argparse.ArgumentParser(prog="python -m bench", description="Measure this node on this machine.")
    said.add_argument("--quick", action="store_true")
    said.add_argument("--posts", type=int, action="append")
    said.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    said.add_argument("--only", default=",".join(_PARTS))
    said.add_argument("--write", action="store_true")
    asked = said.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped then too
    load = machine.load()
    print("\n".join(machine.kind()), f"\nload before: {load:.1f}")
    tables = []
    for posts in asked.posts or ([20_000] if asked.quick else [20_000, _MANY]):
        parts = asked.only.split(",") if posts < _MANY else [part for part in asked.only.split(",") if part in _GROWING]
        wanted = Wanted(asked.quick, posts, parts, 300 if asked.quick else 1_000, 100 if asked.quick else 400)
        for database in asked.database or ["sqlite", "postgresql"]:
            table = measured(database, wanted)
            if table is not None:
                tables.append(table)
                if (month := bill(table)) is not None:
                    print(f"\n{month.markdown()}")
    if asked.write or not asked.quick:
        print("\nwritten:", *report.write(tables, quick=asked.quick, load=load))


def measured(database: str, wanted: Wanted) -> Table | None:
    """One layout, from an empty folder to its table; None where PostgreSQL is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="beffroi-bench-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    try:
        if database == "sqlite":
            return _on(f"sqlite:///{folder / 'beffroi.db'}", "sqlite", folder, wanted, None)
        programs = postgresql.find_programs()
        if programs is None:
            print("\nPostgreSQL is not installed: not measured")
            return None
        with _postgresql(programs, folder) as (url, pid):
            return _on(url, "postgresql", folder, wanted, pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _postgresql(programs: Path, folder: Path) -> Iterator[tuple[str, int]]:
    started = postgresql.start(programs, folder, durable=True)
    try:
        server = postgresql.PostgreSQL(programs, int(str(started["port"])))
        server.run("CREATE DATABASE bench TEMPLATE template0")
        # By its socket, as on a keeper's machine: over TCP each question costs both sides 6 µs more.
        yield (
            f"postgresql://beffroi@/bench?host={folder / 'postgresql'}&port={server.port}",
            int((folder / "postgresql/data/postmaster.pid").read_text().split()[0]),
        )
    finally:
        stop = started["stop"]
        assert isinstance(stop, list)
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, timeout=60)


def _on(url: str, dialect: str, folder: Path, wanted: Wanted, pid: int | None) -> Table:
    size = Size(
        posts=wanted.posts,
        far=wanted.far,
        slow=_SLOW,
        dead=min(_DEAD, wanted.far // 5),
        company=60,
        listeners=listening.READERS,
        tokens=600 if wanted.quick else 1_200,
    )
    name = "SQLite" if dialect == "sqlite" else "PostgreSQL"
    table = Table(f"{name}, {wanted.posts:,} posts")
    with built(
        folder / "stand", url, size, table, quick=wanted.quick, newcomers=wanted.newcomers, database_pid=pid
    ) as stand:
        table.begin()
        _measure(stand, url, dialect, wanted)
    return table


def _measure(stand: Stand, url: str, dialect: str, wanted: Wanted) -> None:
    resting.starts(stand, 2)
    resting.starts(stand, 1)
    leaving.warm_up(stand)
    baselines.pages(stand, reading.page(stand))
    baselines.signing(stand, stand.seeded.key)
    baselines.commits(stand, url)
    if "reading" in wanted.parts:
        reading.pages(stand, dialect, 1)
    if "searching" in wanted.parts:
        searching.words(stand)
    if "arriving" in wanted.parts:
        arriving.posts(stand)
        arriving.follows(stand, wanted.newcomers, stand.sinks_port)
    if "leaving" in wanted.parts:
        leaving.posts(stand)
        leaving.deliveries(stand, wanted.far)
        leaving.slow_inboxes(stand, _SLOW)
        leaving.dead_among(stand, wanted.far, min(_DEAD, wanted.far // 5))
        resting.memory(stand, "memory after all this (PSS)")
    if "listening" in wanted.parts:
        stand.restart(processes=1)
        listening.posts(stand)
    if {"reading", "writing"}.intersection(wanted.parts):
        stand.restart(processes=2)
        leaving.warm_up(stand)
    if "reading" in wanted.parts:
        reading.pages(stand, dialect, 16)
    if "writing" in wanted.parts:
        reading.pages_while_writing(stand, dialect)
    if "reading" in wanted.parts and wanted.posts >= _MANY:
        resting.memory_after(stand, _READ)


if __name__ == "__main__":
    main()
