"""A day with the libraries under the web clients, unmodified: REST and WebSocket. `make clients` installs them."""

from pathlib import Path

import pytest
from mastodon import Mastodon

from tests.clients.installed.program import spend
from tests.clients.village import Village

pytestmark = pytest.mark.xdist_group("clients")


@pytest.mark.parametrize(("program", "steps"), [("masto.mjs", 20), ("megalodon.mjs", 20)])
def test_a_day(program: str, steps: int, village: Village, mairie: Mastodon, tmp_path: Path) -> None:
    """Log-in, statuses, pictures, threads, marks, people, timelines, lists, filters, notifications, profile, streams."""
    day = spend(program, village, mairie, tmp_path)
    assert not day.failed, f"with {program} a user could not: {day.failed}"
    assert len(day.done) >= steps, f"only this was tried: {day.done}"
