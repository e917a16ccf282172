"""A domain with one person and her actor, and an application that wants to act for her."""

from dataclasses import dataclass

import pytest

from node.actors import actors, domains, keys, memberships, people
from node.actors.actor import Actor
from node.actors.people import Person
from node.oauth import apps, authorizations, codes
from node.oauth.apps import Registered
from node.runtime.context import Context
from node.runtime.database import Tx

CALLBACK = "icecubesapp://callback"


@dataclass
class Desk:
    """What a consent page has at hand."""

    ctx: Context
    person: Person
    actor: Actor
    registered: Registered

    async def request(self, **values: str) -> authorizations.AuthorizationRequest:
        asked = {
            "client_id": self.registered.app.client_id, "response_type": "code", "redirect_uri": CALLBACK,
            "scope": "read write", **values,
        }  # fmt: skip
        return await authorizations.read(self.ctx.db.reader, asked)

    async def code(self, **values: str) -> str:
        """The code that she grants."""
        request = await self.request(**values)
        return await self.ctx.db.write(
            lambda tx: codes.issue(tx, self.ctx, request=request, person_id=self.person.id, actor_id=self.actor.id)
        )

    async def redeem(self, code: str, *, app: apps.App | None = None, redirect_uri: str = CALLBACK, verifier: str = ""):
        return await self.ctx.db.write(
            lambda tx: codes.redeem(
                tx, self.ctx, app=app or self.registered.app, code=code, redirect_uri=redirect_uri, verifier=verifier
            )
        )


@pytest.fixture
async def desk(ctx: Context) -> Desk:
    pair = await keys.make_keys()
    registration = apps.describe(
        name="Ice Cubes",
        website="",
        redirect_uris=(CALLBACK, "urn:ietf:wg:oauth:2.0:oob"),
        scope="read write follow push",
    )

    async def step(tx: Tx) -> Desk:
        domain = await domains.create(tx, ctx, handle_host="ville.example", service_host="ville.example", name="Ville")
        actor = await actors.create_local(
            tx, ctx, domain=domain, username="mairie-de-ville", type="Organization", name="Ville", keys=pair
        )
        person = await people.create(tx, ctx, email="agent@ville.example")
        await memberships.add(tx, ctx, person_id=person.id, actor_id=actor.id, role="owner")
        return Desk(ctx, person, actor, await apps.register(tx, ctx, registration=registration))

    return await ctx.db.write(step)
