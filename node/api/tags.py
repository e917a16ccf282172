"""Hashtags: looked at, followed, shown on one's profile."""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.api import paging
from node.api.accounts import active
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import tag
from node.runtime.text.folding import fold_hashtag
from node.timeline import featured_tags, hashtags, tag_follows
from node.timeline.hashtags import Tag
from node.timeline.search import hashtags as used
from node.timeline.search.hashtags import Day


async def show(call: Call) -> Answer:
    """GET /api/v1/tags/:name; one that nobody used is shown as well."""
    name = call.named["name"]
    found = await hashtags.by_name(call.reader, name) or Tag(0, fold_hashtag(name), name.lstrip("#"))
    return await _answer(call, found)


async def follow(call: Call) -> Answer:
    """POST /api/v1/tags/:name/follow."""
    actor, name = await call.actor(), call.named["name"]
    found = await call.ctx.db.write(lambda tx: tag_follows.follow(tx, call.ctx, actor=actor, name=name))
    return await _answer(call, found)


async def unfollow(call: Call) -> Answer:
    """POST /api/v1/tags/:name/unfollow."""
    actor, found = await call.actor(), await hashtags.by_name(call.reader, call.named["name"])
    if found is None:
        return await show(call)
    await call.ctx.db.write(lambda tx: tag_follows.unfollow(tx, call.ctx, actor=actor, tag=found))
    return await _answer(call, found)


async def followed(call: Call) -> Answer:
    """GET /api/v1/followed_tags."""
    page = paging.asked(call, default=100, most=200)
    found = await tag_follows.page(call.reader, call.actor_id, page)
    rows, links = paging.listed(call, found, page, lambda row: row[0])
    shown = await featured_tags.among(call.reader, actor_id=call.actor_id, tag_ids=[each.id for _, each in rows])
    days = await _days(call, [each for _, each in rows])
    return call.answer(
        [tag.render(each, days[each.id], following=True, featuring=each.id in shown) for _, each in rows], links
    )


async def feature_by_name(call: Call) -> Answer:
    """POST /api/v1/tags/:name/feature."""
    actor, name = await call.actor(), call.named["name"]
    await call.ctx.db.write(lambda tx: featured_tags.feature(tx, call.ctx, actor=actor, name=name))
    return await show(call)


async def unfeature_by_name(call: Call) -> Answer:
    """POST /api/v1/tags/:name/unfeature."""
    actor, found = await call.actor(), await hashtags.by_name(call.reader, call.named["name"])
    if found is not None:
        await call.ctx.db.write(lambda tx: featured_tags.unfeature(tx, actor=actor, tag_id=found.id))
    return await show(call)


async def featured(call: Call) -> Answer:
    """GET /api/v1/featured_tags: one's own."""
    return call.answer(await _featured(call, await call.actor()))


async def featured_of(call: Call) -> Answer:
    """GET /api/v1/accounts/:id/featured_tags."""
    return call.answer(await _featured(call, await active(call, call.id)))


async def feature(call: Call) -> Answer:
    """POST /api/v1/featured_tags: `name`."""
    actor, name = await call.actor(), call.input.required("name")
    line_id = await call.ctx.db.write(lambda tx: featured_tags.feature(tx, call.ctx, actor=actor, name=name))
    shown = await _featured(call, actor)
    return call.answer(next(each for each in shown if each["id"] == str(line_id)))


async def unfeature(call: Call) -> Answer:
    """DELETE /api/v1/featured_tags/:id."""
    actor, line_id = await call.actor(), call.id
    await call.ctx.db.write(lambda tx: featured_tags.unfeature(tx, actor=actor, line_id=line_id))
    return EMPTY


async def suggested(call: Call) -> Answer:
    """GET /api/v1/featured_tags/suggestions: what one used most lately."""
    found = await featured_tags.suggested(call.reader, call.actor_id)
    days = await _days(call, found)
    return call.answer([tag.render(each, days[each.id], following=None) for each in found])


async def _featured(call: Call, actor: Actor) -> list[dict[str, Any]]:
    if not actor.local:
        return []
    return [tag.featured(each) for each in await featured_tags.of_actor(call.reader, actor.id)]


async def _answer(call: Call, found: Tag) -> Answer:
    return call.answer((await rendered(call, [found]))[0])


async def rendered(call: Call, found: Sequence[Tag]) -> list[dict[str, Any]]:
    """Tags with their last days, and what the reader has of them. At most three queries."""
    days, ids = await _days(call, found), [each.id for each in found]
    if call.viewer_id is None:
        return [tag.render(each, days[each.id], following=None) for each in found]
    follows = await tag_follows.among(call.reader, actor_id=call.viewer_id, tag_ids=ids)
    shows = await featured_tags.among(call.reader, actor_id=call.viewer_id, tag_ids=ids)
    return [tag.render(each, days[each.id], following=each.id in follows, featuring=each.id in shows) for each in found]


async def _days(call: Call, found: Sequence[Tag]) -> dict[int, list[Day]]:
    return await used.history(call.ctx.db.survey, [each.id for each in found], now_ms=call.ctx.clock.now_ms())
