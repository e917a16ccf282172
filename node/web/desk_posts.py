"""The desk's first page: what the account published, and who wrote it; and posts that are deleted."""

from typing import Final

from starlette.responses import Response

from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence
from node.timeline import account, held, posts, waiting
from node.timeline.account import Filters
from node.timeline.extras import Extra
from node.timeline.pages import Page
from node.web import cards, cursors
from node.web.desk import Desk
from node.web.desk_write import asked, require_hand

_POSTS: Final = 20


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}."""
    page = Page(max_id=cursors.asked(desk.visit), limit=_POSTS)
    ids = await account.page(
        desk.reader, desk.actor.id, page, actor_id=desk.actor.id, filters=Filters(exclude_boosts=True)
    )
    shown = [card for card in await cards.of(desk.reader, ids) if not card.post.extras & Extra.WAITS]
    approved = await waiting.of_published(desk.reader, [card.post.id for card in shown])
    people = [card.post.person_id for card in shown] + [each.decided_by for each in approved.values()]
    return desk.page(
        "desk_posts.html", "", cards=shown, approved=approved, names=await desk.names(people),
        held=await held.of_posts(desk.reader, [card.post.id for card in shown if card.post.held]),
        waiting=sum(each.state == "waiting" for each in await waiting.of_actor(desk.reader, desk.actor.id)), older=cursors.older(desk.visit, ids, _POSTS),
    )  # fmt: skip


async def delete(desk: Desk) -> Response:
    """POST /desk/{actor}/posts/{id}/delete, with the box ticked that says that it is meant."""
    post, kept = await asked(desk)
    await require_hand(desk, post)
    if desk.form.text("sure") != "on":
        raise Invalid(sentence("Tick the box to say that you are sure: a deleted post does not come back."))

    async def step(tx: Tx) -> None:
        if kept is not None:
            await waiting.withdraw(tx, post=post, by=desk.person)
        else:
            await posts.delete(tx, desk.ctx, post=post)
        await desk.record(tx, "post.delete", post.url, written_by=post.person_id)

    await desk.ctx.db.write(step)
    return desk.go("" if kept is None else "/waiting", "deleted")
