"""A throw-away PostgreSQL server from this machine's own programs, for the tests and for `make bench`."""

import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path


def find_programs() -> Path | None:
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

    def run(self, statement: str, database: str = "postgres") -> str:
        """The output of SQL run as its owner.

        Raises:
            AssertionError: the server refused it.
        """
        command = [
            str(self.programs / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--dbname", self.url(database), "--command", statement,
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"PostgreSQL refused {statement!r}: {done.stderr}"
        return done.stdout.strip()


def start(programs: Path, folder: Path, *, durable: bool = False, log_segment_mb: int = 16) -> dict[str, object]:
    """A new server in *folder*: its port, its `data`, and under `stop` the command that ends it.

    Tests need nothing of what they wrote; with *durable* it survives a power cut, as a keeper's would.

    Raises:
        RuntimeError: it did not start; with what it said.
    """
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
        "--wal-segsize", str(log_segment_mb),
    )  # fmt: skip
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": str(home),
        "max_connections": 200,
        "shared_buffers": "256MB" if durable else "64MB",
        "max_wal_size": "1GB",
    }
    if not durable:
        settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "off")
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    control = [str(programs / "pg_ctl"), "--pgdata", str(data)]
    speak(*control, "--wait", "--timeout", "60", "--log", str(log), "--options", options, "start")
    return {"port": port, "stop": [*as_user, *control, "--mode", "immediate", "stop"], "data": str(data)}
