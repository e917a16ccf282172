"""The command `beffroi`: said in this process for its words, in a process of its own where a node runs."""

import contextlib
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from node.cli import main
from tests.support.postgresql import free_port

PROJECT = Path(__file__).parents[2]
_BY_ITSELF = ("schema_migrations", "audit_seals", "jobs")
"""Tables that a running node writes without being asked: it seals the log of acts a moment after each."""


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Beffroi:
    """Commands on one data folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.data, self._monkeypatch = folder, folder / "data", monkeypatch
        for name in list(os.environ):
            if name.startswith("BEFFROI_"):
                monkeypatch.delenv(name)
        monkeypatch.chdir(folder)
        self.set(language="fr")

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(f"BEFFROI_{name.upper()}", str(value))

    def unset(self, name: str) -> None:
        self._monkeypatch.delenv(f"BEFFROI_{name.upper()}", raising=False)

    def __call__(self, *words: str) -> Said:
        """`beffroi` with these words, in this process; one string is a whole line."""
        words = tuple(words[0].split()) if len(words) == 1 else words
        out, err, kept = io.StringIO(), io.StringIO(), structlog.get_config()
        self._monkeypatch.setattr(sys, "argv", ["beffroi", *words])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO())  # nobody answers a question
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
            finally:
                structlog.configure(**kept)
        return Said(code, out.getvalue().replace("\xa0", " "), err.getvalue().replace("\xa0", " "))

    def ok(self, *words: str) -> list[str]:
        """The lines of a command that succeeds."""
        said = self(*words)
        assert said.code == 0, f"beffroi {' '.join(words)}: {said.err}"
        return said.lines

    def refused(self, *words: str) -> str:
        """The sentence of a command that is refused, and that changes nothing."""
        before = self.everything()
        said = self(*words)
        assert said.code == 1, f"beffroi {' '.join(words)} was not refused: {said.out}{said.err}"
        assert "Traceback" not in said.err
        assert len(said.err.splitlines()) == 1, f"a refusal is one sentence: {said.err}"
        assert said.err.startswith("beffroi: ")
        assert not said.out
        assert self.everything() == before, "a refusal changed something"
        return said.err.removeprefix("beffroi: ").strip()

    def everything(self) -> list[str]:
        """Every row of the database, but those that a running node writes by itself; nothing where there is none."""
        if not (self.data / "beffroi.db").exists():
            return []
        with contextlib.closing(sqlite3.connect(self.data / "beffroi.db")) as connection:
            lines = [line for line in connection.iterdump() if line.startswith("INSERT")]
        return [line for line in lines if line.split('"')[1] not in _BY_ITSELF]

    def rows(self, sql: str, *args: object) -> list[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(self.data / "beffroi.db")) as connection:
            return connection.execute(sql, args).fetchall()

    def process(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`beffroi` with these words, as a process."""
        return subprocess.run(_command(words), capture_output=True, text=True, timeout=120, check=False, env=_env())

    @contextlib.contextmanager
    def serving(self) -> Iterator["Serving"]:
        """A node that runs until the end of the story."""
        found = Serving(self)
        try:
            yield found
        finally:
            found.kill()


def _command(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-c", "from node.cli import main; main()", *words]


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}


class Serving:
    """`beffroi serve` as a process."""

    def __init__(self, beffroi: Beffroi) -> None:
        self.log = beffroi.folder / "serve.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                _command(("serve",)), env=_env(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8").replace("\xa0", " ")

    def get(self, url: str) -> tuple[int, str]:
        """Status and body, once the node answers at all."""
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()
            except OSError:
                assert self.process.poll() is None, f"the node ended:\n{self.said}"
                assert time.monotonic() < end, f"the node does not answer:\n{self.said}"
                time.sleep(0.05)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Its exit code after a signal."""
        self.process.send_signal(how)
        return self.process.wait(60)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)


@pytest.fixture
def beffroi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Beffroi:
    """The command, in an empty folder."""
    return Beffroi(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node with one domain, one commune and its agent; only copies of it are used."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        Beffroi(folder, patch).ok("init --domain commune.example --insee 25056 --email agent@commune.example")
    return folder / "data"


@pytest.fixture
def town(beffroi: Beffroi, founded: Path) -> Beffroi:
    """A node with one domain, one commune and its agent."""
    shutil.copytree(founded, beffroi.data)
    return beffroi


@pytest.fixture
def port() -> int:
    return free_port()
