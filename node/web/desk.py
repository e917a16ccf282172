"""The desk, `/desk/{actor}`: where a person works in the name of an account that she speaks for, with a browser alone.

This file is the frame. A page of it is a function that gets a `Desk`; `routes.py` wraps it in `at` (it is shown) or
`sent_to` (its form is done), which say for which act it is. What her role does not allow is refused here, at every
request, and `SECTIONS` is the navigation: it shows what her role allows.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from node.actors import memberships, people, permissions
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.actors.people import Person
from node.actors.permissions import Act
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.i18n import Sentence, sentence
from node.web import actors, forms, pages, visitors
from node.web.forms import Form
from node.web.visitors import Visitor
from node.web.visits import Show, Visit


@dataclass(frozen=True, slots=True)
class Section:
    """A page in the navigation of the desk."""

    path: str
    """Below `/desk/{actor}`: `/team`; empty for the first one."""
    label: Sentence
    act: Act
    """Who may do this sees it."""


SECTIONS: Final[tuple[Section, ...]] = (
    Section("", sentence("Posts"), "see drafts"),
    Section("/write", sentence("Write"), "write"),
    Section("/waiting", sentence("For approval"), "see drafts"),
    Section("/replies", sentence("Replies"), "judge replies"),
    Section("/team", sentence("Team"), "look"),
    Section("/profile", sentence("Profile"), "edit profile"),
    Section("/move", sentence("Move"), "move"),
    Section("/log", sentence("Who did what"), "see audit"),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works for which account, and as what."""

    visit: Visit
    visitor: Visitor
    actor: Actor
    role: Role
    form: Form
    """What was sent, from our own page; empty when a page is only shown."""

    @property
    def ctx(self) -> Context:
        return self.visit.ctx

    @property
    def reader(self) -> Reader:
        return self.visit.ctx.db.reader

    @property
    def person(self) -> Person:
        return self.visitor.person

    @property
    def sections(self) -> Sequence[Section]:
        """What her role shows her."""
        return [section for section in SECTIONS if self.may(section.act)]

    def may(self, act: Act) -> bool:
        """Whether a page offers this; that it is done only by whom it is allowed to is `sent_to`'s."""
        return permissions.may(self.role, act)

    async def require(self, act: Act) -> None:
        """Pass, if she may do this too.

        Raises:
            Forbidden: her role does not allow it.
        """
        await permissions.require(self.reader, person=self.person, act=act, actor_id=self.actor.id)

    async def record(self, tx: Tx, act: str, about: str, **details: object) -> None:
        """Write into the log, within the step that does it, what she did. Of private people nothing is written down."""
        if self.actor.type != "Person":
            hand = Hand(self.person.id, self.person.email, "desk")
            await audit.record(tx, self.ctx, by=hand, act=act, about=about, actor_id=self.actor.id, details=details)

    async def names(self, person_ids: Iterable[int | None], reader: Reader | None = None) -> dict[int, str]:
        """How the team calls those people. One query."""
        wanted = {person_id for person_id in person_ids if person_id is not None}
        found = await people.by_ids(reader or self.reader, sorted(wanted))
        left = self.visit.say(sentence("Somebody who left"))
        return {each.id: left if each.state == "deleted" else each.name or each.email for each in found.values()}

    def path(self, below: str = "") -> str:
        """A page of this desk: `path("/team")`."""
        return f"/desk/{self.actor.username}{below}"

    def go(self, below: str = "", done: str = "") -> Response:
        """To a page of this desk, after a form was done; *done* is what it says happened."""
        return self.visit.go(f"{self.path(below)}{f'?done={done}' if done else ''}")

    def page(self, template: str, section: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page below the *section* (its path); templates extend `desk.html`."""
        return pages.private(
            self.visit, template, status=status, desk=self, visitor=self.visitor, here=section,
            done=self.visit.request.query_params.get("done", ""), **values,
        )  # fmt: skip


Work = Callable[[Desk], Awaitable[Response]]


def at(act: Act, work: Work) -> Show:
    """A page of the desk, for those who may *act*."""

    async def show(visit: Visit) -> Response:
        visitor = await visitors.of(visit)
        if visitor is None:
            return visitors.log_in_first(visit)
        return await work(await _opened(visit, visitor, act, Form({})))

    return show


def sent_to(act: Act, work: Work, *, max_bytes: int | None = None) -> Show:
    """What a form of the desk does, for those who may *act*; *max_bytes* where it brings files."""

    async def do(visit: Visit) -> Response:
        visitor = await visitors.of(visit)
        if visitor is None:
            return visit.go("/login")
        form = await (forms.read(visit) if max_bytes is None else forms.read(visit, max_bytes=max_bytes))
        form.require_token(visitor.form_token)
        return await work(await _opened(visit, visitor, act, form))

    return do


async def choose(visit: Visit) -> Response:
    """GET /desk: for which account? Those of this host; the others have their desks on their own."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    hers = [
        (actor, role)
        for actor, role in await memberships.actors_of(visit.ctx.db.reader, visitor.person.id)
        if actor.active
    ]
    here = [actor for actor, _ in hers if visit.host in (actor.service_host, actor.handle_host)]
    if len(hers) == len(here) == 1:
        return visit.go(f"/desk/{here[0].username}")
    return pages.private(visit, "desk_choose.html", visitor=visitor, hers=hers, here={actor.id for actor in here})


async def _opened(visit: Visit, visitor: Visitor, act: Act, form: Form) -> Desk:
    """The desk that the path names.

    Raises:
        NotFound, Gone, Suspended: there is no such account here.
        Forbidden: she does not speak for it, or not in this.
    """
    actor = await actors.local(visit, visit.request.path_params["actor"])
    role = await permissions.require(visit.ctx.db.reader, person=visitor.person, act=act, actor_id=actor.id)
    return Desk(visit, visitor, actor, role, form)
