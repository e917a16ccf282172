"""The page of promises names tests that exist: a promise whose test was renamed or removed is not kept in silence."""

import re
import subprocess
import sys
from pathlib import Path

from tests.sabotage.run import read_cuts

ROOT = Path(__file__).parents[2]
CUTS = read_cuts((ROOT / "tests" / "sabotage" / "cuts.toml").read_text(encoding="utf-8"))
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_acceptance_names_is_there() -> None:
    named = NAMED.findall((ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8"))
    assert len(named) > 100, "the names of the tests were not found"
    missing = []
    for file, name in named:
        path = ROOT / "tests" / file
        if not path.is_file() or (name and not re.search(rf"^(?:async )?def {name}\(", path.read_text(), re.MULTILINE)):
            missing.append(f"{file}::{name}" if name else file)
    assert missing == [], "docs/acceptance.md names tests that are not there"


def test_every_cut_of_the_sabotage_is_a_promise_with_a_test() -> None:
    """Each test that a cut must turn red is there too, with its case (`make sabotage` runs them)."""
    named = sorted({test for cut in CUTS for test in cut.tests})
    assert len(named) > 20
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", *named],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_every_cut_still_finds_what_it_takes_out() -> None:
    """A rule that was written anew takes its cut with it: the text stands once in the file that is named."""
    stale = [
        f"{cut.name}: {cut.file}"
        for cut in CUTS
        if not (ROOT / cut.file).is_file() or (ROOT / cut.file).read_text(encoding="utf-8").count(cut.old) != 1
    ]
    assert stale == []
