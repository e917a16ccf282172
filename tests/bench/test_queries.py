"""What a page costs the database: the same number of queries whatever its length and the tables' size, and no walk.

Twenty thousand posts are enough for a planner to choose badly, and for a walk through all of them to be seen.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.seeding import Size, seed
from bench.statements import Library
from node.runtime.database import Tx
from tests.support.context import make_context

SMALL = Size(posts=600, authors=60, viewers=3, followers=60, company=1, tokens=2)
LARGE = Size(posts=20_000, viewers=20, followers=300, company=300, tokens=2)
_LONG = "posts|home_feed|post_tags|actors|follows|favourites|notifications"
# Rows that a statement made itself, and tables that are short by their nature.
_SHORT = r"\(subquery-\d+\)|json_each|merged|waiting|numbered|counted|rows_|t\d|w|walked|below|above|domains|host_policies|hosts|relays|towns|people"
_LENGTHS = (1, 20, 40)
_MOST_OF_A_CLIENT, _MOST_OF_A_PAGE = 5, 9
"""What one answer asks at most, once all is in memory: to a client; as a page, a feed or a collection."""


@asynccontextmanager
async def library(url: str, folder: Path, size: Size) -> AsyncIterator[Library]:
    ctx = await make_context(url, folder)
    try:
        yield Library(ctx, await seed(ctx, size))
    finally:
        await ctx.db.close()


async def test_what_a_page_costs(database_url: Callable[..., str], tmp_path: Path) -> None:
    """A page of forty in a large node asks as often as one of one line in a small one, and walks through no table."""
    async with library(database_url(), tmp_path / "small", SMALL) as small:
        costs = {name: await small.cost(name, 1) for name in small.lists}
        assert len(costs) > 20, "lists are missing"
    async with library(database_url(), tmp_path / "large", LARGE) as large:
        if large.ctx.db.dialect == "postgresql":
            await large.ctx.db.survey.fetch("ANALYZE")
        for name, address in large.lists.items():
            for length in _LENGTHS if address.limited else (None,):
                found = await large.cost(name, length)
                assert found == costs[name], f"{name}: longer pages, or more posts, cost more queries ({length} lines)"
            most = _MOST_OF_A_CLIENT if address.path.startswith("/api/") else _MOST_OF_A_PAGE
            assert found[1] <= most, f"{name} costs {found[1]} queries when all is in memory"
            assert found[0] - found[1] <= 9, f"{name}: {found[0]} queries when nothing is in memory"
            if address.limited:
                assert len((await large.read(name, 40)).ok()) == 40, (
                    f"{name} is no full page: what it costs says nothing"
                )
            await _no_walk(large, name)
        if large.ctx.db.dialect == "sqlite":
            # A keeper, or a tool of hers, may let SQLite count its tables: its plans must not turn for the worse.
            await large.ctx.db.write(lambda tx: tx.execute("ANALYZE"))
            for name in large.lists:
                await _no_walk(large, name)


async def _no_walk(node: Library, name: str) -> None:
    node.forget()
    await node.read(name, 20)
    for sql, args in list(node.reader.asked):
        if node.reader.dialect == "sqlite":
            plan = [row["detail"] for row in await node.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *args)]
            # An index walked in the order of the page ends at its limit, unless all of it is sorted afterwards.
            sorted_ = any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
            short = re.compile(
                rf"SCAN (?:{_SHORT})(?!\w)" if sorted_ else rf"SCAN (?:(?:{_SHORT})(?!\w)|\w+ USING INDEX)"
            )
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
    values = ", ".join(map(_literal, args))

    async def step(tx: Tx) -> list[str]:
        await tx.execute(f"PREPARE asked AS {sql}")
        rows = await tx.fetch(f"EXPLAIN EXECUTE asked{f'({values})' if args else ''}")
        await tx.execute("DEALLOCATE asked")
        return [row[0] for row in rows]

    return await node.ctx.db.write(step)


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(_literal, value))}]" if value else "'{}'"
    return f"'{value}'" if isinstance(value, str) else str(value)
