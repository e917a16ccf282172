"""A town hall with a team of every role, and people outside of it who would like to be in."""

from dataclasses import dataclass, field

import pytest

from node.actors import memberships, people
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.actors.people import Person
from node.oauth import apps, tokens
from node.runtime.database import Tx
from tests.permissions.expected import ROLES
from tests.support.client import Client
from tests.support.fediverse import fediverse  # noqa: F401 - a fixture
from tests.web.conftest import Town, digest, town  # noqa: F401 - a fixture
from tests.web.reader import Reader

SCOPES = ("read", "write", "follow", "push")


@dataclass
class Hall:
    """The town hall's account, another one, and who is who; each has a browser and an application."""

    town: Town
    other: Actor
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.town.hall.actor

    def application(self, who: str) -> Client:
        """Her application, logged in for the account that she speaks for, or spoke for."""
        return Client(self.town.node.app, self.town.host, self.tokens.get(who, "worth nothing"))

    async def browser(self, who: str) -> Reader:
        """Her browser, logged in."""
        from node.actors import sessions

        ctx, person = self.town.node.ctx, self.people[who]
        reader = self.town.reader()
        reader.client.cookies["__Host-beffroi"] = await ctx.db.write(
            lambda tx: sessions.open(tx, ctx, person_id=person.id, factor=True)
        )
        return reader

    async def form_token(self, reader: Reader) -> str:
        """What every form of hers carries: a role is not refused for want of it."""
        return (await reader.open("/account")).forms[0].fields["form_token"]


@pytest.fixture
async def hall(town: Town) -> Hall:  # noqa: F811
    """Everybody of the table."""
    ctx, actor = town.node.ctx, town.hall.actor
    other = (await town.node.town("velo", name="À vélo (exemple)")).actor
    made = Hall(town, other)
    hashed = await digest()

    async def step(tx: Tx) -> None:
        app = (await apps.register(tx, ctx, registration=apps.Registration("Une", None, ("urn:x",), SCOPES))).app

        async def person(who: str, speaks: Actor | None, role: Role = "owner", *, keeper: bool = False) -> None:
            made.people[who] = await people.create(
                tx, ctx, email=f"{who}@mairie.example", password=hashed, keeper=keeper
            )
            if speaks is not None:
                await memberships.add(tx, ctx, person_id=made.people[who].id, actor_id=speaks.id, role=role)
                issued = await tokens.issue(
                    tx, ctx, app=app, scopes=SCOPES, person_id=made.people[who].id, actor_id=speaks.id
                )
                made.tokens[who] = issued.secret

        for role in ROLES:
            await person(role, actor, role)
        await person("former", actor, "editor")
        await person("elsewhere", other)
        await person("nobody", None)
        await person("keeper", None, keeper=True)
        for who in ("nobody", "keeper"):  # enrolled, so that the console's door is not what refuses
            await tx.execute(
                "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) "
                "VALUES ($1, $2, 'totp', 'x', TRUE, 0)",
                ctx.ids.next(), made.people[who].id,
            )  # fmt: skip

    await ctx.db.write(step)
    await ctx.db.write(lambda tx: memberships.remove(tx, person_id=made.people["former"].id, actor_id=actor.id))
    ctx.forget("oauth_tokens")
    return made
