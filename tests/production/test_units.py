"""The systemd units of docs/production.md are read by systemd itself, without a warning."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.production.conftest import block, replaced
from tests.support.services import SYSTEMD_ABSENT


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Both units of the page, their command being one that is there."""
    serve = replaced(block("ini", "[Service]"), {"/opt/beffroi/.venv/bin/beffroi": "/usr/bin/true"})
    worker = replaced(
        serve,
        {
            "Description=Beffroi\n": "Description=Beffroi worker %i\n",
            "/usr/bin/true serve": "/usr/bin/true worker",
            "After=network-online.target": "After=beffroi.service network-online.target",
        },
    )
    for name, text in (("beffroi.service", serve), ("beffroi-worker@1.service", worker)):
        (tmp_path / name).write_text(text)
    # Of what they come after, only the names count here.
    for name in ("postgresql.service", "redis-server.service"):
        (tmp_path / name).write_text("[Service]\nExecStart=/usr/bin/true\n")
    return tmp_path


def analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip(SYSTEMD_ABSENT)
    return subprocess.run([program, *words], check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["beffroi.service", "beffroi-worker@1.service"])
def test_systemd_understands_every_line(units: Path, name: str) -> None:
    told = analyzed("verify", "--man=no", "--recursive-errors=no", str(units / name))
    about_it = [line for line in (told.stdout + told.stderr).splitlines() if name in line]
    assert (told.returncode, about_it) == (0, []), told.stderr


def test_it_is_kept_in_a_narrow_room(units: Path) -> None:
    """What a broken-in service could reach, as systemd measures it: below 5 of 10."""
    told = analyzed("security", "--offline=yes", "--threshold=50", "--no-pager", str(units / "beffroi.service"))
    assert told.returncode == 0, told.stdout[-1500:]
