"""A house that can be attacked at every door."""

import pytest

from tests.support.fediverse import Fediverse, fediverse
from tests.web.conftest import Town, found
from tests.websafety import house as houses
from tests.websafety.house import House

__all__ = ["fediverse"]


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both: what is attacked here is mostly above the database."""
    kind: str = getattr(request, "param", "sqlite")
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


@pytest.fixture
async def town(fediverse: Fediverse) -> Town:
    """Montreuil-sur-Exemple, whose letters are written, and go nowhere."""
    node = await fediverse.node(
        "montreuil.example", smtp="smtp://127.0.0.1:9", mail_from="Montreuil <mairie@montreuil.example>"
    )
    hall = await node.town("mairie", name="Mairie de Montreuil (exemple)", summary_source="La mairie, tous les jours.")
    return Town(node, hall, await found(node, hall.actor))


@pytest.fixture
async def house(fediverse: Fediverse, town: Town) -> House:
    """The town with something at every address."""
    return await houses.built(fediverse, town)
