"""A town hall with a team, for stories of several people in one name."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from node.actors import memberships
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.actors.people import Person
from node.oauth import apps, tokens
from node.runtime.database import Tx
from tests.support.client import Client
from tests.support.fediverse import EVERYTHING, Fediverse, fediverse
from tests.support.mailbox import Mailbox, mailbox
from tests.web.conftest import PASSWORD, Town, found
from tests.web.reader import Reader

__all__ = ["fediverse", "mailbox"]


@dataclass(frozen=True)
class Agent:
    """One of a team: her application, and the browser in which she logs in."""

    person: Person
    client: Client
    browse: Callable[[], Reader]

    async def browser(self) -> Reader:
        """A browser in which she has logged in."""
        reader = self.browse()
        await reader.log_in(self.person.email, PASSWORD)
        assert reader.answer.status == 200, f"{self.person.email} cannot log in"
        return reader


@dataclass
class Team(Town):
    """A town, of whose hall several people speak."""

    fediverse: Fediverse
    others: dict[str, Client] = field(default_factory=dict)
    """Who is not of the team, by name."""

    async def agent(self, name: str, role: Role, actor: Actor | None = None) -> Agent:
        """Somebody who speaks for the hall (or another account), with an application that may everything."""
        speaks: dict[str, tuple[Actor, Role]] = {"account": (actor or self.hall.actor, role)}
        person = await self.person(f"{name}@mairie.example", **speaks)
        return self._with(person, await self.token(person, actor or self.hall.actor))

    async def owner(self) -> Agent:
        """Odile."""
        return self._with(self.odile, await self.token(self.odile, self.hall.actor))

    async def token(self, person: Person, actor: Actor) -> str:
        """What an application of hers sends."""
        ctx = self.node.ctx

        async def step(tx: Tx) -> str:
            described = apps.Registration("toot", None, ("urn:ietf:wg:oauth:2.0:oob",), EVERYTHING)
            made = await apps.register(tx, ctx, registration=described)
            issued = await tokens.issue(
                tx, ctx, app=made.app, scopes=EVERYTHING, person_id=person.id, actor_id=actor.id
            )
            return issued.secret

        return await ctx.db.write(step)

    async def role(self, person: Person, role: Role) -> None:
        """Give her another role."""
        ctx = self.node.ctx
        await ctx.db.write(
            lambda tx: memberships.add(tx, ctx, person_id=person.id, actor_id=self.hall.actor.id, role=role)
        )

    def _with(self, person: Person, token: str) -> Agent:
        return Agent(
            person,
            Client(self.node.app, self.host, token),
            lambda: self.reader(address=f"198.51.100.{person.id % 250}"),
        )


@pytest.fixture
async def team(fediverse: Fediverse) -> Team:
    """Montreuil-sur-Exemple, on montreuil.example; Odile owns the town hall's account."""
    node = await fediverse.node("montreuil.example")
    hall = await node.town("mairie", name="Mairie de Montreuil (exemple)")
    return Team(node, hall, await found(node, hall.actor), fediverse)


@pytest.fixture
async def letters_team(fediverse: Fediverse, mailbox: Mailbox) -> Team:
    """The same on a node that sends mail."""
    node = await fediverse.node("montreuil.example", smtp=mailbox.url, mail_from="Montreuil <node@montreuil.example>")
    hall = await node.town("mairie", name="Mairie de Montreuil (exemple)")
    return Team(node, hall, await found(node, hall.actor), fediverse)


@pytest.fixture
def town(team: Team) -> Town:
    return team
