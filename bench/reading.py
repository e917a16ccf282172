"""What readers feel: the home and the public page of twenty, alone and while others write."""

import urllib.request
from typing import Final

import orjson

from bench import baselines
from bench.driver import Driver, run
from bench.seeding import HOST
from bench.stand import Stand
from bench.table import Aim, Line

HOME: Final = "/api/v1/timelines/home?limit=20"
PAGES: Final = {"home": HOME, "public": "/api/v1/timelines/public?limit=20"}
PUBLIC_ALONE: Final = "public page of 20, c=1"
HOME_ALONE: Final = "home page of 20, c=1"
HOME_TWO: Final = "home page of 20, c=16, 2 processes"
_SECONDS: Final = 4
_WRITES_A_SECOND: Final = 100.0
_AIMS: Final = {
    ("sqlite", 1): (Aim("per_s", 2_000), Aim("cpu_ms", 0.5)),
    ("sqlite", 16): (Aim("per_s", 4_000), Aim("p99_ms", 20)),
    ("postgresql", 1): (Aim("per_s", 1_400),),
    ("postgresql", 16): (Aim("per_s", 2_400),),
}


def page(stand: Stand, path: str = HOME) -> bytes:
    """The bytes of the page, which must have twenty statuses."""
    token = stand.secrets(stand.seeded.reader, 1)[0]
    asked = urllib.request.Request(
        f"http://127.0.0.1:{stand.node.port}{path}", headers={"Host": HOST, "Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        body: bytes = answer.read()
    if len(orjson.loads(body)) != 20:
        raise RuntimeError(f"{path} is not a page of twenty: {body[:300]!r}")
    return body


def pages(stand: Stand, dialect: str, connections: int) -> None:
    """Both pages, asked by so many connections."""
    for name, path in PAGES.items():
        page(stand, path)
        _measure(stand, dialect, name, path, connections)


def pages_while_writing(stand: Stand, dialect: str) -> None:
    """The same while a neighbour whom the reader follows posts a hundred times a second."""
    for name, path in PAGES.items():
        for connections in (1, 16):
            seconds = stand.seconds(_SECONDS)
            count = int(_WRITES_A_SECOND * (seconds + 1))
            writing = Driver(stand.posts(stand.seeded.neighbour, count, connections=8, per_s=_WRITES_A_SECOND))
            writing.go()
            _measure(stand, dialect, name, path, connections, beside=writing)


def _measure(
    stand: Stand,
    dialect: str,
    name: str,
    path: str,
    connections: int,
    *,
    beside: Driver | None = None,
) -> None:
    run(stand.reads(stand.seeded.reader, path, seconds=0.3, connections=connections))
    driver = Driver(stand.reads(stand.seeded.reader, path, seconds=stand.seconds(_SECONDS), connections=connections))
    watch = stand.watch()
    driver.go()
    found = driver.result().require(200)
    cpu_ms, database_cpu_ms = watch.each_ms(found.count)
    note, aims = "", _AIMS[dialect, connections]
    if beside is not None:
        writes = beside.result().require(200)
        note = f"posts: {writes.per_s:.0f}/s, p99 {writes.p99_ms:.0f} ms; their processor time is in the column too"
        aims = tuple(aim for aim in aims if aim.figure != "cpu_ms")
    if found.cpu_s > 0.85 * found.wall_s:
        note = f"{note}; the driver was the slower side".lstrip("; ")
    base, processes = baselines.bare(connections), stand.node.processes
    several = f", {processes} processes" if processes > 1 else ""
    stand.table.add(
        Line(
            f"{name} page of 20, c={connections}{several}{', 100 posts/s beside' if beside else ''}", found.per_s, cpu_ms,
            database_cpu_ms, found.p50_ms, found.p99_ms, baseline=base, ratio=found.per_s / stand.baselines[base],
            aims=aims, note=note, queries=stand.table.queries[name],
        )
    )  # fmt: skip
