"""Lists: their pages meet without gaps, cost the same whatever their length, and stand on an index."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from node.notifications import notices
from node.runtime.database import Reader, Row
from node.timeline import account, bookmarks, boosts, favourites, hashtags, home, pins, public, threads
from node.timeline.account import Filters
from node.timeline.pages import MAX_ID, MAX_LIMIT, Page
from node.timeline.posts import Post
from node.timeline.search import accounts, asked
from node.timeline.search import posts as texts
from node.timeline.search.index import Indexer
from tests.support.town import Town, ids_of


class Counting:
    """A reader that notes what it is asked."""

    def __init__(self, reader: Reader) -> None:
        self.dialect = reader.dialect
        self._reader = reader
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, sql: str, *args: Any) -> Sequence[Row]:
        self.asked.append((sql, args))
        return await self._reader.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        self.asked.append((sql, args))
        return await self._reader.row(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        self.asked.append((sql, args))
        return await self._reader.value(sql, *args)


async def _busy_town(town: Town) -> tuple[Any, Any, list[Post]]:
    """A reader who follows the town hall and a stranger; 45 public posts with a hashtag, some answered and boosted."""
    marie, mairie, bruno = await town.local("marie"), await town.local("mairie"), await town.remote("bruno")
    await town.follow(marie, mairie)
    await town.follow(marie, bruno)
    tag = {"type": "Hashtag", "name": "#fete"}
    posts = []
    for number in range(45):
        if number == 30:
            await town.merge()
        posts.append(
            await town.post(mairie, f"Fête {number} #fête")
            if number % 3
            else await town.received(bruno, tag=tag)
        )  # fmt: skip
        await town.favourite(marie, posts[-1])
    return marie, mairie, posts


async def test_pages_meet_without_gap_or_repetition(town: Town) -> None:
    """Downwards with max_id, upwards with min_id, the newest with since_id: every list the same."""
    marie, _mairie, posts = await _busy_town(town)
    expected = [post.id for post in reversed(posts)]
    reader = town.reader
    lists = {
        "home": lambda page: ids_of(home.rows(reader, marie.id, page)),
        "public": lambda page: ids_of(public.rows(reader, marie.id, page)),
        "hashtag": lambda page: hashtags.page(reader, None, page, name="fête"),
    }
    for name, read in lists.items():
        down: list[int] = []
        while found := await read(Page(max_id=down[-1] if down else None, limit=7)):
            down += found
        assert down == expected, f"{name}: reading downwards has a gap"
        up: list[int] = []
        while found := await read(Page(min_id=up[0] if up else 0, limit=7)):
            up = found + up
        assert up == expected, f"{name}: reading upwards has a gap"
        assert await read(Page(since_id=expected[20], limit=5)) == expected[:5], f"{name}: since_id gives the newest"
        between = Page(max_id=expected[10], min_id=expected[14], limit=2)
        assert await read(between) == expected[12:14], f"{name}: both bounds"
        assert await read(Page(max_id=2**80, limit=10**9)) == expected[:MAX_LIMIT], f"{name}: absurd bounds"
        assert await read(Page(max_id=-5)) == []
    cursors = [entry.cursor for entry in await favourites.page(reader, marie.id, Page(limit=80))]
    second = await favourites.page(reader, marie.id, Page(max_id=cursors[19]))
    assert [entry.cursor for entry in second] == cursors[20:40]


async def test_no_page_is_empty_in_the_middle(town: Town) -> None:
    """Forty posts that the reader may not see do not end the list."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    await town.follow(marie, mairie)
    oldest = await town.post(mairie)
    for number in range(40):
        hidden = await town.post(mairie, visibility="direct" if number % 2 else "public")
        if hidden.visibility == "public":
            await town.ctx.db.write(
                lambda tx, hidden=hidden: tx.execute("UPDATE posts SET hidden = TRUE WHERE id = $1", hidden.id)  # type: ignore[misc]
            )
    newest = await town.post(mairie)
    for found in (
        await ids_of(home.rows(town.reader, marie.id, Page(limit=2))),
        await ids_of(public.rows(town.reader, marie.id, Page(limit=2))),
        await account.page(town.reader, marie.id, Page(limit=2), actor_id=mairie.id),
    ):
        assert found == [newest.id, oldest.id]


async def test_a_list_costs_a_fixed_number_of_queries(town: Town) -> None:
    """One page of 1 and one of 40 ask the database equally often: the number stands beside each list."""
    marie, mairie, posts = await _busy_town(town)
    await town.boost(mairie, posts[0])
    while await Indexer().turn(town.ctx):
        pass
    lists = {
        "home": (1, lambda r, p: ids_of(home.rows(r, marie.id, p))),
        "public": (1, lambda r, p: ids_of(public.rows(r, marie.id, p))),
        "local": (1, lambda r, p: ids_of(public.rows(r, marie.id, p, domain_id=town.domain.id, only_media=True))),
        "hashtag": (2, lambda r, p: hashtags.page(r, marie.id, p, name="fete", also=["a", "b"], none=["c"])),
        "account": (1, lambda r, p: account.page(r, marie.id, p, actor_id=mairie.id)),
        "tagged": (2, lambda r, p: account.page(r, marie.id, p, actor_id=mairie.id, filters=Filters(tagged="fete"))),
        "favourites": (1, lambda r, p: favourites.page(r, marie.id, p)),
        "favourited by": (1, lambda r, p: favourites.by_page(r, marie.id, p, post_id=posts[0].id)),
        "bookmarks": (1, lambda r, p: bookmarks.page(r, marie.id, p)),
        "boosted by": (1, lambda r, p: boosts.page(r, marie.id, p, post_id=posts[0].id)),
        "pins": (1, lambda r, _p: pins.of_actor(r, marie.id, mairie.id)),
        "thread": (3, lambda r, _p: threads.context(r, marie.id, posts[1])),
        "notifications": (1, lambda r, p: notices.page(r, marie.id, p)),
        "accounts": (3, lambda r, _p: accounts.find(r, marie.id, "ma")),
        "texts": (6, lambda r, p: texts.find(r, marie.id, asked.read("fête -budget from:mairie fet"), page=p)),
    }
    for name, (most, read) in lists.items():
        counted = []
        for limit in (1, 40):
            reader = Counting(town.reader)
            await read(reader, Page(limit=limit))
            counted.append(len(reader.asked))
        assert counted[0] == counted[1] <= most, f"{name} costs {counted} queries"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_lists_stand_on_an_index(town: Town) -> None:
    """SQLite's plan of each hot list: the promised index, no table walked through, nothing sorted but a page."""
    marie, mairie, posts = await _busy_town(town)
    below = Page(max_id=posts[40].id)
    for name, line, call in (
        (
            "home", "SEARCH s USING PRIMARY KEY (actor_id=? AND post_id<?)",
            lambda r: ids_of(home.rows(r, marie.id, below)),
        ),
        (
            "home, waiting", "SEARCH s USING INTEGER PRIMARY KEY (rowid<?)",
            lambda r: ids_of(home.rows(r, marie.id, below)),
        ),
        ("public", "USING INDEX posts_public (id<?)", lambda r: ids_of(public.rows(r, marie.id, below))),
        ("public, read by a stranger", "posts_public (id<?)", lambda r: ids_of(public.rows(r, None, below))),
        ("local", "posts_public_local (id<?)", lambda r: ids_of(public.rows(r, marie.id, below, local=True))),
        (
            "of a domain", "posts_public_domain (domain_id=? AND id<?)",
            lambda r: ids_of(public.rows(r, marie.id, below, domain_id=town.domain.id)),
        ),
        (
            "hashtag", "SEARCH pt USING PRIMARY KEY (tag_id=? AND post_id<?)",
            lambda r: hashtags.page(r, marie.id, below, name="fete"),
        ),
        (
            "account", "posts_author (author_id=? AND id<?)",
            lambda r: account.page(r, marie.id, below, actor_id=mairie.id),
        ),
        (
            "account, without replies", "posts_author (author_id=? AND id<?)",
            lambda r: account.page(r, None, below, actor_id=mairie.id, filters=Filters(exclude_replies=True)),
        ),
        (
            "notifications", "notifications_actor (actor_id=? AND id<?)",
            lambda r: notices.page(r, marie.id, below),
        ),
        ("favourites", "favourites_actor (actor_id=? AND id<?)", lambda r: favourites.page(r, marie.id, below)),
        ("replies", "posts_replies (reply_to_id=?)", lambda r: threads.context(r, marie.id, posts[0])),
    ):  # fmt: skip
        reader = Counting(town.reader)
        await call(reader)
        found = await _plan(town, reader)
        assert line in found, f"{name}: {found}"
        _no_walk(name, found)
        # Branches are merged by a sort of one page each; one range of an index comes sorted.
        merged = ("UNION", "CO-ROUTINE", "walked")
        inside = re.sub(r"CO-ROUTINE \(subquery-\d+\)", "", found)  # the page itself, whose lines become one row
        assert "ORDER BY" not in inside or any(word in inside for word in merged), f"{name} is sorted: {found}"


async def _plan(town: Town, reader: Counting) -> str:
    sql, args = reader.asked[-1]
    return "\n".join(row["detail"] for row in await town.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *args))


def _no_walk(name: str, plan: str) -> None:
    # What is walked through may only be what the statement itself made: a page, a CTE, a list of arguments.
    made = re.compile(r"SCAN (?:\(subquery-\d+\)|(?:json_each|merged|waiting|t\d|w|walked|below)\b)")
    walked = [line for line in plan.splitlines() if line.startswith("SCAN") and not made.match(line)]
    assert not walked, f"{name} walks through a table: {walked}\n{plan}"


def test_bounds_are_numbers_that_every_database_takes() -> None:
    assert Page(max_id=2**70).below == MAX_ID
    assert Page(min_id=-3).above == 0
    assert Page(limit=0).count == 1
