"""A picture is shown to everybody: what it hides is taken off, and a hostile file harms nothing."""

import asyncio
import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from node.media import decoding
from node.media.images import AVATAR_PX, ImageWorker
from node.runtime.errors import Invalid, TooLarge, Unavailable

SECRET = b"48.8566 N, 2.3522 E, home of the mayor"


def drawing(mode: str = "RGB", size: tuple[int, int] = (320, 200)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    return image.convert(mode)


def file_of(image: Image.Image, kind: str, **how) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_red(pixel) -> bool:
    return pixel[0] > 200 and pixel[1] < 60 and pixel[2] < 60


@pytest.fixture
async def images():
    worker = ImageWorker()
    yield worker
    await worker.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
async def test_each_usual_kind_of_image_is_shown(images, kind):
    picture = await images.decode(file_of(drawing(), kind))
    assert (picture.width, picture.height) == (320, 200)
    shown = seen(picture.data).convert("RGB")
    assert shown.size == (320, 200)
    assert is_red(shown.getpixel((40, 100))), f"{kind}: the colours changed"
    assert picture.mime == ("image/png" if kind in ("PNG", "GIF") else "image/jpeg")
    assert picture.preview == picture.data, "a small image is its own preview"
    assert len(picture.blurhash) == 28


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
async def test_each_way_of_storing_colours_is_shown(images, mode):
    image = drawing(mode) if mode != "I;16" else Image.new("I;16", (320, 200), 30_000)
    picture = await images.decode(file_of(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert seen(picture.data).size == (320, 200)
    if mode == "I;16":
        assert abs(seen(picture.data).convert("L").tobytes()[0] - 117) <= 1, "a 16-bit scan lost its grey"


async def test_transparency_stays(images):
    image = drawing("RGBA")
    image.putalpha(0)
    for kind in ("PNG", "WEBP"):
        picture = await images.decode(file_of(image, kind))
        assert seen(picture.data).convert("RGBA").getchannel("A").getextrema() == (0, 0)


async def test_an_animation_shows_its_first_image(images):
    """Of what is no GIF, of an avatar, and of what is too long to be kept moving: better a still than nothing."""
    frames = [drawing(), Image.new("RGB", (320, 200), "green")]
    long = [Image.new("RGB", (320, 200), (shade % 256, 60, 60)) for shade in range(700)]
    for kind, more, crop_px in (("WEBP", frames[1:], None), ("GIF", frames[1:], (400, 400)), ("GIF", long, None)):
        data = file_of(frames[0], kind, save_all=True, append_images=more)
        shown = seen((await images.decode(data, crop_px=crop_px)).data)
        assert getattr(shown, "n_frames", 1) == 1
        assert is_red(shown.convert("RGB").getpixel((40, 100)))


async def test_a_gif_goes_on_moving_and_says_nothing_else(images):
    frames = [drawing(), Image.new("RGB", (320, 200), "green"), Image.new("RGB", (320, 200), "blue")]
    data = file_of(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[70, 200, 300], loop=0, comment=SECRET
    )
    assert SECRET in data
    picture = await images.decode(data + b"PK" + SECRET)
    moving: Any = seen(picture.data)
    assert (picture.mime, moving.n_frames, moving.info["loop"]) == ("image/gif", 3, 0)
    assert SECRET not in picture.data + picture.preview
    shown = []
    for at in range(3):
        moving.seek(at)
        shown.append((moving.info["duration"], moving.convert("RGB").getpixel((300, 100))))
    assert [each[0] for each in shown] == [70, 200, 300]
    assert shown[2][1][2] > 200, "the third frame is not the blue one"
    assert (picture.preview_mime, getattr(seen(picture.preview), "n_frames", 1)) != ("image/gif", 3)
    assert is_red(seen(picture.preview).convert("RGB").getpixel((40, 100)))


def with_secrets(kind: str) -> bytes:
    """An image that says where it was taken, in every way its format has."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0)}
    how: dict[str, object] = {"exif": exif.tobytes()}
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", SECRET.decode())
        notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        how["pnginfo"] = notes
    else:
        how["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "JPEG":
        how["comment"] = SECRET
    return file_of(drawing(), kind, **how)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_a_photograph_does_not_say_where_it_was_taken(images, kind):
    """EXIF, GPS, XMP and comments are gone, from the preview too."""
    data = with_secrets(kind)
    assert SECRET in data
    picture = await images.decode(data, preview_px=100)
    for shown in (picture.data, picture.preview):
        assert SECRET not in shown
        assert not seen(shown).getexif()
        assert {"exif", "xmp", "comment", "icc_profile"}.isdisjoint(seen(shown).info)


async def test_a_photograph_is_shown_upright(images):
    """A telephone held upright notes its turn in EXIF; the turn is made before EXIF is dropped."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    picture = await images.decode(file_of(drawing(), "JPEG", exif=exif.tobytes()))
    assert (picture.width, picture.height) == (200, 320)
    assert is_red(seen(picture.data).getpixel((100, 40))), "what was on the left is on top"


async def test_colours_of_a_profile_become_those_of_every_screen(images):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = await images.decode(file_of(drawing(), "JPEG", icc_profile=lab))
    assert "icc_profile" not in seen(picture.data).info
    assert is_red(seen(picture.data).getpixel((40, 100)))
    broken = await images.decode(file_of(drawing(), "JPEG", icc_profile=b"not a profile"))
    assert is_red(seen(broken.data).getpixel((40, 100))), "a broken profile must not lose the picture"


async def test_a_large_photograph_is_scaled_down_with_a_preview(images):
    picture = await images.decode(file_of(drawing(size=(6000, 3000)), "JPEG"))
    assert (picture.width, picture.height) == (3840, 1920)
    assert (picture.preview_width, picture.preview_height) == (640, 320)
    assert seen(picture.preview).size == (640, 320)
    assert len(picture.preview) < len(picture.data)


async def test_an_avatar_is_cut_to_a_square(images):
    picture = await images.decode(file_of(drawing(), "PNG"), crop_px=AVATAR_PX)
    assert seen(picture.data).size == (400, 400)


async def test_a_large_drawing_is_not_kept_as_a_huge_png(images):
    noise = Image.effect_noise((2000, 1500), 90).convert("RGB")
    picture = await images.decode(file_of(noise, "PNG"))
    assert picture.mime == "image/jpeg"
    noise.putalpha(128)
    assert (await images.decode(file_of(noise, "PNG"))).mime == "image/webp"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    "data",
    [b"", b"x", SVG, b"<?xml version='1.0'?>" + SVG, b"<html>", b"%PDF-1.7", b"PK\x03\x04", b"\x7fELF", b"BM" + b"\0" * 60,
     b"II*\0" + b"\0" * 60, b"\0\0\0\x18ftypheic" + b"\0" * 60, b"\0\0\1\0" + b"\0" * 60, b"8BPS" + b"\0" * 60,
     b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\x4f\xff\x51" + b"\0" * 60, b" \x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WAVE"],
)  # fmt: skip
async def test_what_is_no_image_of_an_accepted_kind_is_refused(images, data):
    """SVG can run, PDF and EPS are programs, HEIC cannot be decoded here: each gets the same plain answer."""
    with pytest.raises(Invalid, match="JPEG, PNG, GIF, WebP or AVIF"):
        await images.decode(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
async def test_damaged_images_are_refused_and_the_next_one_is_read(images, kind):
    data = file_of(drawing(), kind)
    for broken in (data[: len(data) // 2], data[:16], data[:16] + os.urandom(500), b"GIF89a/*<script>*/=1;"):
        with pytest.raises(Invalid):
            await images.decode(broken)
    assert (await images.decode(data)).width == 320


async def test_a_file_that_is_two_things_becomes_one(images):
    """A ZIP, a page or a script behind or inside a valid image do not survive: only pixels are written again."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("evil.js", "alert(1)")
    for behind in (archive.getvalue(), b"<script>alert(1)</script>", SVG):
        for kind in ("JPEG", "PNG", "GIF", "WEBP"):
            picture = await images.decode(file_of(drawing(), kind) + behind)
            assert behind not in picture.data
            assert b"script" not in picture.data


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be enormous."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (8000, 8000), (2_000_000_000, 1), (40_000_001, 1)])
async def test_a_small_file_that_would_fill_the_memory_is_refused(images, size):
    with pytest.raises(Invalid, match="too many pixels"):
        await images.decode(bomb(*size))


async def test_a_large_file_is_refused_before_it_is_read(images):
    with pytest.raises(TooLarge, match="16 MB"):
        await images.decode(b"\xff\xd8\xff" + b"\0" * (16 * 1024 * 1024))


async def test_an_image_that_takes_too_long_is_given_up_and_the_next_one_is_read():
    """The process is killed, and started again when needed."""
    images = ImageWorker(timeout_s=0.0001)
    with pytest.raises(Invalid, match="too long"):
        await images.decode(file_of(drawing(), "PNG"))
    images._timeout_s = 20.0
    assert (await images.decode(file_of(drawing(), "PNG"))).width == 320
    await images.close()


async def test_a_process_that_dies_loses_one_image_and_no_more(images):
    await images.decode(file_of(drawing(), "PNG"))
    first = images._process.pid
    large = file_of(Image.effect_noise((3000, 2000), 90), "PNG")
    reading = asyncio.create_task(images.decode(large))
    await asyncio.sleep(0.05)
    images._process.kill()
    with pytest.raises(Invalid):
        await reading
    assert (await images.decode(file_of(drawing(), "PNG"))).width == 320
    assert images._process.pid != first


async def test_a_request_given_up_half_way_does_not_mix_up_the_answers(images):
    """The sender hung up; the next one must not get the picture of the first."""
    reading = asyncio.create_task(images.decode(file_of(Image.effect_noise((3000, 2000), 90), "PNG")))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await images.decode(file_of(drawing(), "PNG"))).width == 320


async def test_too_many_images_at_once_are_asked_to_come_back():
    images = ImageWorker(max_waiting=2)
    data = file_of(drawing(), "PNG")
    answers = await asyncio.gather(*[images.decode(data) for _ in range(5)], return_exceptions=True)
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 3
    await images.close()


def environment_of(pid: int) -> bytes:
    environment = Path(f"/proc/{pid}/environ")
    if not environment.exists():
        pytest.skip("no /proc on this machine")
    return environment.read_bytes()


async def test_the_decoder_knows_no_secret(images, monkeypatch):
    """The process that reads hostile bytes gets our import path and nothing else of our environment."""
    monkeypatch.setenv("BEFFROI_SECRET", "keyring")
    await images.decode(file_of(drawing(), "PNG"))
    assert b"BEFFROI" not in environment_of(images._process.pid)


def test_the_decoder_imports_nothing_of_the_node():
    """It stays small, and what takes it over finds nothing there."""
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print([m for m in sys.modules if m.startswith('node')])"
    run = subprocess.run([sys.executable, "-c", code, decoding.__file__], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
