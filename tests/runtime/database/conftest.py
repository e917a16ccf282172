"""A database with one small table, of either kind."""

from collections.abc import AsyncIterator, Callable

import pytest

from node.runtime.database import Database, open_database

TABLE = "CREATE TABLE words (id BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE, number BIGINT NOT NULL DEFAULT 0)"


@pytest.fixture
async def db(database_url: Callable[..., str]) -> AsyncIterator[Database]:
    opened = await open_database(database_url())
    await opened.script([TABLE])
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path) -> AsyncIterator[Database]:
    """SQLite alone; `._path` is its file."""
    opened = await open_database(f"sqlite:///{tmp_path / 'node.db'}")
    await opened.script([TABLE])
    yield opened
    await opened.close()
