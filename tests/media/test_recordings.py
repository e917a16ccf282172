"""Films and sounds: kept as they are, and emptied of what says where and with what they were made."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.media import recordings
from node.runtime.errors import BeffroiError, Invalid, TooLarge
from tests.media import films
from tests.media.films import EVERY, PICTURES, PLACES, SECRET, SOUNDS


@pytest.mark.parametrize("kind", EVERY)
async def test_a_recording_says_neither_place_nor_camera(kind: str):
    contents = await recordings.clean(EVERY[kind])
    assert SECRET[:8] not in contents.data, "the place is still in it"
    assert b"CAMERA" not in contents.data
    assert b"<script>" not in contents.data
    assert b"127.0.0.1" not in contents.data, "an address that a player might fetch is still in it"
    played = {"mp3": b"\x55" * 400, "wav": bytes(8_000)}.get(kind, SOUNDS if contents.kind == "audio" else PICTURES)
    assert played in contents.data, "picture or sound is gone too"


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("mp4", ("video", "video/mp4", 320, 240, 2_000, 1.0)),
        ("quicktime", ("video", "video/quicktime", 320, 240, 2_000, 1.0)),
        ("m4a", ("audio", "audio/mp4", None, None, 2_000, None)),
        ("webm", ("video", "video/webm", 320, 240, 3_000, None)),
        ("webm as browsers record", ("video", "video/webm", 320, 240, 3_000, None)),
        ("opus", ("audio", "audio/ogg", None, None, 1_000, None)),
        ("mp3", ("audio", "audio/mpeg", None, None, 261, None)),
        ("wav", ("audio", "audio/wav", None, None, 1_000, None)),
        ("flac", ("audio", "audio/flac", None, None, 2_000, None)),
    ],
)
async def test_what_is_known_of_it(kind: str, known: tuple[object, ...]):
    found = await recordings.clean(EVERY[kind])
    assert (found.kind, found.mime, found.width, found.height, found.duration_ms, found.frame_rate) == known


async def test_a_film_moves_nowhere_when_it_is_cleaned():
    """Tables inside count from its beginning: each sample stands where it stood, the dates are gone."""
    film = films.mp4()
    cleaned = (await recordings.clean(film)).data
    assert len(cleaned) == len(film)
    assert cleaned.index(PICTURES) == film.index(PICTURES)
    assert (3_800_000_000).to_bytes(4, "big") not in cleaned, "it says when it was filmed"
    again = await recordings.clean(cleaned)
    assert again.data == cleaned


@pytest.mark.parametrize("handler", [b"meta", b"mebx", b"text", b"camm"])
async def test_a_track_of_places_is_taken_out_with_its_samples(handler: bytes):
    film = films.mp4(places=handler)
    assert PLACES in film
    cleaned = (await recordings.clean(film)).data
    assert PLACES[:4] not in cleaned
    assert PICTURES in cleaned
    assert SOUNDS in cleaned
    assert cleaned.count(b"trak") == 2


async def test_what_cannot_be_taken_out_is_refused():
    fragment = films.box(b"moof", films.box(b"traf", films.box(b"trun", bytes(8))))
    for film in (films.mp4(places=b"meta") + fragment, films.webm(kind=0x11), films.page(1, 0, b"\x80theora", kind=2)):
        with pytest.raises(Invalid, match="cannot take out"):
            await recordings.clean(film)


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind not in ("wav", "opus", "mp3", "flac")])
async def test_half_a_film_is_refused(kind: str):
    with pytest.raises(Invalid):
        await recordings.clean(EVERY[kind][: len(EVERY[kind]) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"#EXTM3U\nhttp://127.0.0.1/", b"ffconcat version 1.0\nfile /etc/passwd",
        b"RIFF\0\0\0\0AVI ", b"MZ" + bytes(100), b"\xff\xfb\x90\x00" + bytes(413), b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(50),
    ],
)  # fmt: skip
async def test_what_is_none_is_refused(data: bytes):
    assert not recordings.looks_like(data)
    with pytest.raises(Invalid, match="kind that is accepted"):
        await recordings.clean(data)


async def test_limits(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Invalid, match="3840"):
        await recordings.clean(films.mp4(size=(8_000, 4_000)))
    monkeypatch.setattr(recordings, "MAX_BYTES", 100)
    with pytest.raises(TooLarge):
        await recordings.clean(films.mp4())


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(EVERY)), edits=st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4), cut=st.integers(0, 3_000))  # fmt: skip
async def test_a_hostile_file_is_refused_or_read(kind: str, edits: list[tuple[int, bytes]], cut: int):
    """Nothing but a refusal comes out of a file that lies, and nothing that reads it takes long."""
    held = bytearray(EVERY[kind])
    for at, written in edits:
        held[at % len(held) : at % len(held) + len(written)] = written
    try:
        found = await recordings.clean(bytes(held[: len(held) - cut] if cut < len(held) // 2 else held))
    except BeffroiError:
        return
    assert len(found.data) <= len(held) + 8


FFMPEG = shutil.which("ffmpeg")


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg absent")
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", ["-c:v", "mpeg4", "-c:a", "aac"]),
        ("a.mov", ["-c:v", "mpeg4", "-c:a", "aac", "-timecode", "01:00:00:00", "-movflags", "use_metadata_tags"]),
        ("f.mp4", ["-c:v", "mpeg4", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]),
        ("a.webm", ["-c:v", "libvpx", "-c:a", "libvorbis"]),
        ("l.webm", ["-c:v", "libvpx", "-c:a", "libopus", "-live", "1"]),
        ("a.ogg", ["-vn", "-c:a", "libvorbis"]),
        ("a.opus", ["-vn", "-c:a", "libopus"]),
        ("a.mp3", ["-vn", "-c:a", "libmp3lame", "-write_id3v1", "1"]),
        ("a.flac", ["-vn"]),
        ("a.wav", ["-vn"]),
    ],
)
async def test_a_true_one_plays_as_before(tmp_path: Path, name: str, how: list[str]):
    """Picture by picture and sample by sample the same, as ffmpeg decodes them."""
    said = [word for key in ("title", "comment", "location") for word in ("-metadata", f"{key}={SECRET.decode()}")]
    source = ["-f", "lavfi", "-i", "testsrc=d=2:s=160x120:r=25", "-f", "lavfi", "-i", "sine=d=2"]
    before, after = tmp_path / name, tmp_path / f"clean-{name}"
    if not written([*source, *how, *said, str(before)]):
        pytest.skip("ffmpeg does not write that format here")
    assert SECRET in before.read_bytes()
    contents = await recordings.clean(before.read_bytes())
    assert SECRET not in contents.data
    after.write_bytes(contents.data)
    for stream in ["0:a", *(["0:v"] if contents.kind == "video" else [])]:
        assert played(after, stream) == played(before, stream)


def written(words: list[str]) -> bool:
    return subprocess.run([str(FFMPEG), "-loglevel", "error", *words], check=False).returncode == 0


def played(path: Path, stream: str) -> str:
    words = [str(FFMPEG), "-loglevel", "error", "-xerror", "-i", str(path), "-map", stream, "-f", "md5", "-"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
