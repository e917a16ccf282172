"""`/admin/sign-ups`: who asks for an account and waits; `/admin/sign-up-rules`: who may not simply ask."""

from typing import Final

from starlette.responses import Response

from admin.console import paging
from admin.console.door import Keeping
from node.actors import domains
from node.moderation import sign_up_rules, sign_ups
from node.moderation.sign_ups import SignUp
from node.runtime import mail
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import cursors

PATH: Final = "/admin/sign-ups"
RULES: Final = "/admin/sign-up-rules"

KINDS: Final[dict[str, Sentence]] = {
    "mail": sentence("Mail addresses of a host, and of what is below it"),
    "network": sentence("A network, or one address of it"),
    "word": sentence("A word in the name or the reason"),
}
ACTS: Final[dict[str, Sentence]] = {
    "refuse": sentence("Refuse the sign-up"),
    "hold": sentence("Hold it: somebody looks first"),
}


async def show(keeping: Keeping) -> Response:
    """GET /admin/sign-ups: the newest first. Three queries."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/sign-ups/{id}: approve or refuse."""
    form = await keeping.form()
    number, act = cursors.read(keeping.path("id")), form.text("act")
    try:
        if act == "approve":
            lines = await keeping.perform("signup.approve", id=number)
        elif act == "refuse":
            lines = await keeping.perform("signup.refuse", id=number, reason=form.text("reason"))
        else:
            raise NotFound(sentence("There is no such page"))
    except BeffroiError as error:
        return await _page(keeping, problem=error, refusing=(number, form.text("reason")))
    return await _page(keeping, lines=lines)


async def show_rules(keeping: Keeping) -> Response:
    """GET /admin/sign-up-rules."""
    return await _rules_page(keeping)


async def do_rules(keeping: Keeping) -> Response:
    """POST /admin/sign-up-rules: one more rule, or one less."""
    form = await keeping.form()
    said = {name: form.text(name).strip() for name in ("kind", "value", "act", "note")}
    try:
        if form.text("do") == "remove":
            lines = await keeping.perform("signup_rule.remove", kind=said["kind"], value=said["value"])
        else:
            lines = await keeping.perform("signup_rule.add", **said)
    except BeffroiError as error:
        return await _rules_page(keeping, problem=error, values=said)
    return await _rules_page(keeping, lines=lines)


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    refusing: tuple[int, str] = (0, ""),
) -> Response:  # fmt: skip
    found: list[SignUp] = list(await sign_ups.waiting(keeping.reader, below=paging.below(keeping)))
    hosts = {domain.id: domain for domain in await domains.all(keeping.reader)}
    return keeping.page(
        "sign_ups.html", status=problem.status if problem else 200, found=found, hosts=hosts,
        problem=keeping.visit.say(problem.args[0]) if problem else None, lines=lines or (), refusing=refusing,
        older=paging.older(keeping, [each.id for each in found]), sends_mail=mail.configured(keeping.ctx),
    )  # fmt: skip


async def _rules_page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    values: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    return keeping.page(
        "sign_up_rules.html", status=problem.status if problem else 200,
        found=await sign_up_rules.all(keeping.reader), kinds=KINDS, acts=ACTS,
        values=values or {"kind": "mail", "value": "", "act": "refuse", "note": ""},
        problem=keeping.visit.say(problem.args[0]) if problem else None, lines=lines or (),
    )  # fmt: skip
