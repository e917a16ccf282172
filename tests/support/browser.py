"""Debian's Chromium, driven by Playwright: pages are looked at as a reader's browser shows them.

Fixtures: `chromium` (the program's path) and `browser_arguments` for
`playwright.chromium.launch(**browser_arguments)`.
"""

import shutil
from typing import Any

import pytest

CHROMIUM_ABSENT = "Chromium is not installed"

# In a container there is no sandbox to enter, no GPU, and nothing outside to talk to.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser's program."""
    found = shutil.which("chromium", path="/usr/bin") or shutil.which("chromium")
    if found is None:
        pytest.skip(CHROMIUM_ABSENT)
    return found


@pytest.fixture(scope="session")
def browser_arguments(chromium: str) -> dict[str, Any]:
    """What `playwright.chromium.launch` must be told to drive Debian's Chromium without a screen."""
    return {"executable_path": chromium, "headless": True, "args": ARGUMENTS}
