"""A town whose keeper and moderator open the console."""

from dataclasses import dataclass

import pytest

from node.actors import factors, people, sessions
from node.actors.people import Person
from node.runtime.database import Tx
from tests.support.fediverse import fediverse  # noqa: F401 - a fixture
from tests.web.conftest import Town, digest, town  # noqa: F401 - a fixture
from tests.web.reader import Reader


@dataclass
class Office:
    """A town, and those who keep it."""

    town: Town
    keeper: Person
    moderator: Person

    async def at_console(self, person: Person, *, proved: bool = True) -> Reader:
        """A browser in which *person* logged in, with a second factor."""
        ctx = self.town.node.ctx

        async def step(tx: Tx) -> str:
            if not await factors.enrolled(tx, person.id):
                await tx.execute(
                    "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) "
                    "VALUES ($1, $2, 'totp', 'téléphone', TRUE, $3)",
                    ctx.ids.next(), person.id, ctx.clock.now_ms(),
                )  # fmt: skip
            return await sessions.open(tx, ctx, person_id=person.id, factor=proved)

        reader = self.town.reader()
        reader.client.cookies["__Host-beffroi"] = await ctx.db.write(step)
        return reader


@pytest.fixture
async def office(town: Town) -> Office:  # noqa: F811
    """Montreuil, kept by Karim and moderated by Maud."""
    hashed = await digest()

    async def step(tx: Tx) -> tuple[Person, Person]:
        karim = await people.create(tx, town.node.ctx, email="karim@mairie.example", password=hashed, keeper=True)
        maud = await people.create(tx, town.node.ctx, email="maud@mairie.example", password=hashed, moderator=True)
        return karim, maud

    return Office(town, *await town.node.ctx.db.write(step))
