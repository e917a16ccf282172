"""A node's context without its routes, for tests of one room: a real database, a clock with hands, no way out."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from node.runtime.clock import SetClock
from node.runtime.context import Context
from node.runtime.database import open_database
from node.runtime.database.migrate import migrate
from node.runtime.ids import Ids
from node.runtime.keyring import Keyring
from node.runtime.net import Network
from node.runtime.settings import Settings
from node.runtime.storage import FolderStorage
from tests.support.asgi_network import AsgiNetwork

NOON_MS = 1_790_000_000_000
"""The time at which tests begin: 2026-09-21, in the afternoon."""


async def make_context(
    url: str, folder: Path, *, network: Network | None = None, clock: SetClock | None = None, **settings: Any
) -> Context:
    """A migrated, empty node's context, with *settings* that differ from the usual; close `ctx.db` when done."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = clock or SetClock(NOON_MS)
    db = await open_database(url)
    await migrate(db, clock)
    chosen = Settings(data=folder, database=url, **settings)
    keyring = Keyring.create(chosen.keyring_path)
    return Context(
        settings=chosen,
        db=db,
        network=network or AsgiNetwork({}),
        clock=clock,
        ids=Ids(clock),
        keyring=keyring,
        storage=FolderStorage(chosen.media_path),
    )


@pytest.fixture
async def ctx(database_url: Callable[..., str], tmp_path: Path) -> AsyncIterator[Context]:
    """One context; facts are stated and nobody reacts (see `fediverse` for whole nodes)."""
    made = await make_context(database_url(migrated=True), tmp_path / "node")
    yield made
    await made.db.close()
