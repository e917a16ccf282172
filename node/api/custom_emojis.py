"""Custom emojis to choose from (https://docs.joinmastodon.org/methods/custom_emojis/)."""

from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import emoji
from node.media import emojis

_PUBLIC = ((b"cache-control", b"public, max-age=60"),)


async def offered(call: Call) -> Answer:
    """GET /api/v1/custom_emojis, by category and name; from memory."""
    return call.answer([emoji.offered(each) for each in await emojis.offered(call.ctx)], _PUBLIC)
