"""One run of the tests, its folder and its end, whether pytest works alone or with workers beside it.

A service is started by the first worker that needs it, and shared: what a worker must know of it is a
JSON file in the folder of the run, written under a lock. Whatever was started is stopped once, by the
process that began the run, after the last worker has left.

SQLite's files lie in memory where it has room: a test makes dozens of commits, and each waits for the disk.
"""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_PREFIX = "beffroi-tests-"
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 * 1024**3
"""In a container there may be 64 MiB only: then the disk is used."""
FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of the run, or find the one that the beginner of the run made."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[FOLDER] = Path(worker["beffroi_run"])
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "pid").write_text(str(os.getpid()))
    # PostgreSQL refuses to run as root: its own user must be able to walk in.
    folder.chmod(0o755)
    if _room_in_memory():
        files = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY))
        (files / "pid").write_text(str(os.getpid()))
        (folder / "files").symlink_to(files)
    else:
        (folder / "files").mkdir()
    config.stash[FOLDER] = folder


def _room_in_memory() -> bool:
    if not os.access(_MEMORY, os.W_OK):
        return False
    found = os.statvfs(_MEMORY)
    return found.f_bavail * found.f_frsize >= _ROOM_BYTES


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the folder is."""
    node.workerinput["beffroi_run"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, and leave nothing behind."""
    if hasattr(config, "workerinput") or FOLDER not in config.stash:
        return
    _end(config.stash[FOLDER])


def _end(folder: Path) -> None:
    for started in sorted(folder.glob("*.service.json")):
        stop = json.loads(started.read_text())["stop"]
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    shutil.rmtree((folder / "files").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """End the runs that were killed before they could: their servers would stay for ever."""
    for folder in (*Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"), *_MEMORY.glob(f"{_PREFIX}*")):
        try:
            begun_by = int((folder / "pid").read_text())
            if folder.stat().st_uid == os.geteuid() and not Path(f"/proc/{begun_by}").exists():
                _end(folder)
        except (OSError, ValueError):
            continue  # it ended or began at this moment


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Alone among the workers of this run."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(folder: Path, name: str, start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What *start* returned to the first worker that asked for *name*.

    It is a dict that JSON can hold, with the command that ends the service under `stop`.
    """
    known = folder / f"{name}.service.json"
    with locked(folder, name):
        if not known.exists():
            draft = known.with_suffix(".draft")
            draft.write_text(json.dumps(start()))
            draft.replace(known)
        found: dict[str, Any] = json.loads(known.read_text())
        return found


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """The folder of this run, shared by its workers and removed at the end."""
    return pytestconfig.stash[FOLDER]


@pytest.fixture(scope="session")
def files_folder(run_folder: Path, worker_id: str) -> Path:
    """A folder of this worker for files that a test makes and removes; in memory where it has room."""
    folder = run_folder / "files" / worker_id
    folder.mkdir(exist_ok=True)
    return folder
