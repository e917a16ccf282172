"""The installed package holds everything the node reads: data, migrations, pages, translations."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.sabotage.run import copy_tree

PROJECT = Path(__file__).parents[2]


def test_the_wheel_leaves_no_file_of_the_packages_behind(tmp_path):
    """A kind of file that pyproject.toml does not name would be missing on a server, and only there."""
    # setuptools builds inside the tree it is given.
    tree = tmp_path / "tree"
    copy_tree(PROJECT, tree)
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel", "--no-deps",
        "--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path), str(tree),
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("beffroi-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        str(path.relative_to(tree))
        for package in ("node", "admin")
        for path in (tree / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    missing = sorted(expected - packed)
    assert not missing, f"not in the wheel (package-data in pyproject.toml): {missing}"
