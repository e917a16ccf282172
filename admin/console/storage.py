"""`/admin/storage`: what the node keeps on its disk, and what it may forget."""

from typing import Final

from starlette.responses import Response

from admin import storage
from admin.console.door import Keeping
from node.media import remote
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence

PATH: Final = "/admin/storage"


async def show(keeping: Keeping) -> Response:
    """GET /admin/storage?days=30: what would go is shown before it does."""
    try:
        days = storage.read_days(keeping.asked("days")) if keeping.asked("days") else None
    except BeffroiError as error:
        return await _page(keeping, problem=error, typed=keeping.asked("days"))
    return await _page(keeping, days=days)


async def do(keeping: Keeping) -> Response:
    """POST /admin/storage: keep so many days, or forget now what is older."""
    form = await keeping.form()
    act, days = form.text("act"), form.text("days").strip()
    try:
        if act not in ("keep", "prune"):
            raise NotFound(sentence("There is no such page"))
        lines = await keeping.perform(f"storage.{act}", days=days)
    except BeffroiError as error:
        return await _page(keeping, problem=error, typed=days)
    return await _page(keeping, lines=lines)


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None, days: int | None = None,
    typed: str = "",
) -> Response:  # fmt: skip
    kept = await remote.kept_days(keeping.reader)
    return keeping.page(
        "storage.html", status=problem.status if problem else 200, lines=lines or (), kept=kept, typed=typed, days=days,
        sizes=await storage.sizes(keeping.reader, keeping.ctx.db.dialect), megabytes=storage.mebibytes,
        going=None if days is None else await storage.going(keeping.reader, keeping.ctx, days),
        problem=keeping.visit.say(problem.args[0]) if problem else None,
    )  # fmt: skip
