"""WebM (RFC 9559, RFC 8794): elements in elements, each with its number and its length.

An element that is not known here becomes Void, as long as it was: nothing moves, and the tables of places stay true. Browsers
record without knowing how long it will be: the length of the Segment and of Clusters may be unknown.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from node.media.containers import ogg
from node.media.containers.contents import DAMAGED, OTHER_TRACKS, UNKNOWN, Contents, Refused, number

_MAX_ELEMENTS: Final = 500_000
_EBML: Final = 0x1A45DFA3
_IN_HEAD: Final = frozenset({0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285})
_SEGMENT: Final = 0x18538067
_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES = 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
_TOP: Final = frozenset({_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES, 0x1254C367, 0x1941A469, 0x1043A770})
"""What stands in a Segment; where one begins, a Cluster of unknown length ends."""
_IN_SEGMENT: Final = frozenset({_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES})
_SCALE, _DURATION, _MUXER, _WRITER = 0x2AD7B1, 0x4489, 0x4D80, 0x5741
_IN_INFO: Final = frozenset({_SCALE, _DURATION, _MUXER, _WRITER})
_TRACK: Final = 0xAE
_TYPE, _CODEC, _CODEC_PRIVATE, _VIDEO = 0x83, 0x86, 0x63A2, 0xE0
_IN_TRACK: Final = frozenset(
    {
        0xD7, 0x73C5, _TYPE, 0xB9, 0x88, 0x55AA, 0x9C, 0x6DE7, 0x6DF8, 0x23E383, 0x22B59C, 0x22B59D, _CODEC, _CODEC_PRIVATE,
        0x56AA, 0x56BB, _VIDEO, 0xE1, 0x55EE, 0xAA,
    }
)  # fmt: skip
_WIDTH, _HEIGHT = 0xB0, 0xBA
_IN_CLUSTER: Final = frozenset({0xE7, 0xA3, 0xA0, 0xA7, 0xAB})
_FILMS, _SOUNDS = 1, 2


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    at: int
    body: int
    end: int
    known: bool
    """Whether it says how long it is."""


class _File:
    """One file while it is cleaned."""

    def __init__(self, data: bytes) -> None:
        self.held = bytearray(data)
        self.left = _MAX_ELEMENTS
        self.types: set[int] = set()
        self.sizes: list[tuple[int, int]] = []
        self.scale_ns = 1_000_000
        self.duration: float = 0.0

    def elements(self, start: int, end: int, *, until: frozenset[int] = frozenset()) -> Iterator[_Element]:
        """The elements between *start* and *end*, up to one whose number is in *until*."""
        at = start
        while at < end:
            self.left -= 1
            first = self.held[at]
            wide = 9 - first.bit_length()
            named = number(self.held, at, min(wide, 5))
            if wide > 4 or self.left < 0:
                raise Refused(DAMAGED)
            if named in until:
                return
            size_at = at + wide
            first = number(self.held, size_at, 1)
            wide = 9 - first.bit_length()
            if wide > 8:
                raise Refused(DAMAGED)
            size = number(self.held, size_at, wide) & (1 << 7 * wide) - 1
            body, known = size_at + wide, size != (1 << 7 * wide) - 1
            found = _Element(named, at, body, body + size if known else end, known)
            if found.end > end:
                raise Refused(DAMAGED)
            yield found
            at = found.end

    def void(self, element: _Element) -> None:
        """Make nothing of an element: Void, a length, zeros."""
        if not element.known:
            raise Refused(DAMAGED)
        whole = element.end - element.at
        length = bytes([0x80 | whole - 2]) if whole <= 128 else b"\x01" + (whole - 9).to_bytes(7, "big")
        self.held[element.at : element.end] = b"\xec" + length + bytes(whole - 1 - len(length))

    def kept(self, known: frozenset[int], start: int, end: int) -> Iterator[_Element]:
        """The elements that stay; the others are made nothing of."""
        for element in self.elements(start, end):
            if element.id in known and element.known:
                yield element
            else:
                self.void(element)

    def value(self, element: _Element) -> int:
        return number(self.held, element.body, min(8, element.end - element.body))


def clean(data: bytes) -> Contents:
    """The film or sound in *data*.

    Raises:
        Refused: it is damaged, no WebM, or holds what cannot be taken out.
    """
    file = _File(data)
    segments = 0
    for element in file.elements(0, len(data)):
        if element.id == _EBML and element.at == 0 and element.known:
            if b"webm" not in data[element.body : element.end][:100]:
                raise Refused(UNKNOWN)
            for _ in file.kept(_IN_HEAD, element.body, element.end):
                pass
        elif element.id == _SEGMENT and not segments:
            segments += 1
            _segment(file, element.body, element.end)
        else:
            file.void(element)
    if not segments or not file.types:
        raise Refused(DAMAGED)
    if not file.types <= {_FILMS, _SOUNDS}:
        raise Refused(OTHER_TRACKS)
    lasting = file.duration * file.scale_ns / 1_000_000
    duration_ms = int(lasting) if 0 < lasting < 7 * 24 * 3_600_000 else None
    made = bytes(file.held)
    if _FILMS not in file.types:
        return Contents("audio", "audio/webm", made, duration_ms=duration_ms)
    if not file.sizes:
        raise Refused(DAMAGED)
    return Contents("video", "video/webm", made, *file.sizes[0], duration_ms)


def _segment(file: _File, start: int, end: int) -> None:
    at = start
    while at < end:
        element = next(file.elements(at, end))
        at = element.end
        if element.id == _CLUSTER:
            at = _cluster(file, element)
        elif element.id not in _IN_SEGMENT or not element.known:
            file.void(element)
        elif element.id == _INFO:
            _information(file, element)
        elif element.id == _TRACKS:
            for track in file.kept(frozenset({_TRACK}), element.body, element.end):
                _track(file, track)
        else:  # places in the file, and no text
            for each in file.elements(element.body, element.end):
                if each.id in (0xEC, 0xBF):
                    file.void(each)


def _cluster(file: _File, cluster: _Element) -> int:
    """Look through the blocks; where the cluster ends."""
    at = cluster.body
    for element in file.elements(cluster.body, cluster.end, until=frozenset() if cluster.known else _TOP):
        if element.id not in _IN_CLUSTER or not element.known:
            file.void(element)
        at = element.end
    return at


def _information(file: _File, info: _Element) -> None:
    for element in file.kept(_IN_INFO, info.body, info.end):
        size = element.end - element.body
        if element.id == _SCALE:
            file.scale_ns = file.value(element)
        elif element.id == _DURATION and size in (4, 8):
            (file.duration,) = struct.unpack(">f" if size == 4 else ">d", file.held[element.body : element.end])
        elif element.id in (_MUXER, _WRITER):  # which program made it; a WebM must say something
            file.held[element.body : element.end] = b"-".ljust(size, b"\0")[:size]


def _track(file: _File, track: _Element) -> None:
    codec, private = b"", None
    for element in file.kept(_IN_TRACK, track.body, track.end):
        if element.id == _TYPE:
            file.types.add(file.value(element))
        elif element.id == _CODEC:
            codec = bytes(file.held[element.body : element.end])
        elif element.id == _CODEC_PRIVATE:
            private = element
        elif element.id == _VIDEO:
            sides = {each.id: file.value(each) for each in file.elements(element.body, element.end)}
            if sides.get(_WIDTH) and sides.get(_HEIGHT):
                file.sizes.append((sides[_WIDTH], sides[_HEIGHT]))
    if private is not None and codec == b"A_VORBIS":
        _blank_comments(file, private)


def _blank_comments(file: _File, private: _Element) -> None:
    """Vorbis keeps three packets there; the second is comments."""
    at, lengths = private.body + 1, []
    if number(file.held, private.body, 1) != 2:
        raise Refused(DAMAGED)
    for _ in range(2):
        length = 0
        while (byte := number(file.held, at, 1)) == 255 and at < private.end:
            length, at = length + 255, at + 1
        lengths.append(length + byte)
        at += 1
    start, end = at + lengths[0], at + sum(lengths)
    if end > private.end:
        raise Refused(DAMAGED)
    file.held[start:end] = ogg.blanked_comments(bytes(file.held[start:end]), b"\x03vorbis", framed=True)
