"""What a page costs the database: every list of the node by its address, and how many statements it asks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from bench.seeding import HOST, Seeded
from node.app import create_app
from node.runtime.caches import Caches
from node.runtime.context import Context
from node.runtime.database import Reader, Row
from tests.support.client import Answer, Client

_DOCUMENT: Final = "application/activity+json"


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


@dataclass(frozen=True, slots=True)
class Address:
    """Where a list is read."""

    path: str
    token: str | None = None
    limited: bool = True
    """The client says how long a page is; else the node does."""
    accept: str = "*/*"


def lists(seeded: Seeded) -> Mapping[str, Address]:
    """Every list that a client, a browser or another server may page through."""
    token, company = seeded.reader.tokens[0], seeded.company
    author, town, reader = seeded.authors[0].id, seeded.town.actor, seeded.reader.actor
    found = {
        "home": Address("/api/v1/timelines/home", token),
        "public": Address("/api/v1/timelines/public", token),
        "public, for a stranger": Address("/api/v1/timelines/public"),
        "local": Address("/api/v1/timelines/public?local=true", token),
        "hashtag": Address("/api/v1/timelines/tag/marché", token),
        "posts of an account": Address(f"/api/v1/accounts/{author}/statuses", token),
        "posts of an account, without replies": Address(
            f"/api/v1/accounts/{town.id}/statuses?exclude_replies=true&exclude_reblogs=true", token
        ),
        "followers": Address(f"/api/v1/accounts/{town.id}/followers", token),
        "following": Address(f"/api/v1/accounts/{reader.id}/following", token),
        "favourites": Address("/api/v1/favourites", token),
        "bookmarks": Address("/api/v1/bookmarks", token),
        "notifications": Address("/api/v1/notifications", token),
        "page of the first domain": Address("/", limited=False),
        "page of a hashtag": Address("/tags/conseil", limited=False),
        "collection of followers": Address(f"/users/{town.username}/followers?page=true", None, False, _DOCUMENT),
        "collection of the followed": Address(f"/users/{reader.username}/following?page=true", None, False, _DOCUMENT),
    }
    if company is not None:
        territory, talk = company.territory, company.talk_id
        found |= {
            "list of a territory": Address(f"/api/v1/timelines/list/{territory.id}", token),
            "conversation": Address(f"/api/v1/statuses/{talk}/context", token, False),
            "notifications in groups": Address("/api/v2/notifications", token, False),
            "notifications in no groups": Address("/api/v2/notifications?grouped_types=mention", token, False),
            "unread groups": Address("/api/v2/notifications/unread_count", token, False),
            "notification requests": Address("/api/v1/notifications/requests", token),
            "private talks": Address("/api/v1/conversations", token),
            "posts of private talks": Address("/api/v1/timelines/direct", token),
            "who favourited": Address(f"/api/v1/statuses/{talk}/favourited_by", token),
            "who boosted": Address(f"/api/v1/statuses/{talk}/reblogged_by", token),
            "page of a territory": Address(f"/@{territory.username}", limited=False),
            "RSS of a territory": Address(f"/@{territory.username}.rss", limited=False),
            "outbox of a territory": Address(f"/users/{territory.username}/outbox?page=true", None, False, _DOCUMENT),
            "page of a post": Address(f"/@{reader.username}/{talk}", limited=False),
        }
    return found


class Library:
    """A seeded node in this process, and the pages that are read in it."""

    def __init__(self, ctx: Context, seeded: Seeded) -> None:
        self.reader = Listening(ctx.db.reader)
        ctx.db.reader = self.reader
        self.ctx, self.lists = ctx, lists(seeded)
        self.forget()

    def forget(self) -> None:
        """As after a start: nothing is in memory."""
        self.app = create_app(replace(self.ctx, cache=Caches()), with_worker=False)

    async def read(self, name: str, limit: int | None = None) -> Answer:
        """Read a page; `reader.asked` says what it took."""
        address = self.lists[name]
        self.reader.asked.clear()
        params = {"limit": limit} if limit is not None and address.limited else {}
        path, _, query = address.path.partition("?")
        asked = dict(each.split("=") for each in query.split("&")) if query else {}
        return await Client(self.app, HOST, address.token).get(path, {**asked, **params}, accept=address.accept)

    async def cost(self, name: str, limit: int | None = None) -> tuple[int, int]:
        """The statements of a page of that length, when nothing is in memory and when all is."""
        self.forget()
        answer = await self.read(name, limit)
        if answer.status != 200:
            raise RuntimeError(f"{name} answered {answer.status}: {answer.body[:300]!r}")
        cold = len(self.reader.asked)
        await self.read(name, limit)
        return cold, len(self.reader.asked)


@asynccontextmanager
async def opened(ctx: Context, seeded: Seeded) -> AsyncIterator[Library]:
    """The library on *ctx*, whose reader is given back afterwards."""
    before = ctx.db.reader
    try:
        yield Library(ctx, seeded)
    finally:
        ctx.db.reader = before
