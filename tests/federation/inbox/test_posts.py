"""Create, Update and Delete of posts from elsewhere: kept if they concern somebody here, believed of their author only."""

from typing import Any

import pytest

from node.timeline import posts
from node.timeline.posts import Post
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, peer_on


async def held(scene: Scene, uri: str) -> Post | None:
    return await posts.by_uri(scene.ctx.db.reader, uri)


async def test_a_post_reaches_the_home_of_a_follower(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Marché ouvert ce soir")
    await scene.takes(scene.zoe.create(note))
    assert [status["content"] for status in await scene.bob.home()] == ["<p>Marché ouvert ce soir</p>"]


async def test_what_concerns_nobody_here_is_dropped(scene: Scene) -> None:
    note = scene.zoe.note("Bonjour le monde")
    await scene.takes(scene.zoe.create(note))
    assert await held(scene, note["id"]) is None, "the node keeps what nobody here asked for"
    assert await scene.inbox() == [("Create", "done")]


async def test_a_mention_by_a_stranger(scene: Scene) -> None:
    tag = [{"type": "Mention", "href": scene.bob.actor.uri, "name": "@bob@lyon.example"}]
    note = scene.zoe.note("Bonjour @bob", to=[PUBLIC, scene.bob.actor.uri], tag=tag)
    await scene.takes(scene.zoe.create(note))
    (notice,) = await scene.bob.notifications()
    assert notice["type"] == "mention"
    assert notice["account"]["acct"] == "zoe@elsewhere.example"


async def test_a_direct_message(scene: Scene) -> None:
    tag = [{"type": "Mention", "href": scene.bob.actor.uri, "name": "@bob"}]
    note = scene.zoe.note("Un secret", to=[scene.bob.actor.uri], cc=[], tag=tag)
    await scene.takes(scene.zoe.create(note))
    kept = await held(scene, note["id"])
    assert kept is not None
    assert kept.visibility == "direct"


@pytest.mark.parametrize(
    ("to", "cc", "visibility"),
    [
        ([PUBLIC], [], "public"),
        ("as:Public", None, "public"),
        (["Public"], [], "public"),
        (["{followers}"], [PUBLIC], "unlisted"),
        ("{followers}", [], "followers"),
        ([], ["{followers}"], "followers"),
    ],
)
async def test_who_may_read(scene: Scene, to: Any, cc: Any, visibility: str) -> None:
    await scene.befriended()

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(item) for item in value]
        return scene.zoe.followers if value == "{followers}" else value

    note = scene.zoe.note("Bonjour", to=named(to), cc=named(cc))
    await scene.takes(scene.zoe.create(note))
    kept = await held(scene, note["id"])
    assert kept is not None
    assert kept.visibility == visibility


async def test_a_note_whose_id_is_on_another_host(scene: Scene) -> None:
    """A server that accepts this exists: never be that server."""
    await scene.befriended()
    note = scene.zoe.note("Faux") | {"id": "https://villeurbanne.example/notes/1"}
    await scene.takes(scene.zoe.create(note))
    assert await held(scene, note["id"]) is None
    assert (await scene.inbox())[-1] == ("Create", "refused")


async def test_a_note_in_a_neighbours_name(scene: Scene) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    note = mallory.note("Faux", attributedTo=scene.zoe.uri)
    await scene.takes(mallory.create(note), mallory)
    assert await held(scene, note["id"]) is None, "a neighbour published in Zoe's name"


async def test_only_the_id_of_a_post_came(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("À chercher")
    await scene.takes(scene.zoe.create(note) | {"object": note["id"]})
    kept = await held(scene, note["id"])
    assert kept is not None
    assert kept.content == "<p>À chercher</p>"


async def test_an_answer_brings_what_it_answers(scene: Scene) -> None:
    """The conversation above is fetched from its own servers, and linked when it comes."""
    third = peer_on(scene.fediverse, "third.example")
    yves = await third.actor("yves")
    await scene.befriended()
    first = yves.note("Première")
    second = yves.note("Deuxième", inReplyTo=first["id"])
    note = scene.zoe.note("Troisième", inReplyTo=second["id"])
    await scene.takes(scene.zoe.create(note))
    chain = [await held(scene, each["id"]) for each in (first, second, note)]
    assert all(chain), "what is answered was not fetched"
    one, two, three = (post for post in chain if post is not None)
    assert (three.reply_to_id, two.reply_to_id) == (two.id, one.id)
    assert three.thread_id == one.thread_id


async def test_an_endless_conversation_is_not_followed_up(scene: Scene) -> None:
    await scene.befriended()
    above: str | None = None
    for number in range(30):
        above = scene.zoe.note(f"{number}", inReplyTo=above)["id"]
    note = scene.zoe.note("La dernière", inReplyTo=above)
    await scene.takes(scene.zoe.create(note))
    fetched = [url for method, url, _ in scene.peer.requests if method == "GET" and "/notes/" in url]
    assert 1 <= len(fetched) <= 10, f"one reply made the node fetch {len(fetched)} posts"


async def test_an_answer_to_one_of_ours(scene: Scene) -> None:
    posted = await scene.bob.post("Qui vient ?")
    note = scene.zoe.note("Moi", inReplyTo=posted["uri"])
    await scene.takes(scene.zoe.create(note))
    kept = await held(scene, note["id"])
    assert kept is not None, "an answer by a stranger was dropped"
    assert kept.reply_to_author_id == scene.bob.actor.id


async def test_articles_events_and_videos_can_be_read(scene: Scene) -> None:
    await scene.befriended()
    for kind in ("Article", "Event", "Video", "Page", "Question"):
        note = scene.zoe.note("", type=kind, name=f"Un {kind}", summary="<p>En bref</p>", content=None)
        await scene.takes(scene.zoe.create(note))
        kept = await held(scene, note["id"])
        assert kept is not None, f"an {kind} is lost"
        assert kept.name == f"Un {kind}"
        assert "En bref" in kept.content + kept.summary


async def test_hostile_html_is_cleaned(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("<script>alert(1)</script><img src=x onerror=alert(1)>Bonjour")
    await scene.takes(scene.zoe.create(note))
    (status,) = await scene.bob.home()
    assert "script" not in status["content"]
    assert "onerror" not in status["content"]


async def test_an_edit(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Avant")
    await scene.takes(scene.zoe.create(note))
    changed = note | {"content": "<p>Après</p>", "updated": "2026-09-21T13:10:00Z"}
    await scene.takes(scene.zoe.activity("Update", changed, to=[PUBLIC]))
    (status,) = await scene.bob.home()
    assert status["content"] == "<p>Après</p>"
    assert status["edited_at"]


async def test_only_the_author_edits(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Vrai")
    await scene.takes(scene.zoe.create(note))
    evil = peer_on(scene.fediverse, "evil.example")
    for mallory in (await scene.peer.actor("mallory"), await evil.actor("mallory")):
        for about in (note | {"content": "faux"}, note | {"content": "faux", "attributedTo": mallory.uri}):
            await scene.takes(mallory.activity("Update", about), mallory)
    (status,) = await scene.bob.home()
    assert status["content"] == "<p>Vrai</p>", "somebody else changed Zoe's post"


async def test_an_edit_of_a_post_we_should_have(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Complété", updated="2026-09-21T13:10:00Z")
    await scene.takes(scene.zoe.activity("Update", note))
    assert await held(scene, note["id"]) is not None


async def test_a_deletion(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Bientôt parti")
    await scene.takes(scene.zoe.create(note))
    await scene.takes(scene.zoe.activity("Delete", {"id": note["id"], "type": "Tombstone"}))
    assert await scene.bob.home() == []
    assert await held(scene, note["id"]) is None


async def test_a_deletion_that_overtook_its_post(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Trop tard")
    await scene.takes(scene.zoe.activity("Delete", note["id"]))
    await scene.takes(scene.zoe.create(note))
    assert await held(scene, note["id"]) is None


async def test_only_the_author_deletes(scene: Scene) -> None:
    await scene.befriended()
    note = scene.zoe.note("Reste")
    await scene.takes(scene.zoe.create(note))
    evil = peer_on(scene.fediverse, "evil.example")
    for mallory in (await scene.peer.actor("mallory"), await evil.actor("mallory")):
        await scene.takes(mallory.activity("Delete", note["id"]), mallory)
    assert await held(scene, note["id"]) is not None, "somebody else deleted Zoe's post"


async def test_a_neighbour_cannot_delete_what_has_not_come(scene: Scene) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    note = scene.zoe.note("Arrive")
    await scene.takes(mallory.activity("Delete", note["id"]), mallory)
    await scene.takes(scene.zoe.create(note))
    assert await held(scene, note["id"]) is not None, "a neighbour on Zoe's server forbade us her post"


async def test_a_post_told_twice_is_one(scene: Scene) -> None:
    """Once per id of the object too: servers send it to several inboxes with several activities."""
    await scene.befriended()
    note = scene.zoe.note("Une fois")
    await scene.takes(scene.zoe.create(note))
    await scene.takes(scene.zoe.create(note))
    assert len(await scene.bob.home()) == 1


async def test_an_actor_leaves_and_takes_all_with_it(scene: Scene) -> None:
    await scene.befriended()
    await scene.takes(scene.zoe.create(scene.zoe.note("Adieu")))
    await scene.takes(scene.zoe.activity("Delete", scene.zoe.uri))
    assert await scene.bob.home() == []
    assert await scene.rows("SELECT state FROM actors WHERE uri = $1", scene.zoe.uri) == [("deleted",)]


async def test_nobody_else_deletes_an_actor(scene: Scene) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Delete", scene.zoe.uri), mallory)
    assert await scene.rows("SELECT state FROM actors WHERE uri = $1", scene.zoe.uri) == [("active",)]


async def test_a_profile_changes(scene: Scene) -> None:
    await scene.befriended()
    await scene.takes(scene.zoe.activity("Update", scene.zoe.document(name="Zoé", type="Service")))
    row = await scene.rows("SELECT name, type FROM actors WHERE uri = $1", scene.zoe.uri)
    assert row == [("Zoé", "Service")]


async def test_nobody_else_changes_a_profile(scene: Scene) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Update", scene.zoe.document(name="Volée")), mallory)
    await scene.takes(scene.zoe.activity("Update", mallory.document(name="Volée")))
    names = await scene.rows("SELECT name FROM actors WHERE name = $1", "Volée")
    assert names == [], "a profile was changed by somebody else"


async def test_a_vote_is_no_post(scene: Scene) -> None:
    posted = await scene.bob.post("Pour ou contre ?")
    vote = scene.zoe.note("", name="Pour", inReplyTo=posted["uri"], to=[scene.bob.actor.uri], cc=[], content="<br>")
    await scene.takes(scene.zoe.create(vote))
    assert await held(scene, vote["id"]) is None
