"""Announce of an activity (FEP-1b12): what a community passes on is asked for where it was said, and else not believed."""

from typing import Any

import pytest

from tests.federation.conftest import Scene
from tests.support.peer import AS, PUBLIC, Peer, PeerActor, peer_on


class Community:
    """A group on a server of Lemmy's kind that Bob follows, and Zoe, a member on another server."""

    def __init__(self, scene: Scene, server: Peer, group: PeerActor) -> None:
        self.scene, self.server, self.group = scene, server, group

    async def passes_on(self, inner: Any, **more: Any) -> None:
        announce = self.group.activity("Announce", inner, to=[PUBLIC], cc=[self.group.followers], **more)
        await self.scene.takes(announce, self.group)

    async def posts(self) -> list[tuple[Any, ...]]:
        return await self.scene.rows(
            "SELECT uri, content FROM posts WHERE boost_of_id IS NULL AND NOT local ORDER BY id"
        )

    async def boosts(self) -> int:
        return len(await self.scene.rows("SELECT id FROM posts WHERE boost_of_id IS NOT NULL"))


@pytest.fixture
async def community(scene: Scene) -> Community:
    server = peer_on(scene.fediverse, "lemmy.example")
    group = await server.actor("jardins")
    server.documents[group.uri] = group.document(type="Group")
    await scene.bob.follow(group.handle)
    await scene.settle()
    await scene.takes(group.activity("Accept", server.of_type("Follow")[-1]), group)
    return Community(scene, server, group)


async def test_a_post_its_edit_and_its_deletion(scene: Scene, community: Community) -> None:
    note = scene.zoe.note("Semer en avril")
    await community.passes_on(scene.zoe.create(note))
    assert await community.posts() == [(note["id"], "<p>Semer en avril</p>")]
    edited = {**note, "content": "<p>Semer en mai</p>", "updated": "2026-09-21T13:05:00Z"}
    scene.peer.serve({"@context": AS, **edited})
    await community.passes_on(scene.zoe.activity("Update", edited))
    assert await community.posts() == [(note["id"], "<p>Semer en mai</p>")]
    scene.peer.documents[note["id"]] = 410
    await community.passes_on(scene.zoe.activity("Delete", note["id"]))
    assert await community.posts() == []


async def test_a_forged_edit_is_not_believed(scene: Scene, community: Community) -> None:
    """The community, or who broke into it, rewrites what Zoe said."""
    note = scene.zoe.note("Semer en avril")
    await community.passes_on(scene.zoe.create(note))
    forged = {**note, "content": "<p>Achetez</p>", "updated": "2026-09-21T14:00:00Z"}
    await community.passes_on(scene.zoe.activity("Update", forged))
    assert await community.posts() == [(note["id"], "<p>Semer en avril</p>")]


async def test_a_forged_create_of_a_forged_create(scene: Scene, community: Community) -> None:
    invented = {
        "id": f"{scene.peer.home}/notes/invented", "type": "Note", "attributedTo": scene.zoe.uri, "to": [PUBLIC],
        "content": "<p>Je démissionne</p>",
    }  # fmt: skip
    await community.passes_on(scene.zoe.create(invented))
    inner = community.group.activity("Announce", scene.zoe.create(invented), to=[PUBLIC])
    await community.passes_on(inner)
    assert await community.posts() == []
    assert "Je démissionne" not in str(await scene.bob.home())


async def test_moderators_take_a_post_out_of_the_community(scene: Scene, community: Community) -> None:
    """It stays where its author published it; the community no longer shows it."""
    note = scene.zoe.note("Hors sujet")
    await community.passes_on(scene.zoe.create(note))
    assert await community.boosts() == 1
    moderator = await community.server.actor("modo")
    await community.passes_on(moderator.activity("Delete", note["id"], summary="hors sujet"))
    assert await community.boosts() == 0
    assert await community.posts() == [(note["id"], "<p>Hors sujet</p>")], "a community deletes what others wrote"


async def test_a_community_that_nobody_reads_makes_us_ask_nothing(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Bonjour")
    await scene.takes(scene.zoe.create(note))
    server = peer_on(scene.fediverse, "lemmy.example")
    group = await server.actor("spam")
    asked = len(scene.peer.requests)
    for kind in ("Update", "Delete", "Like", "Undo"):
        await scene.takes(group.activity("Announce", scene.zoe.activity(kind, note["id"]), to=[PUBLIC]), group)
    assert len(scene.peer.requests) == asked


async def test_a_like_of_ours_comes_by_the_community_alone(scene: Scene, community: Community) -> None:
    posted = await scene.bob.post("Qui a des graines ?")
    like = scene.zoe.activity("Like", posted["uri"])
    await community.passes_on(like)
    likes = "SELECT favourites_count FROM posts WHERE local"
    assert await scene.rows(likes) == [(0,)], "a like that nobody confirms is counted"
    scene.peer.serve(like)
    scene.fediverse.clock.forward(120)
    await community.passes_on(like)
    assert await scene.rows(likes) == [(1,)]
    undo = scene.zoe.activity("Undo", like)
    await community.passes_on(undo)
    assert await scene.rows(likes) == [(1,)], "a like is taken back by somebody else"
    scene.peer.serve(undo)
    scene.fediverse.clock.forward(120)
    await community.passes_on(undo)
    assert await scene.rows(likes) == [(0,)]


async def test_a_like_in_the_name_of_another(scene: Scene, community: Community) -> None:
    """The document is Mallory's own: it says that Zoe likes."""
    posted = await scene.bob.post("Qui a des graines ?")
    mallory = await peer_on(scene.fediverse, "evil.example").actor("mallory")
    forged = {**mallory.activity("Like", posted["uri"]), "actor": scene.zoe.uri}
    mallory.peer.serve(forged)
    await community.passes_on(forged)
    assert await scene.rows("SELECT favourites_count FROM posts WHERE local") == [(0,)]


async def test_likes_of_strangers_posts_are_not_asked_for(scene: Scene, community: Community) -> None:
    note = scene.zoe.note("Semer en avril")
    await community.passes_on(scene.zoe.create(note))
    liker = await peer_on(scene.fediverse, "third.example").actor("max")
    like = liker.activity("Like", note["id"])
    liker.peer.serve(like)
    await community.passes_on(like)
    assert [url for _, url, _ in liker.peer.requests if url == like["id"]] == []


async def test_a_member_who_left(scene: Scene, community: Community) -> None:
    """Mbin announces Delete of a person: her own server is asked, and only that she is gone counts."""
    note = scene.zoe.note("Semer en avril")
    await community.passes_on(scene.zoe.create(note))
    await community.passes_on(scene.zoe.activity("Delete", scene.zoe.uri))
    assert len(await community.posts()) == 1
    scene.peer.documents[scene.zoe.uri] = 410
    await community.passes_on(scene.zoe.activity("Delete", scene.zoe.uri))
    assert await community.posts() == []


async def test_a_hostile_community_is_no_hammer(scene: Scene, community: Community) -> None:
    """It announces three hundred edits of one victim's post: the victim is asked a bounded number of times."""
    note = scene.zoe.note("Bonjour")
    await community.passes_on(scene.zoe.create(note))
    asked = len(scene.peer.requests)
    for _ in range(300):
        inner = scene.zoe.activity("Delete", scene.zoe.uri)
        await community.group.send(scene.node.host, community.group.activity("Announce", inner, to=[PUBLIC]))
    await scene.settle()
    assert len(scene.peer.requests) - asked <= 260
    assert scene.ctx.metrics.counted("community_not_asked") >= 150
