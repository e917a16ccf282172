"""Follows, blocks and decisions of moderators, done by the public ways: requests of clients, signed activities."""

from node.actors import actors
from node.moderation import domains, suspensions
from tests.privacy import deeds
from tests.privacy.world import World
from tests.support.peer import PUBLIC


async def follow(world: World, deed: deeds.Follow) -> None:
    model, pair = world.model, (deed.who, deed.whom)
    if deed.who == deed.whom or not (model.local(deed.who) or model.local(deed.whom)):
        return
    allowed = model.may_follow(*pair)
    if model.local(deed.who):
        await world.asked(deed.who, f"/api/v1/accounts/{world.ids[deed.whom]}/follow", allowed=allowed)
    else:
        world.follows[pair] = world.stranger(deed.who).follow(world.uri(deed.whom))
        await world.told(deed.who, world.follows[pair])
    if allowed and pair not in model.follows:
        open_ = model.local(deed.whom) and deed.whom not in model.locked
        (model.follows if open_ else model.asked).add(pair)


async def answer(world: World, deed: deeds.Answer) -> None:
    model, pair = world.model, (deed.who, deed.whom)
    if model.gone(deed.who) or model.gone(deed.whom) or deed.who == deed.whom:
        return
    waiting = pair in model.asked
    if model.local(deed.whom):
        word = "authorize" if deed.yes else "reject"
        await world.asked(deed.whom, f"/api/v1/follow_requests/{world.ids[deed.who]}/{word}", allowed=waiting)
    elif model.local(deed.who):
        asked = {"type": "Follow", "actor": world.uri(deed.who), "object": world.uri(deed.whom)}
        await world.told(deed.whom, world.stranger(deed.whom).activity("Accept" if deed.yes else "Reject", asked))
    else:
        return
    if waiting and deed.yes:
        model.forget_follow(*pair)
        model.follows.add(pair)
    elif not deed.yes and (waiting or not model.local(deed.whom)):
        model.forget_follow(*pair)


async def unfollow(world: World, deed: deeds.Unfollow) -> None:
    model, pair = world.model, (deed.who, deed.whom)
    if model.gone(deed.who) or model.gone(deed.whom) or pair not in model.follows | model.asked:
        return
    if model.local(deed.who):
        await world.asked(deed.who, f"/api/v1/accounts/{world.ids[deed.whom]}/unfollow", allowed=True)
    else:
        await world.told(deed.who, world.stranger(deed.who).activity("Undo", world.follows[pair]))
    model.forget_follow(*pair)


async def block(world: World, deed: deeds.Block) -> None:
    model, pair = world.model, (deed.who, deed.whom)
    if deed.who == deed.whom or not (model.local(deed.who) or model.local(deed.whom)):
        return
    if model.gone(deed.who) or model.gone(deed.whom):
        return
    if model.local(deed.who):
        await world.asked(deed.who, f"/api/v1/accounts/{world.ids[deed.whom]}/block", allowed=True)
    else:
        world.blocks[pair] = world.stranger(deed.who).activity("Block", world.uri(deed.whom))
        await world.told(deed.who, world.blocks[pair])
    model.blocks.add(pair)
    model.forget_follow(*pair)
    model.forget_follow(deed.whom, deed.who)


async def unblock(world: World, deed: deeds.Unblock) -> None:
    model, pair = world.model, (deed.who, deed.whom)
    if model.gone(deed.who) or model.gone(deed.whom) or pair not in model.blocks:
        return
    if model.local(deed.who):
        await world.asked(deed.who, f"/api/v1/accounts/{world.ids[deed.whom]}/unblock", allowed=True)
    else:
        await world.told(deed.who, world.stranger(deed.who).activity("Undo", world.blocks[pair]))
    model.blocks.discard(pair)


async def suspend(world: World, deed: deeds.Suspend) -> None:
    ctx = world.node.ctx
    if deed.who in world.model.deleted:
        return
    actor = await actors.by_id(ctx.db.reader, world.ids[deed.who])
    assert actor is not None
    verb = suspensions.unsuspend if deed.over else suspensions.suspend
    await ctx.db.write(lambda tx: verb(tx, ctx, actor=actor))
    if not deed.over:
        world.ended.add(deed.who)
    (world.model.suspended.discard if deed.over else world.model.suspended.add)(deed.who)


async def decide(world: World, deed: deeds.Decide) -> None:
    ctx, host = world.node.ctx, world.peers[deed.host].host
    if deed.severity == "none":
        await ctx.db.write(lambda tx: domains.unblock(tx, ctx, host=host))
    else:
        await ctx.db.write(lambda tx: domains.block(tx, ctx, host=host, severity=deed.severity))
    world.model.blocked_hosts.discard(deed.host)
    world.model.silenced_hosts.discard(deed.host)
    if deed.severity == "suspend":
        world.model.block_host(deed.host)
    elif deed.severity == "silence":
        world.model.silenced_hosts.add(deed.host)


async def leave(world: World, deed: deeds.Leave) -> None:
    """By its own wish: on its page, or in a Delete."""
    model, ctx = world.model, world.node.ctx
    if model.gone(deed.who):
        return
    if model.local(deed.who):
        actor = await actors.require_by_id(ctx.db.reader, world.ids[deed.who])
        await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=actor))
        world.ended.add(deed.who)
    else:
        actor_elsewhere = world.stranger(deed.who)
        actor_elsewhere.peer.documents[actor_elsewhere.uri] = 410
        await world.told(deed.who, actor_elsewhere.activity("Delete", actor_elsewhere.uri, to=[PUBLIC]))
    model.leave(deed.who)
