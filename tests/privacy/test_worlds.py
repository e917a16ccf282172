"""Nobody reads what is not for him, by any way there is: random worlds on a real node, compared with a model."""

import contextlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.privacy import deeds, playing, reading
from tests.privacy.deeds import Drawn
from tests.privacy.world import World
from tests.support.fediverse import Fediverse

# The same worlds at every run, so that a failure is somebody's change; another seed: --hypothesis-seed.
STEADY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)


async def played(fediverse: Fediverse, drawn: Drawn) -> set[str]:
    """Play a world and read it by every way; the routes that were asked."""
    world = await World.make(fediverse, drawn)
    async with contextlib.AsyncExitStack() as stack:
        await playing.befriend(world, drawn)
        await world.listen(stack)
        for deed in drawn.deeds:
            await playing.do(world, deed)
        return await reading.read_all(world)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@settings(STEADY, max_examples=60)
@given(drawn=deeds.worlds)
async def test_every_way_to_read_shows_what_its_reader_may_read(fediverse: Fediverse, drawn: Drawn) -> None:
    await played(fediverse, drawn)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@settings(STEADY, max_examples=15)
@given(drawn=deeds.worlds)
async def test_and_on_postgresql(fediverse: Fediverse, drawn: Drawn) -> None:
    await played(fediverse, drawn)
