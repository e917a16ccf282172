"""What is measured, as processes of their own: a node as its keeper runs it, and the bare baseline."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_START_S: Final = 30.0
_STOP_S: Final = 20.0
_LOOK_S: Final = 0.005


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Node:
    """One node on a folder whose settings file names everything."""

    folder: Path
    port: int = field(default_factory=free_port)
    processes: int = 1
    """How many serve, from the next start on."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "the node does not run"
        return self.process.pid

    def settle(self, *, database: str, laboratory: Sequence[str], authority: Path) -> None:
        """Write its settings."""
        self.folder.mkdir(parents=True, exist_ok=True)
        pairs = ", ".join(f'"{each}"' for each in laboratory)
        (self.folder / "beffroi.toml").write_text(
            f'data = "{self.folder}"\ndatabase = "{database}"\nlisten = "127.0.0.1:{self.port}"\n'
            f'extra_ca = "{authority}"\nlaboratory = [{pairs}]\n'
        )

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BEFFROI_")}
        return kept | {"BEFFROI_FILE": str(self.folder / "beffroi.toml"), "BEFFROI_PROCESSES": str(self.processes)}

    def start(self) -> float:
        """Serve; the seconds until it answered its first request.

        Raises:
            RuntimeError: it ended, or did not answer in 30 s.
        """
        program = str(Path(sys.executable).with_name("beffroi"))
        began_s = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_until_i_end(), program, "serve"], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        _wait(self.process, f"http://127.0.0.1:{self.port}/healthz", self.folder / "log")
        return time.perf_counter() - began_s

    def stop(self) -> None:
        """End it, and wait."""
        if self.process is not None:
            _end(self.process)
            self.process = None

    @contextlib.contextmanager
    def running(self) -> Iterator["Node"]:
        """Started, and stopped at the end."""
        self.start()
        try:
            yield self
        finally:
            self.stop()


@contextlib.contextmanager
def program(module: str, *words: str, port: int, log: Path) -> Iterator[int]:
    """One of our own modules as a server on *port*; its process id."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            [*_until_i_end(), sys.executable, "-m", module, *words], stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/", log)
        yield process.pid
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end_s = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            if process.poll() is not None or time.monotonic() > end_s:
                raise RuntimeError(f"it did not start:\n{log.read_text()[-3000:]}") from None
        time.sleep(_LOOK_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_i_end() -> list[str]:
    """Words before a command that end it with this process, where the system can: nobody is left behind."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "KILL"] if found else []
