"""`/admin/mail`: letters that could not be sent, those that wait, and trying the settings."""

from typing import Final

from starlette.responses import Response

from admin.console.door import Keeping
from node.runtime import mail
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence
from node.runtime.mail import letters
from node.web import cursors

PATH: Final = "/admin/mail"


async def show(keeping: Keeping) -> Response:
    """GET /admin/mail: fifty of each at most. Three queries."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/mail: try the settings; try a letter again, or drop it; all, where no number is given."""
    form = await keeping.form()
    act = form.text("act")
    number = cursors.read(form.text("id")) if form.text("id") else 0
    try:
        if act == "test":
            lines = await keeping.perform("mail.test", address=form.text("address"))
        elif act in ("retry", "drop"):
            lines = await keeping.perform(f"mail.{act}", id=number)
        else:
            raise NotFound(sentence("There is no such page"))
    except BeffroiError as error:
        return await _page(keeping, problem=error, address=form.text("address"))
    return await _page(keeping, lines=lines)


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None, address: str = ""
) -> Response:
    waiting, dead = await letters.count(keeping.reader)
    return keeping.page(
        "mail.html", status=problem.status if problem else 200, configured=mail.configured(keeping.ctx),
        sender=keeping.ctx.settings.mail_from, count_waiting=waiting, count_dead=dead,
        dead=await letters.page(keeping.reader, keeping.ctx, dead=True),
        waiting=await letters.page(keeping.reader, keeping.ctx, dead=False), address=address or keeping.person.email,
        problem=keeping.visit.say(problem.args[0]) if problem else None, lines=lines or (),
    )  # fmt: skip
