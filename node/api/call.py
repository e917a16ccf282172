"""One request, as handlers get it: who asks whom for what, all read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from node.actors import actors, people, tastes
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.people import Person
from node.actors.permissions import Act
from node.api import answers, auth
from node.api.answers import Answer, Header
from node.api.errors import InvalidToken, RecordNotFound
from node.api.requests import Input, read_id
from node.oauth.tokens import Token
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import Forbidden, Malformed


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    ctx: Context
    domain: Domain
    token: Token | None
    input: Input
    named: Mapping[str, str]
    """The parts of the path that have a name."""
    headers: Headers
    path: str
    query: bytes
    host: str
    client: str = ""
    """The address of who asks, as text."""

    @property
    def reader(self) -> Reader:
        return self.ctx.db.reader

    @property
    def viewer_id(self) -> int | None:
        """The actor who asks; None: a stranger."""
        return None if self.token is None else self.token.actor_id

    @property
    def actor_id(self) -> int:
        """The actor who asks, at an endpoint that needs one."""
        if self.viewer_id is None:
            raise InvalidToken
        return self.viewer_id

    @property
    def id(self) -> int:
        """The id in the path.

        Raises:
            RecordNotFound: it is no id, so nothing has it.
        """
        try:
            return read_id(self.named["id"], "not an id")
        except Malformed:
            raise RecordNotFound from None

    @property
    def home(self) -> str:
        """`https://service.host`."""
        return f"{self.ctx.settings.scheme}://{self.domain.service_host}"

    async def actor(self) -> Actor:
        """The actor who asks, at an endpoint that needs one."""
        found = await actors.by_id(self.reader, self.actor_id)
        if found is None or not found.active:
            raise InvalidToken
        return found

    async def person(self) -> Person:
        """Who asks, of those who speak for the actor."""
        person_id = None if self.token is None else self.token.person_id
        found = None if person_id is None else await people.by_id(self.reader, person_id)
        if found is None:
            raise InvalidToken
        return found

    async def tastes(self) -> int:
        """What who asks has of its own making that changes its pages, as bits (node.actors.tastes); in memory."""
        return await tastes.of(self.ctx, self.viewer_id)

    def may(self, act: Act) -> bool:
        """Whether who asks may *act* in the name of the actor."""
        return self.token is not None and auth.may(self.token, act)

    def require(self, act: Act) -> None:
        """Pass, if who asks may *act* in the name of the actor.

        Raises:
            Forbidden: the person's role does not allow it.
        """
        if not self.may(act):
            raise Forbidden("Your role in this account does not allow this")

    def answer(self, value: Any, headers: tuple[Header, ...] = ()) -> Answer:
        """*value* as JSON."""
        return answers.of(value, headers=headers)
