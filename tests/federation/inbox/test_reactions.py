"""Announce, Like, Add and Remove: what people elsewhere do with posts, ours and others'."""

from typing import Any

import pytest

from node.timeline import posts
from node.timeline.posts import Post
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, peer_on


async def held(scene: Scene, uri: str) -> Post | None:
    return await posts.by_uri(scene.ctx.db.reader, uri)


async def shown(scene: Scene, status: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await scene.bob.client.get(f"/api/v1/statuses/{status['id']}")).ok()
    return found


async def test_a_like(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    like = scene.zoe.activity("Like", posted["uri"])
    await scene.takes(like)
    assert (await shown(scene, posted))["favourites_count"] == 1
    assert [notice["type"] for notice in await scene.bob.notifications()] == ["favourite"]
    await scene.takes(scene.zoe.activity("Undo", like))
    assert (await shown(scene, posted))["favourites_count"] == 0


async def test_a_like_taken_back_by_its_id(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    like = scene.zoe.activity("Like", posted["uri"])
    await scene.takes(like)
    await scene.takes(scene.zoe.activity("Undo", like["id"]))
    assert (await shown(scene, posted))["favourites_count"] == 0


async def test_a_like_twice_counts_once(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    await scene.takes(scene.zoe.activity("Like", posted["uri"]))
    await scene.takes(scene.zoe.activity("Like", posted["uri"]))
    assert (await shown(scene, posted))["favourites_count"] == 1


async def test_nobody_else_takes_a_like_back(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    like = scene.zoe.activity("Like", posted["uri"])
    await scene.takes(like)
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Undo", like), mallory)
    await scene.takes(mallory.activity("Undo", like["id"]), mallory)
    assert (await shown(scene, posted))["favourites_count"] == 1


async def test_a_private_post_cannot_be_liked_by_a_stranger(scene: Scene) -> None:
    posted = await scene.bob.post("Entre nous", visibility="private")
    await scene.takes(scene.zoe.activity("Like", posted["uri"]))
    assert (await scene.inbox())[-1] == ("Like", "refused")
    assert (await shown(scene, posted))["favourites_count"] == 0


async def test_a_boost_of_one_of_ours(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    boost = scene.zoe.activity("Announce", posted["uri"], to=[PUBLIC], cc=[scene.zoe.followers])
    await scene.takes(boost)
    assert (await shown(scene, posted))["reblogs_count"] == 1
    assert [notice["type"] for notice in await scene.bob.notifications()] == ["reblog"]
    await scene.takes(scene.zoe.activity("Undo", boost))
    assert (await shown(scene, posted))["reblogs_count"] == 0


async def test_a_boost_brings_the_post_from_its_own_server(scene: Scene) -> None:
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("D'ailleurs")
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    (status,) = await scene.bob.home()
    assert status["reblog"]["content"] == "<p>D'ailleurs</p>"
    assert status["reblog"]["account"]["acct"] == "yves@third.example"


async def test_what_a_boost_embeds_is_not_believed(scene: Scene) -> None:
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("Vrai")
    await scene.takes(scene.zoe.activity("Announce", note | {"content": "<p>Faux</p>"}, to=[PUBLIC]))
    (status,) = await scene.bob.home()
    assert status["reblog"]["content"] == "<p>Vrai</p>", "a booster put words into somebody's mouth"


async def test_a_boost_twice_is_one(scene: Scene) -> None:
    """Deduplicated on (actor, object): the second has another id."""
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("Une fois")
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    assert len(await scene.bob.home()) == 1


async def test_boosts_of_strangers_fetch_nothing(scene: Scene) -> None:
    third = peer_on(scene.fediverse, "third.example")
    yves = await third.actor("yves")
    note = yves.note("Ailleurs")
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    assert third.requests == [], "a stranger's boost made the node ask a third server"


async def test_a_boost_of_a_private_post(scene: Scene) -> None:
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("Entre nous", to=[yves.followers], cc=[])
    await scene.takes(scene.zoe.activity("Announce", note["id"], to=[PUBLIC]))
    assert await held(scene, note["id"]) is None
    assert (await scene.inbox())[-1] == ("Announce", "refused")


async def test_a_boost_of_a_suspended_authors_post(scene: Scene) -> None:
    """GHSA-5h2f-wg8j-xqwp: a third party's boost must not bring a suspended actor back."""
    await scene.befriended()
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    await scene.takes(yves.follow(scene.bob.actor.uri), yves)
    await scene.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET state = 'suspended' WHERE uri = $1", yves.uri))
    await scene.takes(scene.zoe.activity("Announce", yves.note("Spam")["id"], to=[PUBLIC]))
    assert await scene.bob.home() == []


async def test_a_group_that_announces_the_create(scene: Scene) -> None:
    """Lemmy (FEP-1b12): what is announced is the activity; the post is fetched from its author's server."""
    group = await scene.peer.actor("velo", handle=True)
    scene.peer.documents[group.uri] = group.document(type="Group")
    await scene.bob.follow(group.handle)
    await scene.settle()
    await scene.takes(group.activity("Accept", scene.peer.of_type("Follow")[-1]), group)
    yves = await peer_on(scene.fediverse, "third.example").actor("yves")
    note = yves.note("À vélo", audience=group.uri)
    await scene.takes(group.activity("Announce", yves.create(note), to=[PUBLIC], cc=[group.followers]), group)
    (status,) = await scene.bob.home()
    assert status["reblog"]["content"] == "<p>À vélo</p>"


async def test_nobody_else_takes_a_boost_back(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    boost = scene.zoe.activity("Announce", posted["uri"], to=[PUBLIC])
    await scene.takes(boost)
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Undo", boost), mallory)
    await scene.takes(mallory.activity("Undo", boost["id"]), mallory)
    assert (await shown(scene, posted))["reblogs_count"] == 1


async def test_a_boost_undone_before_it_came(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    boost = scene.zoe.activity("Announce", posted["uri"], to=[PUBLIC])
    await scene.takes(scene.zoe.activity("Undo", boost["id"]))
    await scene.takes(boost)
    assert (await shown(scene, posted))["reblogs_count"] == 0


async def pinned(scene: Scene) -> list[str]:
    return [row[0] for row in await scene.rows("SELECT p.uri FROM pins x JOIN posts p ON p.id = x.post_id")]


async def test_pins(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("À retenir")
    featured = f"{scene.zoe.uri}/collections/featured"
    await scene.takes(scene.zoe.activity("Add", note["id"], target=featured))
    assert await pinned(scene) == [note["id"]], "a pinned post was not fetched, or not pinned"
    await scene.takes(scene.zoe.activity("Remove", note["id"], target=featured))
    assert await pinned(scene) == []


@pytest.mark.parametrize("kind", ["Add", "Remove"])
async def test_only_ones_own_posts_in_ones_own_collection(scene: Scene, kind: str) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    note = scene.zoe.note("À moi")
    featured = f"{scene.zoe.uri}/collections/featured"
    await scene.takes(scene.zoe.activity("Add", note["id"], target=featured))
    before = await pinned(scene) if kind == "Remove" else []
    if kind == "Add":
        await scene.takes(scene.zoe.activity("Remove", note["id"], target=featured))
    await scene.takes(mallory.activity(kind, note["id"], target=featured), mallory)
    await scene.takes(mallory.activity(kind, note["id"], target=f"{mallory.uri}/collections/featured"), mallory)
    assert await pinned(scene) == before, "somebody else changed what Zoe shows first"
