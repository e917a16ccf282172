"""The door of the console: who keeps or moderates this node, and has shown a second factor today.

A page is a function that gets a `Keeping`. Nobody else makes one, so that no page is without this door.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from admin import duties, operations, pointers
from admin.console import navigation
from node.actors import factors, permissions
from node.actors.people import Person
from node.actors.permissions import Duty
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import BeffroiError
from node.web import forms, pages, visitors
from node.web.forms import Form
from node.web.visitors import Visitor
from node.web.visits import Show, Visit

_NOTHING: Final = Form({})
_TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Who keeps this node, at one page of the console."""

    visit: Visit
    visitor: Visitor
    sent: Form = _NOTHING
    """What a form brought."""

    @property
    def ctx(self) -> Context:
        return self.visit.ctx

    @property
    def reader(self) -> Reader:
        """For what a page shows: lists and counts never wait on the event loop."""
        return self.visit.ctx.db.survey

    @property
    def person(self) -> Person:
        return self.visitor.person

    @property
    def hand(self) -> Hand:
        """Her, as the log names her."""
        return Hand(self.person.id, self.person.email, "console")

    def may(self, duty: Duty) -> bool:
        """Whether a page offers this."""
        return permissions.duty(self.person, duty)

    def path(self, name: str) -> str:
        """A value of the path: `{id}`."""
        value: str = self.visit.request.path_params[name]
        return value

    def asked(self, name: str) -> str:
        """A value of the query, or an empty text."""
        return self.visit.request.query_params.get(name, "").strip()

    async def form(self) -> Form:
        """What was sent, from our own page: the door has read it, and knows that it came from nowhere else."""
        return self.sent

    async def perform(self, name: str, /, **arguments: Any) -> list[str]:
        """Do an operation of `admin` in her name; what it says, in her language.

        Raises:
            Forbidden: it is not of her duties.
            BeffroiError: what it refuses; `visit.say(error.args[0])` is the sentence.
        """
        permissions.require_duty(self.person, duties.needed(name))
        try:
            return await operations.done(self.ctx, name, arguments, self.hand, language=self.visit.language)
        except BeffroiError as error:
            pointers.at_the_console(error)
            raise

    def go(self, path: str, done: str = "") -> Response:
        """To another page of the console after a form; *done* is a word that the page makes a sentence of."""
        return self.visit.go(f"{path}{'&' if '?' in path else '?'}done={quote(done)}" if done else path)

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page; its template extends `console.html`. *problem* is a sentence above it, *lines* what was just done."""
        shown: Mapping[str, Any] = {
            "done": self.asked("done"), "problem": None, "lines": (), **values,
        }  # fmt: skip
        return pages.private(
            self.visit, template, status=status, folder=_TEMPLATES, keeping=self, visitor=self.visitor,
            sections=navigation.shown_to(self.person), here=navigation.section_of(self.visit.request.url.path), **shown,
        )  # fmt: skip


Work = Callable[[Keeping], Awaitable[Response]]


def behind(duty: Duty, work: Work, *, max_bytes: int | None = None) -> Show:
    """*work* for those whose duty it is; *max_bytes* where a form brings files.

    Raises:
        Forbidden: it is not hers.
        ForgedForm: what was sent did not come from a page of hers.
    """

    async def show(visit: Visit) -> Response:
        visitor = await visitors.of(visit)
        if visitor is None:
            return visitors.log_in_first(visit) if _shows(visit) else visit.go("/login?next=/admin")
        permissions.require_duty(visitor.person, duty)
        onward = visitors.asked(visit) if _shows(visit) else "/admin"
        if not await factors.enrolled(visit.ctx.db.reader, visitor.person.id):
            return visit.go(visitors.with_next("/account/security", onward))
        if not visitor.session.proved(visit.ctx):
            return visit.go(visitors.with_next("/account/factor", onward))
        if _shows(visit):
            return await work(Keeping(visit, visitor))
        form = await (forms.read(visit) if max_bytes is None else forms.read(visit, max_bytes=max_bytes))
        form.require_token(visitor.form_token)
        return await work(Keeping(visit, visitor, form))

    return show


def _shows(visit: Visit) -> bool:
    return visit.request.method in ("GET", "HEAD")
