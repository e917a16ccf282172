"""PostgreSQL through asyncpg: the same promises as SQLite, kept by the server."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import asyncpg

from node.runtime.database import AlreadyThere, BeforeCommit, Reader, Row, Step, Tx

T = TypeVar("T")

_MAX_TRIES = 5


async def _keep(_connection: object) -> None:
    """Nothing is left on a connection that is given back, so nothing is reset (a round trip saved)."""


class PostgresqlReader:
    """Reads through the pool."""

    dialect = "postgresql"

    def __init__(self, source: Any) -> None:
        self._source = source

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await self._source.fetch(sql, *args))

    async def row(self, sql: str, *args: Any) -> Row | None:
        return cast(Row | None, await self._source.fetchrow(sql, *args))

    async def value(self, sql: str, *args: Any) -> Any:
        return await self._source.fetchval(sql, *args)


class PostgresqlTx(PostgresqlReader):
    """One transaction on one connection."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.facts: list[object] = []
        self.afterwards: list[Callable[[], None]] = []

    async def execute(self, sql: str, *args: Any) -> int:
        status: str = await self._source.execute(sql, *args)
        count = status.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._source.executemany(sql, list(rows))

    async def lock(self, key: str) -> None:
        await self._source.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)

    def state(self, fact: object) -> None:
        self.facts.append(fact)

    def after_commit(self, call: Callable[[], None]) -> None:
        self.afterwards.append(call)


class PostgresqlDatabase:
    """One PostgreSQL database, shared by any number of processes."""

    dialect = "postgresql"

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.reader: Reader = PostgresqlReader(pool)
        self.survey: Reader = self.reader
        self.before_commit: BeforeCommit | None = None

    @classmethod
    async def open(cls, url: str) -> "PostgresqlDatabase":
        """Connect; raises what asyncpg raises when the server refuses."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=10,
            reset=_keep,
            command_timeout=30,
            server_settings={"application_name": "beffroi", "jit": "off"},
        )
        return cls(pool)

    async def write(self, step: Step[T]) -> T:
        for turn in range(_MAX_TRIES):
            try:
                return await self._attempt(step)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if turn == _MAX_TRIES - 1:
                    raise
                await asyncio.sleep(0.01 * 2**turn)
            except asyncpg.UniqueViolationError as error:
                raise AlreadyThere(str(error)) from None
        raise AssertionError("unreachable")

    async def _attempt(self, step: Step[T]) -> T:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = PostgresqlTx(connection)
            result = await step(cast(Tx, tx))
            if self.before_commit is not None:
                for fact in tx.facts:  # grows while reactions state facts of their own
                    await self.before_commit(cast(Tx, tx), fact)
        for call in tx.afterwards:
            call()
        return result

    async def script(self, statements: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            for statement in statements:
                await connection.execute(statement)

    async def close(self) -> None:
        await self._pool.close()
