"""The same towns as in the stories about actors, and a node where somebody judges."""

import pytest

from tests.actors.conftest import town
from tests.moderation import bench as benches
from tests.moderation.bench import Bench
from tests.support.fediverse import Fediverse, fediverse

__all__ = ["bench", "fediverse", "town"]


@pytest.fixture
async def bench(fediverse: Fediverse) -> Bench:
    """Lyon, its accounts, and two people who judge."""
    return await benches.made(fediverse)
