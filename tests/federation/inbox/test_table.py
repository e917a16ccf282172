"""The table of handlers: each has a sample of its wire format that it is found for, refuses forgers and knows replays."""

import inspect
import re
from typing import Any

import orjson
import pytest

from node.federation.inbox import (
    accept,
    add,
    agreement,
    announce,
    attend,
    block,
    community,
    create,
    delete,
    flag,
    follow,
    like,
    move,
    quote,
    react,
    reject,
    remove,
    reply,
    undo,
    update,
)
from node.federation.inbox.handlers import HANDLERS, handler_of
from node.federation.inbox.received import Received
from node.federation.vocab import activities
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC

MODULES = [
    accept, add, agreement, announce, attend, block, community, create, delete, flag, follow, like, move, quote, react, reject, remove, reply, undo, update,
]  # fmt: skip


def sample(module: Any) -> dict[str, Any]:
    """The JSON in a module's docstring."""
    found = re.search(r"^    (\{.*?\})\s*$\n\n", module.__doc__ + "\n\n", re.DOTALL | re.MULTILINE)
    assert found is not None, f"{module.__name__} shows no sample of what comes over the wire"
    return orjson.loads(found[1])


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_handler_shows_what_it_reads(module: Any) -> None:
    activity = activities.read(sample(module))
    handler = handler_of(Received(None, activity, None))  # type: ignore[arg-type]
    assert handler is not None, f"the sample of {module.__name__} finds no handler"
    assert inspect.getmodule(handler) is module


def test_no_handler_is_forgotten() -> None:
    assert {inspect.getmodule(handler) for handler in HANDLERS.values()} == set(MODULES)


def about(scene: Scene) -> dict[str, dict[str, Any]]:
    """One activity of Zoe's for each type."""
    zoe, bob = scene.zoe, scene.bob.actor
    note = zoe.note("Bonjour", to=[PUBLIC, bob.uri])
    featured = f"{zoe.uri}/collections/featured"
    follow_ = zoe.follow(bob.uri)
    return {
        "Follow": follow_,
        "Accept": zoe.activity("Accept", f"{bob.uri}#follows/1"),
        "Reject": zoe.activity("Reject", f"{bob.uri}#follows/1"),
        "Create": zoe.create(note),
        "Update": zoe.activity("Update", note),
        "Delete": zoe.activity("Delete", note["id"]),
        "Announce": zoe.activity("Announce", note["id"], to=[PUBLIC]),
        "Like": zoe.activity("Like", note["id"]),
        "Block": zoe.activity("Block", bob.uri),
        "Ignore": zoe.activity("Ignore", f"{bob.uri}#joins/1"),
        "Join": zoe.activity("Join", f"{bob.uri}/statuses/1"),
        "Leave": zoe.activity("Leave", f"{bob.uri}/statuses/1"),
        "EmojiReact": zoe.activity("EmojiReact", note["id"], content="🎉"),
        "QuoteRequest": zoe.activity("QuoteRequest", f"{bob.uri}/statuses/1", instrument=note | {"quote": bob.uri}),
        "ReplyRequest": zoe.activity(
            "ReplyRequest", f"{bob.uri}/statuses/1", instrument=note | {"inReplyTo": f"{bob.uri}/statuses/1"}
        ),
        "Flag": zoe.activity("Flag", [bob.uri]),
        "Move": zoe.activity("Move", zoe.uri, target=f"{zoe.uri}-2"),
        "Add": zoe.activity("Add", note["id"], target=featured),
        "Remove": zoe.activity("Remove", note["id"], target=featured),
        "Undo": zoe.activity("Undo", follow_),
        "Offer": zoe.activity("Offer", sample(agreement)["object"]),
    }


@pytest.mark.parametrize("kind", sorted(activities.TYPES))
async def test_a_forged_sender(scene: Scene, kind: str) -> None:
    """Mallory, on the same server and on another key, sends it in Zoe's name."""
    mallory = await scene.peer.actor("mallory")
    activity = about(scene)[kind]
    assert (await mallory.send(scene.node.host, activity)).status == 401
    assert (await mallory.send(scene.node.host, activity, key_id=scene.zoe.key_id)).status == 401
    assert await scene.inbox() == []


@pytest.mark.parametrize("kind", sorted(activities.TYPES))
async def test_a_replay(scene: Scene, kind: str) -> None:
    """The same bytes again: taken, and nothing happens twice."""
    await scene.befriended()
    activity = about(scene)[kind]
    await scene.takes(activity)
    rows, sent = await scene.inbox(), len(scene.peer.received)
    posts = await scene.rows("SELECT id, uri, edited_ms FROM posts ORDER BY id")
    await scene.takes(activity)
    assert await scene.inbox() == rows, f"a replayed {kind} was stored again"
    assert len(scene.peer.received) == sent, f"a replayed {kind} was answered again"
    assert await scene.rows("SELECT id, uri, edited_ms FROM posts ORDER BY id") == posts
