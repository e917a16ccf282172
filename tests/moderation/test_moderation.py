"""What a moderator decides about an actor or a whole server, and that it can be taken back."""

import pytest

from node.actors import actors, follows, hosts, keys, remote
from node.actors.facts import ActorSuspended, ActorUnsuspended
from node.moderation import domains, suspensions
from node.runtime.errors import Forbidden, Gone, Invalid
from tests.actors.conftest import Document


async def follow(town, follower, followee):
    uri = f"{follower.uri}/follows/{followee.id}"
    return await town.ctx.db.write(
        lambda tx: follows.request(tx, town.ctx, follower=follower, followee=followee, uri=uri)
    )


async def block(town, host, severity="suspend", **more):
    return await town.ctx.db.write(lambda tx: domains.block(tx, town.ctx, host=host, severity=severity, **more))


async def unblock(town, host):
    return await town.ctx.db.write(lambda tx: domains.unblock(tx, town.ctx, host=host))


async def test_an_actor_is_suspended_and_comes_back(town):
    for actor in (await town.local("alice"), await town.remote()):
        town.facts.clear()
        assert await town.ctx.db.write(lambda tx, a=actor: suspensions.suspend(tx, town.ctx, actor=a))
        assert not await town.ctx.db.write(lambda tx, a=actor: suspensions.suspend(tx, town.ctx, actor=a))
        assert len(town.told(ActorSuspended)) == 1
        found = await town.now(actor)
        assert found.suspended
        assert not found.active
        assert await town.ctx.db.write(lambda tx, a=actor: suspensions.unsuspend(tx, town.ctx, actor=a))
        assert not await town.ctx.db.write(lambda tx, a=actor: suspensions.unsuspend(tx, town.ctx, actor=a))
        assert len(town.told(ActorUnsuspended)) == 1
        assert await town.now(actor) == actor


async def test_who_cannot_be_suspended(town):
    ctx, made = town.ctx, await keys.make_keys()
    own = await ctx.db.write(lambda tx: actors.create_instance_actor(tx, ctx, domain=town.domain, keys=made))
    with pytest.raises(Forbidden):
        await ctx.db.write(lambda tx: suspensions.suspend(tx, ctx, actor=own))
    alice = await town.local("alice")
    await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=alice))
    with pytest.raises(Gone):
        await ctx.db.write(lambda tx: suspensions.suspend(tx, ctx, actor=alice))
    with pytest.raises(Gone):
        await ctx.db.write(lambda tx: suspensions.unsuspend(tx, ctx, actor=alice))


async def test_a_server_is_cut_off(town):
    """Its actors are hidden, follows both ways end with the right numbers, and others are untouched."""
    alice, good = await town.local("alice"), await town.remote(host="good.example")
    evil, below = await town.remote(host="evil.example"), await town.remote(host="a.evil.example")
    for stranger in (good, evil, below):
        await follow(town, stranger, alice)
        await follow(town, alice, stranger)
        await town.ctx.db.write(lambda tx, s=stranger: follows.accept(tx, town.ctx, follower=alice, followee=s))
    town.facts.clear()
    effect = await block(town, "EVIL.example")
    assert (effect.actors, effect.follows) == (2, 4)
    assert {fact.actor_id for fact in town.told(ActorSuspended)} == {evil.id, below.id}
    for stranger in (evil, below):
        found = await town.now(stranger)
        assert found.suspended
        assert (found.followers_count, found.following_count) == (0, 0)
    after = await town.now(alice)
    assert (after.followers_count, after.following_count) == (1, 1)
    assert (await town.now(good)).active
    with pytest.raises(Forbidden):
        await follow(town, alice, evil)
    again = await block(town, "evil.example")
    assert (again.actors, again.follows) == (0, 0)
    assert (await unblock(town, "evil.example")).actors == 2
    assert (await town.now(evil)).active
    assert (await unblock(town, "evil.example")).actors == 0
    assert await follow(town, evil, alice) == "accepted"


async def test_one_suspension_does_not_end_the_other(town):
    """An actor suspended by itself stays so when its server comes back, and the other way round."""
    stranger = await town.remote(host="evil.example")
    suspend = lambda tx: suspensions.suspend(tx, town.ctx, actor=stranger)  # noqa: E731
    unsuspend = lambda tx: suspensions.unsuspend(tx, town.ctx, actor=stranger)  # noqa: E731
    await town.ctx.db.write(suspend)
    await block(town, "evil.example")
    await unblock(town, "evil.example")
    assert (await town.now(stranger)).state == "suspended"
    await block(town, "evil.example")
    await town.ctx.db.write(unsuspend)
    assert (await town.now(stranger)).state == "host_suspended"
    await town.ctx.db.write(suspend)
    assert (await town.now(stranger)).state == "suspended"
    await town.ctx.db.write(unsuspend)
    await unblock(town, "evil.example")
    assert (await town.now(stranger)).active


async def test_a_server_is_silenced(town):
    alice, loud = await town.local("alice"), await town.remote(host="loud.example")
    await follow(town, alice, loud)
    await block(town, "loud.example", "silence", reject_media=True)
    assert (await town.now(loud)).limited
    assert (await town.now(loud)).active
    assert await follows.state(town.ctx.db.reader, alice.id, loud.id) == "requested"
    await block(town, "loud.example")
    assert not (await town.now(loud)).active
    await block(town, "loud.example", "none")
    assert (await town.now(loud)).active
    assert not (await town.now(loud)).limited


async def test_the_right_of_the_at_counts_too(town):
    """A moderator sees `@x@evil.example`, though its ids are on another host: blocking what she sees must work."""
    document = Document("https://social.hosting.example/users/x", username="x")
    hidden = await town.ctx.db.write(
        lambda tx: remote.upsert(tx, town.ctx, document=document, handle_host="evil.example")
    )
    await block(town, "evil.example")
    assert (await town.now(hidden)).suspended


async def test_an_exception_below_a_blocked_provider(town):
    neighbour, other = await town.remote(host="town.provider.example"), await town.remote(host="x.provider.example")
    await block(town, "provider.example")
    await block(town, "town.provider.example", "none")
    assert (await town.now(neighbour)).active
    assert (await town.now(other)).suspended
    await unblock(town, "town.provider.example")
    assert (await town.now(neighbour)).suspended


@pytest.mark.parametrize("host", ["town.example", "social.town.example", "example", "TOWN.example."])
async def test_nobody_cuts_off_oneself(town, host):
    with pytest.raises(Invalid):
        await block(town, host)
    assert await hosts.every(town.ctx.db.reader) == []
