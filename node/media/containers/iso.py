"""MP4, M4A and QuickTime (ISO/IEC 14496-12): boxes in boxes, each with its length and four letters.

Boxes that are not known here become `free` and are filled with zeros: nothing moves. A track that is neither picture nor
sound (telephones and cameras write where they are, many times a second) loses its samples as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from node.media.containers.contents import DAMAGED, OTHER_TRACKS, UNKNOWN, Contents, Refused, lasting_ms, number

_PLAYED: Final = (b"vide", b"soun")
_MAX_BOXES: Final = 50_000
_MAX_TRACKS: Final = 16
_MAX_BLANKED_SAMPLES: Final = 200_000

_INSIDE: Final = {
    "": frozenset({b"ftyp", b"styp", b"sidx", b"moov", b"moof", b"mdat", b"mfra"}),
    "moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    "trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    "mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    "minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    "dinf": frozenset({b"dref"}),
    "stbl": frozenset(
        {
            b"stsd", b"stts", b"stss", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"stps",
            b"sgpd", b"sbgp",
        }
    ),
    "moof": frozenset({b"mfhd", b"traf"}),
    "traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sgpd", b"sbgp"}),
}  # fmt: skip
"""What stays, by what it lies in."""


@dataclass(slots=True)
class _Track:
    box: tuple[int, int]
    """Where its body begins and ends."""
    handler: bytes = b""
    width: int = 0
    height: int = 0
    turned: bool = False
    timescale: int = 0
    duration: int = 0
    tables: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """The tables of samples: where their bodies begin and end."""


class _File:
    """One file while it is cleaned."""

    def __init__(self, data: bytes) -> None:
        self.held = bytearray(data)
        self.left = _MAX_BOXES
        self.tracks: list[_Track] = []
        self.duration_ms: int | None = None
        self.fragments = False

    def boxes(self, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
        """Kind, first byte, first byte of the body and end of each box between *start* and *end*."""
        at = start
        while at < end:
            self.left -= 1
            size, head = number(self.held, at, 4), 8
            kind = bytes(self.held[at + 4 : at + 8])
            if size == 1:
                size, head = number(self.held, at + 8, 8), 16
            elif size == 0:
                size = end - at
            if size < head or at + size > end or self.left < 0:
                raise Refused(DAMAGED)
            yield kind, at, at + head, at + size
            at += size

    def blank(self, at: int, body: int, end: int) -> None:
        """Make nothing of the box at *at*."""
        self.held[at + 4 : at + 8] = b"free"
        self.zero(body, end)

    def zero(self, start: int, end: int) -> None:
        self.held[start:end] = bytes(end - start)

    def known(self, where: str, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        """The boxes that stay: kind, body, end. The others are blanked."""
        for kind, at, body, stop in self.boxes(start, end):
            if kind in _INSIDE[where]:
                yield kind, body, stop
            else:
                self.blank(at, body, stop)


def clean(data: bytes) -> Contents:
    """The film or sound in *data*.

    Raises:
        Refused: it is damaged, or holds what cannot be taken out.
    """
    file = _File(data)
    if number(file.held, 0, 4) < 16 or file.held[4:8] != b"ftyp":
        raise Refused(UNKNOWN)
    movies = 0
    for kind, body, end in file.known("", 0, len(data)):
        if kind == b"moov":
            movies += 1
            _movie(file, body, end)
        elif kind == b"moof":
            _fragment(file, body, end)
    if movies != 1:
        raise Refused(DAMAGED)
    rates = {id(track): _rate(file, track) for track in file.tracks}
    for track in file.tracks:
        if track.handler not in _PLAYED:
            _take_out(file, track)
    return _contents(file, rates)


def _contents(file: _File, rates: Mapping[int, float | None]) -> Contents:
    kept = [track for track in file.tracks if track.handler in _PLAYED]
    if not kept:
        raise Refused(UNKNOWN)
    data, brand = bytes(file.held), bytes(file.held[8:12])
    for track in kept:
        if track.handler == b"vide" and track.width and track.height:
            wide, high = (track.height, track.width) if track.turned else (track.width, track.height)
            mime = "video/quicktime" if brand == b"qt  " else "video/mp4"
            return Contents("video", mime, data, wide, high, file.duration_ms, rates[id(track)])
    if any(track.handler == b"vide" for track in kept):
        raise Refused(DAMAGED)
    return Contents("audio", "audio/mp4", data, duration_ms=file.duration_ms)


def _movie(file: _File, start: int, end: int) -> None:
    for kind, body, stop in file.known("moov", start, end):
        if kind == b"mvhd":
            timescale, duration = _times(file, body, stop)
            file.duration_ms = lasting_ms(duration, timescale)
        elif kind == b"trak":
            if len(file.tracks) >= _MAX_TRACKS:
                raise Refused(OTHER_TRACKS)
            file.tracks.append(track := _Track((body, stop)))
            _track(file, track, body, stop)


def _fragment(file: _File, start: int, end: int) -> None:
    file.fragments = True
    for kind, body, stop in file.known("moof", start, end):
        if kind == b"traf":
            for _ in file.known("traf", body, stop):
                pass  # what is not known is blanked on the way


def _take_out(file: _File, track: _Track) -> None:
    """Make nothing of a track: of its samples, then of its box."""
    if file.fragments:
        raise Refused(OTHER_TRACKS)  # their samples are spread over the fragments
    _blank_samples(file, track)
    body, end = track.box
    head = 16 if file.held[body - 16 : body - 8] == b"\0\0\0\1trak" else 8
    file.blank(body - head, body, end)


def _track(file: _File, track: _Track, start: int, end: int) -> None:
    for kind, body, stop in file.known("trak", start, end):
        if kind == b"tkhd":
            _zero_times(file, body)
            if stop - body < 44 + 8:
                raise Refused(DAMAGED)
            track.width, track.height = number(file.held, stop - 8, 4) >> 16, number(file.held, stop - 4, 4) >> 16
            # The matrix: a b u c d v x y w. Turned by a quarter, a and d are nothing.
            matrix = stop - 8 - 36
            track.turned = number(file.held, matrix, 4) == 0 == number(file.held, matrix + 16, 4)
        elif kind == b"mdia":
            _media(file, track, body, stop)


def _media(file: _File, track: _Track, start: int, end: int) -> None:
    for kind, body, stop in file.known("mdia", start, end):
        if kind == b"mdhd":
            track.timescale, track.duration = _times(file, body, stop)
        elif kind == b"hdlr":
            track.handler = _handler(file, body, stop)
        elif kind == b"minf":
            _information(file, track, body, stop)


def _information(file: _File, track: _Track, start: int, end: int) -> None:
    for kind, body, stop in file.known("minf", start, end):
        if kind == b"hdlr":
            _handler(file, body, stop)
        elif kind == b"dinf":
            for _, first, last in file.known("dinf", body, stop):
                # Where the samples are: in this file, whatever it says. An address elsewhere is a way to reach strangers.
                for entry, _, inner, after in file.boxes(first + 8, last):
                    if entry not in (b"url ", b"alis", b"urn ") or after - inner < 4:
                        raise Refused(OTHER_TRACKS)
                    file.held[inner : inner + 4] = b"\0\0\0\1"
                    file.zero(inner + 4, after)
        elif kind == b"stbl":
            for table, first, last in file.known("stbl", body, stop):
                track.tables[table] = first, last
                if table == b"stsd" and track.handler == b"vide":
                    for _, _, described, after in file.boxes(
                        first + 8, last
                    ):  # the encoder, often by the camera's name
                        file.zero(min(described + 42, after), min(described + 42 + 32, after))


def _handler(file: _File, body: int, stop: int) -> bytes:
    """What a track is; the name beside it is blanked."""
    if stop - body < 24:
        raise Refused(DAMAGED)
    file.zero(body + 12, stop)
    return bytes(file.held[body + 8 : body + 12])


def _times(file: _File, body: int, stop: int) -> tuple[int, int]:
    """Units a second and units of a header, whose dates are blanked."""
    long = number(file.held, body, 1) == 1
    _zero_times(file, body)
    at = body + (20 if long else 12)
    if at + (12 if long else 8) > stop:
        raise Refused(DAMAGED)
    units = number(file.held, at + 4, 8 if long else 4)
    return number(file.held, at, 4), 0 if units in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) else units


def _zero_times(file: _File, body: int) -> None:
    """When it was filmed, and changed: two numbers of four or eight bytes."""
    size = 16 if number(file.held, body, 1) == 1 else 8
    if body + 4 + size > len(file.held):
        raise Refused(DAMAGED)
    file.zero(body + 4, body + 4 + size)


def _rate(file: _File, track: _Track) -> float | None:
    if b"stsz" not in track.tables or not track.duration or not track.timescale:
        return None
    samples = number(file.held, track.tables[b"stsz"][0] + 8, 4)
    return round(samples * track.timescale / track.duration, 2) or None


def _blank_samples(file: _File, track: _Track) -> None:
    """Fill the samples of a track with zeros, then its tables."""
    missing = {b"stsc"} - track.tables.keys()
    if missing or not {b"stsz"} & track.tables.keys() or not {b"stco", b"co64"} & track.tables.keys():
        raise Refused(OTHER_TRACKS)
    held = file.held
    sizes_at, sizes_end = track.tables[b"stsz"]
    one, count = number(held, sizes_at + 4, 4), number(held, sizes_at + 8, 4)
    width = 4 if b"stco" in track.tables else 8
    chunks_at, chunks_end = track.tables[b"stco" if width == 4 else b"co64"]
    runs_at, runs_end = track.tables[b"stsc"]
    chunks, runs = number(held, chunks_at + 4, 4), number(held, runs_at + 4, 4)
    if max(count, chunks, runs) > _MAX_BLANKED_SAMPLES:
        raise Refused(OTHER_TRACKS)
    if (
        chunks_at + 8 + chunks * width > chunks_end
        or runs_at + 8 + runs * 12 > runs_end
        or (not one and sizes_at + 12 + count * 4 > sizes_end)
    ):
        raise Refused(DAMAGED)
    starts = [number(held, runs_at + 8 + at * 12, 4) for at in range(runs)]
    lengths = [number(held, runs_at + 12 + at * 12, 4) for at in range(runs)]
    sample = run = 0
    for chunk in range(chunks):
        while run + 1 < runs and starts[run + 1] <= chunk + 1:
            run += 1
        at = number(held, chunks_at + 8 + chunk * width, width)
        for _ in range(min(lengths[run] if runs else 0, count - sample)):
            size = one or number(held, sizes_at + 12 + sample * 4, 4)
            if at + size > len(held):
                raise Refused(DAMAGED)
            file.zero(at, at + size)
            at, sample = at + size, sample + 1
    if sample < count:
        raise Refused(DAMAGED)
