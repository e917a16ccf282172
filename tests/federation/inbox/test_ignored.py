"""What nothing follows from: answered, counted, shown to keepers, never an error; and what concerns nobody here."""

from typing import Any

import pytest

from admin import operations
from node.federation.inbox.handlers import WITHOUT_EFFECT
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, peer_on


@pytest.mark.parametrize("kind", sorted(WITHOUT_EFFECT))
async def test_understood_and_without_effect(scene: Scene, kind: str) -> None:
    posted = await scene.bob.post("Bonjour")
    await scene.takes(scene.zoe.activity(kind, posted["uri"]))
    assert await scene.rows("SELECT type, state, body FROM inbox") == [(kind, "ignored", None)]
    assert scene.ctx.metrics.counted("inbox_ignored", type=kind) == 1
    assert not await scene.bob.notifications()


async def test_not_understood_is_kept_as_it_came(scene: Scene) -> None:
    for number, kind in enumerate(("Teleport", "\x1b[2J\u202e", "Undo")):
        activity = scene.zoe.activity("Undo", {"type": "Teleport", "id": f"{scene.peer.home}/x"})
        await scene.takes({**activity, "type": kind, "id": f"{scene.peer.home}/{number}"})
    rows = await scene.rows("SELECT state, body IS NULL FROM inbox")
    assert [(state, bool(gone)) for state, gone in rows] == [("ignored", False)] * 3
    assert scene.ctx.metrics.counted("inbox_ignored", type="other") == 2, "a stranger's word is a label of the figures"
    assert scene.ctx.metrics.counted("inbox_ignored", type="Undo") == 1


async def test_a_keeper_sees_kinds_and_servers(scene: Scene) -> None:
    assert await operations.perform(scene.ctx, "federation.ignored", {}) == ["Tout ce qui est venu a été compris."]
    other = await peer_on(scene.fediverse, "tube.example").actor("max")
    for number in range(3):
        await scene.takes(other.activity("View", f"https://tube.example/v/{number}"), other)
    await scene.takes(scene.zoe.activity("View", "https://tube.example/v/1"))
    await scene.takes({**scene.zoe.activity("View", "https://tube.example/v/1"), "type": "\x1b[2J"})
    lines = await operations.perform(scene.ctx, "federation.ignored", {})
    assert lines[0] == "View  4  tube.example 3, elsewhere.example 1"
    assert lines[1] == "'\\x1b[2J'  1  elsewhere.example 1"


async def test_what_concerns_nobody_here_leaves_nothing(scene: Scene) -> None:
    """No local actor, no follow, no post of ours: taken, dropped with its reason, and no server is asked about it."""
    third = peer_on(scene.fediverse, "third.example")
    max_ = await third.actor("max")
    theirs = max_.note("Entre eux")
    note = scene.zoe.note("Pour personne d'ici", inReplyTo=theirs["id"])
    about: list[dict[str, Any]] = [
        scene.zoe.create(note),
        scene.zoe.activity("Update", note),
        scene.zoe.activity("Announce", theirs["id"], to=[PUBLIC]),
        scene.zoe.activity("Announce", max_.create(theirs), to=[PUBLIC]),
        scene.zoe.activity("Announce", max_.activity("Update", theirs), to=[PUBLIC]),
        scene.zoe.activity("Announce", max_.activity("Delete", theirs["id"]), to=[PUBLIC]),
        scene.zoe.activity("Announce", max_.activity("Like", theirs["id"]), to=[PUBLIC]),
        scene.zoe.activity("Like", theirs["id"]),
        scene.zoe.activity("Block", max_.uri),
        scene.zoe.activity("Follow", max_.uri),
        scene.zoe.activity("Accept", f"{max_.uri}#follows/1"),
        scene.zoe.activity("Reject", f"{max_.uri}#follows/1"),
        scene.zoe.activity("Flag", [max_.uri, theirs["id"]]),
        scene.zoe.activity("Move", scene.zoe.uri, target=max_.uri),
        scene.zoe.activity("Add", theirs["id"], target=f"{scene.zoe.uri}/collections/featured"),
        scene.zoe.activity("Undo", scene.zoe.activity("Follow", max_.uri)),
    ]
    for activity in about:
        await scene.takes(activity)
    for table in ("posts", "follows", "blocks", "reports", "moves", "notifications", "jobs"):
        assert await scene.rows(f"SELECT 1 FROM {table}") == [], f"a stranger's affair is kept in {table}"
    assert [url for _, url, _ in third.requests] == [], "a stranger's affair makes us ask others"
    assert {state for _, state in await scene.inbox()} == {"done"}
