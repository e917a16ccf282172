"""A drawn world on a real node: each deed done by the public way, compared at once with what the model allows."""

import asyncio
import contextlib
import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from node.actors import memberships, people, sessions
from node.federation import resolve
from node.runtime.database import Tx
from tests.privacy import deeds
from tests.privacy.deeds import Drawn
from tests.privacy.model import HERE, Model, Viewer
from tests.privacy.streams import Stream
from tests.support.client import Answer, Client
from tests.support.fediverse import Citizen, Fediverse, Node
from tests.support.peer import Peer, PeerActor, peer_on

_numbers = itertools.count(1)


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), (20, 120, 200)).save(data, "PNG")
    return data.getvalue()


@dataclass
class World:
    """The people of one example, on a node that others have used before."""

    fediverse: Fediverse
    node: Node
    closed: bool
    number: int
    model: Model
    people: list[Citizen | PeerActor] = field(default_factory=list)
    peers: dict[str, Peer] = field(default_factory=dict)
    ids: dict[int, int] = field(default_factory=dict)
    """Person -> id of the account."""
    posts: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Post -> its id in the API, its ActivityPub id; those that were deleted too."""
    authors: list[int] = field(default_factory=list)
    """Of every post that was tried, kept or not; its place is its number."""
    follows: dict[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)
    blocks: dict[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)
    """The activities of people elsewhere, to be taken back."""
    streams: list[tuple[Viewer, Stream]] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    """Whose streams were ended."""
    was: dict[int, int] = field(default_factory=dict)
    """Post -> the id by which it was known to its team while it waited for approval."""
    begin: int = 0
    delivered: dict[str, int] = field(default_factory=dict)
    """Server -> how many of the activities it received have been looked at."""
    _sessions: dict[int, str] = field(default_factory=dict)
    _contributors: dict[int, Client] = field(default_factory=dict)

    # Made

    @classmethod
    async def make(cls, fediverse: Fediverse, drawn: Drawn) -> "World":
        """The people; nothing happened yet."""
        number = next(_numbers)
        node = await fediverse.node("closed.example" if drawn.closed else "open.example", signed_reads=drawn.closed)
        fediverse.clock.forward(301)  # nobody is short of requests because of an earlier world
        places = [HERE] * deeds.LOCAL + [deeds.HOSTS[0]] * 2 + [deeds.HOSTS[1]]
        self = cls(fediverse, node, drawn.closed, number, Model(dict(enumerate(places)), frozenset({deeds.LOCKED})))
        self.begin = node.ctx.ids.next()
        for place in deeds.HOSTS:
            self.peers[place] = peer_on(fediverse, f"{place}{number}.example")
        for who, place in enumerate(places):
            await self._person(who, place)
        return self

    async def _person(self, who: int, place: str) -> None:
        name = f"p{who}w{self.number}"
        if place == HERE:
            made = self.node.territory if who == deeds.TERRITORY else self.node.person
            citizen = await made(name, locked=who == deeds.LOCKED)
            self.people.append(citizen)
            self.ids[who] = citizen.actor.id
            return
        actor = await self.peers[place].actor(name)
        self.people.append(actor)
        self.ids[who] = (await resolve.actor(self.node.ctx, actor.uri)).id

    def citizen(self, who: int) -> Citizen:
        found = self.people[who]
        assert isinstance(found, Citizen)
        return found

    def stranger(self, who: int) -> PeerActor:
        found = self.people[who]
        assert isinstance(found, PeerActor)
        return found

    def uri(self, who: int) -> str:
        found = self.people[who]
        return found.actor.uri if isinstance(found, Citizen) else found.uri

    def handle(self, who: int) -> str:
        found = self.people[who]
        return found.handle if isinstance(found, Citizen) else f"@{found.name}@{found.peer.host}"

    async def contributor(self, who: int) -> Client:
        """The application of somebody who writes for an account, and may not publish."""
        if who not in self._contributors:
            ctx, actor = self.node.ctx, self.citizen(who).actor

            async def step(tx: Tx) -> str:
                person = await people.create(tx, ctx, email=f"c{who}w{self.number}@{self.node.host}")
                await memberships.add(tx, ctx, person_id=person.id, actor_id=actor.id, role="contributor")
                return await self.node.token(tx, person.id, actor.id)

            self._contributors[who] = Client(self.node.app, self.node.host, await ctx.db.write(step))
        return self._contributors[who]

    async def session(self, who: int) -> str:
        """The cookie of the browser in which a person of the node has logged in."""
        if who not in self._sessions:
            ctx = self.node.ctx
            person = await people.by_email(ctx.db.reader, f"{self.citizen(who).actor.username}@{self.node.host}")
            assert person is not None
            self._sessions[who] = await ctx.db.write(lambda tx: sessions.open(tx, ctx, person_id=person.id))
        return self._sessions[who]

    # Seen

    def canaries(self, body: bytes) -> frozenset[int]:
        """The posts of this world whose words, pictures or questions are in *body*."""
        return frozenset(int(n) for n in re.findall(rb"canari%dx(\d+)z" % self.number, body))

    async def listen(self, stack: contextlib.AsyncExitStack) -> None:
        """Everybody here opens a stream, and strangers those that are public."""
        wanted: list[tuple[Viewer, Stream]] = [
            (None, Stream(self.node, "public")), (None, Stream(self.node, "hashtag", tag=f"fete{self.number}"))
        ]  # fmt: skip
        for who in range(deeds.LOCAL):
            token = self.citizen(who).client.token
            wanted.append((who, Stream(self.node, "user", token)))
            if (who, deeds.TERRITORY) in self.model.follows:
                wanted.append((who, Stream(self.node, "list", token, list=str(self.ids[deeds.TERRITORY]))))
        for viewer, stream in wanted:
            self.streams.append((viewer, await stack.enter_async_context(stream)))

    # Told

    async def settle(self) -> None:
        """Let the node work, and what it tells arrive."""
        while await self.node.turn():
            pass
        for _ in range(12):
            await asyncio.sleep(0)
        if self.streams and self.node.ctx.db.reader.dialect == "postgresql":
            await asyncio.sleep(0.003)

    def word(self, number: int) -> str:
        """What a post says, and nothing else in the world."""
        return f"canari{self.number}x{number}z"

    def new_post(self, author: int) -> int:
        """The number of the next post."""
        self.authors.append(author)
        return len(self.authors) - 1

    def name(self, viewer: Viewer) -> str:
        return "a stranger" if viewer is None else f"person {viewer} ({self.model.host[viewer]})"

    def what(self, found: frozenset[int] | set[int]) -> str:
        return ", ".join(str(self.model.posts.get(n, f"the deleted post {n}")) for n in sorted(found))

    async def told(self, who: int, activity: Any) -> None:
        """An activity of somebody elsewhere."""
        answer = await self.stranger(who).send(self.node.host, activity)
        expected = (202, 401, 403, 410) if self.model.gone(who) else (202,)
        if self.model.host[who] in self.model.blocked_hosts:
            expected = (403,)
        assert answer.status in expected, f"{activity['type']} was answered {answer.status}: {answer.body!r}"

    async def asked(self, who: int, path: str, data: Any = None, *, allowed: bool, method: str = "POST") -> Answer:
        """A request of somebody here, which must be granted or refused as the model says."""
        answer = await self.citizen(who).client.request(method, path, data=data)
        granted = 200 <= answer.status < 300
        assert granted is allowed, (
            f"{method} {path} {data or ''} of person {who} was answered {answer.status}, the model says "
            f"{'yes' if allowed else 'no'}: {answer.body[:300]!r}"
        )
        return answer
