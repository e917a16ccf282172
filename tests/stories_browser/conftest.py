"""A town on `localhost`, where programs that resolve names themselves find it, and its neighbour."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from node.cli.demo.nodes import neighbours
from tests.stories_browser.towns import Land
from tests.support.mailbox import Mailbox, mailbox
from tests.tls.towns import found, unfounded

__all__ = ["mailbox"]


@pytest.fixture
async def land(tmp_path: Path, browser_arguments: dict[str, Any], mailbox: Mailbox) -> AsyncIterator[Land]:
    """Besançon and Ornans, set up by their INSEE codes and running; only Besançon sends mail."""
    async with _running(tmp_path, browser_arguments, mailbox) as made:
        yield made


@pytest.fixture
async def new_land(tmp_path: Path, browser_arguments: dict[str, Any], mailbox: Mailbox) -> AsyncIterator[Land]:
    """The same, but nobody has set Besançon's node up: it runs on an empty folder."""
    async with _running(tmp_path, browser_arguments, mailbox, empty=True) as made:
        yield made


@asynccontextmanager
async def _running(
    folder: Path, browser_arguments: dict[str, Any], mailbox: Mailbox, *, empty: bool = False
) -> AsyncIterator[Land]:
    nodes = neighbours(("localhost", "ornans.localhost"), folder, log_level="warning")
    nodes[0].settings.update(smtp=mailbox.url, mail_from="Besançon <noeud@localhost.example>")
    try:
        town = unfounded(nodes[0]) if empty else found(nodes[0], "25056")
        neighbour = found(nodes[1], "25434")
        for each in nodes:
            each.start()
        async with async_playwright() as playwright:
            opened = await playwright.chromium.launch(**browser_arguments)
            yield Land(town, neighbour, mailbox, opened, folder)
            await opened.close()
        for each in nodes:
            assert "Traceback" not in each.tail(200), f"{each.host} broke:\n{each.tail(60)}"
    finally:
        for each in nodes:
            each.stop()
