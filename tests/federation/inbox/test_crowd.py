"""Many who are met and follow at the same moment: together at the database, each with an answer of its own."""

import asyncio

import pytest

from node.actors import actors, blocks, follows
from node.actors.actor import Actor
from node.federation import resolve
from node.federation.delivery.expansion import Expansion
from node.federation.inbox import processing
from node.federation.inbox.processing import Inbox
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError
from tests.federation.conftest import Scene
from tests.support.peer import PeerActor, peer_on
from tests.support.statements import Statements


async def crowd(scene: Scene, count: int) -> list[PeerActor]:
    return [await scene.peer.actor(f"voisin{number}") for number in range(count)]


async def ask(scene: Scene, everyone: list[PeerActor]) -> None:
    """Their Follows of Bob are at the door."""
    sent = [each.send(scene.node.host, each.follow(scene.bob.actor.uri)) for each in everyone]
    assert {answer.status for answer in await asyncio.gather(*sent)} == {202}


async def counted(scene: Scene) -> int:
    found = await actors.by_id(scene.ctx.db.reader, scene.bob.actor.id)
    assert found is not None
    return found.followers_count


async def test_a_crowd_is_met_and_accepted_in_few_transactions(scene: Scene) -> None:
    everyone = await crowd(scene, 20)
    statements = Statements(scene.ctx)
    await ask(scene, everyone)
    met = [sql for sql in statements.asked if "FROM tombstones WHERE uri" in sql]
    assert 0 < len(met) < 20, f"{len(met)} transactions to keep twenty actors"
    statements.rest()
    statements = Statements(scene.ctx)
    await Inbox().turn(scene.ctx)
    marked = [sql for sql in statements.asked if sql.startswith("UPDATE inbox SET state = $2")]
    assert 0 < len(marked) < 10, f"{len(marked)} transactions to apply twenty follows"
    assert not [sql for sql in statements.asked if "home_feed" in sql or "feed_tail" in sql], "no feed here is theirs"
    statements.rest()
    statements = Statements(scene.ctx)
    await Expansion().turn(scene.ctx)
    often = {sql for sql in statements.asked if statements.asked.count(sql) > 1}
    statements.rest()
    assert not often, f"asked for each order: {often}"
    await scene.settle()
    accepted = scene.peer.of_type("Accept")
    assert len({each["object"]["actor"] for each in accepted}) == 20, "somebody waits for an answer for ever"
    assert await counted(scene) == 20


async def test_who_is_blocked_in_a_crowd_is_refused_alone(scene: Scene) -> None:
    everyone = await crowd(scene, 6)
    unwanted = await resolve.actor(scene.ctx, everyone[2].uri)
    await scene.ctx.db.write(lambda tx: blocks.block(tx, scene.ctx, actor=scene.bob.actor, target=unwanted))
    await ask(scene, everyone)
    await scene.settle()
    assert {each["object"]["actor"] for each in scene.peer.of_type("Reject")} == {everyone[2].uri}
    assert len(scene.peer.of_type("Accept")) == 5
    assert await counted(scene) == 5


async def test_a_follow_that_somebody_else_took_over_is_not_applied_twice(scene: Scene) -> None:
    everyone = await crowd(scene, 3)
    await ask(scene, everyone)
    inbox = Inbox()
    claimed = await inbox._claim(scene.ctx)
    await scene.ctx.db.write(
        lambda tx: tx.execute("UPDATE inbox SET attempts = attempts + 1 WHERE id = $1", claimed[0].id)
    )
    await asyncio.gather(*(processing.work(scene.ctx, each, inbox._posts, inbox._follows) for each in claimed))
    assert await counted(scene) == 2
    rows = await scene.rows("SELECT state FROM inbox WHERE type = 'Follow' ORDER BY id")
    assert [row[0] for row in rows] == ["leased", "done", "done"]


async def test_one_of_a_refused_server_does_not_keep_the_others_out(scene: Scene) -> None:
    """Met at the same moment: an actor that may not be kept is refused by itself."""
    everyone = await crowd(scene, 5)
    elsewhere = peer_on(scene.fediverse, "refused.example")
    stranger = await elsewhere.actor("intrus")
    await scene.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO tombstones (uri, actor_uri, type, deleted_ms) VALUES ($1, $1, 'Person', 1)", stranger.uri
        )
    )
    asked = [resolve.actor(scene.ctx, each.uri) for each in (*everyone[:2], stranger, *everyone[2:])]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(found.pop(2), BeffroiError)
    assert [each.uri for each in found if not isinstance(each, BaseException)] == [each.uri for each in everyone]


@pytest.mark.parametrize("count", [1, 3])
async def test_an_answer_and_what_takes_it_back_leave_in_their_order(scene: Scene, count: int) -> None:
    """Accept and Reject about one follower, ordered before either is expanded: the second waits for the first."""
    everyone = await crowd(scene, count)
    await ask(scene, everyone)
    await Inbox().turn(scene.ctx)
    for each in everyone:
        follower = await resolve.actor(scene.ctx, each.uri)

        async def step(tx: Tx, follower: Actor = follower) -> None:
            await follows.reject(tx, scene.ctx, follower=follower, followee=scene.bob.actor)

        await scene.ctx.db.write(step)
    await Expansion().turn(scene.ctx)
    rows = await scene.rows("SELECT inbox, after_id FROM deliveries ORDER BY id")
    assert len(rows) == 2 * count
    assert sum(row[1] is not None for row in rows) == count, "a Reject could overtake the Accept that it takes back"
