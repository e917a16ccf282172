"""One request, as handlers get it: who asks whom for what, all read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from node.actors import actors
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.api import answers
from node.api.answers import Answer, Header
from node.api.errors import InvalidToken, RecordNotFound
from node.api.requests import Input, read_id
from node.oauth.tokens import Token
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import Malformed


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

    def answer(self, value: Any, headers: tuple[Header, ...] = ()) -> Answer:
        """*value* as JSON."""
        return answers.of(value, headers=headers)
