"""The three pages of the first run. The first two only ask; all is made by the form of the third, in one step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from admin import operations
from admin.first_run import addresses, communes
from admin.first_run.addresses import Addresses
from admin.first_run.communes import Found
from admin.first_run.door import PATH, Beginning
from node.actors import hosts, memberships, people
from node.moderation import legal
from node.moderation.audit import Hand
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import entry, visitors

_KEPT: Final = ("email", "publisher", "siren", "director", "host", "contact", "dpo")
"""Fields of the last form that are shown again after a refusal; a password never is."""


async def show_communes(beginning: Beginning) -> Response:
    """GET /first-run: which commune. `place`: what was typed."""
    typed = beginning.asked("place")
    found = communes.look_up(typed) if typed else []
    problem = None
    if typed and not found:
        problem = Invalid(
            sentence("No commune of today has this name or this code. Type the beginning of its name, or its postal code.")
        )  # fmt: skip
    return beginning.page("commune.html", problem=problem, typed=typed, found=found, at_most=communes.AT_MOST)


async def show_addresses(beginning: Beginning) -> Response:
    """GET /first-run/addresses: the two hosts, first those that the browser asked; `known`: the advice was read."""
    try:
        commune = _commune(beginning)
    except NotFound:
        return beginning.visit.go(PATH)
    handle, service = beginning.asked("handle_host"), beginning.asked("service_host")
    asked = _asked(beginning)
    if not handle and not service:
        return _addresses_page(beginning, commune, asked, asked)
    try:
        found = await addresses.read(beginning.ctx, handle, service)
    except BeffroiError as error:
        return _addresses_page(beginning, commune, handle, service, problem=error)
    known = f"{found.handle} {found.service}"
    if beginning.asked("known") != known and (advice := await addresses.advice(asked, found)):
        return _addresses_page(beginning, commune, found.handle, found.service, advice=advice, known=known)
    return beginning.visit.go(_keeper_path(commune, found))


async def show_keeper(beginning: Beginning) -> Response:
    """GET /first-run/keeper: who keeps the node, and what the law wants said of it."""
    try:
        commune, found = await _chosen(beginning, beginning.asked)
    except BeffroiError:
        return beginning.visit.go(PATH)
    return _keeper_page(
        beginning, commune, found,
        {"publisher": f"Commune {commune.commune.of_name}", "siren": commune.commune.siren or ""},
    )  # fmt: skip


async def make(beginning: Beginning) -> Response:
    """POST /first-run/keeper: all is made, and the keeper is logged in."""
    form = await beginning.form()
    try:
        commune, found = await _chosen(beginning, form.text)
    except BeffroiError:
        return beginning.visit.go(PATH)
    said = {name: form.text(name).strip() for name in _KEPT}
    arguments = {
        **said, "password": form.text("password"), "token": beginning.token, "insee": commune.commune.code,
        "domain": found.handle, "service_host": found.service,
    }  # fmt: skip
    try:
        await operations.done(beginning.ctx, "set_up.found", arguments, Hand(None, said["email"], "console"))
    except BeffroiError as error:
        return _keeper_page(beginning, commune, found, said, problem=error)
    return beginning.end(await _let_in(beginning, found, said["email"]))


async def _let_in(beginning: Beginning, found: Addresses, email: str) -> Response:
    """Logged in, on to a second factor and then to the first post; at another host she logs in herself."""
    reader = beginning.ctx.db.reader
    person = await people.by_email(reader, people.normal_email(email))
    assert person is not None
    [(actor, _role), *_others] = await memberships.actors_of(reader, person.id)
    onward = visitors.with_next("/account/security", f"/desk/{actor.username}/write")
    if _asked(beginning) in (found.service, found.handle):
        return await entry.enter(beginning.visit, person, onward)
    there = f"{beginning.ctx.settings.scheme}://{found.service}"
    return beginning.page("elsewhere.html", there=there, log_in=there + visitors.with_next("/login", onward))


async def _chosen(beginning: Beginning, text: Callable[[str], str]) -> tuple[Found, Addresses]:
    """The commune and the addresses that the steps before found, read anew."""
    found = await addresses.read(beginning.ctx, text("handle_host"), text("service_host"))
    return communes.of_code(text("insee")), found


def _commune(beginning: Beginning) -> Found:
    return communes.of_code(beginning.asked("insee"))


def _asked(beginning: Beginning) -> str:
    """The host that the browser asked, in normal form; empty: none that could be one."""
    try:
        return hosts.authority(beginning.visit.host)
    except Invalid:
        return ""


def _keeper_path(commune: Found, found: Addresses) -> str:
    query = {"insee": commune.commune.code, "handle_host": found.handle, "service_host": found.service}
    return f"{PATH}/keeper?{urlencode(query)}"


def _addresses_page(
    beginning: Beginning,
    commune: Found,
    handle: str,
    service: str,
    *,
    advice: Sequence[Sentence] = (),
    known: str = "",
    problem: BeffroiError | None = None,
) -> Response:
    return beginning.page(
        "addresses.html", problem=problem, commune=commune, handle=handle, service=service, asked=_asked(beginning),
        advice=[beginning.visit.say(each) for each in advice], known=known,
    )  # fmt: skip


def _keeper_page(
    beginning: Beginning,
    commune: Found,
    found: Addresses,
    values: Mapping[str, str],
    *,
    problem: BeffroiError | None = None,
) -> Response:
    return beginning.page(
        "keeper.html", problem=problem, commune=commune, addresses=found, names=legal.NAMES,
        values={**dict.fromkeys(_KEPT, ""), **values}, back=_keeper_path(commune, found).replace("/keeper?", "/addresses?"),
    )  # fmt: skip
