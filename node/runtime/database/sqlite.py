"""SQLite: one writer thread with group commit, reads on the event loop.

Measured: a thread pool doubles the cost of a read, two writing processes multiply the slowest answers by
twenty-five, and one `fsync` per post is ten times slower than one for all that wait. Hence: one connection that
reads at once on the loop, one thread that drains the queue, runs each step in a savepoint and commits them
together with `synchronous=FULL` (an answer is a promise), one thread that copies the log back into the
database (an automatic checkpoint would stop the writer), and a lock file that refuses a second node.
"""

import asyncio
import contextlib
import contextvars
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from node.runtime import log
from node.runtime.database import (
    AlreadyThere,
    BeforeCommit,
    DatabaseBusy,
    DatabaseUnusable,
    NotKept,
    Reader,
    Step,
    Tx,
    call_all,
)
from node.runtime.database.dialect import UnstorableText
from node.runtime.database.sqlite_statements import SqliteReader, SqliteSurvey, SqliteTx

T = TypeVar("T")

_MAX_STEPS_PER_COMMIT = 200
_CHECKPOINT_EVERY_S = 1.0
_BUSY_MS = 10_000
_LOG_MAX_PAGES = 16_384
_LOG_MAX_BYTES = _LOG_MAX_PAGES * 4_096
_MACHINE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOMEM")
"""What the machine refuses, not the statement."""


@dataclass(slots=True)
class _Waiting:
    """A step in the queue, and who waits for it."""

    step: Step[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    context: contextvars.Context


@dataclass(slots=True)
class _Outcome:
    waiting: _Waiting
    result: Any = None
    error: BaseException | None = None
    afterwards: Sequence[Callable[[], None]] = ()


def drive(step: Awaitable[T]) -> T:
    """Run a coroutine that never suspends to its end, without an event loop.

    Raises:
        RuntimeError: it awaited something other than its transaction.
    """
    coroutine = cast(Coroutine[Any, Any, T], step)
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    coroutine.close()
    raise RuntimeError("a database step awaited something other than its transaction")


class SqliteDatabase:
    """One SQLite file, held by one node."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        """Open or make the file.

        Raises:
            DatabaseBusy: another process writes to it.
            DatabaseUnusable: it is no database, or it may not be written.
        """
        self._path = os.path.realpath(path)  # two names of one file are one database
        try:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            self._lock_file = self._hold(self._path)
        except OSError as error:
            raise DatabaseUnusable(f"{path} cannot be used: {error.strerror}") from None
        self._open: list[sqlite3.Connection] = []
        try:
            # Letters and password hashes: for its owner alone. The log beside it takes the same mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._writer.execute("PRAGMA synchronous=FULL")
            self._writer.execute("PRAGMA wal_autocheckpoint=0")
            self._writer.execute(f"PRAGMA journal_size_limit={_LOG_MAX_BYTES}")
            self._reading = (self._connect(read_only=True), self._connect(read_only=True))
            self._copying = self._connect()
        except (OSError, sqlite3.Error) as error:
            self._let_go()
            raise DatabaseUnusable(f"{path} cannot be used: {error}") from None
        self.reader: Reader = SqliteReader(self._reading[0])
        self.survey: Reader = SqliteSurvey(self._reading[1])
        self.before_commit: BeforeCommit | None = None
        self._queue: queue.SimpleQueue[_Waiting | Callable[[], None] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_forever, name="sqlite-writer", daemon=True)
        self._thread.start()
        self._checkpointer = threading.Thread(target=self._checkpoint_forever, name="sqlite-checkpoint", daemon=True)
        self._checkpointer.start()

    @staticmethod
    def _hold(path: str) -> int:
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise DatabaseBusy(f"another process is writing to {path}; a node has one writer") from None
        return descriptor

    def _let_go(self) -> None:
        for connection in self._open:
            connection.close()
        os.close(self._lock_file)

    def _connect(self, read_only: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=512)
        self._open.append(connection)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-16000")
        connection.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return connection

    async def write(self, step: Step[T]) -> T:
        if self._closing.is_set():
            raise RuntimeError("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Waiting(step, future, loop, contextvars.copy_context()))
        return await future

    async def script(self, statements: Sequence[str]) -> None:
        if self._closing.is_set():
            raise RuntimeError("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def run() -> None:
            try:
                self._migrate(statements)
            except BaseException as error:  # noqa: BLE001 (told to who waits)
                _on(loop, _fail, future, error)
            else:
                _on(loop, _succeed, future, None)

        self._queue.put(run)
        await future

    def _migrate(self, statements: Sequence[str]) -> None:
        # A rebuilt table must not cascade into its children; what it broke is found before the commit.
        self._writer.execute("PRAGMA foreign_keys=OFF")
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for statement in statements:
                self._writer.execute(statement)
            broken = self._writer.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise sqlite3.IntegrityError(f"the migration leaves {len(broken)} rows without their parent")
            self._writer.execute("COMMIT")
        finally:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            self._writer.execute("PRAGMA foreign_keys=ON")

    def _write_forever(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            if not isinstance(first, _Waiting):
                first()
                continue
            batch, other = self._drain(first)
            by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
            for outcome in self._commit_together(batch):
                by_loop.setdefault(outcome.waiting.loop, []).append(outcome)
            for loop, told in by_loop.items():
                _on(loop, _tell, told)
            if other is None:
                return
            if callable(other):
                other()

    def _drain(self, first: _Waiting) -> tuple[list[_Waiting], Callable[[], None] | bool | None]:
        batch = [first]
        while len(batch) < _MAX_STEPS_PER_COMMIT:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
            if not isinstance(following, _Waiting):
                return batch, following
            batch.append(following)
        return batch, True

    def _commit_together(self, batch: Sequence[_Waiting]) -> list[_Outcome]:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._run(waiting) for waiting in batch]
            self._writer.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 (disk full, I/O error: nobody was promised anything)
            with contextlib.suppress(sqlite3.Error):
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
            log.fail("database.commit_failed", error, steps=len(batch))
            return [_Outcome(waiting, error=NotKept()) for waiting in batch]
        return outcomes

    def _run(self, waiting: _Waiting) -> _Outcome:
        tx = SqliteTx(self._writer)
        self._writer.execute("SAVEPOINT step")
        try:
            result = waiting.context.run(drive, self._whole(waiting.step, tx))
        except BaseException as error:  # noqa: BLE001 (told to who waits; the others go on)
            # Where SQLite has undone the whole transaction by itself (disk full), this fails, and with it everyone.
            self._writer.execute("ROLLBACK TO step")
            self._writer.execute("RELEASE step")
            return _Outcome(waiting, error=_named(error))
        self._writer.execute("RELEASE step")
        return _Outcome(waiting, result=result, afterwards=tx.afterwards)

    async def _whole(self, step: Step[T], tx: SqliteTx) -> T:
        result = await step(cast(Tx, tx))
        if self.before_commit is not None:
            for fact in tx.facts:  # grows while reactions state facts of their own
                await self.before_commit(cast(Tx, tx), fact)
        return result

    def _checkpoint_forever(self) -> None:
        while not self._closing.wait(_CHECKPOINT_EVERY_S):
            if self._checkpoint(self._copying) > _LOG_MAX_PAGES:
                # Under steady writing the log is never found finished, and only a finished log begins anew: once in
                # a while the writer itself copies the short rest, while nobody adds to it.
                self._queue.put(self._checkpoint_alone)

    def _checkpoint_alone(self) -> None:
        self._checkpoint(self._writer)

    @staticmethod
    def _checkpoint(connection: sqlite3.Connection) -> int:
        """Copy the log back into the database without waiting for anyone; how many pages the log has."""
        try:
            _busy, pages, _copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            log.warn("database.checkpoint_failed", error=str(error))
            return 0
        return int(pages)

    async def close(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpointer.join)
        for connection in (*self._reading, self._copying):
            connection.close()
        with contextlib.suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._let_go()


def _named(error: BaseException) -> BaseException:
    """What the caller sees: the same names as on PostgreSQL, and nothing that would end its own task."""
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
        return AlreadyThere(str(error))
    if isinstance(error, UnicodeEncodeError):
        return UnstorableText()
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorname", "").startswith(_MACHINE):
        log.fail("database.step_failed", error)
        return NotKept()
    if not isinstance(error, Exception):
        return RuntimeError(f"a database step ended with {type(error).__name__}")
    return error


def _on(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop that asked is gone
        loop.call_soon_threadsafe(call, *args)


def _tell(outcomes: Sequence[_Outcome]) -> None:
    """On the event loop: answer those who wait, then do what was to follow the commit."""
    for outcome in outcomes:
        if outcome.error is not None:
            _fail(outcome.waiting.future, outcome.error)
        else:
            _succeed(outcome.waiting.future, outcome.result)
    for outcome in outcomes:
        call_all(outcome.afterwards)


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
