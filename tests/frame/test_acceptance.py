"""The page of promises names tests that exist: a promise whose test was renamed or removed is not kept in silence."""

import re
from pathlib import Path

from tests.sabotage.run import read_cuts

ROOT = Path(__file__).parents[2]
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
    """Each test that a cut must turn red is there too (`make sabotage` runs them)."""
    cuts = (ROOT / "tests" / "sabotage" / "cuts.toml").read_text(encoding="utf-8")
    named = re.findall(r'"tests/([\w/]+\.py)::(\w+)(?:\[[^"]*)?"', cuts)
    assert len(named) > 20
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_every_cut_still_finds_what_it_takes_out() -> None:
    """A rule that was written anew takes its cut with it: the text stands once in the file that is named."""
    stale = [
        f"{cut.name}: {cut.file}"
        for cut in read_cuts((ROOT / "tests" / "sabotage" / "cuts.toml").read_text(encoding="utf-8"))
        if not (ROOT / cut.file).is_file() or (ROOT / cut.file).read_text(encoding="utf-8").count(cut.old) != 1
    ]
    assert stale == []
