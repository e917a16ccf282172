"""The sabotage sees the difference between a test that guards and one that only looks on."""

import pytest

from tests.sabotage.run import Cut, Verdict, read_cuts, sabotage

TOWN = """
def open_market(day):
    if day == "monday":
        raise ValueError("closed")
    return f"market on {day}"
"""
STORIES = """
import town

def test_monday_is_closed():
    try:
        town.open_market("monday")
    except ValueError:
        return
    raise AssertionError("the market was open on a Monday")

def test_looks_on():
    assert town.open_market("friday")

def test_is_red_anyway():
    assert False
"""
RULE = 'day == "monday"'


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "town.py").write_text(TOWN)
    (tmp_path / "test_town.py").write_text(STORIES)
    return tmp_path


def verdicts(tree, *cuts):
    return [finding.verdict for finding in sabotage(tree, [Cut(*cut) for cut in cuts])]


def test_each_kind_of_cut_gets_its_verdict(tree):
    """Only a cut whose tests were green and turn red is noticed; and the tree itself is never touched."""
    guards, looks_on = "test_town.py::test_monday_is_closed", "test_town.py::test_looks_on"
    assert verdicts(
        tree,
        ("noticed", "town.py", RULE, "False", (guards,)),
        ("unnoticed", "town.py", RULE, "False", (looks_on,)),
        ("half unnoticed", "town.py", RULE, "False", (guards, looks_on)),
        ("rule is gone", "town.py", 'day == "sunday"', "False", (guards,)),
        ("stands twice", "town.py", "day", "date", (guards,)),
        ("no such file", "village.py", RULE, "False", (guards,)),
        ("already red", "town.py", RULE, "False", ("test_town.py::test_is_red_anyway",)),
    ) == [
        Verdict.RED,
        Verdict.GREEN,
        Verdict.GREEN,
        Verdict.STALE,
        Verdict.STALE,
        Verdict.STALE,
        Verdict.BROKEN,
    ]
    assert (tree / "town.py").read_text() == TOWN


def test_a_cut_that_breaks_the_import_proves_nothing(tree):
    """A file that no longer loads is not a guarded rule: the tests must fail, not the collection."""
    cut = ("syntax", "town.py", RULE, "day ==", ("test_town.py::test_monday_is_closed",))
    assert verdicts(tree, cut) == [Verdict.GREEN]


@pytest.mark.parametrize(
    "text",
    [
        '[[cut]]\nname="a"\nfile="f"\nold="x"\nnew="y"',
        '[[cut]]\nname="a"\nfile="f"\nold="x"\nnew="y"\ntests=[]',
        '[[cut]]\nname="a"\nfile="f"\nold="x"\nnew="x"\ntests=["t"]',
        2 * '[[cut]]\nname="a"\nfile="f"\nold="x"\nnew="y"\ntests=["t"]\n',
    ],
)
def test_a_cut_that_cannot_prove_anything_is_refused(text):
    """A table with a missing part is an error of the table, not a silent pass."""
    with pytest.raises(ValueError, match="cut"):
        read_cuts(text)
