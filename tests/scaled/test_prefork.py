"""The parent of serving processes: who dies is replaced, a refusal at the start ends all, a stop is orderly."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import sys, time, signal, os
from pathlib import Path
from node.cli import prefork
from node.runtime import log
log.configure("error", "text")
folder = Path(sys.argv[1])
def child(place, parent):
    if sys.argv[2] == "refuse":
        raise SystemExit(1)
    (folder / f"{place}-{os.getpid()}").touch()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.read(parent, 1)  # until the parent is gone
    (folder / f"orphan-{place}").touch()
raise SystemExit(prefork.run(2, child))
"""


def begin(folder: Path, what: str = "serve") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PARENT, str(folder), what], cwd=Path(__file__).parents[2])


def children(folder: Path, count: int, patience_s: float = 20) -> dict[str, int]:
    """Wait until so many have been; the latest of each place."""
    end = time.monotonic() + patience_s
    while len(there := sorted(folder.glob("[0-9]-*"), key=lambda path: path.stat().st_mtime_ns)) < count:
        assert time.monotonic() < end, f"only {len(there)} children"
        time.sleep(0.02)
    return {path.name[0]: int(path.name[2:]) for path in there}


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_all_of_them(tmp_path: Path, by: signal.Signals) -> None:
    """Exit code 0, and nobody is left."""
    parent = begin(tmp_path)
    there = children(tmp_path, 2)
    parent.send_signal(by)
    assert parent.wait(20) == 0
    assert not [pid for pid in there.values() if Path(f"/proc/{pid}").exists()]


def test_a_child_that_was_killed_is_replaced(tmp_path: Path) -> None:
    """In its place, and the other one is left alone."""
    parent = begin(tmp_path)
    before = children(tmp_path, 2)
    os.kill(before["0"], signal.SIGKILL)
    after = children(tmp_path, 3)
    assert after["0"] != before["0"]
    assert after["1"] == before["1"]
    parent.terminate()
    assert parent.wait(20) == 0


def test_a_refusal_at_the_very_start_ends_all(tmp_path: Path) -> None:
    """It said why; starting it again for ever would hide it."""
    assert begin(tmp_path, "refuse").wait(20) == 1


def test_children_notice_that_their_parent_was_killed(tmp_path: Path) -> None:
    """Or they would hold the socket against the next one."""
    parent = begin(tmp_path)
    children(tmp_path, 2)
    parent.kill()
    parent.wait(20)
    end = time.monotonic() + 20
    while len(list(tmp_path.glob("orphan-*"))) < 2:
        assert time.monotonic() < end, "they live on"
        time.sleep(0.02)
