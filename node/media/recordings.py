"""Films and sounds that our people upload: known by their first bytes, emptied of what is neither picture nor sound.

They are not decoded and written anew, as pictures are: that takes minutes of a processor, and a program that few small nodes
have. Why that is enough, and what it does not do: docs/decisions/films-and-sounds.md.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from node.media.containers import flac, iso, matroska, mpeg, ogg, riff
from node.media.containers.contents import DAMAGED, OTHER_TRACKS, UNKNOWN, Contents, Refused
from node.runtime.errors import Invalid, TooLarge
from node.runtime.i18n.sentences import sentence

_Read = Callable[[bytes], Contents]

MAX_BYTES: Final = 40 * 1024 * 1024
MAX_PIXELS: Final = 3_840 * 2_160
MAX_FRAME_RATE: Final = 120
ACCEPTED_MIMES: Final = (
    "video/mp4", "video/quicktime", "video/webm",
    "audio/mpeg", "audio/mp3", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/ogg", "audio/vorbis", "audio/opus", "audio/webm",
    "audio/flac", "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave",
)  # fmt: skip
"""As clients call them. What a file calls itself is never asked."""

_REASONS: Final = {
    DAMAGED: sentence("This film or sound is damaged or incomplete."),
    UNKNOWN: sentence("This file is not a film or a sound of a kind that is accepted: MP4, QuickTime, WebM, MP3, Ogg, FLAC or WAV."),
    OTHER_TRACKS: sentence("This file holds more than picture and sound, for instance subtitles or places, which this server cannot take out. Save it without them."),
}  # fmt: skip


def looks_like(data: bytes) -> bool:
    """Whether *data* begins as a film or a sound does, accepted or not."""
    return _reader(data) is not None


async def clean(data: bytes) -> Contents:
    """The film or sound in *data*, without what its maker did not mean to publish. In a thread.

    Raises:
        TooLarge: more than `MAX_BYTES`.
        Invalid: not accepted, damaged, too large on the screen, or what it holds beside cannot be taken out.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            sentence("This file is too large: at most %(count)s MB are accepted.", count=MAX_BYTES // 1_048_576)
        )
    read = _reader(data)
    if read is None:
        raise Invalid(_REASONS[UNKNOWN])
    try:
        contents = await asyncio.to_thread(read, data)
    except Refused as refused:
        raise Invalid(_REASONS[str(refused)]) from None
    if (contents.width or 0) * (contents.height or 0) > MAX_PIXELS:
        raise Invalid(sentence("This film is too large: at most 3840 by 2160 pixels are accepted."))
    if (contents.frame_rate or 0) > MAX_FRAME_RATE:
        raise Invalid(
            sentence("This film has too many pictures a second: at most %(count)s are accepted.", count=MAX_FRAME_RATE)
        )
    return contents


def _reader(data: bytes) -> _Read | None:
    if data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"):
        return iso.clean
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return matroska.clean
    if data.startswith(b"OggS"):
        return ogg.clean
    if data.startswith(b"fLaC"):
        return flac.clean
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return riff.clean
    return mpeg.clean if mpeg.begins(data) else None
