"""What the machine can do at all: the bytes of a page without a node, signatures alone, commits alone."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Final

import asyncpg
from cryptography.hazmat.primitives.asymmetric import rsa

from bench import machine, served
from bench.driver import Plan, run
from bench.stand import Stand
from bench.table import Line
from node.runtime.keypairs import sign

SIGNING: Final = "signing"
COMMIT: Final = "commit"
_TEXT: Final = b"x" * 300


def bare(connections: int) -> str:
    """The name of that baseline."""
    return f"bare c={connections}"


def pages(stand: Stand, body: bytes) -> None:
    """*body* from a bare endpoint, at 1 and 16 connections; also what the driver itself can take."""
    file, port = stand.folder / "page.json", served.free_port()
    file.write_bytes(body)
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
    with served.program("bench.bare", str(port), str(file), port=port, log=stand.folder / "bare.log") as pid:
        run(Plan(port, [head], 4, seconds=0.5)).require(200)
        for connections in (1, 16):
            watch = machine.Stopwatch(pid)
            found = run(Plan(port, [head], connections, seconds=stand.seconds(4))).require(200)
            stand.baselines[bare(connections)] = found.per_s
            stand.table.add(
                Line(
                    f"baseline: bare endpoint, {len(body) / 1000:.0f} kB, c={connections}", found.per_s,
                    1000 * watch.cpu_s / found.count, p50_ms=found.p50_ms, p99_ms=found.p99_ms,
                    note=f"the driver was busy {100 * found.cpu_s / found.wall_s:.0f} % of the time",
                )
            )  # fmt: skip


def signing(stand: Stand, key: rsa.RSAPrivateKey) -> None:
    """RSA-2048 signatures on one core."""
    end_s, began_s, cpu_s, count = time.perf_counter() + 0.7, time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < end_s:
        sign(key, _TEXT)
        count += 1
    rate = count / (time.perf_counter() - began_s)
    stand.baselines[SIGNING] = rate
    stand.table.add(Line("baseline: RSA-2048 signatures", rate, 1000 * (time.process_time() - cpu_s) / count))


def commits(stand: Stand, url: str) -> None:
    """One small row a transaction, each durable before the next."""
    rate = _on_sqlite(stand.folder / "commits.db") if url.startswith("sqlite") else asyncio.run(_on_postgresql(url))
    stand.baselines[COMMIT] = rate
    stand.table.add(Line("baseline: one row and its commit", rate))


def _on_sqlite(file: Path) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows_ (id INTEGER PRIMARY KEY, text BLOB)")
    began_s, count = time.perf_counter(), 0
    while time.perf_counter() - began_s < 0.7:
        connection.execute("INSERT INTO rows_ (text) VALUES (?)", (_TEXT,))
        count += 1
    rate = count / (time.perf_counter() - began_s)
    connection.close()
    return rate


async def _on_postgresql(url: str) -> float:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE rows_ (id BIGSERIAL PRIMARY KEY, text BYTEA)")
    began_s, count = time.perf_counter(), 0
    while time.perf_counter() - began_s < 0.7:
        await connection.execute("INSERT INTO rows_ (text) VALUES ($1)", _TEXT)
        count += 1
    rate = count / (time.perf_counter() - began_s)
    await connection.execute("DROP TABLE rows_")
    await connection.close()
    return float(rate)
