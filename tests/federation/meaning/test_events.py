"""Events from elsewhere: when and where, for people to read; and one of ours takes part.

Mobilizon, Gancio, FEP-8a8e: `Join` is answered by `Accept` or `Reject`; who has no registration answers `Ignore`.
"""

from typing import Any

import pytest

from node.runtime.errors import Invalid
from node.timeline import attendances, events, posts
from node.timeline.posts import Post
from tests.federation.conftest import Scene
from tests.support.peer import AS, PUBLIC


def event(scene: Scene, **more: Any) -> dict[str, Any]:
    """A market of Zoe's, as Mobilizon writes it."""
    written = {
        "id": f"{scene.peer.home}/events/1", "type": "Event", "attributedTo": scene.zoe.uri, "actor": scene.zoe.uri,
        "name": "Marché de Noël", "content": "<p>Vin chaud & crêpes</p>", "mediaType": "text/html", "language": "fr",
        "url": f"{scene.peer.home}/events/1", "to": [PUBLIC], "cc": [scene.zoe.followers],
        "published": "2026-09-21T13:00:00Z", "startTime": "2026-12-12T19:00:00Z", "endTime": "2026-12-12T21:00:00Z",
        "timezone": "Europe/Paris", "joinMode": "free", "ical:status": "CONFIRMED", "maximumAttendeeCapacity": 0,
        "location": {
            "type": "Place", "name": "Place de la Mairie", "latitude": 48.05, "longitude": -1.75,
            "address": {
                "type": "PostalAddress", "streetAddress": "1 place de la Mairie", "postalCode": "35170",
                "addressLocality": "Bruz", "addressCountry": "France",
            },
        },
        **more,
    }  # fmt: skip
    scene.peer.serve({"@context": AS, **written})
    return written


async def held(scene: Scene) -> Post:
    found = await posts.by_uri(scene.ctx.db.reader, f"{scene.peer.home}/events/1")
    assert found is not None
    return found


async def arrived(scene: Scene, **more: Any) -> Post:
    """The event, kept here; Bob reads Zoe."""
    await scene.befriended()
    await scene.takes(scene.zoe.create(event(scene, **more)))
    return await held(scene)


async def test_an_event_is_read_by_people(scene: Scene) -> None:
    """Its name, its day and hour on the clock of the place, the place, its text and a link."""
    await arrived(scene)
    (status,) = await scene.bob.home()
    content = status["content"].replace("&nbsp;", "\xa0")
    assert content.startswith("<p><strong>Marché de Noël</strong></p>")
    assert "samedi 12 décembre 2026 à 20\xa0h" in content, "the hour is not that of the place"
    assert "22\xa0h" in content
    assert "Place de la Mairie, 1 place de la Mairie, 35170 Bruz, France" in content
    assert "Vin chaud &amp; crêpes" in content
    assert f'href="{scene.peer.home}/events/1"' in content


async def test_an_event_in_english_that_is_cancelled(scene: Scene) -> None:
    await arrived(scene, language="en", **{"ical:status": "CANCELLED"})
    content = (await scene.bob.home())[0]["content"]
    assert "Saturday 12 December 2026 at 20:00" in content
    assert "Cancelled" in content


async def test_what_an_event_says_is_kept(scene: Scene) -> None:
    kept = (await events.of_posts(scene.ctx.db.reader, [(await arrived(scene)).id])).popitem()[1]
    assert (kept.starts_ms, kept.ends_ms) == (1_797_102_000_000, 1_797_109_200_000)
    assert kept.timezone == "Europe/Paris"
    assert (kept.place["name"], kept.place["locality"], kept.place["latitude"]) == ("Place de la Mairie", "Bruz", 48.05)
    assert (kept.join_mode, kept.status) == ("free", "confirmed")


async def test_an_event_that_is_put_off_says_so(scene: Scene) -> None:
    post = await arrived(scene)
    later = event(scene, startTime="2026-12-13T19:00:00Z", endTime=None, updated="2026-09-21T14:00:00Z")
    await scene.takes(scene.zoe.activity("Update", later))
    (status,) = await scene.bob.home()
    assert "dimanche 13 décembre 2026 à 20\xa0h" in status["content"].replace("&nbsp;", "\xa0")
    assert status["edited_at"] is not None
    assert (await events.of_posts(scene.ctx.db.reader, [post.id]))[post.id].ends_ms is None


async def test_one_of_ours_takes_part_and_is_accepted(scene: Scene) -> None:
    post = await arrived(scene)
    ctx, bob = scene.ctx, scene.bob.actor
    await ctx.db.write(lambda tx: attendances.join(tx, ctx, actor=bob, post=post))
    await scene.settle()
    (join,) = scene.peer.of_type("Join")
    assert (join["actor"], join["object"]) == (bob.uri, post.uri)
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == "asked"
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Accept", join), mallory)
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == "asked"
    await scene.takes(scene.zoe.activity("Accept", join))
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == "accepted"
    await ctx.db.write(lambda tx: attendances.join(tx, ctx, actor=bob, post=post))
    await scene.settle()
    assert len(scene.peer.of_type("Join")) == 1, "who takes part asks again"
    await ctx.db.write(lambda tx: attendances.leave(tx, actor=bob, post=post))
    await scene.settle()
    (leave,) = scene.peer.of_type("Leave")
    assert (leave["actor"], leave["object"]) == (bob.uri, post.uri)
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) is None


async def test_the_organiser_of_a_groups_event_answers(scene: Scene) -> None:
    """Mobilizon: a group publishes it, and the person who organises it (`actor`) answers."""
    group = await scene.peer.actor("asso", type="Group")
    await scene.bob.follow(group.handle)
    await scene.settle()
    await scene.takes(group.activity("Accept", scene.peer.of_type("Follow")[-1]), group)
    market = event(scene, attributedTo=group.uri, cc=[group.followers])
    await scene.takes(group.create(market), group)
    post, ctx, bob = await held(scene), scene.ctx, scene.bob.actor
    await ctx.db.write(lambda tx: attendances.join(tx, ctx, actor=bob, post=post))
    await scene.settle()
    mallory = await scene.peer.actor("mallory")
    (join,) = scene.peer.of_type("Join")
    await scene.takes(mallory.activity("Accept", join), mallory)
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == "asked"
    await scene.takes(scene.zoe.activity("Accept", join))
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == "accepted"


@pytest.mark.parametrize(("answer", "state"), [("Reject", "rejected"), ("Ignore", "asked"), ("Accept", "accepted")])
async def test_an_answer_may_be_only_an_id(scene: Scene, answer: str, state: str) -> None:
    post = await arrived(scene, joinMode="restricted")
    ctx, bob = scene.ctx, scene.bob.actor
    await ctx.db.write(lambda tx: attendances.join(tx, ctx, actor=bob, post=post))
    await scene.settle()
    await scene.takes(scene.zoe.activity(answer, scene.peer.of_type("Join")[0]["id"]))
    assert await attendances.state_of(ctx.db.reader, actor_id=bob.id, post_id=post.id) == state


@pytest.mark.parametrize(
    "more",
    [
        {"joinMode": "none"}, {"joinMode": "external", "externalParticipationUrl": "https://elsewhere.example/x"},
        {"joinMode": None}, {"ical:status": "CANCELLED"},
        {"startTime": "2026-01-01T10:00:00Z", "endTime": "2026-01-01T11:00:00Z"},
    ],
)  # fmt: skip
async def test_where_nobody_registers(scene: Scene, more: dict[str, Any]) -> None:
    """Not asked: no registration, one elsewhere, an event that was cancelled or is over."""
    post = await arrived(scene, **more)
    ctx, bob = scene.ctx, scene.bob.actor
    with pytest.raises(Invalid):
        await ctx.db.write(lambda tx: attendances.join(tx, ctx, actor=bob, post=post))
    await scene.settle()
    assert scene.peer.of_type("Join") == []


async def test_who_joins_what_takes_no_registration_is_told(scene: Scene) -> None:
    """A post of ours is no event: Ignore. What is not here, or not for the asker, is not answered."""
    posted, private = await scene.bob.post("Bonjour"), await scene.bob.post("Privé", visibility="private")
    join = scene.zoe.activity("Join", posted["uri"])
    await scene.takes(join)
    (answer,) = scene.peer.of_type("Ignore")
    assert (answer["actor"], answer["object"]["id"]) == (scene.bob.actor.uri, join["id"])
    await scene.takes(scene.zoe.activity("Join", private["uri"]))
    await scene.takes(scene.zoe.activity("Leave", posted["uri"]))
    assert len(scene.peer.of_type("Ignore")) == 1


async def test_a_picture_says_where_it_was_taken(scene: Scene) -> None:
    """Pixelfed and Vernissage name a place."""
    await scene.befriended()
    where = {"type": "Place", "name": "Bruz <Bretagne>", "country": "France"}
    await scene.takes(scene.zoe.create(scene.zoe.note("La halle", location=where)))
    (status,) = await scene.bob.home()
    assert status["content"] == "<p>La halle</p><p>📍 Bruz &lt;Bretagne&gt;, France</p>"
