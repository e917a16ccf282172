"""Throw-away PostgreSQL and Redis, and empty databases of either kind for each test.

Fixtures: `dialect` (each test that asks runs twice, on SQLite and on PostgreSQL), `database_url` (a
factory of empty databases, or of copies), `postgresql` and `redis_url` (the servers themselves).
"""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from node.runtime.database import migrate
from tests.support.postgresql import PostgreSQL, find_programs, free_port, start
from tests.support.run import once

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
_ready: list[str] = []
_known_ready: set[str] = set()


def _schema() -> str:
    """The whole schema, as `migrate` would make it, for psql."""
    made = [migrate.LEDGER]
    for step in migrate.known("postgresql"):
        made += [*step.statements, migrate.record(step, 0)]
    return ";\n".join(made)


def _emptied() -> str:
    """Every row goes, whatever it hangs on and whoever guards it (triggers rest); the ledger is written anew."""
    ledger = ";\n".join(migrate.record(step, 0) for step in migrate.known("postgresql"))
    return f"""SET session_replication_role = replica;
        DO $$ DECLARE t record; BEGIN
          FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM %I', t.tablename);
          END LOOP;
        END $$;
        {ledger}"""


@pytest.fixture
def database_url(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path, worker_id: str
) -> Iterator[Callable[..., str]]:
    """A factory of databases that live as long as the test.

    `database_url()` is the address of an empty one (`sqlite:///path` or `postgresql://…`), and
    `database_url(like=url)` of a copy of another of the same kind, which nobody may have open.
    `database_url(migrated=True)` has this version's schema and no rows: on PostgreSQL one that an earlier test of this
    worker is done with, emptied, since making and dropping one costs a second of every test.
    """
    made: list[str] = []
    lent: list[str] = []

    def sqlite(like: str | None) -> str:
        path = tmp_path / f"node-{next(_numbers)}.sqlite3"
        if like:
            with sqlite3.connect(like.removeprefix("sqlite:///")) as source, sqlite3.connect(path) as copy:
                source.backup(copy)
            source.close()
            copy.close()
        return f"sqlite:///{path}"

    def on_server(like: str | None) -> str:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"node_{worker_id}_{next(_numbers)}"
        template = like.rsplit("/", 1)[1] if like else "template0"
        server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        made.append(name)
        return server.url(name)

    def ready() -> str:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = _ready.pop() if _ready else f"ready_{worker_id}_{next(_numbers)}"
        if name in _known_ready:
            server.run(_emptied(), name)
        else:
            server.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
            server.run(_schema(), name)
            _known_ready.add(name)
        lent.append(name)
        return server.url(name)

    def factory(like: str | None = None, *, migrated: bool = False) -> str:
        if dialect == "sqlite":
            return sqlite(like)
        return ready() if migrated else on_server(like)

    yield factory
    _ready.extend(lent)
    if made:
        server = request.getfixturevalue("postgresql")
        for name in made:
            server.run(f'DROP DATABASE "{name}" WITH (FORCE)')
