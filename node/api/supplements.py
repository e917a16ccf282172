"""What hangs on posts and is not in their rendered bytes, because it changes often or differs from reader to reader.

Which posts have any of it stands in their versions (node.timeline.extras): a page without any costs no query, one with
polls two more, whatever their number.
"""

from collections.abc import Collection, Sequence

import orjson

from node.api.entities import poll
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline import polls, votes
from node.timeline.extras import PER_READER, Extra
from node.timeline.shown import EXTRAS, POST_ID, PostVersion


async def of(ctx: Context, reader: Reader, viewer_id: int | None, versions: Sequence[PostVersion]) -> dict[int, bytes]:
    """What is added to the status of each of those posts: members of a JSON object, each with a comma before it."""
    hanging = {version[POST_ID]: Extra(version[EXTRAS]) for version in versions if version[EXTRAS] & PER_READER}
    if not hanging:
        return {}
    found = dict.fromkeys(hanging, b"")
    asking = [post_id for post_id, extras in hanging.items() if Extra.POLL in extras]
    for post_id, rendered in (await _polls(ctx, reader, viewer_id, asking)).items():
        found[post_id] += b',"poll":' + rendered
    return found


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
