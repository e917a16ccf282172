"""`/admin/health`: whether the node is well, and what to do where it is not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from admin import health
from admin.checks import Finding
from admin.console import navigation
from admin.console.door import Keeping
from node.runtime.context import Context

PATH: Final = "/admin/health"
_NAMES: Final = {section.path.rpartition("/")[2]: section.label for section in navigation.SECTIONS}


async def show(keeping: Keeping) -> Response:
    """GET /admin/health: what the node knows without asking anybody."""
    return _page(keeping, await health.near(_here(keeping)), asked=False)


async def ask(keeping: Keeping) -> Response:
    """POST /admin/health: what the network says too; it may take half a minute."""
    ctx = _here(keeping)
    return _page(keeping, [*await health.near(ctx), *await health.around(ctx)], asked=True)


def _here(keeping: Keeping) -> Context:
    settings = keeping.ctx.settings.model_copy(update={"language": keeping.visit.language})
    return replace(keeping.ctx, settings=settings)


def _page(keeping: Keeping, found: Sequence[Finding], *, asked: bool) -> Response:
    first = sorted(found, key=lambda each: (not each.failed, not each.advice))
    return keeping.page(
        "health.html", found=first, failed=sum(each.failed for each in found), asked=asked, names=_NAMES
    )
