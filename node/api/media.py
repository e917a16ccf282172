"""Media of statuses: upload, describe, remove."""

import re

from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import media_attachment
from node.api.errors import RecordNotFound
from node.api.requests import Input
from node.media import attachments, images
from node.media.attachments import Media
from node.runtime.errors import Invalid

MAX_BODY_BYTES = images.MAX_BYTES + 64 * 1024
"""The image, and the form around it."""

_FOCUS = re.compile(r"\s*(-?[0-9]*\.?[0-9]+)\s*,\s*(-?[0-9]*\.?[0-9]+)\s*")


async def upload(call: Call) -> Answer:
    """POST /api/v2/media and /api/v1/media: 200, since an image is ready when it is answered."""
    sent = call.input.file("file")
    if sent is None:
        raise Invalid("Validation failed: File can't be blank")
    media = await attachments.upload(
        call.ctx, actor_id=call.actor_id, data=sent.data, description=call.input.text("description") or "",
        focus=focus_of(call.input),
    )  # fmt: skip
    return call.answer(media_attachment.render(media))


async def show(call: Call) -> Answer:
    """GET /api/v1/media/:id: one's own."""
    return call.answer(media_attachment.render(await _own(call)))


async def describe(call: Call) -> Answer:
    """PUT /api/v1/media/:id, until a status has it; from then on it changes with an edit of the status."""
    media = await _own(call)
    if media.post_id is not None:
        raise RecordNotFound
    description, focus = call.input.text("description"), focus_of(call.input)
    media = await call.ctx.db.write(
        lambda tx: attachments.describe(tx, media=media, description=description, focus=focus)
    )
    return call.answer(media_attachment.render(media))


async def remove(call: Call) -> Answer:
    """DELETE /api/v1/media/:id."""
    media = await _own(call)
    await call.ctx.db.write(lambda tx: attachments.remove(tx, call.ctx, media=media))
    return EMPTY


def focus_of(asked: Input) -> tuple[float, float] | None:
    """`focus=0.1,-0.5`, if it is there.

    Raises:
        Invalid: it is not two numbers.
    """
    text = asked.text("focus")
    if not text:
        return None
    found = _FOCUS.fullmatch(text[:100])
    if found is None:
        raise Invalid("Validation failed: Focus must be two numbers between -1 and 1")
    return float(found[1]), float(found[2])


async def _own(call: Call) -> Media:
    media = (await attachments.by_ids(call.reader, [call.id])).get(call.id)
    if media is None or media.actor_id != call.actor_id:
        raise RecordNotFound
    return media
