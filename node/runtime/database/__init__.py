"""The database: one way to read, one way to write, the same SQL for SQLite and PostgreSQL.

Reads go through `Database.reader`. Writes are *steps*: `await db.write(lambda tx: follows.request(tx, …))`
runs the step in one transaction. On SQLite every step of the node passes through one writer thread that
commits many steps at once; there a step must await nothing but its `tx`, which makes a network call
inside a transaction an error instead of a habit. SQL is written the PostgreSQL way (`dialect.py` says
how it is read on SQLite).
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from node.runtime import log
from node.runtime.errors import Unavailable

T = TypeVar("T")
Step = Callable[["Tx"], Awaitable[T]]
BeforeCommit = Callable[["Tx", object], Awaitable[None]]


class Row(Protocol):
    """One row: by column name or by position."""

    def __getitem__(self, key: Any, /) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Any: ...


class Reader(Protocol):
    """Reads committed rows (within a step: also what the step wrote)."""

    dialect: str
    """"sqlite" or "postgresql"."""

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        """All rows."""
        ...

    async def row(self, sql: str, *args: Any) -> Row | None:
        """The first row, if there is one."""
        ...

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        ...


class Tx(Reader, Protocol):
    """One transaction. It reads, writes, states facts, and remembers what to do after the commit."""

    facts: list[object]
    """What was stated so far; nobody reacts before the step has ended."""

    async def execute(self, sql: str, *args: Any) -> int:
        """Run one statement; the number of rows it touched."""
        ...

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of arguments."""
        ...

    async def lock(self, *keys: str) -> None:
        """Hold *keys* alone until the commit; two steps about the same object then run one after the other.

        Of several, all are taken in one order, so that two steps that take the same never wait for each other in turn.
        """
        ...

    def state(self, fact: object) -> None:
        """Say what happened (a frozen value). Reactions run in this transaction, before its commit."""
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this on the event loop once the transaction is durable; never if it fails."""
        ...


class Database(Protocol):
    """An open database."""

    reader: Reader
    """For short indexed reads; on SQLite they run at once, on the event loop."""
    survey: Reader
    """For long reads (exports, counts, consoles): never on the event loop."""
    dialect: str
    before_commit: BeforeCommit | None
    """Called with each stated fact, in the transaction that stated it (node.reactions sets it)."""

    async def write(self, step: Step[T]) -> T:
        """Run *step* in one transaction and return its result once it is durable.

        An exception in the step rolls back that step alone. The step may be run again when the
        database asks for it (serialisation, deadlock), so it must not have effects outside `tx`.
        """
        ...

    async def script(self, statements: Sequence[str]) -> None:
        """Run schema statements in one transaction (migrations only)."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then close."""
        ...


def call_all(calls: Iterable[Callable[[], None]]) -> None:
    """What was to follow a commit: one that fails is logged, since what it follows is durable."""
    for call in calls:
        try:
            call()
        except Exception as error:  # noqa: BLE001 (the answer is a promise already)
            log.fail("database.after_commit_failed", error)


class AlreadyThere(Exception):
    """A row with the same unique value exists; nothing of the step was kept."""


class NotKept(Unavailable):
    """The machine could not store it (disk full, another program in the way); nothing of the step was kept."""

    def __init__(self) -> None:
        super().__init__("this server cannot store anything at the moment; try again later")


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened; the message is for the keeper."""


class DatabaseBusy(DatabaseUnusable):
    """Another process holds this SQLite database; a node has one writer."""


async def open_database(url: str) -> Database:
    """Open `sqlite:///path` or `postgresql://user@host/name`.

    Raises:
        ValueError: the URL names neither.
        DatabaseBusy: another process writes to this SQLite file.
        DatabaseUnusable: it does not open, for any other reason.
    """
    if url.startswith("sqlite:///"):
        from node.runtime.database.sqlite import SqliteDatabase

        return SqliteDatabase(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        from node.runtime.database.postgresql import PostgresqlDatabase

        return await PostgresqlDatabase.open(url)
    raise ValueError("the database must be sqlite:///path or postgresql://user:password@host/name")
