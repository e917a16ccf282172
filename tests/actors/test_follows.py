"""Following, from the first request to the end, with both counters right at every step."""

import asyncio

import pytest

from node.actors import blocks, follows
from node.actors.facts import Blocked, FollowAccepted, FollowRejected, FollowRequested, Unblocked, Unfollowed
from node.actors.follows import FollowRefused
from node.moderation import suspensions
from node.runtime.errors import Forbidden


async def request(town, follower, followee, uri=None, **more):
    return await town.ctx.db.write(
        lambda tx: follows.request(tx, town.ctx, follower=follower, followee=followee, uri=uri, **more)
    )


async def counters(town, actor):
    found = await town.now(actor)
    return found.followers_count, found.following_count


async def test_a_neighbour_follows_at_once(town):
    """Two open local accounts: the follow holds immediately and both see it in their numbers."""
    alice, bruno = await town.local("alice"), await town.local("bruno")
    town.facts.clear()
    assert await request(town, alice, bruno) == "accepted"
    (accepted,) = town.told(FollowAccepted)
    assert (accepted.follower_id, accepted.followee_id) == (alice.id, bruno.id)
    assert accepted.uri.startswith("https://social.town.example/users/alice#follows/")
    assert await counters(town, bruno) == (1, 0)
    assert await counters(town, alice) == (0, 1)
    assert await request(town, alice, bruno) == "accepted", "asking again is safe"
    assert await counters(town, bruno) == (1, 0), "asking again counted twice"
    assert not town.told(FollowAccepted), "nobody is told twice of a neighbour's follow"


async def test_a_locked_account_answers_first(town):
    alice, bruno = await town.local("alice"), await town.local("bruno", locked=True)
    assert await request(town, alice, bruno) == "requested"
    assert town.told(FollowRequested)
    assert await counters(town, bruno) == (0, 0), "a request is not a follower"
    assert [actor.id for _, actor in await follows.requests_page(town.ctx.db.reader, bruno.id)] == [alice.id]
    accept = lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=bruno)  # noqa: E731
    assert await town.ctx.db.write(accept) == "accepted"
    assert await town.ctx.db.write(accept) == "accepted"
    assert len(town.told(FollowAccepted)) == 1
    assert await counters(town, bruno) == (1, 0)


async def test_an_accept_without_a_request_gives_nothing(town):
    """A server cannot make our people follow it by sending an Accept."""
    alice, stranger = await town.local("alice"), await town.remote()
    state = await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=stranger))
    assert state == "none"
    assert await follows.state(town.ctx.db.reader, alice.id, stranger.id) == "none"


async def test_a_follow_elsewhere_waits_for_its_accept(town):
    alice, stranger = await town.local("alice"), await town.remote()
    assert await request(town, alice, stranger, "https://social.town.example/users/alice#follows/1") == "requested"
    found = await follows.by_uri(town.ctx.db.reader, "https://social.town.example/users/alice#follows/1")
    assert found is not None
    assert (found.follower_id, found.followee_id, found.state) == (alice.id, stranger.id, "requested")


async def test_a_stranger_who_lost_our_accept_gets_it_again(town):
    """A remote server may send Follow again under a new id: the Accept names the new one."""
    alice, stranger = await town.local("alice"), await town.remote()
    assert await request(town, stranger, alice, "https://remote.example/1") == "accepted"
    town.facts.clear()
    assert await request(town, stranger, alice, "https://remote.example/2") == "accepted"
    (again,) = town.told(FollowAccepted)
    assert again.uri == "https://remote.example/2"
    assert await counters(town, alice) == (1, 0)


async def test_follow_unfollow_follow(town):
    alice, stranger = await town.local("alice"), await town.remote()
    for turn in range(3):
        assert await request(town, stranger, alice, f"https://remote.example/{turn}") == "accepted"
        assert await counters(town, alice) == (1, 0)
        assert await town.ctx.db.write(lambda tx: follows.undo(tx, town.ctx, follower=stranger, followee=alice))
        assert [fact.uri for fact in town.told(Unfollowed)] == [f"https://remote.example/{turn}"]
        assert await counters(town, alice) == (0, 0)
    assert not await town.ctx.db.write(lambda tx: follows.undo(tx, town.ctx, follower=stranger, followee=alice))
    assert not town.told(Unfollowed)


async def test_a_follower_is_removed(town):
    alice, bruno = await town.local("alice"), await town.local("bruno")
    await request(town, alice, bruno)
    assert await town.ctx.db.write(lambda tx: follows.reject(tx, town.ctx, follower=alice, followee=bruno))
    assert len(town.told(FollowRejected)) == 1
    assert await counters(town, bruno) == (0, 0)
    assert await counters(town, alice) == (0, 0)


async def test_who_may_not_be_followed(town):
    alice, bruno = await town.local("alice"), await town.local("bruno")
    with pytest.raises(FollowRefused):
        await request(town, alice, alice)
    with pytest.raises(FollowRefused):
        await request(town, await town.remote(), await town.remote(), "https://remote.example/f")
    await town.ctx.db.write(lambda tx: suspensions.suspend(tx, town.ctx, actor=bruno))
    with pytest.raises(FollowRefused):
        await request(town, alice, bruno)
    await town.ctx.db.write(lambda tx: suspensions.unsuspend(tx, town.ctx, actor=bruno))
    assert await request(town, alice, bruno) == "accepted", "a suspension can be taken back"


@pytest.mark.parametrize("who_blocks", ["follower", "followee"])
async def test_no_follow_over_a_block(town, who_blocks):
    alice, bruno = await town.local("alice"), await town.local("bruno")
    await request(town, alice, bruno)
    await request(town, bruno, alice)
    town.facts.clear()
    actor, target = (alice, bruno) if who_blocks == "follower" else (bruno, alice)
    assert await town.ctx.db.write(lambda tx: blocks.block(tx, town.ctx, actor=actor, target=target))
    assert [type(fact) for fact in town.facts] == [Unfollowed, FollowRejected, Blocked]
    assert await counters(town, alice) == (0, 0)
    assert await counters(town, bruno) == (0, 0)
    for follower, followee in ((alice, bruno), (bruno, alice)):
        with pytest.raises(FollowRefused):
            await request(town, follower, followee)
    assert await blocks.between(town.ctx.db.reader, actor.id, target.id) == (True, False)
    assert [found.id for _, found in await blocks.page(town.ctx.db.reader, actor.id)] == [target.id]
    assert not await town.ctx.db.write(lambda tx: blocks.block(tx, town.ctx, actor=actor, target=target))
    town.facts.clear()
    assert await town.ctx.db.write(lambda tx: blocks.unblock(tx, town.ctx, actor=actor, target=target))
    assert len(town.told(Unblocked)) == 1
    assert not await town.ctx.db.write(lambda tx: blocks.unblock(tx, town.ctx, actor=actor, target=target))
    assert await request(town, alice, bruno) == "accepted"


async def test_a_block_from_elsewhere_is_known_by_its_latest_id(town):
    alice, stranger = await town.local("alice"), await town.remote()
    for uri in ("https://remote.example/block/1", "https://remote.example/block/2"):
        await town.ctx.db.write(lambda tx, uri=uri: blocks.block(tx, town.ctx, actor=stranger, target=alice, uri=uri))
    found = await blocks.by_uri(town.ctx.db.reader, "https://remote.example/block/2")
    assert found is not None
    assert (found.actor_id, found.target_id) == (stranger.id, alice.id)
    with pytest.raises(Forbidden):
        await town.ctx.db.write(lambda tx: blocks.block(tx, town.ctx, actor=alice, target=alice))


async def test_many_at_once_count_right(town):
    """Twenty people follow and leave at the same time, some twice: the numbers are those of the rows."""
    bruno = await town.local("bruno")
    crowd = [await town.remote() for _ in range(20)]

    async def come(actor, number):
        await request(town, actor, bruno, f"https://remote.example/{actor.id}/{number}")

    async def go(actor):
        await town.ctx.db.write(lambda tx: follows.undo(tx, town.ctx, follower=actor, followee=bruno))

    await asyncio.gather(
        *(come(actor, number) for actor in crowd for number in range(2)), *(go(crowd[i]) for i in range(5))
    )
    rows = await town.ctx.db.reader.value("SELECT COUNT(*) FROM follows WHERE followee_id = $1", bruno.id)
    assert (await counters(town, bruno))[0] == rows
    for actor in crowd:
        following = await follows.state(town.ctx.db.reader, actor.id, bruno.id) == "accepted"
        assert (await counters(town, actor))[1] == int(following)


async def test_two_who_follow_each_other_at_once(town):
    alice, bruno = await town.local("alice"), await town.local("bruno")
    block = town.ctx.db.write(lambda tx: blocks.block(tx, town.ctx, actor=bruno, target=alice))
    outcomes = await asyncio.gather(
        request(town, alice, bruno), request(town, bruno, alice), block, return_exceptions=True
    )
    assert all(isinstance(outcome, FollowRefused | str | bool) for outcome in outcomes), outcomes
    left = await town.ctx.db.reader.value("SELECT COUNT(*) FROM follows")
    assert left == 0, "a follow stands over a block"
    assert await counters(town, alice) == (0, 0)


async def test_relationships_cost_one_query(town):
    alice, bruno, carla = await town.local("alice"), await town.local("bruno", locked=True), await town.local("carla")
    dora, eve = await town.remote("dora"), await town.remote("eve")
    await request(town, alice, bruno)
    await request(town, alice, carla, show_boosts=False, notify=True)
    await request(town, dora, alice, "https://remote.example/f")
    await town.ctx.db.write(
        lambda tx: blocks.block(tx, town.ctx, actor=eve, target=alice, uri="https://remote.example/b")
    )
    reader = _Counting(town.ctx.db.reader)
    ids = [bruno.id, carla.id, dora.id, eve.id, alice.id]
    found = await follows.relationships(reader, alice.id, ids)
    assert reader.queries == 1
    assert list(found) == ids
    assert (found[bruno.id].requested, found[bruno.id].following) == (True, False)
    assert (found[carla.id].following, found[carla.id].showing_boosts, found[carla.id].notifying) == (True, False, True)
    assert found[dora.id].followed_by
    assert found[eve.id].blocked_by
    assert not found[eve.id].blocking
    assert found[alice.id] == follows.Relationship()


async def test_pages_hold_every_follower_once(town):
    """Page by page in both directions, whatever the size, nobody is missing or seen twice; the suspended are absent."""
    bruno = await town.local("bruno")
    crowd = [await town.remote() for _ in range(7)]
    for actor in crowd:
        await request(town, actor, bruno, f"https://remote.example/{actor.id}")
        town.ctx.clock.forward(1)
    await town.ctx.db.write(lambda tx: suspensions.suspend(tx, town.ctx, actor=crowd[3]))
    expected = [actor.id for actor in reversed(crowd) if actor is not crowd[3]]
    reader = town.ctx.db.reader
    whole = await follows.followers_page(reader, bruno.id)
    assert [actor.id for _, actor in whole] == expected
    seen, max_id = [], None
    while page := await follows.followers_page(reader, bruno.id, max_id=max_id, limit=2):
        seen += [actor.id for _, actor in page]
        max_id = page[-1][0]
    assert seen == expected
    oldest = whole[-1][0]
    assert [row_id for row_id, _ in await follows.followers_page(reader, bruno.id, min_id=oldest, limit=2)] == [
        whole[-3][0], whole[-2][0],
    ]  # fmt: skip
    assert [row_id for row_id, _ in await follows.followers_page(reader, bruno.id, since_id=oldest, limit=2)] == [
        whole[0][0], whole[1][0],
    ]  # fmt: skip
    assert [actor.id for _, actor in await follows.following_page(reader, crowd[0].id)] == [bruno.id]
    assert await follows.local_followers(reader, bruno.id) == []


class _Counting:
    """A reader that counts."""

    def __init__(self, reader):
        self.reader, self.queries, self.dialect = reader, 0, reader.dialect

    async def fetch(self, sql, *args):
        self.queries += 1
        return await self.reader.fetch(sql, *args)

    async def row(self, sql, *args):
        self.queries += 1
        return await self.reader.row(sql, *args)

    async def value(self, sql, *args):
        self.queries += 1
        return await self.reader.value(sql, *args)
