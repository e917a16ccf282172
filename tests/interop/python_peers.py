"""The Python peers as the tests drive them: processes in an environment of their own, on 127.0.0.1."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from node.cli.demo.agents import until

_START_S = 30.0


class PythonPeer:
    """One process that serves HTTP on a port."""

    def __init__(self, words: Sequence[str], port: int, folder: Path) -> None:
        """Prepare; *folder* is where it runs and writes its log."""
        self.url = f"http://127.0.0.1:{port}"
        self._words, self._folder, self._log = words, folder, folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + _START_S
        while True:
            try:
                requests.get(self.url, timeout=5)
                return
            except requests.ConnectionError:
                assert self._process.poll() is None, f"it ended at its start:\n{self._log.read_text()[-3000:]}"
                assert time.monotonic() < end, f"{self._words} does not start"
                time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def ask(self, verb: str, **wanted: Any) -> dict[str, Any]:
        """POST *wanted* to a control of the peer; what it answers."""
        answered = requests.post(f"{self.url}/control/{verb}", json=wanted, timeout=60)
        assert answered.ok, f"{verb} failed:\n{self._log.read_text()[-3000:]}"
        found: dict[str, Any] = answered.json()
        return found


class Bovine(PythonPeer):
    """`peers/bovine_peer.py`: Camille on a server made with bovine."""

    @property
    def handle(self) -> str:
        return f"@camille@{self.url.removeprefix('http://')}"

    @property
    def uri(self) -> str:
        return f"{self.url}/camille"

    def seen(self) -> dict[str, Any]:
        answered = requests.get(f"{self.url}/control/seen", timeout=20)
        answered.raise_for_status()
        found: dict[str, Any] = answered.json()
        return found

    def hears(self, kind: str, about: str = "") -> dict[str, Any]:
        """Wait for an activity of that type, whose text names *about*."""

        def look() -> dict[str, Any] | None:
            return next((each for each in self.seen()["heard"] if each["type"] == kind and about in str(each)), None)

        return until(f"{kind} about {about or 'anything'} at bovine", look)
