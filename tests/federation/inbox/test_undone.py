"""Undo in the forms that servers write it: whole, by id, by id and type, of an answer, of what a community passed on."""

from typing import Any

import pytest

from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC

FORMS = ["whole", "by id", "by id and type"]


def undo(scene: Scene, activity: dict[str, Any], form: str) -> dict[str, Any]:
    named = {
        "whole": activity,
        "by id": activity["id"],
        "by id and type": {"id": activity["id"], "type": activity["type"]},
    }
    return scene.zoe.activity("Undo", named[form])


async def standing(scene: Scene) -> dict[str, list[tuple[Any, ...]]]:
    """What a Follow, a Like, an Announce and a Block leave."""
    return {
        "Follow": await scene.rows("SELECT state FROM follows WHERE followee_id = $1", scene.bob.actor.id),
        "Like": await scene.rows("SELECT 1 FROM favourites"),
        "EmojiReact": await scene.rows("SELECT 1 FROM emoji_reactions"),
        "Announce": await scene.rows("SELECT 1 FROM posts WHERE boost_of_id IS NOT NULL"),
        "Block": await scene.rows("SELECT 1 FROM blocks"),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["Follow", "Like", "EmojiReact", "Announce", "Block"])
async def test_each_is_undone_in_each_form_also_before_it_comes(scene: Scene, kind: str, form: str) -> None:
    posted = await scene.bob.post("Bonjour")
    about = scene.bob.actor.uri if kind in ("Follow", "Block") else posted["uri"]
    for first_undone in (False, True):
        activity = scene.zoe.activity(kind, about, to=[PUBLIC], content="🎉" if kind == "EmojiReact" else None)
        pair = [activity, undo(scene, activity, form)]
        for each in reversed(pair) if first_undone else pair:
            await scene.takes(each)
        assert (await standing(scene))[kind] == [], f"{kind} undone {form}, Undo first: {first_undone}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["Follow", "Like", "EmojiReact", "Announce", "Block"])
async def test_nobody_else_undoes_it(scene: Scene, kind: str, form: str) -> None:
    mallory = await scene.peer.actor("mallory")
    posted = await scene.bob.post("Bonjour")
    about = scene.bob.actor.uri if kind in ("Follow", "Block") else posted["uri"]
    activity = scene.zoe.activity(kind, about, to=[PUBLIC], content="🎉" if kind == "EmojiReact" else None)
    await scene.takes(activity)
    before = await standing(scene)
    assert before[kind]
    await scene.takes({**undo(scene, activity, form), "actor": mallory.uri}, mallory)
    assert await standing(scene) == before


async def test_an_accept_is_taken_back(scene: Scene) -> None:
    """Misskey removes a follower so."""
    await scene.bob.follow(scene.zoe.handle)
    await scene.settle()
    accept = scene.zoe.activity("Accept", scene.peer.of_type("Follow")[-1])
    await scene.takes(accept)
    mallory = await scene.peer.actor("mallory")
    await scene.takes({**mallory.activity("Undo", accept)}, mallory)
    assert await scene.rows("SELECT state FROM follows") == [("accepted",)]
    await scene.takes(scene.zoe.activity("Undo", accept))
    assert await scene.rows("SELECT state FROM follows") == [], "Bob still believes that he reads Zoe"


async def test_a_community_takes_back_what_it_passed_on(scene: Scene) -> None:
    """Lemmy embeds the whole Announce of the whole Create."""
    await scene.befriended()
    max_ = await scene.peer.actor("max")
    note = max_.note("Semer en avril")
    announce = scene.zoe.activity("Announce", max_.create(note), to=[PUBLIC])
    await scene.takes(announce)
    assert (await standing(scene))["Announce"]
    await scene.takes(scene.zoe.activity("Undo", announce))
    assert (await standing(scene))["Announce"] == []


async def test_a_deleted_post_comes_back(scene: Scene) -> None:
    """Lemmy's authors restore what they deleted; nobody else brings a dead post back."""
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    note = scene.zoe.note("Semer en avril")
    delete = scene.zoe.activity("Delete", note["id"])
    await scene.takes(scene.zoe.create(note))
    await scene.takes(delete)
    assert await scene.rows("SELECT 1 FROM posts") == []
    await scene.takes({**scene.zoe.activity("Undo", {**delete, "actor": mallory.uri}), "actor": mallory.uri}, mallory)
    assert await scene.rows("SELECT 1 FROM posts") == [], "a neighbour brings back what Zoe deleted"
    await scene.takes(scene.zoe.activity("Undo", delete))
    assert await scene.rows("SELECT content FROM posts") == [("<p>Semer en avril</p>",)]


async def test_a_deletion_that_was_undone_before_it_came(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Semer en avril")
    delete = scene.zoe.activity("Delete", note["id"])
    await scene.takes(scene.zoe.create(note))
    await scene.takes(scene.zoe.activity("Undo", delete))
    await scene.takes(delete)
    assert await scene.rows("SELECT content FROM posts") == [("<p>Semer en avril</p>",)]


async def test_an_account_that_left_stays_away(scene: Scene) -> None:
    await scene.befriended()
    delete = scene.zoe.activity("Delete", scene.zoe.uri)
    await scene.takes(delete)
    await scene.zoe.send(scene.node.host, scene.zoe.activity("Undo", delete))
    await scene.settle()
    assert await scene.rows("SELECT state FROM actors WHERE uri = $1", scene.zoe.uri) == [("deleted",)]


async def test_blocks_between_two_nodes(fediverse: Any) -> None:
    """A block ends the follows on both sides, keeps the two apart, and its end lets them find each other again."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await alice.follow(bruno.handle)
    await bruno.follow(alice.handle)
    await fediverse.settle()
    target = await alice.find(bruno.handle)
    (await alice.client.post(f"/api/v1/accounts/{target['id']}/block")).ok()
    await fediverse.settle()
    for node in (alice.node, bruno.node):
        assert await node.ctx.db.reader.fetch("SELECT 1 FROM follows") == []
        assert len(await node.ctx.db.reader.fetch("SELECT 1 FROM blocks")) == 1
    await bruno.post("@alice@lyon.example coucou")
    assert (await bruno.client.post(f"/api/v1/accounts/{(await bruno.find(alice.handle))['id']}/follow")).status == 403
    await fediverse.settle()
    assert await alice.notifications(types=["mention"]) == []
    (await alice.client.post(f"/api/v1/accounts/{target['id']}/unblock")).ok()
    await fediverse.settle()
    for node in (alice.node, bruno.node):
        assert await node.ctx.db.reader.fetch("SELECT 1 FROM blocks") == []
    await bruno.follow(alice.handle)
    await fediverse.settle()
    assert [notice["type"] for notice in await alice.notifications(types=["follow"])] == ["follow"]
