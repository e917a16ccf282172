"""Tests of one `xdist_group` run on one worker: those that share a running node would start it on each otherwise."""

import os
import subprocess
import sys
from pathlib import Path

_SAMPLE = """
from pathlib import Path
import pytest

@pytest.mark.xdist_group("sample")
@pytest.mark.parametrize("number", range(8))
def test_who_runs_me(number, worker_id):
    Path(f"{worker_id}.ran").touch()
"""


def test_a_group_stays_together(tmp_path: Path) -> None:
    """The node ids of pytest 9.2 lose the mark of pytest-xdist 3.8, without a word."""
    (tmp_path / "test_sample.py").write_text(_SAMPLE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    workers = sorted(path.stem for path in tmp_path.glob("*.ran"))
    assert len(workers) == 1, f"a group ran on {workers}: each starts its own nodes, and the run takes twice as long"
