"""Replies at the desk: those that the team reads before anybody else does, and who may reply at all."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from node.actors import actors
from node.moderation import replies as judging
from node.moderation.audit import Hand
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, NotFound
from node.timeline import held, posts, replies
from node.timeline.held import STATES, Held, State
from node.timeline.pages import Page
from node.web import cards, cursors
from node.web.answering import CHOICES
from node.web.cards import Card
from node.web.desk import Desk

_AT_ONCE: Final = 20
_DONE: Final = {"approve": "approved", "refuse": "refused", "block": "blocked"}


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/replies?shown=waiting|refused|approved."""
    return await _page(desk)


async def judge(desk: Desk) -> Response:
    """POST /desk/{actor}/replies/{id}: let it through, refuse it, refuse it and block who wrote it."""
    reply = await held.require(
        desk.reader, post_id=cursors.read(desk.visit.request.path_params["id"]), owner_id=desk.actor.id
    )
    word, by = desk.form.text("word"), Hand(desk.person.id, desk.person.email, "desk")
    if word == "block":
        await desk.require("block")
    try:
        await desk.ctx.db.write(lambda tx: judging.judge(tx, desk.ctx, owner=desk.actor, reply=reply, word=word, by=by))
    except NotFound:
        raise
    except BeffroiError as error:
        return await _page(desk, problem=desk.visit.say(error.args[0]), status=error.status)
    return desk.go("/replies", _DONE[word])


async def choose(desk: Desk) -> Response:
    """POST /desk/{actor}/replies: who may reply to what this account publishes from now on."""
    who = desk.form.text("who")
    try:
        rule = replies.rule_of(who)
        column = replies.usually(dict.fromkeys(replies.GOVERNABLE, rule))

        async def step(tx: Tx) -> None:
            await actors.update_profile(tx, desk.ctx, actor=desk.actor, changes={"replies": column})
            await desk.record(tx, "replies.rule", f"@{desk.actor.handle}", who=who)

        await desk.ctx.db.write(step)
    except BeffroiError as error:
        return await _page(desk, problem=desk.visit.say(error.args[0]), status=error.status)
    return desk.go("/replies", "chosen")


async def _page(desk: Desk, *, problem: str | None = None, status: int = 200) -> Response:
    asked = desk.visit.request.query_params.get("shown", "waiting")
    shown: State = next((state for state in STATES if state == asked), "waiting")
    page = Page(max_id=cursors.asked(desk.visit), limit=_AT_ONCE)
    found = await held.held_of(desk.reader, desk.actor.id, page, state=shown)
    rules = {replies.who_of(replies.usual(desk.actor, visibility)) for visibility in replies.GOVERNABLE}
    older = cursors.older(desk.visit, [each.post_id for each in found], _AT_ONCE)
    return desk.page(
        "desk_replies.html", "/replies", status=status, lines=await _lines(desk, found), shown=shown,
        choices=CHOICES, usual=rules.pop() if len(rules) == 1 else None, problem=problem,
        older=f"{older}&shown={shown}" if older else None,
    )  # fmt: skip


async def _lines(desk: Desk, found: Sequence[Held]) -> list[tuple[Held, Card, str]]:
    """Each reply with what it says, and the page of the post that it is below. Its place here was asked before."""
    shown = {card.cursor: card for card in await cards.of(desk.reader, [each.post_id for each in found])}
    governing = await posts.by_ids(desk.reader, [each.governing_id for each in found if each.governing_id is not None])
    return [
        (each, shown[each.post_id], cards.page_of(desk.actor, governing[each.governing_id]))
        for each in found
        if each.post_id in shown and each.governing_id is not None and each.governing_id in governing
    ]
