"""What a page costs the database: the same number of queries whatever its length and the tables' size, and no walk.

Twenty thousand posts are enough for a planner to choose badly, and for a walk through all of them to be seen.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.seeding import HOST, Seeded, Size, seed
from node.app import create_app
from node.runtime.caches import Caches
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from tests.support.client import Client
from tests.support.context import make_context

SMALL = Size(posts=600, authors=60, viewers=3, followers=60, tokens=2)
LARGE = Size(posts=20_000, viewers=20, followers=300, tokens=2)
_LONG = "posts|home_feed|post_tags|actors|follows"
# Rows that a statement made itself, and tables that are short by their nature.
_SHORT = r"json_each|merged|waiting|rows_|t\d|w|walked|below|above|domains|host_policies|hosts"


class Listening:
    """A reader that remembers what it was asked."""

    def __init__(self, inner: Reader) -> None:
        self._inner = inner
        self.dialect = inner.dialect
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        self.asked.append((sql, args))
        return await self._inner.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        self.asked.append((sql, args))
        return await self._inner.row(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        self.asked.append((sql, args))
        return await self._inner.value(sql, *args)


class Library:
    """A seeded node, and the pages that are read in it."""

    def __init__(self, ctx: Context, seeded: Seeded) -> None:
        self.ctx, self.seeded = ctx, seeded
        self.reader = Listening(ctx.db.reader)
        ctx.db.reader = self.reader
        self.forget()

    def forget(self) -> None:
        """As after a start: nothing is in memory."""
        self.app = create_app(replace(self.ctx, cache=Caches()), with_worker=False)

    @property
    def pages(self) -> dict[str, tuple[str, str | None]]:
        """Name -> path, and the token with which it is read."""
        token, author = self.seeded.reader.tokens[0], self.seeded.authors[0].id
        return {
            "home": ("/api/v1/timelines/home", token),
            "public": ("/api/v1/timelines/public", token),
            "public, for a stranger": ("/api/v1/timelines/public", None),
            "hashtag": ("/api/v1/timelines/tag/marché", token),
            "posts of an account": (f"/api/v1/accounts/{author}/statuses", token),
            "followers": (f"/api/v1/accounts/{self.seeded.town.actor.id}/followers", token),
            "favourites": ("/api/v1/favourites", token),
            "bookmarks": ("/api/v1/bookmarks", token),
            "notifications": ("/api/v1/notifications", token),
        }

    async def read(self, name: str, limit: int) -> int:
        """Read a page; how long it was. `reader.asked` says what it took."""
        path, token = self.pages[name]
        self.reader.asked.clear()
        found = (await Client(self.app, HOST, token).get(path, {"limit": limit})).ok()
        return len(found)

    async def cost(self, name: str, limit: int) -> tuple[int, int]:
        """The queries of a page of that length, when nothing is in memory and when all is."""
        self.forget()
        await self.read(name, limit)
        cold = len(self.reader.asked)
        await self.read(name, limit)
        return cold, len(self.reader.asked)


@asynccontextmanager
async def library(url: str, folder: Path, size: Size) -> AsyncIterator[Library]:
    ctx = await make_context(url, folder)
    try:
        yield Library(ctx, await seed(ctx, size))
    finally:
        await ctx.db.close()


async def test_what_a_page_costs(database_url: Callable[..., str], tmp_path: Path) -> None:
    """A page of forty in a large node asks as often as one of five in a small one, and walks through no table."""
    async with library(database_url(), tmp_path / "small", SMALL) as small:
        costs = {name: await small.cost(name, 5) for name in small.pages}
    async with library(database_url(), tmp_path / "large", LARGE) as large:
        if large.ctx.db.dialect == "postgresql":
            await large.ctx.db.survey.fetch("ANALYZE")
        for name, cost in costs.items():
            assert await large.cost(name, 40) == cost, f"{name}: longer pages, or more posts, cost more queries"
            assert cost[0] - cost[1] <= 6, f"{name}: {cost[0]} queries when nothing is in memory"
            assert cost[1] <= 6, f"{name} costs {cost[1]} queries when all is in memory"
        for name in ("home", "public", "public, for a stranger", "hashtag", "posts of an account", "favourites"):
            assert await large.read(name, 20) == 20, f"{name} is no full page: what it costs says nothing"
        for name in large.pages:
            await _no_walk(large, name)
        if large.ctx.db.dialect == "sqlite":
            # A keeper, or a tool of hers, may let SQLite count its tables: its plans must not turn for the worse.
            await large.ctx.db.write(lambda tx: tx.execute("ANALYZE"))
            for name in large.pages:
                await _no_walk(large, name)


async def _no_walk(node: Library, name: str) -> None:
    node.forget()
    await node.read(name, 20)
    for sql, args in list(node.reader.asked):
        if node.reader.dialect == "sqlite":
            plan = [row["detail"] for row in await node.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *args)]
            # An index walked in the order of the page ends at its limit, unless all of it is sorted afterwards.
            sorted_ = any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
            short = re.compile(rf"SCAN (?:{_SHORT})\b" if sorted_ else rf"SCAN (?:(?:{_SHORT})\b|\w+ USING INDEX)")
            walked = [line for line in plan if line.startswith("SCAN") and not short.match(line)]
            if any("SEARCH s USING PRIMARY KEY (actor_id=?" in line for line in plan):
                walked = [
                    line for line in walked if line != "SCAN s"
                ]  # the tail, which is short, has the feed's letter
        else:
            plan = await _kept_plan(node, sql, args)
            walked = [line for line in plan if re.search(rf"Seq Scan on (?:{_LONG})\b", line)]
        assert not walked, f"{name} walks through a table: {walked}\n{sql}\n" + "\n".join(plan)


async def _kept_plan(node: Library, sql: str, args: Sequence[Any]) -> list[str]:
    """PostgreSQL's plan for any values, as a connection of the node keeps it."""
    values = ", ".join(f"ARRAY[{', '.join(map(_literal, a))}]" if isinstance(a, list) else _literal(a) for a in args)

    async def step(tx: Tx) -> list[str]:
        await tx.execute(f"PREPARE asked AS {sql}")
        rows = await tx.fetch(f"EXPLAIN EXECUTE asked{f'({values})' if args else ''}")
        await tx.execute("DEALLOCATE asked")
        return [row[0] for row in rows]

    return await node.ctx.db.write(step)


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
