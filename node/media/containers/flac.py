"""FLAC (RFC 9639): blocks about the sound, then the sound. Of the blocks, the description and the table of places stay."""

from typing import Final

from node.media.containers.contents import DAMAGED, Contents, Refused, lasting_ms, number

_KEPT: Final = frozenset({0, 3})
_MAX_BLOCKS: Final = 200
_OLD_TAG_BYTES: Final = 128


def clean(data: bytes) -> Contents:
    """The sound in *data*.

    Raises:
        Refused: it is damaged.
    """
    at, last = 4, False
    blocks: list[tuple[int, bytes]] = []
    while not last:
        head, size = number(data, at, 1), number(data, at + 1, 3)
        last = bool(head & 0x80)
        if at + 4 + size > len(data) or len(blocks) > _MAX_BLOCKS:
            raise Refused(DAMAGED)
        blocks.append((head & 0x7F, data[at + 4 : at + 4 + size]))
        at += 4 + size
    kept = [block for block in blocks if block[0] in _KEPT]
    if blocks[0][0] != 0 or len(blocks[0][1]) != 34 or number(data, at, 2) & 0xFFFE != 0xFFF8:
        raise Refused(DAMAGED)
    head_of_sound = blocks[0][1]
    made = bytearray(b"fLaC")
    for place, (kind, body) in enumerate(kept, start=1):
        made += bytes([kind | (0x80 if place == len(kept) else 0)]) + len(body).to_bytes(3, "big") + body
    end = len(data)
    if data[-_OLD_TAG_BYTES : -_OLD_TAG_BYTES + 3] == b"TAG":
        end -= _OLD_TAG_BYTES
    made += data[at:end]
    packed = int.from_bytes(head_of_sound[10:18], "big")
    return Contents("audio", "audio/flac", bytes(made), duration_ms=lasting_ms(packed & (1 << 36) - 1, packed >> 44))
