"""A commune and a territory on two nodes, and a reader of the territory on a third: the scene of most stories here."""

from dataclasses import dataclass
from typing import Any

import pytest

from node.actors import actors
from node.agreements import agreements, speaking, terms
from node.agreements.agreements import Agreement
from node.agreements.speaking import Pair
from node.agreements.terms import Terms
from node.agreements.words import Party
from tests.support.fediverse import Citizen, Fediverse, Node


@dataclass
class Side:
    """One node, and what it knows of the agreement of a pair."""

    node: Node
    territory_uri: str
    member_uri: str

    async def pair(self) -> Pair:
        reader = self.node.ctx.db.reader
        territory = await actors.by_uri(reader, self.territory_uri)
        member = await actors.by_uri(reader, self.member_uri)
        assert territory is not None, f"{self.node.host} does not know the territory"
        assert member is not None, f"{self.node.host} does not know the member"
        return Pair(territory, member)

    async def agreement(self) -> Agreement | None:
        uri = agreements.uri_of(self.territory_uri, self.member_uri)
        return await agreements.by_uri(self.node.ctx.db.reader, uri)

    async def state(self) -> str:
        found = await self.agreement()
        return "none" if found is None else found.state

    async def propose(self, by: Party, wanted: Terms | None = None, **stated: Any) -> Agreement:
        ctx, pair, agreed = self.node.ctx, await self.pair(), wanted or terms.make(**stated)
        return await ctx.db.write(lambda tx: speaking.propose(tx, ctx, pair=pair, by=by, terms=agreed))

    async def accept(self, by: Party, terms_hash: str | None = None) -> Agreement:
        ctx, pair = self.node.ctx, await self.pair()
        return await ctx.db.write(lambda tx: speaking.accept(tx, ctx, pair=pair, by=by, terms_hash=terms_hash))

    async def limit(self, by: Party, **stated: Any) -> Agreement:
        ctx, pair, agreed = self.node.ctx, await self.pair(), terms.make(**stated)
        return await ctx.db.write(lambda tx: speaking.limit(tx, ctx, pair=pair, by=by, terms=agreed))

    async def end(self, by: Party) -> Agreement:
        ctx, pair = self.node.ctx, await self.pair()
        return await ctx.db.write(lambda tx: speaking.end(tx, ctx, pair=pair, by=by))


@dataclass
class Scene:
    """Who is in the story."""

    fediverse: Fediverse
    ornans: Citizen
    """The commune, on ornans.example."""
    doubs: Citizen
    """The territory, on doubs.example."""
    alice: Citizen
    """She follows the territory from besancon.example."""
    here: Side
    """The commune's node."""
    there: Side
    """The territory's."""

    async def settle(self) -> None:
        await self.fediverse.settle()

    async def later(self, seconds: float) -> None:
        await self.fediverse.later(seconds)

    async def agreed(self, **stated: Any) -> None:
        """The territory proposes, the commune accepts."""
        await self.there.propose("territory", **stated)
        await self.settle()
        await self.here.accept("member")
        await self.settle()
        self.fediverse.clock.forward(1)

    async def announced(self) -> list[str]:
        """The texts that Alice reads because the territory announces them, newest first."""
        return [
            text(each["reblog"]["content"])
            for each in await self.alice.home()
            if each["reblog"] and each["account"]["acct"] == "doubs@doubs.example"
        ]

    async def letters(self, reader: Citizen) -> list[str]:
        """What the reader's client was told in direct posts, the oldest first."""
        told = [each for each in await reader.notifications() if each["type"] == "mention"]
        return [text(each["status"]["content"]) for each in told[::-1]]


def text(html: str) -> str:
    import re

    return re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").replace("&#x27;", "'").strip()


@pytest.fixture
async def scene(fediverse: Fediverse) -> Scene:
    commune, grouping, third = [
        await fediverse.node(host) for host in ("ornans.example", "doubs.example", "besancon.example")
    ]
    ornans, doubs, alice = await commune.town("ornans"), await grouping.territory("doubs"), await third.person("alice")
    await alice.follow(doubs.handle)
    await ornans.find(doubs.handle)  # both nodes have met the other's actor
    await doubs.find(ornans.handle)
    await fediverse.settle()
    uris = (doubs.actor.uri, ornans.actor.uri)
    return Scene(fediverse, ornans, doubs, alice, Side(commune, *uris), Side(grouping, *uris))
