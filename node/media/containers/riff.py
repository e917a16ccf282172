"""WAV: chunks in a RIFF. Written anew from the three that make a sound."""

import struct
from typing import Final

from node.media.containers.contents import DAMAGED, Contents, Refused, lasting_ms

_MAX_CHUNKS: Final = 1_000


def clean(data: bytes) -> Contents:
    """The sound in *data*.

    Raises:
        Refused: it is damaged.
    """
    found: dict[bytes, bytes] = {}
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            break
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"fmt ", b"fact", b"data") and kind not in found:
            found[kind] = data[at + 8 : at + 8 + size]  # a recorder that was switched off wrote no true length
        at += 8 + size + size % 2
    form, sound = found.get(b"fmt ", b""), found.get(b"data", b"")
    if not 14 <= len(form) <= 100 or not sound or len(found.get(b"fact", b"")) > 4:
        raise Refused(DAMAGED)
    body = b"WAVE"
    for kind in (b"fmt ", b"fact", b"data"):
        if kind in found:
            body += kind + struct.pack("<I", len(found[kind])) + found[kind] + b"\0" * (len(found[kind]) % 2)
    made = b"RIFF" + struct.pack("<I", len(body)) + body
    bytes_a_second = int.from_bytes(form[8:12], "little")
    return Contents("audio", "audio/wav", made, duration_ms=lasting_ms(len(sound), bytes_a_second))
