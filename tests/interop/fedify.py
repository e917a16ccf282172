"""The Fedify peer (`peers/fedify.mjs`) as the tests drive it."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import requests

from node.cli.demo.agents import until

_START_S = 30.0


class Fedify:
    """One process of the peer: one person called Camille on a server of her own."""

    def __init__(self, folder: Path, port: int, log: Path, options: dict[str, str]) -> None:
        """Prepare.

        Args:
            folder: where its packages were installed.
            port: on 127.0.0.1.
            log: where it may write what it has to say.
            options: of `fedify.mjs`, with underscores for hyphens.
        """
        self.folder, self.port, self._log, self.options = folder, port, log, options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def handle(self) -> str:
        return f"@camille@127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/people/camille"

    def start(self) -> None:
        program = self.folder / "node_modules" / ".bin" / "node"
        assert program.exists(), f"{program} is absent: make interop"
        words = [f"--{name.replace('_', '-')}={value}" for name, value in self.options.items()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "fedify.mjs", f"--port={self.port}", *words], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + _START_S
        while b"ready" not in self._log.read_bytes():
            assert self._process.poll() is None, f"Fedify ended at its start:\n{self._log.read_text()[-3000:]}"
            assert time.monotonic() < end, "Fedify does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def do(self, verb: str, **wanted: Any) -> dict[str, Any]:
        """Have Camille do something; what the control answers.

        Raises:
            AssertionError: it failed there, with what it said.
        """
        answered = requests.post(f"http://127.0.0.1:{self.port}/control/{verb}", json=wanted, timeout=60)
        assert answered.ok, f"{verb} failed at Fedify: {answered.text[:2000]}"
        found: dict[str, Any] = answered.json()
        return found

    def believes(self, activity: bytes) -> bool:
        """Whether Fedify finds a proof in *activity*, and a key for it, and that it holds."""
        done = subprocess.run(
            [self.folder / "node_modules" / ".bin" / "node", "proofs.mjs"], cwd=self.folder, input=activity,
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        return bool(json.loads(done.stdout)["verified"])

    def seen(self) -> dict[str, Any]:
        return self.do("seen")

    def hears(self, kind: str, about: str = "") -> dict[str, Any]:
        """Wait for an activity of that type, whose text names *about*; as Fedify understood it."""

        def look() -> dict[str, Any] | None:
            return next((each for each in self.seen()["heard"] if each["type"] == kind and about in str(each)), None)

        return until(f"{kind} about {about or 'anything'} at Fedify", look)
