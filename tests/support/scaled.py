"""The scaled layout as processes: web processes on one socket, workers apart, and a Redis that may be taken away."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from node.cli.demo.nodes import NodeProcess, _program, _until_i_end, free_ports

_READY_S = 20.0


class Redis:
    """A throw-away Redis that is stopped and started again on the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_until_i_end(), self._program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir",
                 str(self._folder), "--save", "", "--appendonly", "no"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + _READY_S
        while self.say(b"PING") != b"+PONG\r\n":
            if time.monotonic() > end:
                raise RuntimeError("Redis did not start: " + (self._folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def say(self, command: bytes) -> bytes:
        """The first bytes of the answer to one command; empty when nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as call:
                call.sendall(command + b"\r\n")
                return call.recv(65_536)
        except OSError:
            return b""

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def redis_program() -> str | None:
    """Where redis-server is, if it is installed."""
    return shutil.which("redis-server", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")


class ScaledNode(NodeProcess):
    """A node of several processes: `beffroi serve` with its children, and as many `beffroi worker` as wanted."""

    def __init__(self, host: str, port: int, folder: Path, settings: Mapping[str, str], workers: int = 2) -> None:
        super().__init__(host, port, folder, {"jobs": "apart", "processes": "2", **settings})
        self._wanted = workers
        self.workers: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        super().start()
        for place in range(self._wanted):
            if place not in self.workers:
                self.start_worker(place)

    def start_worker(self, place: int) -> None:
        with self.log.open("ab") as log:
            self.workers[place] = subprocess.Popen(
                [*_until_i_end(), _program(), "worker"], cwd=self.folder, env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill_worker(self, place: int) -> None:
        """Kill -9 of one worker."""
        worker = self.workers.pop(place)
        worker.kill()
        worker.wait()

    def web_processes(self) -> list[int]:
        """The children of `beffroi serve`."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(each) for each in children]

    def kill_web(self, which: int) -> None:
        """Kill -9 of one web process; its parent starts another."""
        os.kill(self.web_processes()[which], signal.SIGKILL)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        codes = []
        for worker in self.workers.values():
            worker.send_signal(by)
        for worker in self.workers.values():
            try:
                codes.append(worker.wait(20))
            except subprocess.TimeoutExpired:
                worker.kill()
                codes.append(worker.wait())
        self.workers.clear()
        return max(*codes, super().stop(by), key=abs) if codes else super().stop(by)
