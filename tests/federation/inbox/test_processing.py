"""The rows of the inbox: worked once each, in their order, again when something was away, and never lost."""

import asyncio

from node import worker
from node.federation.inbox import processing
from node.federation.inbox.processing import Inbox
from node.runtime.jobs import MAX_ATTEMPTS
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, peer_on


async def test_what_needs_an_absent_server_waits_for_it(scene: Scene) -> None:
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("Patience")
    scene.fediverse.network.down.add("third.example")
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    assert (await scene.inbox())[-1] == ("Announce", "ready"), "a boost was given up because a server was away"
    scene.fediverse.network.down.clear()
    await scene.fediverse.later(60)
    assert (await scene.inbox())[-1] == ("Announce", "done")
    assert len(await scene.bob.home()) == 1


async def test_after_days_it_is_set_aside(scene: Scene) -> None:
    await scene.befriended()
    scene.fediverse.network.down.add("third.example")
    await scene.takes(scene.zoe.activity("Announce", "https://third.example/1", to=[PUBLIC]))
    for _ in range(MAX_ATTEMPTS):
        await scene.fediverse.later(86_400)
    assert (await scene.inbox())[-1] == ("Announce", "dead")
    assert scene.ctx.metrics.counted("inbox_worked", outcome="dead") == 1


async def test_a_fault_of_ours_is_tried_again_and_loses_nothing(scene: Scene) -> None:
    """The first attempts meet a broken table; once it is mended the follow is accepted."""
    await scene.ctx.db.write(lambda tx: tx.execute("ALTER TABLE follows RENAME TO follows_away"))
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert await scene.inbox() == [("Follow", "ready")]
    await scene.ctx.db.write(lambda tx: tx.execute("ALTER TABLE follows_away RENAME TO follows"))
    await scene.fediverse.later(60)
    assert await scene.inbox() == [("Follow", "done")]
    assert scene.peer.of_type("Accept")


async def test_a_worker_that_died_is_replaced(scene: Scene) -> None:
    """A row that somebody holds and never finishes comes back when its lease ends."""
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    assert answer.status == 202
    died = Inbox()
    assert await died._claim(scene.ctx)
    await scene.settle()
    assert await scene.inbox() == [("Follow", "leased")]
    await scene.fediverse.later(3_600)
    assert await scene.inbox() == [("Follow", "done")]


async def test_a_worker_that_was_only_slow_changes_nothing_twice(scene: Scene) -> None:
    await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    slow = Inbox()
    (held,) = await slow._claim(scene.ctx)
    await scene.fediverse.later(3_600)
    assert len(scene.peer.of_type("Accept")) == 1
    await processing.work(scene.ctx, held)
    await scene.settle()
    assert await scene.inbox() == [("Follow", "done")]
    assert len(scene.peer.of_type("Accept")) == 1, "an activity was applied by two workers"


async def test_one_actors_activities_are_worked_in_their_order(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Un")
    for activity in (
        scene.zoe.create(note),
        scene.zoe.activity("Update", note | {"content": "<p>Deux</p>", "updated": "2026-09-21T13:10:00Z"}),
        scene.zoe.activity("Like", "https://lyon.example/nothing"),
        scene.zoe.activity("Update", note | {"content": "<p>Trois</p>", "updated": "2026-09-21T13:11:00Z"}),
    ):
        assert (await scene.zoe.send(scene.node.host, activity)).status == 202
    await scene.settle()
    kept = await posts.by_uri(scene.ctx.db.reader, note["id"])
    assert kept is not None
    assert kept.content == "<p>Trois</p>"
    assert {state for _, state in await scene.inbox()} == {"done"}


async def test_a_slow_server_delays_its_own_people_only(scene: Scene) -> None:
    """The part that never ends: Yves waits for his server, Zoe's follow is answered meanwhile."""
    await scene.befriended()
    third = peer_on(scene.fediverse, "third.example")
    note = (await third.actor("yves")).note("Lent")
    anne = await scene.peer.actor("anne")
    stop = asyncio.Event()
    release = asyncio.Event()
    plain = third.__call__

    async def slowly(scope: object, receive: object, send: object) -> None:
        await release.wait()
        await plain(scope, receive, send)

    scene.fediverse.network.apps["third.example"] = slowly
    running = asyncio.create_task(Inbox().run(scene.ctx, stop))
    await scene.zoe.send(scene.node.host, scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    await anne.send(scene.node.host, anne.follow(scene.bob.actor.uri))
    for _ in range(200):
        await asyncio.sleep(0.01)
        if ("Follow", "done") in await scene.inbox():
            break
    assert ("Follow", "done") in await scene.inbox(), "a follow waited for somebody else's server"
    assert ("Announce", "leased") in await scene.inbox()
    release.set()
    for _ in range(200):
        await asyncio.sleep(0.01)
        if ("Announce", "done") in await scene.inbox():
            break
    stop.set()
    await running
    assert ("Announce", "done") in await scene.inbox()


async def test_the_inbox_is_a_part_of_the_worker(scene: Scene) -> None:
    assert any(isinstance(part, Inbox) for part in worker.parts())


async def test_what_is_done_keeps_no_body(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert await scene.rows("SELECT body FROM inbox WHERE state = 'done'") == [(None,)]
