"""What this node does not have, said in the form that clients need to start: empty lists, each with its reason.

A client takes an empty list for the truth, so only what there truly is none of stands here; what cannot be done
is not in the table at all and answers 404. docs/clients.md lists every line.
"""

from node.api.accounts import active
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import tag
from node.runtime.text.folding import fold_hashtag
from node.timeline import hashtags
from node.timeline.hashtags import Tag


async def nothing(call: Call) -> Answer:
    """An empty list."""
    return call.answer([])


async def nothing_of_account(call: Call) -> Answer:
    """An empty list that belongs to an account, which must be there."""
    await active(call, call.id)
    return call.answer([])


async def hashtag(call: Call) -> Answer:
    """GET /api/v1/tags/:name: hashtags can be read and not followed yet; one that nobody used is shown as well."""
    name = call.named["name"]
    found = await hashtags.by_name(call.reader, name) or Tag(0, fold_hashtag(name), name.lstrip("#"))
    return call.answer(tag.render(found, following=None if call.viewer_id is None else False))
