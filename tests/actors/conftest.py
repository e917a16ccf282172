"""Two towns' worth of actors on one node, and strangers from elsewhere."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from node.actors import actors, domains, keys, remote
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.runtime.context import Context
from node.runtime.database import Tx

_one_pair: list[keys.NewKeys] = []
_numbers = count(1)


async def some_keys() -> keys.NewKeys:
    """Keys made once for all tests: what they are is of no matter to most stories."""
    if not _one_pair:
        _one_pair.append(await keys.make_keys())
    return _one_pair[0]


@dataclass(frozen=True)
class Key:
    id: str
    pem: str | None = "-----BEGIN PUBLIC KEY-----"
    multibase: str | None = None


@dataclass(frozen=True)
class Line:
    name: str
    value: str


@dataclass(frozen=True)
class Picture:
    url: str
    alt: str | None = None


@dataclass(frozen=True)
class Document:
    """An actor's document as it is read from another server."""

    id: str
    type: str = "Person"
    username: str | None = "bruno"
    name: str | None = "Bruno"
    summary: str | None = None
    inbox: str | None = "https://remote.example/inbox"
    shared_inbox: str | None = None
    outbox: str | None = None
    followers: str | None = None
    following: str | None = None
    featured: str | None = None
    url: str | None = None
    icon: Picture | None = None
    image: Picture | None = None
    fields: tuple[Line, ...] = ()
    emojis: tuple[Any, ...] = ()
    keys: tuple[Key, ...] = field(default_factory=tuple)
    locked: bool = False
    discoverable: bool | None = True
    indexable: bool | None = None
    moved_to: str | None = None
    also_known_as: tuple[str, ...] = ()
    published_ms: int | None = None


class Town:
    """A node's domain and who is on it; `facts` is what was stated, in order."""

    def __init__(self, ctx: Context, domain: Domain) -> None:
        self.ctx, self.domain = ctx, domain
        self.facts: list[object] = []
        ctx.db.before_commit = self._note

    async def _note(self, _tx: Tx, fact: object) -> None:
        self.facts.append(fact)

    async def local(self, username: str, **more: Any) -> Actor:
        made = await some_keys()
        more = {"type": "Person", "name": username.title(), "domain": self.domain, **more}
        return await self.ctx.db.write(
            lambda tx: actors.create_local(tx, self.ctx, username=username, keys=made, **more)
        )

    async def remote(self, username: str = "", host: str = "remote.example", **more: Any) -> Actor:
        username = username or f"stranger{next(_numbers)}"
        document = Document(f"https://{host}/users/{username}", username=username, **more)
        return await self.ctx.db.write(lambda tx: remote.upsert(tx, self.ctx, document=document, handle_host=host))

    async def now(self, actor: Actor) -> Actor:
        """The actor as the database has it."""
        found = await actors.by_id(self.ctx.db.reader, actor.id)
        assert found is not None
        return found

    def told(self, kind: type) -> list[Any]:
        """The facts of one kind, since the last time; the list is emptied."""
        found = [fact for fact in self.facts if type(fact) is kind]
        self.facts.clear()
        return found


@pytest.fixture
async def town(ctx: Context) -> Town:
    """The domain town.example (handles) at social.town.example."""
    domain = await ctx.db.write(
        lambda tx: domains.create(tx, ctx, handle_host="town.example", service_host="social.town.example", name="Town")
    )
    return Town(ctx, domain)
