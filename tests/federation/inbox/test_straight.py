"""From the door straight to the desk: a row whose actor has none before it is leased as it is stored, and worked at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from node import worker
from node.federation.inbox import door, processing
from node.federation.inbox.processing import Inbox
from node.federation.inbox.rows import Arrival
from node.runtime.context import Context
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, peer_on
from tests.support.statements import Statements


@contextlib.asynccontextmanager
async def open_desk(scene: Scene) -> AsyncIterator[Inbox]:
    """The part that works the inbox, running."""
    desk, stop = Inbox(), asyncio.Event()
    running = asyncio.create_task(desk.run(scene.ctx, stop))
    await asyncio.sleep(0.05)  # its first look
    try:
        yield desk
    finally:
        stop.set()
        scene.ctx.live.ring("inbox")
        await running


async def until(scene: Scene, reached: Callable[[list[tuple[str, str]]], bool]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for _ in range(300):
        found = await scene.inbox()
        if reached(found):
            break
        await asyncio.sleep(0.01)
    return found


def all_done(found: list[tuple[str, str]]) -> bool:
    return bool(found) and {state for _, state in found} == {"done"}


class Absent:
    """A desk with places, that loses what it is given: as a process that is killed at that moment."""

    def places(self) -> int:
        return 10

    def take(self, ctx: Context, arrivals: Any) -> None:
        pass

    def doubt(self) -> None:
        pass


async def test_a_post_is_worked_without_being_claimed(scene: Scene) -> None:
    await scene.befriended()
    async with open_desk(scene):
        statements = Statements(scene.ctx)
        note = scene.zoe.note("Tout droit")
        assert (await scene.zoe.send(scene.node.host, scene.zoe.create(note))).status == 202
        assert (await until(scene, all_done))[-1] == ("Create", "done")
        statements.rest()
    assert await posts.by_uri(scene.ctx.db.reader, note["id"]) is not None
    assert not [sql for sql in statements.asked if "state = 'leased', lease_until_ms = $1" in sql], "it was claimed too"


async def test_one_actors_activities_keep_their_order(scene: Scene) -> None:
    """What is worked slowly is not overtaken by what the same actor sends after it, and by what others send it is."""
    await scene.befriended()
    anne = await scene.peer.actor("anne")
    third = peer_on(scene.fediverse, "third.example")
    lent = (await third.actor("yves")).note("Lent")
    release, plain = asyncio.Event(), third.__call__

    async def slowly(scope: object, receive: object, send: object) -> None:
        await release.wait()
        await plain(scope, receive, send)

    scene.fediverse.network.apps["third.example"] = slowly
    note = scene.zoe.note("Après")
    async with open_desk(scene):
        await scene.zoe.send(scene.node.host, scene.zoe.activity("Announce", lent["id"], to=[PUBLIC]))
        await scene.zoe.send(scene.node.host, scene.zoe.create(note))
        await anne.send(scene.node.host, anne.follow(scene.bob.actor.uri))
        found = await until(scene, lambda found: ("Follow", "done") in found)
        assert ("Announce", "leased") in found
        assert ("Create", "ready") in found, "an actor's second activity overtook her first"
        assert ("Follow", "done") in found, "a follow waited for somebody else's server"
        release.set()
        assert all_done(await until(scene, all_done))


async def test_what_was_promised_and_not_worked_is_taken_up_at_the_next_start(scene: Scene) -> None:
    """The process is killed between its 202 and the work: the row is leased, and its successor gives it back at once."""
    door.lead_to(scene.ctx, Absent())
    assert (await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))).status == 202
    door.lead_to(scene.ctx, None)
    assert await scene.inbox() == [("Follow", "leased")]
    await scene.settle()
    assert await scene.inbox() == [("Follow", "leased")], "somebody else works what this process holds"
    await worker.take_over(scene.ctx)
    await scene.settle()
    assert await scene.inbox() == [("Follow", "done")]
    assert len(scene.peer.of_type("Accept")) == 1


async def test_what_nobody_gave_to_the_desk_is_found_by_it(scene: Scene) -> None:
    """The connection broke at the commit: the row may be leased for us. The desk looks, and works it."""
    door.lead_to(scene.ctx, Absent())
    await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    desk = Inbox()
    assert await desk.turn(scene.ctx) == 0
    desk.doubt()
    assert await desk.turn(scene.ctx) == 1
    assert await scene.inbox() == [("Follow", "done")]


async def test_where_the_transaction_fails_the_desk_doubts(scene: Scene) -> None:
    async with open_desk(scene) as desk:
        await scene.ctx.db.write(lambda tx: tx.execute("ALTER TABLE inbox RENAME COLUMN holder TO seat"))
        with contextlib.suppress(Exception):
            await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
        assert desk._doubt
        await scene.ctx.db.write(lambda tx: tx.execute("ALTER TABLE inbox RENAME COLUMN seat TO holder"))


async def test_a_desk_that_closed_takes_nothing_and_remembers_it(scene: Scene) -> None:
    desk = Inbox()
    desk.take(scene.ctx, [Arrival(1, scene.zoe.uri, 1, None, b"{}")])
    assert desk._doubt
    assert not desk._working


async def test_what_waits_is_not_overtaken(scene: Scene) -> None:
    """A row of hers is ready and not worked yet: her next one waits behind it, whatever room there is."""
    first, second = scene.zoe.note("Un"), scene.zoe.note("Deux")
    await scene.zoe.send(scene.node.host, scene.zoe.create(first))
    door.lead_to(scene.ctx, Absent())
    await scene.zoe.send(scene.node.host, scene.zoe.create(second))
    assert await scene.inbox() == [("Create", "ready")] * 2


async def test_with_no_place_free_what_comes_waits(scene: Scene) -> None:
    class Full(Absent):
        def places(self) -> int:
            return 0

    door.lead_to(scene.ctx, Full())
    await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    assert await scene.inbox() == [("Follow", "ready")]
    assert processing._PLACES > 0
