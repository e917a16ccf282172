"""The test stand: a seeded node in a process of its own, its database, and the other servers around it."""

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from bench import machine, served, sinks, statements
from bench.driver import Plan, Result, run
from bench.seeding import HOST, Account, Seeded, Size, public_pem, seed
from bench.served import Node
from bench.table import Table
from node.app import close_context, open_context
from node.cli import start
from node.cli.demo.authority import Authority
from node.runtime.settings import Settings, read_settings

_LOOK_S: Final = 0.01
HITS_A_TOKEN: Final = 280
"""A client may ask 300 times in five minutes: the load is that of many clients, as it would be."""


@dataclass(slots=True)
class Stand:
    """Everything that a measure needs."""

    folder: Path
    node: Node
    seeded: Seeded
    peek: "Peek"
    sinks_port: int
    control: int
    """Where the sinks tell what they took."""
    table: Table
    quick: bool
    database_pid: int | None
    """PostgreSQL's first process."""
    baselines: dict[str, float] = field(default_factory=dict)
    _used: dict[int, int] = field(default_factory=dict)

    def restart(self, *, processes: int) -> None:
        """Serve with so many from now on."""
        self.node.stop()
        self.node.processes = processes
        self.node.start()

    def seconds(self, usual: float) -> float:
        """How long to measure."""
        return max(1.5, usual / 3) if self.quick else usual

    def count(self, usual: int) -> int:
        """How many to measure."""
        return max(20, usual // 3) if self.quick else usual

    def secrets(self, account: Account, requests: int) -> list[str]:
        """Tokens of *account* that nobody used yet, enough for that many requests."""
        begin = self._used.get(account.actor.id, 0)
        wanted = -(-requests // HITS_A_TOKEN)
        found = list(account.tokens[begin : begin + wanted])
        if len(found) < wanted:
            raise RuntimeError(f"too few tokens were seeded for {account.actor.username}")
        self._used[account.actor.id] = begin + wanted
        return found

    def reads(self, account: Account, path: str, *, seconds: float, connections: int, at_most: int = 7_000) -> Plan:
        """GETs of *path* with many tokens, at most that many a second."""
        heads = [request("GET", path, token) for token in self.secrets(account, int(seconds * at_most))]
        return Plan(self.node.port, heads, connections, seconds=seconds, repeat=HITS_A_TOKEN)

    def posts(self, account: Account, count: int, *, connections: int, per_s: float | None = None) -> Plan:
        """That many posts."""
        secrets = self.secrets(account, count)
        requests = []
        for number in range(count):
            text = f"Séance du conseil n° {number} : budget, voirie et école, à la mairie. #conseil"
            token = secrets[number // HITS_A_TOKEN]
            requests.append(request("POST", "/api/v1/statuses", token, f'{{"status": "{text}"}}'.encode()))
        return Plan(self.node.port, requests, connections, per_s=per_s)

    def get(self, account: Account, path: str) -> Result:
        """One GET, which must be answered."""
        return run(Plan(self.node.port, [request("GET", path, self.secrets(account, 1)[0])])).require(200)

    def watch(self) -> "Watch":
        """Begin to count what the node and the database use."""
        database = machine.Stopwatch(*filter(None, [self.database_pid]), but=self.peek.backend)
        return Watch(machine.Stopwatch(self.node.pid), database)

    def until(self, what: str, reached: Callable[[], bool], within_s: float = 60.0) -> None:
        """Look every ten milliseconds.

        Raises:
            RuntimeError: it did not come within that time.
        """
        end_s = time.monotonic() + within_s
        while not reached():
            if time.monotonic() > end_s:
                raise RuntimeError(f"{what} did not happen within {within_s:.0f} s")
            time.sleep(_LOOK_S)


@dataclass(frozen=True, slots=True)
class Watch:
    """Two stopwatches."""

    node: machine.Stopwatch
    database: machine.Stopwatch

    def each_ms(self, count: int) -> tuple[float, float]:
        """The processor milliseconds of node and database for each of *count*."""
        return 1000 * self.node.cpu_s / count, 1000 * self.database.cpu_s / count


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A request of a client as it goes on the wire."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"
        "User-Agent: bench\r\n"
    )
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Peek:
    """Looks at the node's database from outside, without asking the node; what that costs is not the node's."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._sqlite: sqlite3.Connection | None = None
        self._postgresql: Any = None
        self.backend: int | None = None
        """PostgreSQL's process that answers here."""
        if url.startswith("sqlite:///"):
            self._sqlite = sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)
        else:
            self._postgresql = self._loop.run_until_complete(asyncpg.connect(url))
            self.backend = self._postgresql.get_server_pid()

    def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row."""
        if self._sqlite is not None:
            return self._sqlite.execute(sql.replace("$", "?"), args).fetchone()[0]
        return self._loop.run_until_complete(self._postgresql.fetchval(sql, *args))

    @property
    def bytes(self) -> int:
        """How large the database is."""
        if self._sqlite is not None:
            return int(self.value("PRAGMA page_count")) * int(self.value("PRAGMA page_size"))
        return int(self.value("SELECT pg_database_size(current_database())"))

    def column(self, sql: str) -> list[Any]:
        """The first column of every row."""
        if self._sqlite is not None:
            return [row[0] for row in self._sqlite.execute(sql)]
        return [row[0] for row in self._loop.run_until_complete(self._postgresql.fetch(sql))]

    def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close()
        if self._postgresql is not None:
            self._loop.run_until_complete(self._postgresql.close())
        self._loop.close()


async def _seeded(settings: Settings, size: Size, sinks_port: int) -> tuple[Seeded, Mapping[str, int]]:
    ctx = await open_context(settings)
    try:
        found = await seed(ctx, size, sinks_port=sinks_port)
        if ctx.db.dialect == "postgresql":  # SQLite plans without figures about its tables
            await ctx.db.survey.fetch("ANALYZE")
        async with statements.opened(ctx, found) as library:
            return found, {name: (await library.cost(name, 20))[1] for name in library.lists}
    finally:
        await close_context(ctx)


@contextlib.contextmanager
def built(
    folder: Path,
    database: str,
    size: Size,
    table: Table,
    *,
    quick: bool,
    newcomers: int,
    database_pid: int | None = None,
) -> Iterator[Stand]:
    """A stand on *database*; the node is prepared and not yet started. *newcomers* strangers may come to follow."""
    folder.mkdir(parents=True)
    authority = Authority(folder)
    certificate = authority.certificate(f"*.{sinks.SUFFIX}")
    port, control = served.free_port(), served.free_port()
    node = Node(folder / "node")
    kinds = {"far": size.far, sinks.SLOW: size.slow, sinks.DEAD: size.dead, "new": newcomers}
    pairs = [sinks.host(kind, number, port) for kind, count in kinds.items() for number in range(count)]
    node.settle(database=database, laboratory=pairs, authority=authority.file)
    with _environment(node):
        settings = read_settings()
    start.prepare(settings)
    seeded, table.queries = asyncio.run(_seeded(settings, size, port))
    (folder / "key.pem").write_text(public_pem(seeded.key))
    words = [str(port), str(control), str(certificate.cert), str(certificate.key), str(folder / "key.pem")]
    peek = Peek(settings.database_url)
    try:
        with served.program("bench.sinks", *words, port=control, log=folder / "sinks.log"):
            yield Stand(folder, node, seeded, peek, port, control, table, quick, database_pid)
    finally:
        node.stop()
        peek.close()


@contextlib.contextmanager
def _environment(node: Node) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(node.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
