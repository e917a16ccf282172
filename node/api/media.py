"""Media of statuses: upload, describe, remove."""

import re
from dataclasses import replace

from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.entities import media_attachment
from node.api.errors import RecordNotFound
from node.api.requests import Input
from node.media import attachments, images, recordings
from node.media.attachments import Media
from node.runtime.errors import Invalid

MAX_BODY_BYTES = max(images.MAX_BYTES, recordings.MAX_BYTES) + images.MAX_BYTES + 64 * 1024
"""The file, a picture that stands for it, and the form around them."""

_FOCUS = re.compile(r"\s*(-?[0-9]*\.?[0-9]+)\s*,\s*(-?[0-9]*\.?[0-9]+)\s*")


async def upload(call: Call) -> Answer:
    """POST /api/v2/media: 202 and no `url` while the picture of a film is drawn, 200 otherwise."""
    return _answer(call, await _upload(call, waits=False), 202)


async def upload_and_wait(call: Call) -> Answer:
    """POST /api/v1/media: always ready when it is answered."""
    return _answer(call, await _upload(call, waits=True), 202)


async def _upload(call: Call, *, waits: bool) -> Media:
    sent, thumbnail = call.input.file("file"), call.input.file("thumbnail")
    if sent is None:
        raise Invalid("Validation failed: File can't be blank")
    return await attachments.upload(
        call.ctx, actor_id=call.actor_id, data=sent.data, description=call.input.text("description") or "",
        focus=focus_of(call.input), thumbnail=None if thumbnail is None else thumbnail.data, waits=waits,
    )  # fmt: skip


async def show(call: Call) -> Answer:
    """GET /api/v1/media/:id: one's own; 206 while it is not ready."""
    return _answer(call, await _own(call), 206)


def _answer(call: Call, media: Media, unready: int) -> Answer:
    made = call.answer(media_attachment.render(media))
    return made if media.state == "ready" else replace(made, status=unready)


async def describe(call: Call) -> Answer:
    """PUT /api/v1/media/:id, until a status has it; from then on it changes with an edit of the status."""
    media = await _own(call)
    if media.post_id is not None:
        raise RecordNotFound
    description, focus, thumbnail = call.input.text("description"), focus_of(call.input), call.input.file("thumbnail")
    if thumbnail is not None:
        media = await attachments.give_still(
            call.ctx, media=media, thumbnail=thumbnail.data, description=description, focus=focus
        )
    else:
        media = await call.ctx.db.write(
            lambda tx: attachments.describe(tx, media=media, description=description, focus=focus)
        )
    return _answer(call, media, 206)


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
