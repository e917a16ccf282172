"""Counting what steps ask of the database: each call is one statement, however many rows it carries."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from node.runtime.context import Context
from node.runtime.database import Reader, Row, Step, Tx


class _Counted:
    """A transaction that notes what it is asked; everything else is the real one's."""

    def __init__(self, inner: Tx, asked: list[str]) -> None:
        self._inner, self._asked = inner, asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        self._asked.append(sql)
        return await self._inner.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        self._asked.append(sql)
        return await self._inner.row(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        self._asked.append(sql)
        return await self._inner.value(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        self._asked.append(sql)
        return await self._inner.execute(sql, *args)

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._asked.append(sql)
        await self._inner.executemany(sql, rows)

    async def lock(self, *keys: str) -> None:
        kinds = {key.partition(":")[0] if "/" in key else key for key in keys}
        self._asked.append("lock " + " ".join(sorted(kinds)))
        await self._inner.lock(*keys)


class Statements:
    """What the steps of a node, and the reactions to them, ask from now on until `rest`."""

    def __init__(self, ctx: Context) -> None:
        self.asked: list[str] = []
        self._db = ctx.db
        self._react = react = ctx.db.before_commit
        write = ctx.db.write

        async def counted(step: Step[Any]) -> Any:
            return await write(lambda tx: step(_Counted(tx, self.asked)))

        async def reacting(tx: Tx, fact: object) -> None:
            if react is not None:
                await react(_Counted(tx, self.asked), fact)

        ctx.db.write = counted  # type: ignore[method-assign]
        ctx.db.before_commit = reacting

    def rest(self) -> None:
        """Count no more."""
        del self._db.write  # the class's own is behind it
        self._db.before_commit = self._react


class _CountedReader(Reader):
    def __init__(self, inner: Reader, asked: list[str]) -> None:
        self.dialect, self._inner, self._asked = inner.dialect, inner, asked

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        self._asked.append(sql)
        return await self._inner.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        self._asked.append(sql)
        return await self._inner.row(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        self._asked.append(sql)
        return await self._inner.value(sql, *args)


@contextmanager
def counted(ctx: Context) -> Iterator[list[str]]:
    """What is read outside steps, meanwhile."""
    inner, asked = ctx.db.reader, list[str]()
    ctx.db.reader = _CountedReader(inner, asked)
    try:
        yield asked
    finally:
        ctx.db.reader = inner
