"""`/admin/rules`: what a site asks of everybody who writes there."""

from typing import Final

from starlette.responses import Response

from admin.console import sites
from admin.console.door import Keeping
from node.moderation import rules
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence

PATH: Final = "/admin/rules"
_TYPED: Final = ("number", "words", "hint")


async def show(keeping: Keeping) -> Response:
    """GET /admin/rules?domain=HOST: of the first domain, if none is named."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/rules: one more, other words, up, down, away."""
    form = await keeping.form()
    act, number, domain = form.text("act"), form.text("number"), form.text("domain")
    said = {"words": form.text("words"), "hint": form.text("hint")}
    try:
        if act == "add":
            lines = await keeping.perform("rule.add", domain=domain, **said)
        elif act == "change":
            lines = await keeping.perform("rule.change", domain=domain, number=number, **said)
        elif act in ("up", "down"):
            lines = await keeping.perform("rule.move", domain=domain, number=number, place=form.text("place"))
        elif act == "remove":
            lines = await keeping.perform("rule.remove", domain=domain, number=number)
        else:
            raise NotFound(sentence("There is no such page"))
    except BeffroiError as error:
        typed = {name: form.text(name) for name in _TYPED} if act in ("add", "change") else None
        return await _page(keeping, domain, problem=error, typed=typed)
    return await _page(keeping, domain, lines=lines)


async def _page(
    keeping: Keeping, domain: str = "", *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    known, where = await sites.chosen(keeping, domain)
    return keeping.page(
        "rules.html", status=problem.status if problem else 200, known=known, where=where, lines=lines or (),
        found=await rules.of_domain(keeping.reader, where.id, keeping.visit.say),
        own=await rules.own(keeping.reader, where.id), typed=typed or dict.fromkeys(_TYPED, ""),
        problem=keeping.visit.say(problem.args[0]) if problem else None,
    )  # fmt: skip
