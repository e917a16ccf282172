"""Filters, version 2: with many words and posts each. Version 1 (one word each) shows the same rows: `old_filters`."""

from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import filter as entity
from node.api.requests import Input
from node.runtime.errors import Malformed
from node.timeline import filters
from node.timeline.filters import Filter, Keyword, Said, Wanted
from node.timeline.visibility import require_readable


async def listed(call: Call) -> Answer:
    """GET /api/v2/filters."""
    return call.answer([entity.render(each) for each in await filters.of_actor(call.reader, call.actor_id)])


async def show(call: Call) -> Answer:
    """GET /api/v2/filters/:id."""
    return call.answer(entity.render(await _meant(call)))


async def make(call: Call) -> Answer:
    """POST /api/v2/filters, with `keywords_attributes`."""
    actor, wanted, said = await call.actor(), asked(call.input), _said(call.input)
    filter_id = await call.ctx.db.write(
        lambda tx: filters.make(tx, call.ctx, actor=actor, wanted=wanted, keywords=said)
    )
    return await _shown(call, filter_id)


async def change(call: Call) -> Answer:
    """PUT /api/v2/filters/:id."""
    actor, wanted, said = await call.actor(), asked(call.input), _said(call.input)
    filter_id = call.id
    await call.ctx.db.write(
        lambda tx: filters.change(tx, call.ctx, actor=actor, filter_id=filter_id, wanted=wanted, keywords=said)
    )
    return await _shown(call, filter_id)


async def delete(call: Call) -> Answer:
    """DELETE /api/v2/filters/:id."""
    actor, filter_id = await call.actor(), call.id
    await call.ctx.db.write(lambda tx: filters.delete(tx, call.ctx, actor=actor, filter_id=filter_id))
    return EMPTY


async def keywords(call: Call) -> Answer:
    """GET /api/v2/filters/:id/keywords."""
    return call.answer([entity.keyword(each) for each in (await _meant(call)).keywords])


async def add_keyword(call: Call) -> Answer:
    """POST /api/v2/filters/:id/keywords: `keyword`, `whole_word`."""
    found = await _meant(call)
    said = Said(keyword=call.input.required("keyword"), whole_word=bool(call.input.flag("whole_word")))
    await _say(call, found, said)
    there = {each.id for each in found.keywords}
    return call.answer(next(entity.keyword(each) for each in (await _meant(call)).keywords if each.id not in there))


async def keyword(call: Call) -> Answer:
    """GET /api/v2/filters/keywords/:id."""
    return call.answer(entity.keyword((await _keyword(call))[1]))


async def change_keyword(call: Call) -> Answer:
    """PUT /api/v2/filters/keywords/:id."""
    found, word = await _keyword(call)
    await _say(call, found, Said(word.id, call.input.text("keyword"), call.input.flag("whole_word")))
    return call.answer(entity.keyword((await _keyword(call))[1]))


async def delete_keyword(call: Call) -> Answer:
    """DELETE /api/v2/filters/keywords/:id."""
    found, word = await _keyword(call)
    await _say(call, found, Said(word.id, gone=True))
    return EMPTY


async def statuses(call: Call) -> Answer:
    """GET /api/v2/filters/:id/statuses."""
    return call.answer([entity.post(each) for each in (await _meant(call)).posts])


async def add_status(call: Call) -> Answer:
    """POST /api/v2/filters/:id/statuses: `status_id`."""
    actor, found, post_id = await call.actor(), await _meant(call), call.input.id("status_id")
    if post_id is None:
        raise Malformed("status_id is missing")
    await require_readable(call.reader, viewer_id=actor.id, post_id=post_id)
    line_id = await call.ctx.db.write(
        lambda tx: filters.add_post(tx, call.ctx, actor=actor, filter_id=found.id, post_id=post_id)
    )
    return call.answer(entity.post((line_id, post_id)))


async def status(call: Call) -> Answer:
    """GET /api/v2/filters/statuses/:id."""
    _, line = await filters.of_post(call.reader, actor_id=call.actor_id, line_id=call.id)
    return call.answer(entity.post(line))


async def remove_status(call: Call) -> Answer:
    """DELETE /api/v2/filters/statuses/:id."""
    actor, line_id = await call.actor(), call.id
    await call.ctx.db.write(lambda tx: filters.remove_post(tx, call.ctx, actor=actor, line_id=line_id))
    return EMPTY


def asked(said: Input, *, title: str = "title", action: str | None = None) -> Wanted:
    """What the input wants of a filter. An `expires_in` that is there and empty: never."""
    contexts = said.texts("context") if "context" in said else None
    never = "expires_in" in said and not said.text("expires_in")
    expires_s = None
    if "expires_in" in said:
        expires_s = 0 if never else said.number("expires_in", 0, low=0, high=filters.MAX_S + 1)
    return Wanted(said.text(title), contexts, action or said.text("filter_action") or None, expires_s)


def _said(said: Input) -> list[Said]:
    return [
        Said(each.id("id"), each.text("keyword"), each.flag("whole_word"), bool(each.flag("_destroy")))
        for each in said.groups("keywords_attributes") or ()
    ]


async def _say(call: Call, found: Filter, said: Said) -> None:
    actor = await call.actor()
    await call.ctx.db.write(
        lambda tx: filters.change(tx, call.ctx, actor=actor, filter_id=found.id, wanted=Wanted(), keywords=[said])
    )


async def _meant(call: Call) -> Filter:
    return await filters.require(call.reader, actor_id=call.actor_id, filter_id=call.id)


async def _keyword(call: Call) -> tuple[Filter, Keyword]:
    return await filters.of_keyword(call.reader, actor_id=call.actor_id, keyword_id=call.id)


async def _shown(call: Call, filter_id: int) -> Answer:
    return call.answer(entity.render(await filters.require(call.reader, actor_id=call.actor_id, filter_id=filter_id)))
