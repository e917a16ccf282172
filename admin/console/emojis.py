"""`/admin/emojis`: the custom emojis of the node."""

import base64
from itertools import groupby
from typing import Final

from starlette.responses import Response

from admin import emojis as operations
from admin.console.door import Keeping
from node.media import addresses, emojis
from node.media.emojis import CustomEmoji
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence

PATH: Final = "/admin/emojis"
MAX_FORM_BYTES: Final = emojis.MAX_BYTES + 256 * 1024
"""A file that is somewhat too large is refused in words, not cut off."""


async def show(keeping: Keeping) -> Response:
    """GET /admin/emojis."""
    return await _page(keeping)


async def do(keeping: Keeping) -> Response:
    """POST /admin/emojis: add, put elsewhere, disable, enable, remove one."""
    form = await keeping.form()
    act, name, category, hidden = form.text("act"), form.text("shortcode"), form.text("category"), form.text("hidden")
    try:
        if act == "add":
            picture = base64.b64encode(form.files.get("picture", b"")).decode()
            lines = await keeping.perform(
                "emoji.add", shortcode=name, picture=picture, category=category, hidden=hidden == "on"
            )  # fmt: skip
        elif act == "put":
            lines = await keeping.perform("emoji.put", shortcode=name, category=category, hidden=hidden == "on")
        elif act in ("disable", "enable", "remove"):
            lines = await keeping.perform(f"emoji.{act}", shortcode=name)
        else:
            raise NotFound(sentence("There is no such page"))
    except BeffroiError as error:
        typed = {"shortcode": name, "category": category, "hidden": hidden} if act == "add" else None
        return await _page(keeping, problem=error, typed=typed)
    return await _page(keeping, lines=lines)


async def _page(
    keeping: Keeping, *, lines: list[str] | None = None, problem: BeffroiError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    found = await emojis.every(keeping.reader)

    def state(each: CustomEmoji) -> str:
        return operations.state(each, keeping.visit.say)

    return keeping.page(
        "emojis.html", status=problem.status if problem else 200, lines=lines or (), state=state,
        groups=[(category, list(each)) for category, each in groupby(found, key=lambda emoji: emoji.category)],
        typed=typed or {"shortcode": "", "category": "", "hidden": ""}, address=addresses.of_key,
        most_kilobytes=emojis.MAX_BYTES // 1024, side=emojis.MAX_SIDE_PX, kilobytes=operations.kilobytes,
        problem=keeping.visit.say(problem.args[0]) if problem else None,
    )  # fmt: skip
