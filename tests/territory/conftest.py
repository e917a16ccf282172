"""The gazetteer that ships with the package, opened once: it is read-only."""

from collections.abc import Iterator

import pytest

from node.territory.gazetteer import Gazetteer
from node.territory.places import Commune


@pytest.fixture(scope="session")
def gazetteer() -> Iterator[Gazetteer]:
    with Gazetteer() as opened:
        yield opened


@pytest.fixture(scope="session")
def communes(gazetteer: Gazetteer) -> list[Commune]:
    return list(gazetteer.communes())
