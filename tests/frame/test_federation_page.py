"""FEDERATION.md says exactly what the table of handlers understands: neither more nor less."""

import re
from pathlib import Path

from node.federation.inbox.handlers import HANDLERS

PAGE = (Path(__file__).parents[2] / "FEDERATION.md").read_text()


def _rows(heading: str) -> list[tuple[str, str]]:
    """First and second column of the table below *heading*."""
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    cells = [line.split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return [(row[1], row[2]) for row in cells]


def _types(cell: str) -> set[str]:
    return set(re.findall(r"`([A-Z]\w+)`", cell))


def test_every_activity_that_is_handled_is_on_the_page() -> None:
    listed = {kind for first, _ in _rows("What is understood") for kind in _types(first)}
    handled = {kind for kind, _ in HANDLERS}
    assert handled - listed == set(), "handled, and not said"


def test_every_activity_on_the_page_is_handled_or_said_to_be_ignored() -> None:
    """What is accepted and left alone is on one line of its own."""
    rows = _rows("What is understood")
    ignored = {"View", "Read", "Listen", "Arrive", "Travel", "Dislike"}
    listed = {kind for first, _ in rows for kind in _types(first)}
    handled = {kind for kind, _ in HANDLERS}
    assert listed - handled - ignored == set(), "said, and not handled"
