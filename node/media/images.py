"""A stranger's image file -> a picture that is safe to keep and to show.

Decoders of image formats are where servers get taken over. They run in one process of their own, which is started
when first needed, knows no secret, has a limit of memory, and is killed when it takes too long (`decoding`).
"""

import asyncio
import json
import os
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from node.media import decoding
from node.runtime.errors import Invalid, TooLarge, Unavailable
from node.runtime.i18n.sentences import sentence

MAX_BYTES = 16 * 1024 * 1024
MAX_SIDE_PX = 3840
PREVIEW_PX = 640
AVATAR_PX = (400, 400)
HEADER_PX = (1500, 500)
ACCEPTED_MIMES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")

_REASONS = {
    decoding.DAMAGED: sentence("This image is damaged or incomplete."),
    decoding.UNKNOWN: sentence("This file is not an image of a kind that is accepted: JPEG, PNG, GIF, WebP or AVIF."),
    decoding.TOO_MANY_PIXELS: sentence("This image has too many pixels: at most 40 million are accepted."),
}
_MAX_ANSWER_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """An image made by us: pixels only, upright, sRGB. The preview is the image itself where that is small enough."""

    data: bytes
    mime: str
    width: int
    height: int
    preview: bytes
    preview_mime: str
    preview_width: int
    preview_height: int
    blurhash: str


class ImageWorker:
    """The process that decodes, one image at a time. `close` it when the node stops."""

    def __init__(self, *, timeout_s: float = 20.0, max_waiting: int = 64) -> None:
        self._timeout_s = timeout_s
        self._max_waiting = max_waiting
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._process: Process | None = None

    async def decode(
        self,
        data: bytes,
        *,
        max_bytes: int = MAX_BYTES,
        max_side_px: int = MAX_SIDE_PX,
        crop_px: tuple[int, int] | None = None,
        preview_px: int = PREVIEW_PX,
        max_frames: int = 1,
    ) -> Picture:
        """The picture in *data*, scaled down to *max_side_px*, or cropped to exactly *crop_px* (avatars, headers).

        With *max_frames* it may be an animation, scaled, whose preview is its first frame.

        Raises:
            TooLarge: more than *max_bytes*.
            Invalid: not an accepted format, damaged, too many pixels, or it takes too long to decode.
            Unavailable: too many images are waiting.
        """
        if len(data) > max_bytes:
            raise TooLarge(
                sentence("This image is too large: at most %(count)s MB are accepted.", count=max_bytes // 1_048_576)
            )
        try:
            decoding.sniff(data)
        except decoding.Refused as refused:
            raise _refusal(str(refused)) from None
        if self._waiting >= self._max_waiting:
            raise Unavailable(sentence("Too many images are being read; try again in a minute."))
        settings = json.dumps(
            {"max_side_px": max_side_px, "crop_px": crop_px, "preview_px": preview_px, "max_frames": max_frames}
        ).encode()
        self._waiting += 1
        try:
            async with self._turn:
                facts, image, preview = await self._ask(settings, data)
        finally:
            self._waiting -= 1
        if "refused" in facts:
            raise _refusal(str(facts["refused"]))
        return _picture(facts, image, preview)

    async def close(self) -> None:
        """Stop the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    async def _ask(self, settings: bytes, data: bytes) -> tuple[dict[str, object], bytes, bytes]:
        process = self._process
        if process is None or process.returncode is not None:
            self._process = process = await _start()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await _exchange(process, settings, data)
        except TimeoutError:
            await self.close()
            raise Invalid(sentence("This image takes too long to read.")) from None
        except (OSError, asyncio.IncompleteReadError, ValueError):
            # The process died of this image (memory, a crash in a decoder): the next one gets a new process.
            await self.close()
            raise _refusal(decoding.DAMAGED) from None
        except asyncio.CancelledError:
            await self.close()  # half an answer may be on its way
            raise


def _refusal(reason: str) -> Invalid:
    return Invalid(_REASONS.get(reason, _REASONS[decoding.DAMAGED]))


async def _start() -> Process:
    # A program, not a fork nor a pickled function: it gets our import path and nothing else of our environment.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(Path(decoding.__file__)), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
    )


async def _exchange(process: Process, settings: bytes, data: bytes) -> tuple[dict[str, object], bytes, bytes]:
    requests, answers = process.stdin, process.stdout
    assert requests is not None
    assert answers is not None
    requests.write(struct.pack(">II", len(settings), len(data)) + settings + data)
    await requests.drain()
    lengths = struct.unpack(">III", await answers.readexactly(12))
    if sum(lengths) > _MAX_ANSWER_BYTES:
        raise ValueError("an answer that cannot be true")
    facts = json.loads(await answers.readexactly(lengths[0]))
    if not isinstance(facts, dict):
        raise ValueError("an answer that cannot be true")  # noqa: TRY004 - handled with the other broken answers
    return facts, await answers.readexactly(lengths[1]), await answers.readexactly(lengths[2])


def _picture(facts: dict[str, object], image: bytes, preview: bytes) -> Picture:
    match facts:
        case {
            "mime": str(mime),
            "width": int(width),
            "height": int(height),
            "preview_mime": str(preview_mime),
            "preview_width": int(preview_width),
            "preview_height": int(preview_height),
            "blurhash": str(blurhash),
        } if mime in ACCEPTED_MIMES and preview_mime in ACCEPTED_MIMES:
            return Picture(
                image, mime, width, height, preview or image, preview_mime, preview_width, preview_height, blurhash
            )
    raise _refusal(decoding.DAMAGED)
