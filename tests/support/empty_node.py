"""A node that nobody has set up yet, and the browser of who may."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin import operations
from node import reactions
from node.app import create_app
from node.runtime.context import Context
from node.runtime.database import Tx
from tests.support.client import Client
from tests.support.context import make_context
from tests.web.reader import Reader

HOST = "social.besancon.example"
FRENCH = {"accept-language": "fr"}
ADDRESSES = f"/first-run/addresses?insee=25056&handle_host={HOST}&service_host={HOST}"
LAST = ADDRESSES.replace("/addresses", "/keeper")


@dataclass
class Empty:
    """A node without a domain, and the address that its owner was told."""

    ctx: Context
    client: Callable[..., Client]

    def reader(self, host: str = HOST) -> Reader:
        """A fresh browser that reaches it as *host*."""
        return Reader(self.client(host))

    async def address(self) -> str:
        """The path of an address that a command prints."""
        lines = await operations.perform(self.ctx, "set_up.begin", {"host": HOST})
        [path] = re.findall(rf"https://{HOST}(/first-run/[\w-]+)$", lines[0])
        return str(path)

    async def keeper(self, host: str = HOST) -> Reader:
        """Her browser, which opened that address."""
        made = self.reader(host)
        await made.open(await self.address(), **FRENCH)
        assert made.answer.status == 200, made.page.words
        return made

    async def rows(self) -> dict[str, int]:
        """How much there is of all that a first run makes."""
        tables = ("domains", "actors", "people", "memberships", "legal_notices", "sessions", "audit")
        return {each: await self.ctx.db.reader.value(f"SELECT COUNT(*) FROM {each}") for each in tables}


@pytest.fixture
async def empty(database_url: Callable[..., str], tmp_path: Path) -> AsyncIterator[Empty]:
    """A node that nobody has set up."""
    ctx = await make_context(database_url(migrated=True), tmp_path / "node")

    async def react(tx: Tx, fact: object) -> None:
        await reactions.react(tx, ctx, fact)

    ctx.db.before_commit = react
    app = create_app(ctx, with_worker=False)
    yield Empty(ctx, lambda host: Client(app, host))
    await ctx.db.close()
