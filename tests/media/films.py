"""Films and sounds, small ones, made byte by byte: every machine can, and a test says what stands in them."""

import struct
import zlib

from node.media.containers import ogg

SECRET = b"48.8566,+2.3522 CAMERA"
PICTURES = b"\x10picture" * 8
SOUNDS = b"\x20sound.." * 8
PLACES = b"\x30GPS 48.8566 2.3522"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _described(handler: bytes) -> bytes:
    if handler != b"vide":
        return box(b"mp4a", bytes(28))
    return box(b"mp4v", bytes(42), bytes([len(SECRET)]) + SECRET.ljust(31, b"\0"), b"\0\x18\xff\xff")


def _track(number: int, handler: bytes, samples: bytes, at: int, *, size: tuple[int, int] = (0, 0)) -> bytes:
    times = struct.pack(">II", 3_800_000_000, 3_800_000_001)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    head = box(b"tkhd", b"\0\0\0\7", times, struct.pack(">III", number, 0, 2_000), bytes(16), matrix, struct.pack(">II", size[0] << 16, size[1] << 16))  # fmt: skip
    tables = box(
        b"stbl",
        box(b"stsd", bytes(4), struct.pack(">I", 1), _described(handler)),
        box(b"stts", bytes(4), struct.pack(">III", 1, 2, 1_000)),
        box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, 2, 1)),
        box(b"stsz", bytes(4), struct.pack(">IIII", 0, 2, len(samples) // 2, len(samples) - len(samples) // 2)),
        box(b"stco", bytes(4), struct.pack(">II", 1, at)),
    )
    return box(
        b"trak",
        head,
        box(
            b"mdia",
            box(b"mdhd", bytes(4), times, struct.pack(">IIHH", 1_000, 2_000, 0, 0)),
            box(b"hdlr", bytes(8), handler, bytes(12), SECRET + b"\0"),
            box(b"minf", box(b"dinf", box(b"dref", bytes(4), struct.pack(">I", 1), box(b"url ", bytes(4), b"http://127.0.0.1/\0"))), tables),
        ),
        box(b"udta", box(b"name", SECRET)),
    )  # fmt: skip


def mp4(
    *, brand: bytes = b"isom", film: bool = True, places: bytes | None = None, size: tuple[int, int] = (320, 240)
) -> bytes:
    """Picture and sound, two seconds; whatever names a place or a camera stands in it, and with *places* a track of them."""
    first = box(b"ftyp", brand, bytes(4), b"isom")
    start = len(first) + 8
    tracks = [(b"vide", PICTURES)] * film + [(b"soun", SOUNDS)]
    if places is not None:
        tracks.append((places, PLACES))
    made, at = [], start
    for number, (handler, samples) in enumerate(tracks, start=1):
        made.append(_track(number, handler, samples, at, size=size if handler == b"vide" else (0, 0)))
        at += len(samples)
    dates = struct.pack(">II", 3_800_000_000, 3_800_000_001)
    return (
        first
        + box(b"mdat", *(samples for _, samples in tracks))
        + box(
            b"moov",
            box(b"mvhd", bytes(4), dates, struct.pack(">II", 1_000, 2_000), bytes(80)),
            *made,
            box(b"udta", box(b"\xa9xyz", SECRET)),
            box(b"meta", bytes(4), SECRET),
        )
        + box(b"uuid", bytes(16), SECRET)
        + box(b"free", b"<script>" + SECRET)
    )


def element(number: int, *parts: bytes, unknown: bool = False) -> bytes:
    body, name = b"".join(parts), number.to_bytes((number.bit_length() + 7) // 8, "big")
    return name + (b"\x01" + b"\xff" * 7 if unknown else b"\x08" + len(body).to_bytes(4, "big")) + body


def webm(*, unknown: bool = False, kind: int = 1) -> bytes:
    """Pictures, three seconds; with *unknown* as a browser records them."""
    head = element(0x1A45DFA3, element(0x4282, b"webm"), element(0xEC, SECRET))
    info = element(
        0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(4, "big")), element(0x4489, struct.pack(">d", 3_000.0)),
        element(0x7BA9, SECRET), element(0x4D80, SECRET), element(0x5741, SECRET), element(0x4461, bytes(8)),
    )  # fmt: skip
    video = element(0xE0, element(0xB0, b"\x01\x40"), element(0xBA, b"\xf0"))
    track = element(
        0xAE,
        element(0xD7, b"\1"),
        element(0x83, bytes([kind])),
        element(0x86, b"V_VP8"),
        element(0x536E, SECRET),
        video,
    )
    clusters = [
        element(0x1F43B675, element(0xE7, bytes([at])), element(0xA3, b"\x81\0\0\x80" + PICTURES), element(0xEC, SECRET), unknown=unknown)
        for at in range(2)
    ]  # fmt: skip
    more = [element(0x1254C367, SECRET), element(0x1941A469, SECRET)]
    parts = [info, element(0x1654AE6B, track), clusters[0], *more, clusters[1]]
    return head + element(0x18538067, *parts, unknown=unknown)


def page(serial: int, number: int, packet: bytes, *, kind: int = 0, position: int = 0) -> bytes:
    sizes = [255] * (len(packet) // 255) + [len(packet) % 255]
    head = (
        b"OggS\0"
        + bytes([kind])
        + struct.pack("<qIII", position, serial, number, 0)
        + bytes([len(sizes)])
        + bytes(sizes)
    )
    made = bytearray(head + packet)
    made[22:26] = ogg.checksum(made).to_bytes(4, "little")
    return bytes(made)


def opus(*, comment: bytes = SECRET * 20) -> bytes:
    """A second of sound."""
    tags = b"OpusTags" + struct.pack("<I", len(comment)) + comment + struct.pack("<I", 0)
    return (
        page(7, 0, b"OpusHead\x01\x01" + struct.pack("<HIHB", 312, 48_000, 0, 0), kind=2)
        + page(7, 1, tags)
        + page(7, 2, SOUNDS, kind=4, position=48_312)
        + b"behind it: "
        + SECRET
    )


def mp3() -> bytes:
    """Ten frames of 128 kbit/s at 44.1 kHz between tags."""
    frame = b"\xff\xfb\x90\x00" + b"\x55" * 413
    return (
        b"ID3\x04\0\0\0\0\0\x16" + SECRET + frame * 6 + b"between " + SECRET + frame * 4 + (b"TAG" + SECRET).ljust(128)
    )


def wav() -> bytes:
    """A second of 8 kHz."""
    chunks = b""
    for kind, body in (
        (b"LIST", b"INFO" + SECRET),
        (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 8_000, 1, 8)),
        (b"id3 ", SECRET),
        (b"data", bytes(8_000)),
        (b"bext", SECRET),
    ):
        chunks += kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def flac() -> bytes:
    """Two seconds of 44.1 kHz, as it says."""
    about = bytes(10) + (44_100 << 44 | 88_200).to_bytes(8, "big") + bytes(16)
    blocks = [(0, about), (4, SECRET), (6, SECRET)]
    made = b"fLaC"
    for kind, body in blocks:
        made += bytes([kind | (0x80 if kind == 6 else 0)]) + len(body).to_bytes(3, "big") + body
    return made + b"\xff\xf8" + SOUNDS + (b"TAG" + SECRET).ljust(128)


EVERY = {
    "mp4": mp4(),
    "quicktime": mp4(brand=b"qt  "),
    "m4a": mp4(film=False, brand=b"M4A "),
    "webm": webm(),
    "webm as browsers record": webm(unknown=True),
    "opus": opus(),
    "mp3": mp3(),
    "wav": wav(),
    "flac": flac(),
}


def png(width: int = 32, height: int = 24) -> bytes:
    """A picture, as the program that draws them would write one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc0\x20\x20" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
