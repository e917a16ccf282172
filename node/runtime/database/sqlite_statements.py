"""SQLite, statement by statement: what a reader, a survey and a step can ask, on a connection that is open.

Who holds the connections, and when a commit comes, is `sqlite`.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import quote

from node.runtime.database import BeforeCommit, DatabaseBusy, Reader, Row, Step
from node.runtime.database.dialect import UnstorableText, bound, check_texts, for_sqlite

T = TypeVar("T")


def _run(connection: sqlite3.Connection, sql: str, args: tuple[Any, ...]) -> sqlite3.Cursor:
    try:
        return connection.execute(for_sqlite(sql), bound(args))
    except UnicodeEncodeError:
        raise UnstorableText from None


class SqliteReader:
    """Reads on one connection; each call runs to its end at once."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], _run(self._connection, sql, args).fetchall())

    async def row(self, sql: str, *args: Any) -> Row | None:
        return cast(Row | None, _run(self._connection, sql, args).fetchone())

    async def value(self, sql: str, *args: Any) -> Any:
        row = _run(self._connection, sql, args).fetchone()
        return None if row is None else row[0]


class SqliteSurvey:
    """Reads on a thread of its own."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._alone = threading.Lock()

    def _fetch(self, sql: str, args: tuple[Any, ...]) -> Sequence[Row]:
        with self._alone:
            return cast(Sequence[Row], _run(self._connection, sql, args).fetchall())

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        return await asyncio.to_thread(self._fetch, sql, args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def value(self, sql: str, *args: Any) -> Any:
        rows = await self.fetch(sql, *args)
        return rows[0][0] if rows else None


class SqliteTx(SqliteReader):
    """What a step gets: its coroutines never suspend, the writer thread drives them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.facts: list[object] = []
        self.afterwards: list[Callable[[], None]] = []

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        check_texts(args)
        return await super().fetch(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        check_texts(args)
        cursor = _run(self._connection, sql, args)
        if cursor.rowcount >= 0 and cursor.description is None:
            return cursor.rowcount
        # Python counts plain INSERT, UPDATE and DELETE only: not after WITH, not with RETURNING.
        rows = len(cursor.fetchall())
        return rows or int(self._connection.execute("SELECT changes()").fetchone()[0])

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(for_sqlite(sql), map(_checked, rows))

    async def lock(self, *keys: str) -> None:
        """Nothing to do: there is one writer."""

    def state(self, fact: object) -> None:
        self.facts.append(fact)

    def after_commit(self, call: Callable[[], None]) -> None:
        self.afterwards.append(call)


class ReadOnlySqlite:
    """A look at a database that another process holds; it cannot write."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self.reader: Reader = SqliteReader(self._connection)
        self.survey: Reader = self.reader
        self.before_commit: BeforeCommit | None = None

    async def write(self, step: Step[T]) -> T:
        raise DatabaseBusy("this database is held by the node that runs; it is only read here")

    async def script(self, statements: Sequence[str]) -> None:
        raise DatabaseBusy("this database is held by the node that runs; it is only read here")

    async def close(self) -> None:
        self._connection.close()


def _checked(row: Sequence[Any]) -> tuple[Any, ...]:
    """*row* as SQLite takes it; looked at once, for its texts are most of what a post costs here."""
    lists = False
    for value in row:
        kind = type(value)
        if kind is str:
            if "\0" in value:
                raise UnstorableText
        elif kind is list or kind is tuple:
            lists = True
    return bound(tuple(row)) if lists else tuple(row)
