"""The ORM (Tortoise) as a way of writing small queries: every one of them passes through our `Database`.

    from node.actors.people_models import Person
    keepers = await Person.filter(keeper=True).order_by("id").using_db(orm.client(ctx.db))

`client(db)` reads by `db.survey` (the console's reads may be long) and writes each statement in a transaction of
its own; `within(tx)` reads and writes in the caller's step. There is no third way: no connection of Tortoise's, no
transaction of Tortoise's (on SQLite either would be a second writer), no database by default. Two nodes in one
process therefore never meet: a query without `using_db` is an error, not a guess.

Tortoise writes PostgreSQL's SQL for both kinds of database, and `dialect.py` reads it for SQLite, as it does ours:
what Tortoise knows of a model is kept once for the process, and would otherwise fit only the first one opened.

The schema is the migrations' (`migrations/`); the models follow it, and a test compares the two.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, Literal, NoReturn, Self, TypeVar, overload

from pypika_tortoise.dialects import PostgreSQLQuery
from tortoise import fields
from tortoise.apps import Apps
from tortoise.backends.base.client import BaseDBAsyncClient, Capabilities, TransactionContext
from tortoise.backends.base.executor import BaseExecutor
from tortoise.backends.base_postgres.executor import BasePostgresExecutor
from tortoise.context import TortoiseContext
from tortoise.models import MetaInfo, Model

from node.runtime.database import Database, Reader, Row, Tx

APP = "beffroi"
"""What models call each other by: `ForeignKeyField("beffroi.Actor")`."""

# Named, not imported: they belong to the rooms above, whose tables they describe.
MODELS = (
    "node.runtime.models",
    "node.runtime.jobs.models",
    "node.runtime.mail.models",
    "node.media.models",
    "node.actors.models",
    "node.actors.people_models",
    "node.oauth.models",
    "node.timeline.models",
    "node.timeline.hanging_models",
    "node.timeline.waiting_models",
    "node.timeline.readers_models",
    "node.timeline.search_models",
    "node.notifications.models",
    "node.moderation.models",
    "node.agreements.models",
    "node.federation.models",
)

_T = TypeVar("_T")
_TEXT = TypeVar("_TEXT", str, str | None)
_Write = Callable[[Callable[[Tx], Awaitable[Any]]], Awaitable[Any]]


class NoDatabase(RuntimeError):
    """A query was run without `using_db`."""


class NoTransaction(RuntimeError):
    """A transaction of the ORM was asked for: write a step (`db.write`) and use `orm.within(tx)` in it."""


class NoSingleKey(RuntimeError):
    """A row whose key has several columns cannot be saved or deleted by itself: use a query that names them all."""


class Text(fields.Field[_TEXT]):
    """A column of text without a limit, which may be a key or unique (Tortoise's own TextField may not)."""

    field_type = str
    SQL_TYPE = "TEXT"

    @overload
    def __init__(self: "Text[str]", *, null: Literal[False] = False, **options: Any) -> None: ...
    @overload
    def __init__(self: "Text[str | None]", *, null: Literal[True], **options: Any) -> None: ...
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class _Executor(BasePostgresExecutor):
    """Without bool: SQLite answers 0 and 1, so that every boolean is converted."""

    DB_NATIVE = BaseExecutor.DB_NATIVE


class _Client(BaseDBAsyncClient):
    """What Tortoise takes for a connection."""

    query_class = PostgreSQLQuery
    executor_class = _Executor
    capabilities = Capabilities("postgres", support_update_limit_order_by=False, support_returning=True)

    def __init__(self, reader: Reader | None, write: _Write | None) -> None:
        super().__init__(APP)
        self._reader, self._write = reader, write

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        args = values or []
        if query.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            return await self._written(lambda tx: tx.execute(query, *args)), []
        rows = await self._read().fetch(query, *args)
        return len(rows), [_mapping(row) for row in rows]

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        row: Row | None = await self._written(lambda tx: _inserted(tx, query, values))
        return None if row is None else _mapping(row)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        await self._written(lambda tx: tx.executemany(query, values))

    async def execute_script(self, query: str) -> None:
        raise NoTransaction(f"the ORM runs no scripts; the schema is the migrations' ({query[:40]}…)")

    async def create_connection(self, with_db: bool) -> None:
        """Nothing to do: the connections are our Database's."""

    async def close(self) -> None:
        """Nothing to do: whoever opened the Database closes it."""

    def acquire_connection(self) -> NoReturn:
        raise NoTransaction("the ORM has no connection of its own")

    def _in_transaction(self) -> TransactionContext:
        raise NoTransaction("the ORM has no transactions: write a step, and use orm.within(tx) in it")

    def _read(self) -> Reader:
        if self._reader is None:
            raise NoDatabase("say which database is asked: .using_db(orm.client(ctx.db))")
        return self._reader

    async def _written(self, step: Callable[[Tx], Awaitable[_T]]) -> _T:
        if self._write is None:
            raise NoDatabase("say which database is written to: using_db=orm.client(ctx.db)")
        result: _T = await self._write(step)
        return result


_NOWHERE = _Client(None, None)


class _Meta(MetaInfo):
    """What Tortoise knows of a model, without asking a context which connection is current."""

    __slots__ = ()

    @property
    def db(self) -> BaseDBAsyncClient:
        return _NOWHERE


class Table(Model):
    """What every model is made from."""

    class Meta:
        """For Tortoise."""

        abstract = True

    async def _wait_for_listeners(self, *_: Any) -> None:
        """Nobody listens: what follows from a write is stated as a fact, and signals need a loop, which a step has not."""

    @classmethod
    async def get_or_create(cls, *_: Any, **__: Any) -> tuple[Self, bool]:
        """Refused: it takes two statements, hence a step."""
        raise NoTransaction("get_or_create needs a transaction: write a step with ON CONFLICT")

    @classmethod
    async def update_or_create(cls, *_: Any, **__: Any) -> tuple[Self, bool]:
        """Refused: it takes two statements, hence a step."""
        raise NoTransaction("update_or_create needs a transaction: write a step with ON CONFLICT")


class Pair(Table):
    """A row without a single key: found, counted, created; changed and deleted by queries only.

    Tortoise believes that one column is the key. `row.delete()` would delete every row that shares it.
    """

    class Meta:
        """For Tortoise."""

        abstract = True

    async def save(self, *args: Any, **options: Any) -> None:
        """Insert a new row.

        Raises:
            NoSingleKey: it is there already.
        """
        if self._saved_in_db or not options.get("force_create"):
            raise NoSingleKey("change such a row by a query: .filter(…).update(…)")
        await super().save(*args, **options)

    async def delete(self, using_db: BaseDBAsyncClient | None = None) -> None:
        """Refused.

        Raises:
            NoSingleKey: always.
        """
        raise NoSingleKey("delete such a row by a query: .filter(…).delete()")


def client(db: Database) -> BaseDBAsyncClient:
    """For `using_db`: *db*, each statement that writes in a transaction of its own."""
    link()
    return _Client(db.survey, db.write)


def within(tx: Tx) -> BaseDBAsyncClient:
    """For `using_db`: the caller's step. No `prefetch_related` there on SQLite, whose steps cannot wait."""

    async def now(step: Callable[[Tx], Awaitable[_T]]) -> _T:
        return await step(tx)

    link()
    return _Client(tx, now)


@cache
def link() -> Apps:
    """Let the models know each other, once in a process."""
    with TortoiseContext() as context:
        context.connections._init_config({APP: {}})  # noqa: SLF001 - what TortoiseContext.init does, without connecting
        context.connections.set(APP, _NOWHERE)
        apps = Apps({APP: {"models": list(MODELS), "default_connection": APP}}, context.connections)
    for model in apps.get_models_iterable():
        model._meta.__class__ = _Meta  # noqa: SLF001 - from here on no query finds a connection by itself
    return apps


async def _inserted(tx: Tx, query: str, values: Sequence[Any]) -> Row | None:
    if " RETURNING " in query:
        return await tx.row(query, *values)
    await tx.execute(query, *values)
    return None


def _mapping(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - rows are no mappings
