"""Lists: one for each territory that the account follows, and one for all of them. They follow from the follows.

A list has the id of its territory; the one of all has the id of the account that asks. Nobody edits them.
"""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.agreements import territories, timeline
from node.api import paging, rendering
from node.api.accounts import active
from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.runtime.database import Reader
from node.runtime.errors import Forbidden
from node.runtime.i18n import sentence, translator


async def every(call: Call) -> Answer:
    """GET /api/v1/lists."""
    followed = await territories.followed_by(call.reader, call.actor_id)
    return call.answer(_of(call, followed))


async def show(call: Call) -> Answer:
    """GET /api/v1/lists/:id."""
    followed = await _meant(call)
    one = _entity(followed[0]) if call.id != call.actor_id else _all(call)
    return call.answer(one)


async def members(call: Call) -> Answer:
    """GET /api/v1/lists/:id/accounts: whose news are in it, as far as this node knows."""
    followed = await _meant(call)
    found = list(followed)
    if call.id != call.actor_id:
        found += [actor for actor, _agreement in await territories.members(call.reader, call.id)]
    return call.answer(rendering.account_list(found))


async def of_account(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/lists: those in which the account's own news are."""
    await active(call, call.id)
    followed = await territories.followed_by(call.reader, call.actor_id)
    return call.answer(_of(call, followed) if call.id in {each.id for each in followed} else [])


async def posts(call: Call) -> Answer:
    """GET /api/v1/timelines/list/:id."""
    page = paging.asked(call, default=20, most=40)
    followed = await _meant(call)
    found = await timeline.page(call.reader, call.viewer_id, page, territory_ids=[each.id for each in followed])
    ids, links = paging.listed(call, found, page, lambda post_id: post_id)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def refused(call: Call) -> Answer:
    """Making, changing and deleting lists.

    Raises:
        Forbidden: always, in words that a client shows.
        RecordNotFound: there is no such list.
    """
    if "id" in call.named:
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


def _list(list_id: int, title: str) -> dict[str, Any]:
    return {"id": str(list_id), "title": title, "replies_policy": "none", "exclusive": False}
