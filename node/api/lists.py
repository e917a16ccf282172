"""Lists: one's own; and one for each territory that the account follows, and one for all of them, which follow from the follows.

A territory's list has the id of its territory; the one of all has the id of the account that asks. Nobody edits these.
"""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.agreements import territories, timeline
from node.api import paging, rendering
from node.api.accounts import active, answer_circle
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.runtime.database import Reader
from node.runtime.errors import Forbidden
from node.runtime.i18n import sentence, translator
from node.timeline import home, lists
from node.timeline.lists import List


async def every(call: Call) -> Answer:
    """GET /api/v1/lists."""
    followed = await territories.followed_by(call.reader, call.actor_id)
    own = await lists.of_actor(call.reader, call.actor_id)
    return call.answer([*_of(call, followed), *map(_own, own)])


async def show(call: Call) -> Answer:
    """GET /api/v1/lists/:id."""
    own = await _find(call)
    if own is not None:
        return call.answer(_own(own))
    followed = await _meant(call)
    one = _entity(followed[0]) if call.id != call.actor_id else _all(call)
    return call.answer(one)


async def members(call: Call) -> Answer:
    """GET /api/v1/lists/:id/accounts: whose news are in it, as far as this node knows."""
    own = await _find(call)
    if own is not None:
        page = paging.asked(call, default=40, most=80)
        return await answer_circle(call, page, await lists.members(call.reader, own.id, page))
    followed = await _meant(call)
    found = list(followed)
    if call.id != call.actor_id:
        found += [actor for actor, _agreement in await territories.members(call.reader, call.id)]
    return call.answer(rendering.account_list(found))


async def of_account(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/lists: those in which the account's own news are."""
    await active(call, call.id)
    followed = await territories.followed_by(call.reader, call.actor_id)
    shown = _of(call, followed) if call.id in {each.id for each in followed} else []
    own = await lists.with_member(call.reader, actor_id=call.actor_id, target_id=call.id)
    return call.answer([*shown, *map(_own, own)])


async def posts(call: Call) -> Answer:
    """GET /api/v1/timelines/list/:id."""
    page = paging.asked(call, default=20, most=40)
    own = await _find(call)
    if own is not None:
        rows = await home.rows(
            call.reader, call.actor_id, page, bits=await call.tastes(), now_ms=call.ctx.clock.now_ms(), only=own
        )
        rows, links = paging.listed(call, rows, page, rendering.cursor)
        body = await rendering.page(call.ctx, call.domain, call.viewer_id, rows)
        return Answer(body, headers=links, spliced=True)
    followed = await _meant(call)
    found = await timeline.page(call.reader, call.viewer_id, page, territory_ids=[each.id for each in followed])
    ids, links = paging.listed(call, found, page, lambda post_id: post_id)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def make(call: Call) -> Answer:
    """POST /api/v1/lists: `title`, `replies_policy`, `exclusive`."""
    actor, asked = await call.actor(), call.input
    title, replies, exclusive = (
        asked.text("title") or "",
        asked.text("replies_policy") or "list",
        asked.flag("exclusive"),
    )
    made = await call.ctx.db.write(
        lambda tx: lists.make(tx, call.ctx, actor=actor, title=title, replies=replies, exclusive=bool(exclusive))
    )
    return call.answer(_own(made))


async def change(call: Call) -> Answer:
    """PUT /api/v1/lists/:id."""
    await _own_one(call)
    actor, asked, list_id = await call.actor(), call.input, call.id
    changed = await call.ctx.db.write(
        lambda tx: lists.change(
            tx, call.ctx, actor=actor, list_id=list_id, title=asked.text("title"),
            replies=asked.text("replies_policy") or None, exclusive=asked.flag("exclusive"),
        )
    )  # fmt: skip
    return call.answer(_own(changed))


async def delete(call: Call) -> Answer:
    """DELETE /api/v1/lists/:id."""
    await _own_one(call)
    actor, list_id = await call.actor(), call.id
    await call.ctx.db.write(lambda tx: lists.delete(tx, call.ctx, actor=actor, list_id=list_id))
    return EMPTY


async def add(call: Call) -> Answer:
    """POST /api/v1/lists/:id/accounts: `account_ids`."""
    await _own_one(call)
    actor, list_id, asked = await call.actor(), call.id, call.input.ids("account_ids")
    await call.ctx.db.write(lambda tx: lists.add(tx, call.ctx, actor=actor, list_id=list_id, target_ids=asked))
    return EMPTY


async def remove(call: Call) -> Answer:
    """DELETE /api/v1/lists/:id/accounts: `account_ids`."""
    await _own_one(call)
    actor, list_id, asked = await call.actor(), call.id, call.input.ids("account_ids")
    await call.ctx.db.write(lambda tx: lists.remove(tx, actor=actor, list_id=list_id, target_ids=asked))
    return EMPTY


async def _find(call: Call) -> List | None:
    return await lists.find(call.reader, actor_id=call.actor_id, list_id=call.id)


async def _own_one(call: Call) -> None:
    """Pass, for a list of one's own.

    Raises:
        Forbidden: it is a territory's, in words that a client shows.
        RecordNotFound: there is no such list.
    """
    if await _find(call) is not None:
        return
    await _meant(call)
    raise Forbidden(sentence("These lists follow from the territories that you follow: they cannot be edited."))


async def meant(reader: Reader, *, actor_id: int, list_id: int) -> Sequence[Actor]:
    """The territories of a list of the account.

    Raises:
        RecordNotFound: the account follows no such territory.
    """
    followed = await territories.followed_by(reader, actor_id)
    found = followed if list_id == actor_id else [each for each in followed if each.id == list_id]
    if not found:
        raise RecordNotFound
    return found


async def _meant(call: Call) -> Sequence[Actor]:
    return await meant(call.reader, actor_id=call.actor_id, list_id=call.id)


def _of(call: Call, followed: Sequence[Actor]) -> list[dict[str, Any]]:
    found = [_entity(each) for each in followed]
    return [_all(call), *found] if len(found) > 1 else found


def _all(call: Call) -> dict[str, Any]:
    say = translator(call.ctx.settings.language)
    return _list(call.actor_id, say(sentence("All my territories")))


def _entity(territory: Actor) -> dict[str, Any]:
    return _list(territory.id, territory.name or territory.username)


def _own(own: List) -> dict[str, Any]:
    return {"id": str(own.id), "title": own.title, "replies_policy": own.replies, "exclusive": own.exclusive}


def _list(list_id: int, title: str) -> dict[str, Any]:
    return {"id": str(list_id), "title": title, "replies_policy": "none", "exclusive": False}
