"""A town with people who log in, for stories at a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from node.actors import memberships, passwords, people
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.actors.people import Person
from node.media import addresses, attachments
from node.media.attachments import Media
from node.oauth import apps
from node.oauth.apps import Registered
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.posts import Post
from tests.support.client import Client
from tests.support.fediverse import Citizen, Fediverse, Node, fediverse  # noqa: F401 - a fixture
from tests.web.reader import Reader

PASSWORD = "quatre mots de passe"
_hashes: list[passwords.PasswordHash] = []


@dataclass
class Town:
    """One node, its town hall and its agent Odile, who logs in with PASSWORD."""

    node: Node
    hall: Citizen
    odile: Person

    @property
    def host(self) -> str:
        return self.node.host

    def reader(self, *, address: str = "203.0.113.7") -> Reader:
        """A fresh browser."""
        return Reader(Client(self.node.app, self.node.host, address=address))

    async def logged_in(self) -> Reader:
        """Odile's browser."""
        reader = self.reader()
        await reader.log_in(self.odile.email, PASSWORD)
        assert reader.answer.status == 200, "Odile cannot log in"
        return reader

    async def post(self, text: str = "Marché ouvert ce soir", *, author: Actor | None = None, **more: Any) -> Post:
        """A post of the town hall, or of somebody else here."""
        self.node.ctx.clock.forward(1)  # type: ignore[attr-defined]
        draft = posts.Draft(author=author or self.hall.actor, text=text, **{"visibility": "public", **more})
        return await self.node.ctx.db.write(lambda tx: posts.publish(tx, self.node.ctx, draft=draft))

    async def picture(self, description: str) -> Media:
        """An upload of the town hall, without its file: pages only name it."""
        ctx, key, media_id = self.node.ctx, addresses.new_key("files", "image/png"), self.node.ctx.ids.next()
        await ctx.db.write(
            lambda tx: tx.execute(
                "INSERT INTO media (id, actor_id, kind, mime, storage_key, preview_key, width, height, preview_width, "
                "preview_height, size_bytes, description, created_ms) "
                "VALUES ($1, $2, 'image', 'image/png', $3, $3, 800, 600, 400, 300, 1234, $4, $5)",
                media_id, self.hall.actor.id, key, description, ctx.clock.now_ms(),
            )
        )  # fmt: skip
        return (await attachments.by_ids(ctx.db.reader, [media_id]))[media_id]

    async def rich_post(self) -> Post:
        """A post with all that a post can have."""
        media = [(await self.picture(said)).id for said in ('La halle <repeinte> & "neuve"', "")]
        text = "Fête au marché, avec @mairie #fete\n\nhttps://example.org/un/lien/plus/long/que/trente/signes"
        return await self.post(text, media_ids=tuple(media), language="fr")

    async def person(self, email: str, **speaks: tuple[Actor, Role]) -> Person:
        """Somebody who logs in with PASSWORD and speaks for these actors."""
        hashed = await digest()

        async def step(tx: Tx) -> Person:
            person = await people.create(tx, self.node.ctx, email=email, password=hashed)
            for actor, role in speaks.values():
                await memberships.add(tx, self.node.ctx, person_id=person.id, actor_id=actor.id, role=role)
            return person

        return await self.node.ctx.db.write(step)

    async def application(self, *redirect_uris: str, scope: str = "read write follow push") -> Registered:
        """An application that somebody registered."""
        said = apps.describe(name="Tusky", website="https://tusky.app", redirect_uris=redirect_uris, scope=scope)
        return await self.node.ctx.db.write(lambda tx: apps.register(tx, self.node.ctx, registration=said))


async def digest() -> passwords.PasswordHash:
    """PASSWORD's hash, made once a run."""
    if not _hashes:
        _hashes.append(await passwords.digest(PASSWORD))
    return _hashes[0]


@pytest.fixture
async def town(fediverse: Fediverse) -> Town:  # noqa: F811
    """Montreuil-sur-Exemple, on montreuil.example."""
    node = await fediverse.node("montreuil.example")
    hall = await node.town("mairie", name="Mairie de Montreuil (exemple)", summary_source="La mairie, tous les jours.")
    odile = await found(node, hall.actor)
    return Town(node, hall, odile)


async def found(node: Node, hall: Actor) -> Person:
    """Odile, owner of the town hall's account."""
    hashed = await digest()

    async def step(tx: Tx) -> Person:
        person = await people.create(tx, node.ctx, email="odile@mairie.example", password=hashed, name="Odile")
        await memberships.add(tx, node.ctx, person_id=person.id, actor_id=hall.id, role="owner")
        return person

    return await node.ctx.db.write(step)


@pytest.fixture
def query() -> Callable[[Registered, str], dict[str, str]]:
    """What an application puts into the address of /oauth/authorize."""

    def made(registered: Registered, redirect_uri: str, **more: str) -> dict[str, str]:
        return {
            "response_type": "code", "client_id": registered.app.client_id, "redirect_uri": redirect_uri,
            "scope": "read write follow push", **more,
        }  # fmt: skip

    return made
