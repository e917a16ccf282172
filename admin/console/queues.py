"""`/admin/queues`: what waits, what was given up and why; tried again or dropped."""

from typing import Final

from starlette.responses import Response

from admin import work
from admin.console.door import Keeping
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence

PATH: Final = "/admin/queues"
NAMES: Final[dict[str, Sentence]] = {
    "inbox": sentence("What other servers sent"),
    "jobs": sentence("Jobs of this server"),
    "deliveries": sentence("Deliveries to other servers"),
    "letters": sentence("Letters"),
}


async def show(keeping: Keeping) -> Response:
    """GET /admin/queues; with `?live=1` the page asks again every ten seconds. Seven queries."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/queues: try again or drop, one or all of a queue, or all of a host."""
    form = await keeping.form()
    act, queue, host = form.text("act"), form.text("queue"), form.text("host").strip()
    try:
        if act not in ("retry", "drop"):
            raise NotFound(sentence("There is no such page"))
        if queue == "deliveries" and host:
            lines = await keeping.perform(f"deliveries.{act}", host=host)
        else:
            lines = await keeping.perform(f"work.{act}", queue=queue, id=form.text("id") or 0)
    except BeffroiError as error:
        return await _page(keeping, problem=error)
    return await _page(keeping, lines=lines)


async def _page(keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None) -> Response:
    return keeping.page(
        "queues.html", status=problem.status if problem else 200, lines=lines or (), names=NAMES,
        figures=await work.figures(keeping.reader, keeping.ctx.clock.now_ms()), dead=await work.dead(keeping.reader),
        unreached=await work.unreached(keeping.reader), live=keeping.asked("live") == "1",
        problem=keeping.visit.say(problem.args[0]) if problem else None,
    )  # fmt: skip
