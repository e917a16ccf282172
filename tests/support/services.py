"""Throw-away PostgreSQL and Redis, and empty databases of either kind for each test.

Fixtures: `dialect` (each test that asks runs twice, on SQLite and on PostgreSQL), `database_url` (a
factory of empty databases, or of copies), `postgresql` and `redis_url` (the servers themselves).
"""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from node.runtime.clock import SystemClock
from node.runtime.database import migrate, open_database
from tests.support.postgresql import PostgreSQL, find_programs, free_port, start
from tests.support.run import locked, once

T = TypeVar("T")

POSTGRESQL_ABSENT = "PostgreSQL's programs are not installed"
REDIS_ABSENT = "Redis is not installed"
NGINX_ABSENT = "nginx is not installed"
CADDY_ABSENT = "Caddy is not installed"
SYSTEMD_ABSENT = "systemd-analyze is not installed"
RSYNC_ABSENT = "rsync is not installed"
SQLITE3_ABSENT = "the command sqlite3 is not installed"


@pytest.fixture(scope="session")
def postgresql(run_folder: Path) -> PostgreSQL:
    """One throw-away server for the whole run, started by the first test that needs it."""
    programs = find_programs()
    if programs is None:
        pytest.skip(POSTGRESQL_ABSENT)
    known = once(run_folder, "postgresql", lambda: start(programs, run_folder))
    return PostgreSQL(programs, known["port"])


def _start_redis(program: str, folder: Path) -> dict[str, object]:
    port = free_port()
    pid = folder / "redis.pid"
    command = [
        program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "",
        "--appendonly", "no", "--daemonize", "yes", "--pidfile", str(pid), "--logfile", str(folder / "redis.log"),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=30)
    end = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as call:
                call.sendall(b"PING\r\n")
                if call.recv(16).startswith(b"+PONG"):
                    break
        except OSError:
            if time.monotonic() > end:
                raise RuntimeError("Redis did not start: " + (folder / "redis.log").read_text()[-2000:]) from None
        time.sleep(0.05)
    return {"port": port, "stop": ["kill", "-KILL", pid.read_text().strip()]}


@pytest.fixture(scope="session")
def redis_url(run_folder: Path) -> str:
    """The address of one throw-away Redis for the whole run."""
    program = shutil.which("redis-server", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")
    if program is None:
        pytest.skip(REDIS_ABSENT)
    known = once(run_folder, "redis", lambda: _start_redis(program, run_folder))
    return f"redis://127.0.0.1:{known['port']}/0"


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn; PostgreSQL is skipped where its programs are absent."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


_numbers = count(1)


async def _migrated(url: str) -> None:
    db = await open_database(url)
    await migrate.migrate(db, SystemClock())
    await db.close()


@pytest.fixture(scope="session")
def migrated_file(run_folder: Path) -> Path:
    """A SQLite file with this version's schema and no rows, made once a run; only copies of it are used."""
    file = run_folder / "migrated.sqlite3"
    with locked(run_folder, "migrated"), ThreadPoolExecutor(1) as apart:  # who asks may be in a loop of its own
        if not file.exists():
            draft = file.with_suffix(".draft")
            apart.submit(asyncio.run, _migrated(f"sqlite:///{draft}")).result()
            draft.rename(file)
    return file


class _Lender:
    """PostgreSQL databases with this version's schema, lent to one test after the other and emptied in between.

    To make and drop one costs a second of every test; to ask on a line that stays open costs a third of a new one.
    """

    def __init__(self, server: PostgreSQL, worker_id: str) -> None:
        self._server, self._worker_id = server, worker_id
        self._free: list[str] = []
        self._lines: dict[str, asyncpg.Connection] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lender", daemon=True)
        self._thread.start()
        steps = migrate.known("postgresql")
        ledger = ";\n".join(migrate.record(step, 0) for step in steps)
        schema = [statement for step in steps for statement in step.statements]
        self._schema = ";\n".join([migrate.LEDGER, *schema, ledger])
        # Every row goes, whatever it hangs on and whoever guards it (triggers rest); the ledger is written anew.
        self._empty = f"""SET session_replication_role = replica;
            DO $$ DECLARE t record; BEGIN
              FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                EXECUTE format('DELETE FROM %I', t.tablename);
              END LOOP;
            END $$;
            {ledger}"""

    def lend(self) -> str:
        """The name of a database without rows."""
        if self._free:
            name = self._free.pop()
            self._wait(self._lines[name].execute(self._empty))
            return name
        name = f"ready_{self._worker_id}_{next(_numbers)}"
        self._server.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        self._lines[name] = self._wait(asyncpg.connect(self._server.url(name)))
        self._wait(self._lines[name].execute(self._schema))
        return name

    def take_back(self, names: Iterable[str]) -> None:
        """Their tests are done."""
        self._free.extend(names)

    def close(self) -> None:
        for line in self._lines.values():
            self._wait(line.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, answer: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result(60)


@pytest.fixture(scope="session")
def _lender(postgresql: PostgreSQL, worker_id: str) -> Iterator[_Lender]:
    made = _Lender(postgresql, worker_id)
    yield made
    made.close()


@pytest.fixture
def database_url(
    dialect: str, request: pytest.FixtureRequest, files_folder: Path, worker_id: str
) -> Iterator[Callable[..., str]]:
    """A factory of databases that live as long as the test.

    `database_url()` is the address of an empty one (`sqlite:///path` or `postgresql://…`), and
    `database_url(like=url)` of a copy of another of the same kind, which nobody may have open.
    `database_url(migrated=True)` has this version's schema and no rows.
    """
    made: list[str] = []
    lent: list[str] = []

    def sqlite(like: str | None, migrated: bool) -> str:
        path = files_folder / f"node-{next(_numbers)}.sqlite3"
        made.append(str(path))
        if like:
            with sqlite3.connect(like.removeprefix("sqlite:///")) as source, sqlite3.connect(path) as copy:
                source.backup(copy)
            source.close()
            copy.close()
        elif migrated:
            shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"

    def on_server(like: str | None, migrated: bool) -> str:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        if migrated:
            lent.append(request.getfixturevalue("_lender").lend())
            return server.url(lent[-1])
        name = f"node_{worker_id}_{next(_numbers)}"
        template = like.rsplit("/", 1)[1] if like else "template0"
        server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        made.append(name)
        return server.url(name)

    def factory(like: str | None = None, *, migrated: bool = False) -> str:
        return (sqlite if dialect == "sqlite" else on_server)(like, migrated)

    yield factory
    if dialect == "sqlite":
        for path in made:
            for file in Path(path).parent.glob(f"{Path(path).name}*"):
                file.unlink()
        return
    if lent:
        request.getfixturevalue("_lender").take_back(lent)
    for name in made:
        request.getfixturevalue("postgresql").run(f'DROP DATABASE "{name}" WITH (FORCE)')
