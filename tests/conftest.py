"""What every test can ask for: a database of either kind, a browser, the shared data.

The services (PostgreSQL, Redis, Chromium) live in `tests/support/`. A test that needs one which this
machine does not have is skipped with its reason, and the run says so at its end.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A test never asserts a time: on a busy machine one example may take long.
settings.register_profile("beffroi", deadline=None)
settings.load_profile("beffroi")

pytest_plugins = [
    "tests.support.run",
    "tests.support.services",
    "tests.support.browser",
    "tests.support.skips",
    "tests.support.context",
    "tests.support.fediverse",
    "tests.support.mailbox",
]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of specifications and vectors: BEFFROI_SHARED, or `shared` beside the project."""
    beside = Path(__file__).parents[2] / "shared"
    found = Path(os.environ.get("BEFFROI_SHARED") or beside)
    if not found.is_dir():
        pytest.skip("shared data absent")
    return found
