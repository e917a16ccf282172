"""One node with Bob on it, and a foreign server with Zoe: the scene of most stories of federation."""

from dataclasses import dataclass
from typing import Any

import pytest

from node.runtime.context import Context
from tests.support.fediverse import Citizen, Fediverse, Node
from tests.support.peer import Peer, PeerActor, peer_on


@dataclass
class Scene:
    """Who is in the story."""

    fediverse: Fediverse
    node: Node
    bob: Citizen
    peer: Peer
    zoe: PeerActor

    @property
    def ctx(self) -> Context:
        return self.node.ctx

    async def settle(self) -> None:
        await self.fediverse.settle()

    async def takes(self, activity: Any, sender: PeerActor | None = None, **how: Any) -> None:
        """The node takes *activity* (202) and works on it."""
        answer = await (sender or self.zoe).send(self.node.host, activity, **how)
        assert answer.status == 202, f"{activity['type']} was answered {answer.status}: {answer.body!r}"
        await self.settle()

    async def befriended(self) -> None:
        """Bob follows Zoe, and she accepted."""
        await self.bob.follow(self.zoe.handle)
        await self.settle()
        follow = self.peer.of_type("Follow")[-1]
        await self.takes(self.zoe.activity("Accept", follow))

    async def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.ctx.db.reader.fetch(sql, *args)]

    async def inbox(self) -> list[tuple[str, str]]:
        """(type, state) of what was received, in its order."""
        return [(row[0], row[1]) for row in await self.rows("SELECT type, state FROM inbox ORDER BY id")]

    def refused(self, reason: str) -> float:
        """How many requests were refused for *reason*."""
        return self.ctx.metrics.counted("inbox_refused", reason=reason)


@pytest.fixture
async def scene(fediverse: Fediverse) -> Scene:
    node = await fediverse.node("lyon.example")
    bob = await node.person("bob")
    peer = peer_on(fediverse, "elsewhere.example")
    return Scene(fediverse, node, bob, peer, await peer.actor("zoe"))
