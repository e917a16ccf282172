"""Throw-away PostgreSQL and Redis, and empty databases of either kind for each test.

Fixtures: `dialect` (each test that asks runs twice, on SQLite and on PostgreSQL), `database_url` (a
factory of empty databases, or of copies), `postgresql` and `redis_url` (the servers themselves).
"""

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.support.run import once

POSTGRESQL_ABSENT = "PostgreSQL's programs are not installed"
REDIS_ABSENT = "Redis is not installed"


def postgresql_programs() -> Path | None:
    """The folder of `initdb` and `postgres`: the newest of Debian's, else the one in PATH."""
    # Debian keeps them out of PATH, and what a PATH offers may be another machine's wrapper.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    for initdb in reversed(versions):
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ordinary_user() -> str | None:
    """The user PostgreSQL runs as when the tests run as root, which it refuses; None when they do not."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running throw-away server."""

    programs: Path
    port: int

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://beffroi@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> str:
        """The output of one SQL statement run as its owner.

        Raises:
            AssertionError: the server refused it.
        """
        command = [
            str(self.programs / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--dbname", self.url("postgres"), "--command", statement,
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"PostgreSQL refused {statement!r}: {done.stderr}"
        return done.stdout.strip()


def _start_postgresql(programs: Path, folder: Path) -> dict[str, object]:
    home = folder / "postgresql"
    home.mkdir()
    user = _ordinary_user()
    as_user: list[str] = []
    if user:
        shutil.chown(home, user)
        as_user = ["setpriv", f"--reuid={user}", "--regid=" + str(pwd.getpwnam(user).pw_gid), "--clear-groups"]
    data, log = home / "data", home / "log"

    def speak(*command: str) -> None:
        with (folder / "postgresql-start.log").open("ab") as told:
            done = subprocess.run(
                [*as_user, *command],
                check=False,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                timeout=120,
            )
        if done.returncode:
            said = (folder / "postgresql-start.log").read_text() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"PostgreSQL did not start ({command[0]}):\n{said[-3000:]}")

    speak(
        str(programs / "initdb"), "--pgdata", str(data), "--username", "beffroi", "--auth", "trust",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
    )  # fmt: skip
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": str(home),
        # It dies with the run: nothing on it must survive a power cut.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "max_connections": 200,
        "shared_buffers": "64MB",
        "max_wal_size": "1GB",
    }
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    control = [str(programs / "pg_ctl"), "--pgdata", str(data)]
    speak(*control, "--wait", "--timeout", "60", "--log", str(log), "--options", options, "start")
    return {"port": port, "stop": [*as_user, *control, "--mode", "immediate", "stop"]}


@pytest.fixture(scope="session")
def postgresql(run_folder: Path) -> PostgreSQL:
    """One throw-away server for the whole run, started by the first test that needs it."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip(POSTGRESQL_ABSENT)
    known = once(run_folder, "postgresql", lambda: _start_postgresql(programs, run_folder))
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


@pytest.fixture
def database_url(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path, worker_id: str
) -> Iterator[Callable[..., str]]:
    """A factory of databases that live as long as the test.

    `database_url()` is the address of an empty one (`sqlite:///path` or `postgresql://…`), and
    `database_url(like=url)` of a copy of another of the same kind, which nobody may have open.
    """
    made: list[str] = []

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

    yield lambda like=None: (sqlite if dialect == "sqlite" else on_server)(like)
    if made:
        server = request.getfixturevalue("postgresql")
        for name in made:
            server.run(f'DROP DATABASE "{name}" WITH (FORCE)')
