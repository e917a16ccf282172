"""`/admin/domains`: the domains of this node, and what strangers read about them."""

from collections.abc import Mapping
from typing import Final, get_args

from starlette.responses import Response

from admin.console.door import Keeping
from node.actors import domains
from node.actors.domains import Domain, Registrations
from node.moderation import legal
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import cursors

PATH: Final = "/admin/domains"

REGISTRATIONS: Final[Mapping[str, Sentence]] = {
    "closed": sentence("Nobody: those who keep the server make accounts"),
    "invitation": sentence("Who is invited"),
    "approval": sentence("Everybody, once somebody has approved"),
    "open": sentence("Everybody"),
}
_NEW: Final = ("handle_host", "service_host", "name", "contact_email")
_LEGAL: Final = tuple(legal.NAMES)
_SAID: Final = ("name", "description", "contact_email", "registrations")
assert set(REGISTRATIONS) == set(get_args(Registrations))


async def show_all(keeping: Keeping) -> Response:
    """GET /admin/domains."""
    return await _all_page(keeping, {})


async def add(keeping: Keeping) -> Response:
    """POST /admin/domains."""
    form = await keeping.form()
    try:
        lines = await keeping.perform("domain.add", **{name: form.text(name).strip() for name in _NEW})
    except BeffroiError as error:
        return await _all_page(keeping, form.values, problem=error)
    return await _all_page(keeping, {}, lines=lines)


async def show(keeping: Keeping) -> Response:
    """GET /admin/domains/{id}."""
    return await _page(keeping, await _domain(keeping))


async def describe(keeping: Keeping) -> Response:
    """POST /admin/domains/{id}: its hosts never change."""
    form = await keeping.form()
    domain = await _domain(keeping)
    try:
        lines = await keeping.perform(
            "domain.describe", domain=domain.handle_host, **{name: form.text(name).strip() for name in _SAID}
        )
    except BeffroiError as error:
        return await _page(keeping, domain, problem=error, values=form.values)
    return await _page(keeping, await _domain(keeping), lines=lines)


async def say_legal(keeping: Keeping) -> Response:
    """POST /admin/domains/{id}/legal: who publishes, answers for and hosts the site."""
    form = await keeping.form()
    domain, said = await _domain(keeping), {name: form.text(name) for name in _LEGAL}
    try:
        lines = await keeping.perform("domain.legal", domain=domain.handle_host, **said)
    except BeffroiError as error:
        return await _page(keeping, domain, problem=error, typed=said)
    return await _page(keeping, domain, lines=lines)


async def _domain(keeping: Keeping) -> Domain:
    found = await domains.by_id(keeping.ctx.db.reader, cursors.read(keeping.path("id")))
    if found is None:
        raise NotFound(sentence("There is no such page"))
    return found


async def _page(
    keeping: Keeping,
    domain: Domain,
    *,
    lines: list[str] | None = None,
    problem: BeffroiError | None = None,
    values: Mapping[str, str] = {},
    typed: Mapping[str, str] | None = None,
) -> Response:
    notice = await legal.of_domain(keeping.reader, domain.id)
    standing = {name: getattr(domain, name) for name in _SAID}
    return keeping.page(
        "domain.html", domain=domain, values={**standing, **values}, registrations=REGISTRATIONS, lines=lines or (),
        notice=notice, names=legal.NAMES, legal=typed or {name: getattr(notice, name) for name in _LEGAL},
        status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip


async def _all_page(
    keeping: Keeping,
    values: Mapping[str, str],
    *,
    lines: list[str] | None = None,
    problem: BeffroiError | None = None,
) -> Response:
    return keeping.page(
        "domains.html", found=await domains.all(keeping.reader), values=values, registrations=REGISTRATIONS,
        lines=lines or (), status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip
