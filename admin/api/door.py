"""The door of the Admin API: the duties and the second factor of the console, asked of whoever holds a token.

A token that somebody stole opens nothing by itself: its owner must have shown her second factor in a browser in the last
hours, as for the console (docs/decisions/admin-api.md). Nobody else makes a `Moderating`, so that no endpoint is without
this door.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from admin import duties, operations
from node.actors import factors, permissions, sessions
from node.actors.people import Person
from node.actors.permissions import Duty
from node.api.answers import Answer, Header
from node.api.call import Call
from node.api.dispatch import Handler
from node.api.requests import Input
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import Forbidden
from node.runtime.i18n import Language, sentence


@dataclass(frozen=True, slots=True)
class Moderating:
    """Somebody who moderates or keeps this node, and what her application asks."""

    call: Call
    person: Person

    @property
    def ctx(self) -> Context:
        return self.call.ctx

    @property
    def reader(self) -> Reader:
        """For lists and counts: they never wait on the event loop."""
        return self.call.ctx.db.survey

    @property
    def input(self) -> Input:
        return self.call.input

    @property
    def id(self) -> int:
        """The id in the path."""
        return self.call.id

    @property
    def hand(self) -> Hand:
        """Her, as the log names her."""
        return Hand(self.person.id, self.person.email, "api")

    @property
    def language(self) -> Language:
        """What is written in her name to others is in the node's language."""
        return self.ctx.settings.language

    async def perform(self, name: str, /, **arguments: Any) -> list[str]:
        """Do an operation of `admin` in her name; the log says so.

        Raises:
            Forbidden: it is not of her duties.
            BeffroiError: what it refuses.
        """
        permissions.require_duty(self.person, duties.needed(name))
        return await operations.done(self.ctx, name, arguments, self.hand)

    def answer(self, value: Any, headers: tuple[Header, ...] = ()) -> Answer:
        """*value* as JSON."""
        return self.call.answer(value, headers)


Work = Callable[[Moderating], Awaitable[Answer]]


def behind(duty: Duty, work: Work) -> Handler:
    """*work* for those whose duty it is.

    Raises:
        Forbidden: it is not hers, or she did not show a second factor of late.
    """

    async def handle(call: Call) -> Answer:
        person = await call.person()
        permissions.require_duty(person, duty)
        await _require_factor(call, person)
        return await work(Moderating(call, person))

    handle.duty = duty  # type: ignore[attr-defined]  # what the tests compare with their table
    return handle


async def _require_factor(call: Call, person: Person) -> None:
    reader = call.ctx.db.reader
    if not await factors.enrolled(reader, person.id):
        raise Forbidden(
            sentence("Whoever moderates needs a second factor: %(address)s", address=f"{call.home}/account/security")
        )
    for session in await sessions.of_person(reader, call.ctx, person.id):
        if session.proved(call.ctx):
            return
    raise Forbidden(
        sentence("Show your second factor in a browser, then this works for twelve hours: %(address)s",
                 address=f"{call.home}/account/factor")
    )  # fmt: skip
