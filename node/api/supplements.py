"""What hangs on posts and is not in their rendered bytes, because it changes often or differs from reader to reader.

Which posts have any of it stands in their versions (node.timeline.extras): a page without any costs no query, one with
polls two more, one with quotes what a page of the quoted ones costs, whatever their number.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

import orjson

from node.actors import actors
from node.api.entities import emoji_reaction, poll, quote
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline import emoji_reactions, policies, polls, quotes, records, visibility, votes
from node.timeline.extras import PER_READER, Extra
from node.timeline.policies import Verdict
from node.timeline.quotes import Quote
from node.timeline.shown import EXTRAS, POST_ID, PostVersion

Render = Callable[[Sequence[int]], Awaitable[Mapping[int, bytes]]]
"""Ids of posts to statuses."""


async def of(
    ctx: Context, reader: Reader, viewer_id: int | None, versions: Sequence[PostVersion], render: Render | None
) -> dict[int, bytes]:
    """What is added to the status of each of those posts: members of a JSON object, each with a comma before it.

    *render* renders what they quote; None: they are quoted themselves, and what they quote is named only.
    """
    hanging = {version[POST_ID]: Extra(version[EXTRAS]) for version in versions if version[EXTRAS] & PER_READER}
    if not hanging:
        return {}
    found = dict.fromkeys(hanging, b"")
    asking = [post_id for post_id, extras in hanging.items() if Extra.POLL in extras]
    for post_id, rendered in (await _polls(ctx, reader, viewer_id, asking)).items():
        found[post_id] += b',"poll":' + rendered
    quoting = [post_id for post_id, extras in hanging.items() if Extra.QUOTE in extras]
    for post_id, rendered in (await _quotes(reader, viewer_id, quoting, render)).items():
        found[post_id] += b',"quote":' + rendered
    quoted = [post_id for post_id, extras in hanging.items() if Extra.QUOTED in extras]
    counted = await quotes.counted(reader, quoted) if quoted else {}
    for post_id in quoted:
        found[post_id] += b',"quotes_count":%d' % counted.get(post_id, 0)
    reacted = [post_id for post_id, extras in hanging.items() if Extra.REACTIONS in extras]
    for post_id, reactions in (await emoji_reactions.of_posts(reader, reacted) if reacted else {}).items():
        found[post_id] += emoji_reaction.members(reactions)
    limited = [post_id for post_id, extras in hanging.items() if Extra.QUOTABLE_BY_SOME in extras]
    for post_id, rendered in (await _approvals(reader, viewer_id, limited)).items():
        found[post_id] += b',"quote_approval":' + rendered
    return found


async def _quotes(
    reader: Reader, viewer_id: int | None, post_ids: Collection[int], render: Render | None
) -> dict[int, bytes]:
    if not post_ids:
        return {}
    standing = await quotes.of_posts(reader, list(post_ids))
    agreed = {each.quoted_id for each in standing.values() if each.state == "accepted" and each.quoted_id is not None}
    readable = await visibility.readable_ids(reader, viewer_id=viewer_id, post_ids=sorted(agreed))
    if render is None:
        return {
            post_id: orjson.dumps(quote.shallow(each, readable=each is not None and each.quoted_id in readable))
            for post_id, each in ((post_id, standing.get(post_id)) for post_id in post_ids)
        }
    shown = await render(readable)

    def one(each: Quote | None) -> bytes:
        agreed_id = each.quoted_id if each is not None and each.state == "accepted" else None
        return orjson.dumps(quote.whole(each, None if agreed_id is None else shown.get(agreed_id)))

    return {post_id: one(standing.get(post_id)) for post_id in post_ids}


async def _approvals(reader: Reader, viewer_id: int | None, post_ids: Collection[int]) -> dict[int, bytes]:
    if not post_ids:
        return {}
    limited = await records.by_ids(reader, list(post_ids))
    viewer = None if viewer_id is None else await actors.by_id(reader, viewer_id)
    verdicts: dict[int, Verdict] = {}
    if viewer is not None:
        verdicts = await policies.quotable(reader, posts=list(limited.values()), actor=viewer)
    return {
        post_id: orjson.dumps(quote.approval(post, verdicts.get(post_id, "denied")))
        for post_id, post in limited.items()
    }


async def _polls(ctx: Context, reader: Reader, viewer_id: int | None, post_ids: Collection[int]) -> dict[int, bytes]:
    if not post_ids:
        return {}
    asked = await polls.of_posts(reader, list(post_ids))
    chosen = {} if viewer_id is None else await votes.of_actor(reader, actor_id=viewer_id, post_ids=list(post_ids))
    now_ms = ctx.clock.now_ms()
    return {
        post_id: b"null"
        if post_id not in asked
        else orjson.dumps(
            poll.render(asked[post_id], viewer_id=viewer_id, chosen=chosen.get(post_id, ()), now_ms=now_ms)
        )
        for post_id in post_ids
    }
