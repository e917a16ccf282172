"""`/admin/people`: who logs in, for whom they speak, their duties; made, let in, sent away."""

from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from starlette.responses import Response

from admin.console import paging
from admin.console.door import Keeping
from node.actors import factors, memberships, people, sessions
from node.actors.memberships import Role
from node.actors.people import Person
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.runtime.i18n import sentence
from node.web import cursors
from node.web.forms import Form

PATH: Final = "/admin/people"

_ACTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "disable": ("user.disable", ()),
    "enable": ("user.enable", ()),
    "password": ("user.password", ()),
    "log-out": ("user.log_out", ()),
    "reset-factor": ("user.reset_factor", ()),
    "duty": ("user.duty", ("duty",)),
    "member": ("actor.member", ("handle", "role")),
    "unmember": ("actor.unmember", ("handle",)),
}
"""What a form of a person's page does: the operation, and the fields that it takes beside her address."""
_OF_ONESELF: Final = frozenset({"disable", "duty", "reset-factor"})
"""What nobody does to herself: a slip would shut her out."""


async def show_all(keeping: Keeping) -> Response:
    """GET /admin/people: the newest first; `q` is part of an address or a name, `duties` asks for keepers and moderators.

    Two queries.
    """
    only = "AND (p.keeper OR p.moderator) " if keeping.asked("duties") else ""
    rows = await keeping.reader.fetch(
        f"SELECT {people.columns('p')}, EXISTS (SELECT 1 FROM factors f WHERE f.person_id = p.id AND f.confirmed) "
        "FROM people p WHERE p.id < $1 AND p.state <> 'deleted' "
        "AND ($2 = '%%' OR p.email LIKE $2 ESCAPE '!' OR LOWER(p.name) LIKE $2 ESCAPE '!') "
        f"{only}ORDER BY p.id DESC LIMIT {paging.ROWS}",
        paging.below(keeping), paging.pattern(keeping.asked("q")),
    )  # fmt: skip
    found = [(people.read(row), bool(row[len(row) - 1])) for row in rows]
    spoken = await keeping.reader.fetch(
        "SELECT m.person_id, m.role, a.username, a.handle_host FROM memberships m JOIN actors a ON a.id = m.actor_id "
        "WHERE m.person_id = ANY($1::bigint[]) AND a.state <> 'deleted' ORDER BY m.created_ms, a.id",
        [person.id for person, _ in found],
    )
    speaks: dict[int, list[str]] = {}
    for row in spoken:
        speaks.setdefault(row[0], []).append(f"@{row[2]}@{row[3]}")
    return keeping.page(
        "people.html", found=found, speaks=speaks, q=keeping.asked("q"),
        older=paging.older(keeping, [person.id for person, _ in found]),
    )  # fmt: skip


async def show_new(keeping: Keeping) -> Response:
    """GET /admin/people/new."""
    return _new_page(keeping, {})


async def create(keeping: Keeping) -> Response:
    """POST /admin/people/new: her first password is drawn, and shown this once."""
    form = await keeping.form()
    lines: list[str] = []
    problem = None
    try:
        lines += await keeping.perform(
            "user.create", email=form.text("email"), name=form.text("name")[:200], keeper=form.text("duty") == "keeper",
            moderator=form.text("duty") == "moderator",
        )  # fmt: skip
        if handle := form.text("handle").strip():
            lines += await keeping.perform(
                "actor.member", handle=handle, email=form.text("email"), role=form.text("role")
            )
    except BeffroiError as error:
        if not lines:
            return _new_page(keeping, form.values, error)
        problem = error  # she is made, and nobody sees her password again
    person = await people.by_email(keeping.ctx.db.reader, form.text("email"))
    return await _page(keeping, cast(Person, person), lines=lines, problem=problem)


async def show(keeping: Keeping) -> Response:
    """GET /admin/people/{id}."""
    return await _page(keeping, await _person(keeping))


async def do(keeping: Keeping) -> Response:
    """POST /admin/people/{id}/{act}."""
    form = await keeping.form()
    person, act = await _person(keeping), keeping.path("act")
    if act not in _ACTS:
        raise NotFound(sentence("There is no such page"))
    name, fields = _ACTS[act]
    try:
        if person.id == keeping.person.id and act in _OF_ONESELF:
            raise Invalid(sentence("Have somebody else do this to you: a slip would shut you out."))
        lines = await keeping.perform(name, email=person.email, **_said(form, fields))
    except BeffroiError as error:
        return await _page(keeping, person, problem=error)
    return await _page(keeping, await _person(keeping), lines=lines)


def _said(form: Form, fields: tuple[str, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {field: form.text(field).strip() for field in fields if field != "duty"}
    if "duty" in fields:
        if form.text("duty") not in ("keeper", "moderator", "none"):
            raise Invalid(sentence("Choose one of the duties, or none."))
        said |= {"keeper": form.text("duty") == "keeper", "moderator": form.text("duty") == "moderator"}
    return said


async def _person(keeping: Keeping) -> Person:
    found = await people.by_id(keeping.ctx.db.reader, cursors.read(keeping.path("id")))
    if found is None or found.state == "deleted":
        raise NotFound(sentence("There is no such person."))
    return found


async def _page(
    keeping: Keeping, person: Person, *, lines: list[str] | None = None, problem: BeffroiError | None = None
) -> Response:
    reader = keeping.ctx.db.reader
    return keeping.page(
        "person.html", person=person, speaks=await memberships.actors_of(reader, person.id), roles=get_args(Role),
        factors=await factors.of_person(reader, person.id),
        sessions=await sessions.of_person(reader, keeping.ctx, person.id), lines=lines or (),
        status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip


def _new_page(keeping: Keeping, values: Mapping[str, str], problem: BeffroiError | None = None) -> Response:
    return keeping.page(
        "person_new.html", values=values, roles=get_args(Role), status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip
