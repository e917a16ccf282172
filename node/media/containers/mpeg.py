"""MP3 (ISO/IEC 11172-3 and 13818-3): frames one after the other. What lies before, between and behind them is a tag, and goes."""

from typing import Final

from node.media.containers.contents import DAMAGED, UNKNOWN, Contents, Refused

_FEWEST: Final = 3
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second, by the bits of the version: 1, 2, 2.5."""
_BITS: Final = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second, by (version 1 or later, layer bits)."""


def begins(data: bytes) -> bool:
    """Whether two frames stand at the beginning, behind what calls itself a tag."""
    at = _behind_tags(data)
    first = _frame(data, at)
    return first is not None and _frame(data, at + first[0]) is not None


def clean(data: bytes) -> Contents:
    """The frames in *data*.

    Raises:
        Refused: there are none, or hardly any.
    """
    at, kept, begun, seconds, count = _behind_tags(data), bytearray(), -1, 0.0, 0
    while at < len(data):
        found = _frame(data, at)
        if found is not None:
            if begun < 0:
                begun = at
            at += found[0]
            seconds += found[1]
            count += 1
            continue
        if begun >= 0:
            kept += data[begun:at]
            begun = -1
        at = _next(data, at + 1)
    if begun >= 0:
        kept += data[begun : len(data)]
    if count < _FEWEST:
        raise Refused(DAMAGED if count else UNKNOWN)
    return Contents("audio", "audio/mpeg", bytes(kept), duration_ms=int(seconds * 1000) or None)


def _behind_tags(data: bytes) -> int:
    """Where ID3v2 tags at the beginning end."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return at


def _next(data: bytes, at: int) -> int:
    """The next place where two frames follow each other, or the end."""
    while (at := data.find(b"\xff", at)) >= 0:
        found = _frame(data, at)
        if found is not None and _frame(data, at + found[0]) is not None:
            return at
        at += 1
    return len(data)


def _frame(data: bytes, at: int) -> tuple[int, float] | None:
    """Length in bytes and in seconds of the frame at *at*, if there is a whole one."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    bits, rate, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer == 0 or bits in (0, 15) or rate == 3:
        return None
    row = _BITS[3, layer] if version == 3 else _BITS[2, 3 if layer == 3 else 2]
    per_second = _RATES[version][rate]
    samples = 384 if layer == 3 else 576 if layer == 1 and version != 3 else 1152
    length = samples // 8 * row[bits - 1] * 1000 // per_second + padding
    if layer == 3:
        length = (12 * row[bits - 1] * 1000 // per_second + padding) * 4
    return (length, samples / per_second) if at + length <= len(data) else None
