"""A node as a process of its own, as a keeper would run it: `beffroi init`, `beffroi serve`, a signal to stop."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import requests

from node.cli.demo import loopback
from node.cli.demo.authority import Authority

_START_S: Final = 30.0
_STOP_S: Final = 20.0
_COMMAND_S: Final = 60.0
_LOOK_S: Final = 0.05


class NodeFailed(RuntimeError):
    """A node did not do what it was told; the message ends with what it said."""


def free_ports(count: int) -> list[int]:
    """TCP ports of 127.0.0.1 that nobody listens on at this moment."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()


class NodeProcess:
    """One node: its folder, its settings, and the process while it runs."""

    def __init__(self, host: str, port: int, folder: Path, settings: Mapping[str, str]) -> None:
        """Prepare; nothing is made yet.

        Args:
            host: its name, `localhost` or under it.
            port: where it listens on 127.0.0.1.
            folder: its own; the data go to `data` in it.
            settings: names as in `beffroi settings`, without the prefix.
        """
        self.host, self.port, self.folder = host, port, folder
        self.data = folder / "data"
        self.log = folder / "log"
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = {"data": str(self.data), "listen": f"127.0.0.1:{port}", "scheme": "https", **settings}
        authority = settings.get("extra_ca")
        self.authority = Path(authority) if authority else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def authority_part(self) -> str:
        """`host:port`, as in its addresses and its handles."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"{self.settings['scheme']}://{self.authority_part}"

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        if self._process is None:
            raise NodeFailed(f"{self.host} does not run")
        return self._process.pid

    def session(self) -> requests.Session:
        """A fresh client that reaches this node and its neighbours."""
        return loopback.session(self.authority)

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `beffroi` with *words* on this node's data; whatever becomes of it."""
        return subprocess.run(  # noqa: S603 (our own program)
            [_program(), *words], check=False, cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=_COMMAND_S,
        )  # fmt: skip

    def command(self, *words: str) -> list[str]:
        """What `beffroi` with *words* says.

        Raises:
            NodeFailed: it refused.
        """
        done = self.attempt(*words)
        if done.returncode:
            raise NodeFailed(f"beffroi {' '.join(words[:2])} at {self.host}: {done.stderr.strip()[-2000:]}")
        return done.stdout.splitlines()

    def start(self) -> None:
        """Serve, and come back when it says that it is ready.

        Raises:
            NodeFailed: it ended, or was not ready in 30 s.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own program)
                [*_until_i_end(), _program(), "serve"], cwd=self.folder, env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + _START_S
        with self.session() as session:
            while True:
                if self._process.poll() is not None:
                    raise NodeFailed(f"{self.host} ended at its start:\n{self.tail()}")
                try:
                    if session.get(f"{self.url}/readyz", timeout=5).status_code == requests.codes.ok:
                        return
                except requests.ConnectionError:
                    pass
                if time.monotonic() > end:
                    raise NodeFailed(f"{self.host} was not ready in {_START_S:.0f} s:\n{self.tail()}")
                time.sleep(_LOOK_S)

    def kill(self) -> None:
        """`kill -9`: as if the power went."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and wait; the exit code, 0 if it did not run. It is killed if it takes 20 s."""
        if self._process is None:
            return 0
        self._process.send_signal(by)
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._process = None

    def tail(self, lines: int = 30) -> str:
        """The end of what it said."""
        said = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(said.splitlines()[-lines:])

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BEFFROI_")}
        return kept | {f"BEFFROI_{name.upper()}": value for name, value in self.settings.items()}


def pair(first: str, second: str, folder: Path, **settings: str) -> tuple[NodeProcess, NodeProcess]:
    """Two nodes over TLS that may call each other, *first* and *second* being names under `.localhost`."""
    one, other = neighbours((first, second), folder, **settings)
    return one, other


def neighbours(hosts: Sequence[str], folder: Path, **settings: str) -> list[NodeProcess]:
    """Nodes over TLS that may call each other, with those names under `.localhost`."""
    authority = Authority(folder)
    ports = dict(zip(hosts, free_ports(len(hosts)), strict=True))
    shared = {
        "extra_ca": str(authority.file),
        "laboratory": ",".join(f"{host}:{port}" for host, port in ports.items()),
        **settings,
    }

    def made(host: str) -> NodeProcess:
        certificate = authority.certificate(host)
        own = {"tls_cert": str(certificate.cert), "tls_key": str(certificate.key)}
        return NodeProcess(host, ports[host], folder / host, {**shared, **own})

    return [made(host) for host in hosts]


def _program() -> str:
    """The installed command that belongs to this Python."""
    beside = Path(sys.executable).with_name("beffroi")
    if not beside.exists():
        raise NodeFailed(f"the command beffroi is not installed beside {sys.executable}: make .venv/run.stamp")
    return str(beside)


def _until_i_end() -> list[str]:
    """Words before a command that end it with this process, where the system can: nobody is left behind."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "KILL"] if found else []
