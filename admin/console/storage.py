"""`/admin/storage`: what the node keeps on its disk, and what it may forget."""

from typing import Final

from starlette.responses import Response

from admin import storage
from admin.console.door import Keeping
from node.media import remote
from node.moderation import pruning
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence

PATH: Final = "/admin/storage"


async def show(keeping: Keeping) -> Response:
    """GET /admin/storage?days=30, or age=90: what would go is shown before it does."""
    try:
        days = storage.read_days(keeping.asked("days")) if keeping.asked("days") else None
    except BeffroiError as error:
        return await _page(keeping, problem=error, typed=keeping.asked("days"))
    try:
        age = storage.read_age(keeping.asked("age")) if keeping.asked("age") else None
    except BeffroiError as error:
        return await _page(keeping, problem=error, typed_age=keeping.asked("age"))
    return await _page(keeping, days=days, age=age)


async def do(keeping: Keeping) -> Response:
    """POST /admin/storage: keep so many days, or forget now what is older."""
    form = await keeping.form()
    act, days = form.text("act"), form.text("days").strip()
    try:
        if act not in ("keep", "prune", "keep_posts", "prune_posts"):
            raise NotFound(sentence("There is no such page"))
        lines = await keeping.perform(f"storage.{act}", days=days)
    except BeffroiError as error:
        of_posts = act.endswith("_posts")
        return await _page(keeping, problem=error, typed="" if of_posts else days, typed_age=days if of_posts else "")
    return await _page(keeping, lines=lines)


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None, days: int | None = None,
    typed: str = "", age: int | None = None, typed_age: str = "",
) -> Response:  # fmt: skip
    kept, going_posts = await remote.kept_days(keeping.reader), None
    if age is not None:
        going_posts = await pruning.going(keeping.reader, keeping.ctx, age)
    return keeping.page(
        "storage.html", status=problem.status if problem else 200, lines=lines or (), kept=kept, typed=typed, days=days,
        sizes=await storage.sizes(keeping.reader, keeping.ctx.db.dialect), megabytes=storage.mebibytes,
        going=None if days is None else await storage.going(keeping.reader, keeping.ctx, days),
        problem=keeping.visit.say(problem.args[0]) if problem else None, age=age, typed_age=typed_age,
        kept_posts=await pruning.kept_days(keeping.reader), least=pruning.MIN_DAYS,
        would_go=None if going_posts is None or age is None else storage.said(going_posts, age, keeping.visit.say),
        goes=going_posts is not None and going_posts.posts + going_posts.actors > 0,
    )  # fmt: skip
