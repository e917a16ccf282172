"""A drawn world is played: ONE table of how each deed is done."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.privacy import deeds, sayings, telling, ties
from tests.privacy.deeds import Deed, Drawn
from tests.privacy.world import World

DOING: Mapping[type, Callable[[World, Any], Awaitable[None]]] = {
    deeds.Follow: ties.follow,
    deeds.Answer: ties.answer,
    deeds.Unfollow: ties.unfollow,
    deeds.Block: ties.block,
    deeds.Unblock: ties.unblock,
    deeds.Suspend: ties.suspend,
    deeds.Decide: ties.decide,
    deeds.Leave: ties.leave,
    deeds.Say: sayings.say,
    deeds.Approve: sayings.approve,
    deeds.Judge: sayings.judge,
    deeds.Boost: sayings.boost,
    deeds.Do: sayings.do,
    deeds.Edit: sayings.edit,
    deeds.Delete: sayings.delete,
}


async def befriend(world: World, drawn: Drawn) -> None:
    """The follows with which the world begins."""
    for one, other in drawn.follows:
        await do(world, deeds.Follow(one, other))
        await do(world, deeds.Answer(other, one, yes=True))


async def do(world: World, deed: Deed) -> None:
    """Do it on the node and in the model; whoever is told of it by a stream or a delivery may know it."""
    before = telling.known(world)
    world.fediverse.clock.forward(1)
    await DOING[type(deed)](world, deed)
    await world.settle()
    await telling.check(world, deed, before)
