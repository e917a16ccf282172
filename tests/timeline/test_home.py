"""The home feed: what stands in it, before and after the tail was merged."""

import asyncio

import pytest

from node.timeline import home
from node.timeline.posts import Draft, Post, publish
from tests.support.town import Town


async def both(town: Town, reader: object) -> list[int]:
    """The feed from the tail, which must be the same once it is merged."""
    waiting = await town.home(reader)  # type: ignore[arg-type]
    await town.merge()
    assert await town.reader.value("SELECT COUNT(*) FROM feed_tail") == 0
    merged = await town.home(reader)  # type: ignore[arg-type]
    assert merged == waiting, "merging changed the feed"
    return merged


async def test_what_the_followed_write_and_what_one_writes(town: Town) -> None:
    """Posts of strangers stay out; followers-only posts come in; direct posts come by notification only."""
    marie, mairie, luc = await town.local("marie"), await town.local("mairie"), await town.local("luc")
    bruno = await town.remote("bruno")
    await town.follow(marie, mairie)
    await town.follow(marie, bruno)
    expected = [
        await town.post(mairie),
        await town.post(mairie, visibility="unlisted"),
        await town.post(mairie, visibility="followers"),
        await town.received(bruno, "followers"),
        await town.post(marie, visibility="direct"),
    ]
    await town.post(luc)
    await town.post(mairie, visibility="direct", mentions=[marie])
    assert await both(town, marie) == [post.id for post in reversed(expected)]


async def test_replies_come_only_when_both_sides_are_known(town: Town) -> None:
    """A reply to oneself, to the author's own post or to someone followed; not to strangers."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    luc, paul = await town.local("luc"), await town.local("paul")
    await town.follow(marie, mairie)
    await town.follow(marie, luc)
    posts = {actor.id: await town.post(actor) for actor in (marie, mairie, luc, paul)}
    replies = {key: await town.post(mairie, reply_to=post) for key, post in posts.items()}
    await town.received(await town.remote("bruno"), inReplyTo="https://nowhere.example/1")
    shown = await both(town, marie)
    for actor in (marie, mairie, luc):
        assert replies[actor.id].id in shown, f"the reply to {actor.username} is missing"
    assert replies[paul.id].id not in shown, "a conversation with a stranger fills the feed"


async def test_boosts_can_be_turned_off(town: Town) -> None:
    """Also after they were spread."""
    marie, mairie, paul = await town.local("marie"), await town.local("mairie"), await town.local("paul")
    await town.follow(marie, mairie)
    boosted = await town.boost(mairie, await town.post(paul))
    assert await both(town, marie) == [boosted.id]
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE follows SET show_boosts = FALSE"))
    assert await town.home(marie) == []
    await town.boost(mairie, await town.post(mairie))
    assert len(await both(town, marie)) == 1


async def test_a_follow_brings_the_last_posts_and_an_unfollow_takes_them(town: Town) -> None:
    marie, mairie = await town.local("marie"), await town.local("mairie")
    posts = [await town.post(mairie) for _ in range(home.BACKFILL_POSTS + 3)]
    await town.merge()
    assert await town.home(marie) == []
    await town.follow(marie, mairie)
    assert await town.home(marie) == [post.id for post in reversed(posts)][: home.BACKFILL_POSTS]
    await town.unfollow(marie, mairie)
    assert await town.home(marie) == []
    assert await town.reader.value("SELECT COUNT(*) FROM home_feed WHERE actor_id = $1", marie.id) == 0


async def test_a_block_empties_the_feed_of_boosts_too(town: Town) -> None:
    """Who is blocked does not come back through a friend's boost."""
    marie, mairie, paul = await town.local("marie"), await town.local("mairie"), await town.local("paul")
    await town.follow(marie, mairie)
    boosted = await town.boost(mairie, await town.post(paul))
    assert await both(town, marie) == [boosted.id]
    await town.block(paul, marie)
    assert await town.home(marie) == []


async def test_who_is_suspended_leaves_every_feed_and_comes_back(town: Town) -> None:
    marie, bruno = await town.local("marie"), await town.remote("bruno")
    await town.follow(marie, bruno)
    post = await town.received(bruno)
    for state in ("suspended", "host_suspended", "deleted"):
        await town.suspend(bruno, state)
        assert await town.home(marie) == [], f"a post of somebody {state} is shown"
    await town.suspend(bruno, "active")
    assert await town.home(marie) == [post.id]


async def test_merging_twice_or_dying_half_way_loses_and_doubles_nothing(town: Town) -> None:
    """Rows leave the tail last: a merge that stopped after its first chunk is done again."""
    readers = [await town.local(f"r{n}") for n in range(4)]
    mairie = await town.local("mairie")
    for reader in readers:
        await town.follow(reader, mairie)
    post = await town.post(mairie)
    await town.ctx.db.write(lambda tx: home.merge_chunk(tx, [post.id], first=readers[0].id, last=readers[1].id))
    for reader in (*readers, mairie):
        assert await town.home(reader) == [post.id]
    await town.merge()
    for reader in (*readers, mairie):
        assert await town.home(reader) == [post.id]
    assert await town.reader.value("SELECT COUNT(*) FROM home_feed") == 5


async def test_a_page_is_full_while_its_posts_are_merged(town: Town) -> None:
    """Posts that stand in the feed and in the tail at once take no other's place: a client would believe it at its end."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    await town.follow(marie, mairie)
    posted = [(await town.post(mairie)).id for _ in range(8)]
    await town.ctx.db.write(lambda tx: home.merge_chunk(tx, posted[4:]))
    newest_first = posted[::-1]
    assert await town.home(marie, limit=6) == newest_first[:6]
    assert await town.home(marie, limit=3, max_id=newest_first[1]) == newest_first[2:5]
    assert await town.home(marie, limit=6, min_id=posted[0]) == posted[1:7][::-1]


async def test_what_is_published_while_the_tail_is_merged_waits_for_the_next(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what was seen at the beginning leaves the tail."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    await town.follow(marie, mairie)
    first = await town.post(mairie)
    late: list[Post] = []
    write = town.ctx.db.write

    async def write_with_a_guest(step):
        if not late:
            late.append(await write(lambda tx: publish(tx, town.ctx, draft=Draft(mairie, "entre-temps"))))
        return await write(step)

    monkeypatch.setattr(town.ctx.db, "write", write_with_a_guest)
    await town.merge()
    assert await town.reader.value("SELECT COUNT(*) FROM feed_tail") == 1
    assert await town.home(marie) == [late[0].id, first.id]


async def test_streams_know_in_whose_feed_a_post_stands(town: Town) -> None:
    """The same readers as by opening the page."""
    marie, luc, mairie = await town.local("marie"), await town.local("luc"), await town.local("mairie")
    await town.follow(marie, mairie)
    await town.follow(luc, mairie)
    await town.block(mairie, luc)
    bruno = await town.remote("bruno")
    await town.follow(bruno, mairie)
    post = await town.post(mairie, visibility="followers")
    assert sorted(await home.readers_of(town.reader, post.id)) == sorted([marie.id, mairie.id])
    direct = await town.post(mairie, visibility="direct", mentions=[marie])
    assert await home.readers_of(town.reader, direct.id) == [mairie.id]


async def test_old_rows_leave_the_feeds(town: Town) -> None:
    marie, mairie = await town.local("marie"), await town.local("mairie")
    await town.follow(marie, mairie)
    await town.post(mairie)
    await town.merge()
    town.later(home.KEPT_MS // 1000 + 10)
    recent = await town.post(mairie)
    await town.merge()
    assert await town.ctx.db.write(lambda tx: home.trim(tx, town.ctx)) == 2, "marie's row and the town hall's own"
    assert await town.ctx.db.write(lambda tx: home.trim(tx, town.ctx)) == 0
    assert await town.home(marie) == [recent.id]


async def test_the_merger_works_by_itself_until_it_is_stopped(town: Town) -> None:
    """Woken by a post; posts that come soon after are collected; a failure does not end it."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    await town.follow(marie, mairie)
    stop = asyncio.Event()
    running = asyncio.create_task(home.Merger().run(town.ctx, stop))
    await asyncio.sleep(0)
    await town.post(mairie)
    async with asyncio.timeout(10):
        while await town.reader.value("SELECT COUNT(*) FROM home_feed") < 2:  # noqa: ASYNC110 - another task's work
            await asyncio.sleep(0.01)
    stop.set()
    async with asyncio.timeout(10):
        await running


async def test_a_post_that_waits_is_at_home_once_for_who_follows_now(town: Town) -> None:
    """Somebody follows its author while it waits in the tail: she has it at once, and merging it adds nothing."""
    mairie, marie, luc = await town.local("mairie"), await town.local("marie"), await town.local("luc")
    await town.follow(luc, mairie)
    post = await town.post(mairie)
    await town.follow(marie, mairie)
    assert await town.reader.value("SELECT again FROM feed_tail WHERE post_id = $1", post.id)
    assert await home.merge_tail(town.ctx) == 1
    rows = await town.reader.fetch("SELECT actor_id FROM home_feed WHERE post_id = $1 ORDER BY actor_id", post.id)
    assert [row[0] for row in rows] == sorted([mairie.id, marie.id, luc.id])


async def test_what_is_in_a_feed_already_stops_no_merge(town: Town) -> None:
    """As when somebody follows in the very moment in which the tail is merged."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    await town.follow(marie, mairie)
    first, second = await town.post(mairie), await town.post(mairie)
    await town.ctx.db.write(
        lambda tx: tx.execute("INSERT INTO home_feed (actor_id, post_id) VALUES ($1, $2)", marie.id, first.id)
    )
    assert await home.merge_tail(town.ctx) == 2
    rows = await town.reader.fetch("SELECT post_id FROM home_feed WHERE actor_id = $1 ORDER BY post_id", marie.id)
    assert [row[0] for row in rows] == [first.id, second.id]
    assert await town.reader.value("SELECT COUNT(*) FROM feed_tail") == 0
