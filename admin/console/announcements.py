"""`/admin/announcements`: what those who keep a site tell everybody who uses it."""

from typing import Final

from starlette.responses import Response

from admin import announcements as operations
from admin.console import sites
from admin.console.door import Keeping
from node.moderation import announcements
from node.moderation.announcements import Announcement
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence

PATH: Final = "/admin/announcements"
_SAID: Final = ("words", "starts", "ends")


async def show(keeping: Keeping) -> Response:
    """GET /admin/announcements?domain=HOST."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/announcements: announce, or change, publish, withdraw, remove one."""
    form = await keeping.form()
    act, domain, number = form.text("act"), form.text("domain"), form.text("id")
    said = {name: form.text(name) for name in _SAID}
    try:
        if act in ("add", "draft"):
            lines = await keeping.perform("announcement.add", domain=domain, draft=act == "draft", **said)
        elif act == "change":
            lines = await keeping.perform("announcement.change", id=number, **said)
        elif act in ("publish", "withdraw", "remove"):
            lines = await keeping.perform(f"announcement.{act}", id=number)
        else:
            raise NotFound(sentence("There is no such page"))
    except BeffroiError as error:
        return await _page(keeping, domain, problem=error, typed={"id": number, **said})
    return await _page(keeping, domain, lines=lines)


async def _page(
    keeping: Keeping, domain: str = "", *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    known, where = await sites.chosen(keeping, domain)
    now_ms = keeping.ctx.clock.now_ms()

    def state(each: Announcement) -> str:
        return operations.state(each, now_ms, keeping.visit.say)

    return keeping.page(
        "announcements.html", status=problem.status if problem else 200, known=known, where=where, lines=lines or (),
        found=[(each, state(each)) for each in await announcements.kept(keeping.reader, where.id)],
        as_typed=announcements.typed, typed=typed or {"id": "", **dict.fromkeys(_SAID, "")},
        problem=keeping.visit.say(problem.args[0]) if problem else None,
    )  # fmt: skip
