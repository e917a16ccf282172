"""PostgreSQL through asyncpg: the same promises as SQLite, kept by the server."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import asyncpg

from node.runtime import log
from node.runtime.database import AlreadyThere, BeforeCommit, DatabaseUnusable, NotKept, Reader, Row, Step, Tx, call_all
from node.runtime.database.dialect import UnstorableText

T = TypeVar("T")

_MAX_TRIES = 5
_STATEMENTS = 400
_CONNECTIONS = 10
_HELD = 4
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # Another process has migrated: the plans that this connection keeps are of the old schema.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
_AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    # A file that it cannot read, write or make longer.
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
)
_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.DataError)
_MIGRATION_S = 86_400.0


async def _keep(_connection: object) -> None:
    """Nothing is left on a connection that is given back, so nothing is reset (a round trip saved)."""


def _unstorable(error: Exception) -> Exception:
    """A text that cannot be kept, by its name; any other bad value is a fault of ours."""
    if isinstance(error, asyncpg.CharacterNotInRepertoireError) or isinstance(error.__cause__, UnicodeEncodeError):
        return UnstorableText()
    return error


class PostgresqlReader:
    """Reads through the pool."""

    dialect = "postgresql"

    def __init__(self, source: Any) -> None:
        self._source = source

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        try:
            return cast(Sequence[Row], await self._source.fetch(sql, *args))
        except _TEXT as error:
            raise _unstorable(error) from None

    async def row(self, sql: str, *args: Any) -> Row | None:
        try:
            return cast(Row | None, await self._source.fetchrow(sql, *args))
        except _TEXT as error:
            raise _unstorable(error) from None

    async def value(self, sql: str, *args: Any) -> Any:
        try:
            return await self._source.fetchval(sql, *args)
        except _TEXT as error:
            raise _unstorable(error) from None


class _Held:
    """A few connections kept out of the pool for reading: to take one and give it back costs more than to ask.

    Who finds none free borrows from the pool, so that a crowd of readers is as wide as the pool.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._free: list[Any] = []

    async def fetch(self, sql: str, *args: Any) -> Any:
        return await self._ask("fetch", sql, args)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        return await self._ask("fetchrow", sql, args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        return await self._ask("fetchval", sql, args)

    async def close(self) -> None:
        """Give them back."""
        while self._free:
            await self._pool.release(self._free.pop())

    async def _ask(self, how: str, sql: str, args: tuple[Any, ...]) -> Any:
        connection = await self._taken()
        try:
            found = await getattr(connection, how)(sql, *args)
        except BaseException:  # it may still be speaking, or be dead: the pool knows what to do
            await self._pool.release(connection)
            raise
        if len(self._free) < _HELD and not self._pool.is_closing():
            self._free.append(connection)
        else:
            await self._pool.release(connection)
        return found

    async def _taken(self) -> Any:
        while self._free:
            connection = self._free.pop()
            try:
                if not connection.is_closed():
                    return connection
            except asyncpg.InterfaceError:
                pass  # the server cut it, and the pool took it back at that moment
        return await self._pool.acquire()


class PostgresqlTx(PostgresqlReader):
    """One transaction on one connection."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.facts: list[object] = []
        self.afterwards: list[Callable[[], None]] = []

    async def execute(self, sql: str, *args: Any) -> int:
        try:
            status: str = await self._source.execute(sql, *args)
        except _TEXT as error:
            raise _unstorable(error) from None
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            await self._source.executemany(sql, list(rows))
        except _TEXT as error:
            raise _unstorable(error) from None

    async def lock(self, *keys: str) -> None:
        sql = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key"
        await self._source.execute(sql, sorted(set(keys)))

    def state(self, fact: object) -> None:
        self.facts.append(fact)

    def after_commit(self, call: Callable[[], None]) -> None:
        self.afterwards.append(call)


class PostgresqlDatabase:
    """One PostgreSQL database, shared by any number of processes."""

    dialect = "postgresql"

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._held = _Held(pool)
        self.reader: Reader = PostgresqlReader(self._held)
        self.survey: Reader = PostgresqlReader(pool)
        self.before_commit: BeforeCommit | None = None
        self._writing: set[asyncio.Task[Any]] = set()
        self._closed = False

    @classmethod
    async def open(cls, url: str) -> "PostgresqlDatabase":
        """Connect.

        Raises:
            DatabaseUnusable: the server is not there, or refuses.
        """
        # Each statement is planned once a connection. Left to choose, PostgreSQL planned the home page anew every time:
        # 3 ms of planning for 0.3 ms of work. Our lists are ranges of one index whatever the values are.
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=_CONNECTIONS,
                reset=_keep,
                command_timeout=30,
                # The usual 100 are fewer than a busy node asks in turn: what falls out is read and planned anew.
                statement_cache_size=_STATEMENTS,
                server_settings={"application_name": "beffroi", "jit": "off", "plan_cache_mode": "force_generic_plan"},
            )
        except (OSError, ValueError, OverflowError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DatabaseUnusable(f"the database cannot be reached: {error}") from None
        return cls(pool)

    async def write(self, step: Step[T]) -> T:
        if self._closed:
            raise RuntimeError("the database is closed")
        # As on SQLite: who leaves does not take the step with her, nor what is to follow its commit.
        task = asyncio.ensure_future(self._until_done(step))
        self._writing.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits any more

    async def _until_done(self, step: Step[T]) -> T:
        for turn in range(_MAX_TRIES):
            try:
                return await self._attempt(step)
            except _AGAIN:
                if turn == _MAX_TRIES - 1:
                    raise
                await asyncio.sleep(0.01 * 2**turn)
            except asyncpg.UniqueViolationError as error:
                raise AlreadyThere(str(error)) from None
            except (*_AWAY, asyncpg.InterfaceError) as error:
                if isinstance(error, asyncpg.InterfaceError) and "connection is closed" not in str(error):
                    raise  # asyncpg was misused
                log.fail("database.commit_failed", error)
                raise NotKept from error
        raise AssertionError("unreachable")

    async def _attempt(self, step: Step[T]) -> T:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = PostgresqlTx(connection)
            result = await step(cast(Tx, tx))
            if self.before_commit is not None:
                for fact in tx.facts:  # grows while reactions state facts of their own
                    await self.before_commit(cast(Tx, tx), fact)
        call_all(tx.afterwards)
        return result

    async def script(self, statements: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            # Two processes that start together migrate one after the other; the second then finds it done.
            await connection.execute("SELECT pg_advisory_xact_lock(20260921)", timeout=_MIGRATION_S)
            for statement in statements:
                await connection.execute(statement, timeout=_MIGRATION_S)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._writing:
            await asyncio.wait(self._writing)
        await self._held.close()
        await self._pool.close()
