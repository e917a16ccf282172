"""What an actor is told, what it is spared, and how it reads and clears it."""

from typing import Any

import pytest

from node.actors import blocks, follows
from node.actors.actor import Actor
from node.notifications import markers, notices
from node.notifications.facts import Notified
from node.runtime.errors import NotFound
from node.timeline import boosts, favourites, posts
from node.timeline.pages import Page
from tests.support.town import Town


async def told(town: Town, actor: Actor, **filters: Any) -> list[tuple[str, int, int | None]]:
    """What the actor reads: (type, from, post), newest first."""
    found = await notices.page(town.reader, actor.id, Page(), **filters)
    return [(notice.type, notice.from_actor_id, notice.post_id) for notice in found]


async def test_what_happens_to_a_post_is_told_once(town: Town) -> None:
    """A mention, a favourite, a boost: told to the author, taken back with what was done."""
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    asked = await town.received(bruno, mentions=[mairie])
    assert await told(town, mairie) == [("mention", bruno.id, asked.id)]
    post = await town.post(mairie)
    await town.favourite(bruno, post)
    await town.favourite(bruno, post)
    await town.boost(bruno, post)
    expected = [("reblog", bruno.id, post.id), ("favourite", bruno.id, post.id), ("mention", bruno.id, asked.id)]
    assert await told(town, mairie) == expected
    assert [fact.type for fact in town.told(Notified)] == ["mention", "favourite", "reblog"]
    await town.ctx.db.write(lambda tx: favourites.remove(tx, actor=bruno, post=post))
    await town.ctx.db.write(lambda tx: boosts.unboost(tx, town.ctx, actor=bruno, post=post))
    await town.delete(asked)
    assert await told(town, mairie) == [], "what was taken back is still told"


async def test_an_old_post_that_is_fetched_is_no_news(town: Town) -> None:
    """A conversation of last year, completed today, tells nobody of it."""
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    await town.received(bruno, mentions=[mairie], published="2025-01-01T00:00:00Z")
    assert await told(town, mairie) == []


async def test_follows_and_requests_are_told_and_taken_back(town: Town) -> None:
    """An open account hears of a follow, a locked one of a request; who accepts one knows it already."""
    mairie, marie = await town.local("mairie"), await town.local("marie", locked=True)
    bruno = await town.remote("bruno")
    await town.follow(bruno, mairie)
    assert await told(town, mairie) == [("follow", bruno.id, None)]
    await town.unfollow(bruno, mairie)
    assert await told(town, mairie) == []
    await town.ctx.db.write(
        lambda tx: follows.request(tx, town.ctx, follower=bruno, followee=marie, uri="https://remote.example/f/1")
    )
    assert await told(town, marie) == [("follow_request", bruno.id, None)]
    await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=bruno, followee=marie))
    assert await told(town, marie) == []


async def test_no_notice_reaches_the_wrong_reader(town: Town) -> None:
    """Neither over a block, nor from who is suspended or limited, nor about what one may not read, nor of oneself."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    bruno, claude = await town.remote("bruno"), await town.remote("claude", "other.example")
    post = await town.post(marie, "Moi", mentions=[marie])
    assert await town.favourite(marie, post)
    await town.block(mairie, bruno)
    await town.received(bruno, mentions=[mairie])
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET limited = TRUE WHERE id = $1", claude.id))
    await town.received(claude, mentions=[marie])
    assert await told(town, mairie) == [], "a notice came over a block"
    assert await told(town, marie) == [], "told of oneself, or by somebody limited whom she does not follow"
    await town.follow(marie, claude)
    spoken = await town.received(claude, mentions=[marie])
    assert await told(town, marie) == [("mention", claude.id, spoken.id)]
    await town.suspend(claude)
    assert await told(town, marie) == [], "a suspended actor still speaks through a notice"
    notified = await town.ctx.db.write(
        lambda tx: notices.notify(tx, town.ctx, actor_id=marie.id, type="follow", from_actor_id=claude.id)
    )
    assert notified is None


async def test_a_notice_goes_when_its_post_may_no_longer_be_read(town: Town) -> None:
    """Who unfollows no longer reads a followers-only post through the notice about it."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    await town.follow(marie, mairie, notify=True)
    secret = await town.post(mairie, "Entre nous", "followers")
    [notice] = await notices.page(town.reader, marie.id, Page())
    assert (notice.type, notice.post_id) == ("status", secret.id)
    await town.unfollow(marie, mairie)
    assert await told(town, marie) == []
    assert await notices.unread_count(town.reader, actor_id=marie.id) == 0, "a count tells of a hidden post"
    with pytest.raises(NotFound):
        await notices.by_id(town.reader, actor_id=marie.id, notice_id=notice.id)


async def test_who_asked_hears_of_every_post_but_not_of_replies_to_others(town: Town) -> None:
    mairie, marie, luc = await town.local("mairie"), await town.local("marie"), await town.local("luc")
    await town.follow(marie, mairie, notify=True)
    first = await town.post(mairie)
    other = await town.post(luc)
    await town.post(mairie, reply_to=other)
    await town.boost(mairie, other)
    await town.post(mairie, "secret", "direct")
    second = await town.post(mairie, "Suite", reply_to=first)
    assert await told(town, marie) == [("status", mairie.id, second.id), ("status", mairie.id, first.id)]


async def test_an_edit_is_told_to_who_boosted_and_to_who_is_newly_named(town: Town) -> None:
    mairie, marie, luc = await town.local("mairie"), await town.local("marie"), await town.local("luc")
    post = await town.post(mairie, "Fête à 20 h")
    await town.boost(marie, post)
    for text in ("Fête à 21 h @luc", "Fête à 22 h @luc"):
        await town.ctx.db.write(
            lambda tx, text=text: posts.edit(  # type: ignore[misc]
                tx, town.ctx, post=post, author=mairie, text=text, mentions_resolved=[luc]
            )
        )
    assert await told(town, marie) == [("update", mairie.id, post.id)], "each edit piles up, or none is told"
    assert await told(town, luc) == [("mention", mairie.id, post.id)]


async def test_a_block_takes_notices_away_on_both_sides(town: Town) -> None:
    mairie, marie = await town.local("mairie"), await town.local("marie")
    await town.follow(marie, mairie)
    await town.favourite(mairie, await town.post(marie))
    await town.block(mairie, marie)
    await town.ctx.db.write(lambda tx: blocks.unblock(tx, town.ctx, actor=mairie, target=marie))
    assert await told(town, mairie) == await told(town, marie) == []


async def test_pages_filters_and_clearing(town: Town) -> None:
    """Types, excluded types, one sender, keyset bounds; dismissing touches only one's own."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    bruno, claude = await town.remote("bruno"), await town.remote("claude")
    post = await town.post(mairie)
    for actor in (bruno, claude):
        await town.favourite(actor, post)
        await town.boost(actor, post)
    assert await told(town, mairie, types=["favourite"]) == [
        ("favourite", claude.id, post.id), ("favourite", bruno.id, post.id),
    ]  # fmt: skip
    assert await told(town, mairie, exclude_types=["favourite"], from_actor_id=bruno.id) == [
        ("reblog", bruno.id, post.id)
    ]
    assert await told(town, mairie, types=["nonsense"]) == []
    everything = [notice.id for notice in await notices.page(town.reader, mairie.id, Page())]
    older = await notices.page(town.reader, mairie.id, Page(max_id=everything[1], limit=1))
    newer = await notices.page(town.reader, mairie.id, Page(min_id=everything[3], limit=2))
    assert [notice.id for notice in older] == everything[2:3]
    assert [notice.id for notice in newer] == everything[1:3]
    await town.ctx.db.write(lambda tx: notices.dismiss(tx, actor_id=marie.id, notice_id=everything[0]))
    assert len(await told(town, mairie)) == 4, "somebody dismissed another's notification"
    await town.ctx.db.write(lambda tx: notices.dismiss(tx, actor_id=mairie.id, notice_id=everything[0]))
    assert len(await told(town, mairie)) == 3
    await town.ctx.db.write(lambda tx: notices.clear(tx, actor_id=mairie.id))
    assert await told(town, mairie) == []


async def test_what_is_unread_is_counted_from_the_marker(town: Town) -> None:
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    for _ in range(3):
        await town.favourite(bruno, await town.post(mairie))
    first, *_rest = await notices.page(town.reader, mairie.id, Page(min_id=0, limit=1))
    assert await notices.unread_count(town.reader, actor_id=mairie.id) == 3
    assert await notices.unread_count(town.reader, actor_id=mairie.id, limit=2) == 2
    assert await notices.unread_count(town.reader, actor_id=mairie.id, exclude_types=["favourite"]) == 0
    for version in (1, 2):
        saved = await town.ctx.db.write(
            lambda tx: markers.save(tx, town.ctx, actor_id=mairie.id, read={"notifications": first.id})
        )
        assert saved["notifications"].version == version
    assert await notices.unread_count(town.reader, actor_id=mairie.id) == 2
    assert set(await markers.of_actor(town.reader, mairie.id)) == {"notifications"}
    assert await markers.of_actor(town.reader, mairie.id, ["home"]) == {}
