"""What does not run is said, and in CI it is refused unless it is listed with its reason."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.skips import Allowance, read_allowances, unlisted

PROJECT = Path(__file__).parents[2]

STORIES = """
import pytest

def test_runs():
    pass

@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_needs_a_server(dialect):
    if dialect == "postgresql":
        pytest.skip("PostgreSQL's programs are not installed")

@pytest.mark.xfail(reason="the moon is not full")
def test_hopes():
    assert False
"""
NOT_EVEN_READ = 'import pytest\npytest.skip("no such planet", allow_module_level=True)\n'


@pytest.fixture
def run(tmp_path):
    """A project of its own with the same plugin; returns (exit code, output) of one run in it."""
    (tmp_path / "tests/support").mkdir(parents=True)
    for plugin in ("run", "postgresql", "services", "browser", "skips"):
        shutil.copy(PROJECT / f"tests/support/{plugin}.py", tmp_path / "tests/support")
    (tmp_path / "tests/__init__.py").touch()
    (tmp_path / "tests/conftest.py").write_text('pytest_plugins = ["tests.support.skips"]\n')
    (tmp_path / "tests/test_stories.py").write_text(STORIES)
    (tmp_path / "tests/test_planet.py").write_text(NOT_EVEN_READ)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")

    def run(listed: str, *arguments: str, ci: str) -> tuple[int, str]:
        (tmp_path / "tests/skips.txt").write_text(listed)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        environment = {**os.environ, "CI": ci, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(
            command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_machine_without_services_says_what_it_did_not_run(run, workers):
    """The run passes, and its end names the reasons and what would cure them."""
    code, said = run("", "-n", workers, ci="")
    assert code == 0, said
    end = said[said.index("Not run here:") :]
    assert "1 test(s): PostgreSQL's programs are not installed. To run them, install the Debian package postgre" in end
    assert "1 test(s): no such planet." in end
    assert "1 test(s): expected to fail: the moon is not full." in end
    assert "2 passed" in end.splitlines()[-1], "pytest's own summary is the last line"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_in_ci_an_unlisted_skip_fails_the_run(run, workers):
    """Two are listed, the third is not: the run fails and names it."""
    listed = "tests/test_stories.py::test_hopes | expected to fail: *moon*\ntests/test_planet.py | no such planet\n"
    code, said = run(listed, "-n", workers, ci="true")
    assert code == 1, said
    refused = said[said.index("without being listed") :]
    assert "tests/test_stories.py::test_needs_a_server[postgresql] | PostgreSQL's programs" in refused
    assert "test_hopes" not in refused.partition("passed")[0]
    assert "test_planet" not in refused.partition("passed")[0]


def test_in_ci_a_listed_skip_passes(run):
    """All three are listed."""
    code, said = run("# the moon\n\ntests/*|*\n", ci="true")
    assert code == 0, said


def test_brackets_of_a_case_stand_for_themselves():
    """`[postgresql]` in a line is that case, not one letter of nine."""
    skipped = {"tests/a.py::test_b[postgresql]": "absent", "tests/a.py::test_bp": "absent"}
    assert unlisted(skipped, [Allowance("tests/a.py::test_b[postgresql]", "abs*")]) == {"tests/a.py::test_bp": "absent"}


def test_a_line_without_a_reason_is_refused():
    """A list of skips without reasons is a list of forgotten things."""
    with pytest.raises(ValueError, match=r"tests/a\.py"):
        read_allowances("tests/a.py::test_b\n")
