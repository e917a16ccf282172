"""Networks reorder and double: whatever the order in which activities come, what remains is what was last meant.

Each story is told by one stranger in an order of its own (`sent`), and comes in another, some of it twice. A model says
what must remain: it knows only the order in which it was sent. Left out on purpose: two Follows that come in the wrong
order with an Undo between them, and a pin that is taken back before it comes: neither says which of the two was first.
"""

import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from node.actors import actors, follows
from node.actors.actor import Actor
from node.federation import resolve
from node.runtime.database import Tx
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, PeerActor

_numbers = itertools.count(1)
Model = Callable[[], Awaitable[None]]


@dataclass
class Story:
    """Activities in the order in which they were sent, and what must remain of them."""

    name: str
    sent: list[dict[str, Any]]
    remains: Model
    allowed: Callable[[list[int]], bool] = field(default=lambda _order: True)


class Teller:
    """One stranger whom Bob reads, and what can be told of him."""

    def __init__(self, scene: Scene, who: PeerActor, chance: random.Random, posted: str) -> None:
        self.scene, self.who, self.chance, self.posted = scene, who, chance, posted

    def undo(self, activity: dict[str, Any]) -> dict[str, Any]:
        """In one of the forms that servers write."""
        forms = [activity, activity["id"], {"id": activity["id"], "type": activity["type"]}]
        return self.who.activity("Undo", self.chance.choice(forms))

    def reacts(self, kind: str, sql: str, **more: Any) -> Story:
        """Like, EmojiReact, Announce: once, or taken back."""
        activity = self.who.activity(kind, self.posted, to=[PUBLIC], **more)
        back = self.chance.random() < 0.6

        async def remains() -> None:
            rows = await self.scene.rows(sql, self.who.uri)
            assert rows == ([] if back else [(1,)]), f"{kind}, undone: {back}"

        return Story(kind, [activity, self.undo(activity)] if back else [activity], remains)

    def follows(self) -> Story:
        first, second = self.who.follow(self.scene.bob.actor.uri), self.who.follow(self.scene.bob.actor.uri)
        sent = self.chance.choice(
            [[first], [first, self.undo(first)], [first, self.who.activity("Undo", first), second]]
        )
        expected = [] if len(sent) == 2 else [("accepted",)]

        async def remains() -> None:
            rows = await self.scene.rows(
                "SELECT f.state FROM follows f JOIN actors a ON a.id = f.follower_id WHERE a.uri = $1", self.who.uri
            )
            assert rows == expected, f"Follow told as {[each['type'] for each in sent]}"

        return Story("Follow", sent, remains, lambda order: len(sent) < 3 or order.index(0) < order.index(2))

    def blocks(self) -> Story:
        block = self.who.activity("Block", self.scene.bob.actor.uri)
        back = self.chance.random() < 0.6

        async def remains() -> None:
            rows = await self.scene.rows(
                "SELECT 1 FROM blocks b JOIN actors a ON a.id = b.actor_id WHERE a.uri = $1", self.who.uri
            )
            assert rows == ([] if back else [(1,)]), f"Block, undone: {back}"

        return Story("Block", [block, self.undo(block)] if back else [block], remains)

    def writes(self) -> Story:
        note = self.who.note("un")
        sent = [self.who.create(note)]
        words = ["deux", "trois"][: self.chance.randrange(3)]
        for minute, word in enumerate(words, start=1):
            edited = {**note, "content": f"<p>{word}</p>", "updated": f"2026-09-21T13:0{minute}:00Z"}
            sent.append(self.who.activity("Update", edited, to=note["to"], cc=note["cc"]))
        gone = self.chance.random() < 0.4
        if gone:
            sent.append(
                self.who.activity("Delete", self.chance.choice([note["id"], {"id": note["id"], "type": "Tombstone"}]))
            )
        expected = [] if gone else [(f"<p>{(words or ['un'])[-1]}</p>",)]

        async def remains() -> None:
            rows = await self.scene.rows("SELECT content FROM posts WHERE uri = $1", note["id"])
            assert rows == expected, f"a post told as {[each['type'] for each in sent]}"

        return Story("Create", sent, remains)

    def leaves(self) -> Story:
        """It follows, writes, likes, boosts, and deletes itself: nothing of it may remain."""
        note = self.who.note("Adieu")
        sent = [
            self.who.follow(self.scene.bob.actor.uri), self.who.create(note), self.who.activity("Like", self.posted),
            self.who.activity("EmojiReact", self.posted, content="🎉"),
            self.who.activity("Announce", self.posted, to=note["to"]), self.who.activity("Delete", self.who.uri),
        ]  # fmt: skip

        async def remains() -> None:
            for sql in (
                "SELECT 1 FROM follows f JOIN actors a ON a.id IN (f.follower_id, f.followee_id) WHERE a.uri = $1",
                "SELECT 1 FROM posts p JOIN actors a ON a.id = p.author_id WHERE a.uri = $1",
                LIKES,
                EMOJIS,
            ):
                assert await self.scene.rows(sql, self.who.uri) == [], f"of an account that left: {sql}"

        return Story("Delete", sent, remains)


EMOJIS = "SELECT 1 FROM emoji_reactions r JOIN actors a ON a.id = r.actor_id WHERE a.uri = $1"
LIKES = "SELECT 1 FROM favourites f JOIN actors a ON a.id = f.actor_id WHERE a.uri = $1"
BOOSTS = "SELECT 1 FROM posts p JOIN actors a ON a.id = p.author_id WHERE p.boost_of_id IS NOT NULL AND a.uri = $1"


async def teller(scene: Scene, chance: random.Random, posted: str) -> Teller:
    """A new stranger, whom Bob reads."""
    who = await scene.peer.actor(f"stranger{next(_numbers)}")
    met: Actor = await resolve.actor(scene.ctx, who.uri)
    bob = await actors.require_by_id(scene.ctx.db.reader, scene.bob.actor.id)

    async def step(tx: Tx) -> None:
        await follows.request(tx, scene.ctx, follower=bob, followee=met)
        await follows.accept(tx, scene.ctx, follower=bob, followee=met)

    await scene.ctx.db.write(step)
    return Teller(scene, who, chance, posted)


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_comes_to_the_same(scene: Scene, seed: int) -> None:
    chance = random.Random(seed)
    posted = (await scene.bob.post("Qui vient ?"))["uri"]
    told: list[list[tuple[PeerActor, dict[str, Any]]]] = []
    stories: list[Story] = []
    for _ in range(6):
        one = await teller(scene, chance, posted)
        apart = await teller(scene, chance, posted)  # a block or a farewell ends all the rest
        for speaker, story in (
            (one, one.reacts("Like", LIKES)), (one, one.reacts("Announce", BOOSTS)), (one, one.writes()),
            (one, one.reacts("EmojiReact", EMOJIS, content="🎉")),             (one, one.follows()), (apart, apart.blocks() if chance.random() < 0.5 else apart.leaves()),
        ):  # fmt: skip
            order = list(range(len(story.sent)))
            while True:
                chance.shuffle(order)
                if story.allowed(order):
                    break
            coming = [story.sent[place] for place in order]
            coming += chance.sample(coming, k=1)  # one of them comes again, later
            told.append([(speaker.who, activity) for activity in coming])
            stories.append(story)
    for who, activity in _mixed(told, chance):
        answer = await who.send(scene.node.host, activity)
        assert answer.status in (202, 401, 403), f"{activity['type']} was answered {answer.status}"
        if chance.random() < 0.3:
            await scene.settle()
    await scene.settle()
    for story in stories:
        await story.remains()
    counted = await scene.rows("SELECT favourites_count, boosts_count FROM posts WHERE uri = $1", posted)
    likes = await scene.rows("SELECT COUNT(*) FROM favourites")
    boosts = await scene.rows("SELECT COUNT(*) FROM posts WHERE boost_of_id IS NOT NULL")
    assert counted == [(likes[0][0], boosts[0][0])], "the counters lost their way"


def _mixed(
    told: list[list[tuple[PeerActor, dict[str, Any]]]], chance: random.Random
) -> list[tuple[PeerActor, dict[str, Any]]]:
    """All stories at once; the order within each stays."""
    places = [place for place, story in enumerate(told) for _ in story]
    chance.shuffle(places)
    waiting = [iter(story) for story in told]
    return [next(waiting[place]) for place in places]
