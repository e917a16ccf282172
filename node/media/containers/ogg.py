"""Ogg (RFC 3533) with Vorbis or Opus: pages with a sum, and in the second packet of a stream, comments.

The comments are filled with a name of nobody that is as long as they were: no page moves, and its sum is written anew.
"""

from dataclasses import dataclass, field
from typing import Final

from node.media.containers.contents import DAMAGED, OTHER_TRACKS, Contents, Refused, lasting_ms

_MAX_COMMENT_BYTES: Final = 2_000_000
_MAX_STREAMS: Final = 64
_HEAD_BYTES: Final = 27
_COMMENTS: Final = {"vorbis": b"\x03vorbis", "opus": b"OpusTags"}


@dataclass(slots=True)
class _Stream:
    kind: str
    rate: int
    skipped: int
    """Samples at its beginning that are not played (Opus)."""
    packets: int = 0
    """Whole packets that were seen."""
    comment: list[tuple[int, int]] = field(default_factory=list)
    """Where the pieces of the second packet lie."""
    pages: list[tuple[int, int]] = field(default_factory=list)
    """The pages that they lie in."""
    position: int = 0
    """The last one that a page says."""


def clean(data: bytes) -> Contents:
    """The sound in *data*.

    Raises:
        Refused: it is damaged, or holds something else than Vorbis or Opus.
    """
    held, streams, at = bytearray(data), {}, 0
    played: list[_Stream] = []
    while (end := _page_end(held, at)) is not None:
        first, serial = held[at + 5] & 2, bytes(held[at + 14 : at + 18])
        if first:
            streams[serial] = _stream(held, at)
            played.append(streams[serial])
            if len(played) > _MAX_STREAMS:
                raise Refused(OTHER_TRACKS)
        if serial not in streams:
            raise Refused(DAMAGED)
        _read_page(held, at, end, streams[serial])
        at = end
    if not played or any(stream.packets < 2 for stream in played):
        raise Refused(DAMAGED)
    for stream in played:
        _blank(held, stream)
    lasting = [lasting_ms(each.position - each.skipped, each.rate) or 0 for each in played]
    return Contents("audio", "audio/ogg", bytes(held[:at]), duration_ms=sum(lasting) or None)


def blanked_comments(packet: bytes, begins: bytes, *, framed: bool) -> bytes:
    """A packet of comments as long as *packet*, which says nothing.

    Raises:
        Refused: it is none.
    """
    least = len(begins) + 8 + framed
    if not packet.startswith(begins) or len(packet) < least:
        raise Refused(DAMAGED)
    name = len(packet) - least
    return begins + name.to_bytes(4, "little") + b" " * name + bytes(4) + (b"\x01" if framed else b"")


def _page_end(held: bytearray, at: int) -> int | None:
    """Where the page at *at* ends, if there is a whole one."""
    if held[at : at + 5] != b"OggS\0" or at + _HEAD_BYTES > len(held):
        return None
    pieces = held[at + 26]
    table = held[at + _HEAD_BYTES : at + _HEAD_BYTES + pieces]
    end = at + _HEAD_BYTES + pieces + sum(table)
    return end if len(table) == pieces and end <= len(held) else None


def _stream(held: bytearray, at: int) -> _Stream:
    body = held[at + _HEAD_BYTES + held[at + 26] :][:30]
    if body.startswith(b"\x01vorbis") and len(body) >= 16:
        return _Stream("vorbis", int.from_bytes(body[12:16], "little"), 0)
    if body.startswith(b"OpusHead") and len(body) >= 12:
        return _Stream("opus", 48_000, int.from_bytes(body[10:12], "little"))
    raise Refused(OTHER_TRACKS)


def _read_page(held: bytearray, at: int, end: int, stream: _Stream) -> None:
    position = int.from_bytes(held[at + 6 : at + 14], "little", signed=True)
    stream.position = max(stream.position, position)
    if stream.packets >= 2:
        return
    pieces = held[at + 26]
    place = at + _HEAD_BYTES + pieces
    for size in held[at + _HEAD_BYTES : at + _HEAD_BYTES + pieces]:
        if stream.packets == 1:
            stream.comment.append((place, place + size))
            if not stream.pages or stream.pages[-1] != (at, end):
                stream.pages.append((at, end))
        place += size
        if size < 255:
            stream.packets += 1


def _blank(held: bytearray, stream: _Stream) -> None:
    packet = b"".join(held[start:end] for start, end in stream.comment)
    if len(packet) > _MAX_COMMENT_BYTES:
        raise Refused(OTHER_TRACKS)
    said = blanked_comments(packet, _COMMENTS[stream.kind], framed=stream.kind == "vorbis")
    at = 0
    for start, end in stream.comment:
        held[start:end] = said[at : at + end - start]
        at += end - start
    for start, end in stream.pages:
        held[start + 22 : start + 26] = bytes(4)
        held[start + 22 : start + 26] = checksum(held[start:end]).to_bytes(4, "little")


def _table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


_SUMS: Final = _table()


def checksum(page: bytes | bytearray) -> int:
    """The sum of a page whose own is zero (RFC 3533 §6)."""
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _SUMS[value >> 24 ^ byte]
    return value
