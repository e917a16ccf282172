"""What waits for approval: read by the whole team, published or refused by an editor or an owner."""

from typing import Final

from starlette.responses import Response

from node.runtime.database import Tx
from node.timeline import waiting
from node.web import cards
from node.web.composer import LEVELS
from node.web.desk import Desk
from node.web.desk_write import asked

_MAX_DIGITS: Final = 15
_NOTHING: Final = -1
"""A form that does not say what was read."""


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/waiting."""
    found = await waiting.of_actor(desk.reader, desk.actor.id)
    shown = {card.post.id: card for card in await cards.of(desk.reader, [each.id for each in found])}
    people = [person_id for each in found for person_id in (each.person_id, each.decided_by)]
    lines = [(each, shown[each.id]) for each in found if each.id in shown]
    return desk.page("desk_waiting.html", "/waiting", lines=lines, levels=LEVELS, names=await desk.names(people))


async def approve(desk: Desk) -> Response:
    """POST /desk/{actor}/posts/{id}/approve: what the page showed, and nothing that it became since."""
    post, _ = await asked(desk)
    said = desk.form.text("seen")
    seen_ms = int(said) if said.isascii() and said.isdecimal() and len(said) <= _MAX_DIGITS else _NOTHING

    async def step(tx: Tx) -> None:
        published = await waiting.approve(tx, desk.ctx, post=post, by=desk.person, seen_ms=seen_ms)
        await desk.record(tx, "post.approve", published.url, written_by=post.person_id)

    await desk.ctx.db.write(step)
    return desk.go("/waiting", "approved")


async def refuse(desk: Desk) -> Response:
    """POST /desk/{actor}/posts/{id}/refuse, with a reason."""
    post, _ = await asked(desk)
    reason = desk.form.text("reason")

    async def step(tx: Tx) -> None:
        await waiting.refuse(tx, desk.ctx, post=post, by=desk.person, reason=reason)
        await desk.record(tx, "post.refuse", post.url, written_by=post.person_id, reason=reason)

    await desk.ctx.db.write(step)
    return desk.go("/waiting", "refused")
