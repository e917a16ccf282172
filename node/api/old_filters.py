"""Filters, version 1: one word each, of the same rows as version 2. The id is the word's; two words of one filter are two
filters here, which share where and until when they hold."""  # noqa: D205, D209

from node.api import filters as version2
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import filter as entity
from node.runtime.errors import Invalid
from node.timeline import filters
from node.timeline.filters import Said, Wanted

_SEVERAL = "Validation failed: This filter has several keywords; change it with an application that knows them"


async def listed(call: Call) -> Answer:
    """GET /api/v1/filters."""
    found = await filters.of_actor(call.reader, call.actor_id)
    return call.answer([entity.version1(each, word) for each in found for word in each.keywords])


async def show(call: Call) -> Answer:
    """GET /api/v1/filters/:id."""
    found, word = await filters.of_keyword(call.reader, actor_id=call.actor_id, keyword_id=call.id)
    return call.answer(entity.version1(found, word))


async def make(call: Call) -> Answer:
    """POST /api/v1/filters: `phrase`, `context`, `irreversible`, `whole_word`, `expires_in`."""
    actor, asked = await call.actor(), call.input
    phrase = asked.required("phrase")
    wanted = _wanted(call)
    word = Said(keyword=phrase, whole_word=asked.flag("whole_word") is not False)
    filter_id = await call.ctx.db.write(
        lambda tx: filters.make(tx, call.ctx, actor=actor, wanted=wanted, keywords=[word])
    )
    found = await filters.require(call.reader, actor_id=actor.id, filter_id=filter_id)
    return call.answer(entity.version1(found, found.keywords[0]))


async def change(call: Call) -> Answer:
    """PUT /api/v1/filters/:id; where and until when, only of a filter with this one word."""
    actor, asked = await call.actor(), call.input
    found, word = await filters.of_keyword(call.reader, actor_id=actor.id, keyword_id=call.id)
    wanted = _wanted(call) if len(found.keywords) == 1 else Wanted()
    others = ("context", "expires_in", "irreversible")
    if len(found.keywords) > 1 and any(name in asked for name in others):
        raise Invalid(_SEVERAL)
    said = Said(word.id, asked.text("phrase"), asked.flag("whole_word"))
    await call.ctx.db.write(
        lambda tx: filters.change(tx, call.ctx, actor=actor, filter_id=found.id, wanted=wanted, keywords=[said])
    )
    return await show(call)


async def delete(call: Call) -> Answer:
    """DELETE /api/v1/filters/:id: the word, and the filter whose last one it was."""
    actor = await call.actor()
    found, word = await filters.of_keyword(call.reader, actor_id=actor.id, keyword_id=call.id)
    if len(found.keywords) == 1 and not found.posts:
        await call.ctx.db.write(lambda tx: filters.delete(tx, call.ctx, actor=actor, filter_id=found.id))
    else:
        gone = [Said(word.id, gone=True)]
        await call.ctx.db.write(
            lambda tx: filters.change(tx, call.ctx, actor=actor, filter_id=found.id, wanted=Wanted(), keywords=gone)
        )
    return EMPTY


def _wanted(call: Call) -> Wanted:
    hide = call.input.flag("irreversible")
    wanted = version2.asked(call.input, title="phrase", action=None if hide is None else "hide" if hide else "warn")
    title = None if wanted.title is None else wanted.title.strip()[: filters.MAX_TITLE_CHARS]
    return Wanted(title, wanted.contexts, wanted.action, wanted.expires_in_s)
