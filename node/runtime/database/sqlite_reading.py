"""SQLite as a process reads it beside the one that writes: the same snapshots, no lock, no writer."""

import sqlite3
from typing import TypeVar

from node.runtime.database import BeforeCommit, DatabaseBusy, DatabaseUnusable, Reader, Step
from node.runtime.database.sqlite_statements import SqliteReader, SqliteSurvey

T = TypeVar("T")

_BUSY_MS = 10_000
_CACHE_KIB = 16_000


class SqliteReading:
    """One SQLite file that another process of the node writes; what is committed there is read here at once."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises:
            DatabaseUnusable: it does not open.
        """
        try:
            self._connections = (self._connect(path), self._connect(path))
        except sqlite3.Error as error:
            raise DatabaseUnusable(f"{path} cannot be read: {error}") from None
        self.reader: Reader = SqliteReader(self._connections[0])
        self.survey: Reader = SqliteSurvey(self._connections[1])
        self.before_commit: BeforeCommit | None = None

    @staticmethod
    def _connect(path: str) -> sqlite3.Connection:
        # Not mode=ro: who reads a log shares its index, and may have to make it.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout={_BUSY_MS}", f"cache_size=-{_CACHE_KIB}", "temp_store=MEMORY", "wal_autocheckpoint=0",
            "query_only=ON",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def write(self, step: Step[T]) -> T:
        raise DatabaseBusy("this process reads; the one that writes takes everything else")

    async def script(self, statements: object) -> None:
        raise DatabaseBusy("this process reads; the one that writes takes everything else")

    async def close(self) -> None:
        for connection in self._connections:
            connection.close()
