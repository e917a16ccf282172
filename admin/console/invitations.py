"""`/admin/invitations`: to make an account, or to speak for one; those that can still be used."""

from typing import Final, get_args

from starlette.responses import Response

from admin.console.door import Keeping
from node.actors import actors, domains, invitations
from node.actors.memberships import Role
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.web import cursors
from node.web.forms import Form

PATH: Final = "/admin/invitations"
_NEW: Final = {"email": "", "handle": "", "role": "editor", "domain": "", "uses": "1", "days": "7"}


async def show(keeping: Keeping) -> Response:
    """GET /admin/invitations: the latest first, of all domains. Three queries."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/invitations: one more, or one taken back."""
    form = await keeping.form()
    said = {name: form.text(name).strip() for name in _NEW}
    try:
        if form.text("act") == "withdraw":
            lines = await keeping.perform("invite.withdraw", id=cursors.read(form.text("id")))
        else:
            lines = await keeping.perform("invite.create", **_asked(form, said), by=keeping.person.email)
    except BeffroiError as error:
        return await _page(keeping, problem=error, values=said)
    return await _page(keeping, lines=lines)


def _asked(form: Form, said: dict[str, str]) -> dict[str, object]:
    asked: dict[str, object] = {**said, "role": said["role"] if said["handle"] else ""}
    for name in ("uses", "days"):
        text = form.text(name).strip()
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise Invalid(sentence("How many people and how many days are whole numbers."))
        asked[name] = int(text)
    return asked


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    values: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    known = await domains.all(keeping.reader)
    found = await invitations.of_node(keeping.reader, keeping.ctx)
    about = await actors.by_ids(keeping.reader, [each.actor_id for each in found if each.actor_id is not None])
    return keeping.page(
        "invitations.html", status=problem.status if problem else 200, found=found, about=about, domains=known,
        hosts={domain.id: domain.handle_host for domain in known}, roles=get_args(Role), values=values or _NEW,
        problem=keeping.visit.say(problem.args[0]) if problem else None, lines=lines or (),
    )  # fmt: skip
