"""One node with two domains, people on both and strangers from elsewhere, spoken to over the client API alone.

Every answer is checked against the node's own description, and where its entity is known against the fields that real
clients need, if that list is at hand.
"""

import io
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette

from node import reactions
from node.actors import actors, domains, keys, memberships, people, remote
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.api import errors
from node.api.routes import routes
from node.federation.vocab import actors as actor_documents
from node.federation.vocab import posts as post_documents
from node.media import workers
from node.oauth import apps, tokens
from node.runtime.asgi import Frame
from node.runtime.clock import SetClock
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts
from node.timeline.records import Post
from tests.support import described
from tests.support.client import Answer, Client
from tests.support.context import make_context
from tests.support.fields import Fields

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
EVERYTHING = ("read", "write", "follow", "push")
_one_pair: list[keys.NewKeys] = []
_numbers = itertools.count(1)


class Checked(Client):
    """A client that would crash where real ones crash."""

    fields: Fields | None = None

    async def request(self, method: str, path: str, **more: Any) -> Answer:
        answer = await super().request(method, path, **more)
        if answer.status == 200 and "json" in answer.headers.get("content-type", ""):
            described.check_answer(method, path.partition("?")[0], answer.json)
            if self.fields is not None:
                self.fields.check_answer(method, path.partition("?")[0], answer.json)
        return answer


class Someone:
    """A person with an account, and her client."""

    def __init__(self, actor: Actor, person_id: int, client: Checked) -> None:
        self.actor, self.person_id, self.client = actor, person_id, client
        self.id = str(actor.id)

    async def get(self, path: str, params: Any = (), **headers: str) -> Any:
        return (await self.client.get(path, params, **headers)).ok()

    async def do(self, path: str, data: Any = None, **headers: str) -> Any:
        return (await self.client.post(path, data, **headers)).ok()

    async def post(self, text: str, **more: Any) -> dict[str, Any]:
        status: dict[str, Any] = await self.do("/api/v1/statuses", {"status": text, **more})
        return status

    async def home(self, **params: Any) -> list[str]:
        return [status["content"] for status in await self.get("/api/v1/timelines/home", params)]


class Place:
    """The node. `ville` is bare on its own host, `agglo` has its service elsewhere."""

    def __init__(self, ctx: Context, ville: Domain, agglo: Domain, fields: Fields | None) -> None:
        self.ctx, self.ville, self.agglo, self.fields = ctx, ville, agglo, fields
        inner = Starlette(routes=routes)
        inner.state.ctx = ctx
        self.app = Frame(inner, ctx, lambda _scope, status, request_id: errors.broken(status, request_id))

    def client(self, token: str | None = None, domain: Domain | None = None, **more: Any) -> Checked:
        made = Checked(self.app, (domain or self.ville).service_host, token, **more)
        made.fields = self.fields
        return made

    async def person(
        self, username: str, *, domain: Domain | None = None, role: memberships.Role = "owner",
        scopes: tuple[str, ...] = EVERYTHING, **profile: Any,
    ) -> Someone:  # fmt: skip
        """A person of her own account, with a logged-in client."""
        if not _one_pair:
            _one_pair.append(await keys.make_keys())
        domain = domain or self.ville
        profile = {"type": "Person", "name": username.title(), **profile}

        async def step(tx: Tx) -> Actor:
            return await actors.create_local(
                tx, self.ctx, domain=domain, username=username, keys=_one_pair[0], **profile
            )

        actor = await self.ctx.db.write(step)
        return await self.agent(actor, role=role, scopes=scopes)

    async def agent(
        self, actor: Actor, *, role: memberships.Role = "owner", scopes: tuple[str, ...] = EVERYTHING
    ) -> Someone:
        """One more person who speaks for *actor*."""

        async def step(tx: Tx) -> int:
            person = await people.create(tx, self.ctx, email=f"{next(_numbers)}@example.org")
            await memberships.add(tx, self.ctx, person_id=person.id, actor_id=actor.id, role=role)
            return person.id

        person_id = await self.ctx.db.write(step)
        token = await self.token(person_id, actor.id, scopes)
        domain = self.ville if actor.domain_id == self.ville.id else self.agglo
        return Someone(actor, person_id, self.client(token, domain))

    async def token(self, person_id: int | None, actor_id: int | None, scopes: tuple[str, ...]) -> str:
        registration = apps.Registration("Une application", None, ("urn:ietf:wg:oauth:2.0:oob",), scopes)

        async def step(tx: Tx) -> str:
            made = await apps.register(tx, self.ctx, registration=registration)
            issued = await tokens.issue(
                tx, self.ctx, app=made.app, scopes=scopes, person_id=person_id, actor_id=actor_id
            )
            return issued.secret

        return await self.ctx.db.write(step)

    async def stranger(self, username: str, host: str = "ailleurs.example", **more: Any) -> Actor:
        """Somebody of another server, known here."""
        uri = f"https://{host}/users/{username}"
        document = actor_documents.read(
            {
                "id": uri, "type": "Person", "preferredUsername": username, "inbox": f"{uri}/inbox",
                "followers": f"{uri}/followers", "url": f"https://{host}/@{username}", **more,
            }
        )  # fmt: skip
        return await self.ctx.db.write(lambda tx: remote.upsert(tx, self.ctx, document=document, handle_host=host))

    async def receive(self, author: Actor, mentions: tuple[Actor, ...] = (), **raw: Any) -> Post:
        """A stranger's post arrives."""
        self.later()
        document = post_documents.read(
            {
                "id": f"{author.uri}/statuses/{next(_numbers)}", "type": "Note", "attributedTo": author.uri,
                "content": "<p>Bonjour de loin</p>", "to": [PUBLIC], "cc": [author.followers], **raw,
            }
        )  # fmt: skip
        post = await self.ctx.db.write(
            lambda tx: posts.receive(tx, self.ctx, author=author, document=document, mentions=list(mentions))
        )
        assert post is not None, "the post was not taken"
        return post

    def later(self, seconds: float = 1) -> None:
        assert isinstance(self.ctx.clock, SetClock)
        self.ctx.clock.forward(seconds)


def picture(width: int = 60, height: int = 40, kind: str = "PNG") -> bytes:
    """A small image file."""
    data = io.BytesIO()
    Image.new("RGB", (width, height), (20, 120, 200)).save(data, kind)
    return data.getvalue()


@pytest.fixture
def dialect() -> str:
    """The client API's stories run on SQLite; the core of them on both (`test_core`)."""
    return "sqlite"


@pytest.fixture
async def place(
    database_url: Callable[..., str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Place]:
    """The node of a story."""
    ctx = await make_context(database_url(migrated=True), tmp_path / "node")

    async def react(tx: Tx, fact: object) -> None:
        await reactions.react(tx, ctx, fact)

    ctx.db.before_commit = react

    async def found(tx: Tx) -> tuple[Domain, Domain]:
        ville = await domains.create(
            tx,
            ctx,
            handle_host="ville.example",
            service_host="ville.example",
            name="Ville",
            contact_email="contact@ville.example",
        )
        agglo = await domains.create(
            tx, ctx, handle_host="agglo.example", service_host="social.agglo.example", name="Agglo",
            contact_email="contact@agglo.example",
        )  # fmt: skip
        return ville, agglo

    try:
        fields: Fields | None = Fields(request.getfixturevalue("shared_data"))
    except pytest.skip.Exception:
        fields = None
    yield Place(ctx, *(await ctx.db.write(found)), fields)
    await workers.close(ctx)
    await ctx.db.close()
