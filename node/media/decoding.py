"""Decodes images that may be hostile. Runs in a process of its own: see `images`.

A program by itself: it imports Pillow and nothing of the node, knows no secret, and may be killed at any time. It
reads requests on its standard input and answers on its standard output, in plain JSON and bytes: an answer in
pickle would let a decoder that was taken over take the node over.

    request:  two lengths (4 bytes each, big-endian), JSON {max_side_px, crop_px, preview_px, max_frames}, the file
    answer:   three lengths, JSON {"refused": reason} or {mime, width…}, the image, the preview (empty: the same)
"""

import io
import json
import struct
import sys
import warnings
from contextlib import suppress
from typing import Any, BinaryIO

MAX_PIXELS = 40_000_000
MAX_MEMORY_BYTES = 1536 * 1024 * 1024
_MAX_PNG_BYTES = 2_000_000
_MAX_FRAMES = 500
_MAX_GIF_BYTES = 8_000_000
_LOSSLESS = frozenset({"PNG", "GIF"})

# Why a file is refused; `images` says it in a sentence.
DAMAGED = "damaged"
UNKNOWN = "unknown"
TOO_MANY_PIXELS = "too many pixels"


class Refused(Exception):
    """Not an image that is accepted, for one of the reasons above."""


def sniff(data: bytes) -> str:
    """The Pillow name of the format that *data* begins as. What it calls itself (name, type) is never asked.

    Raises:
        Refused: another format, SVG and HEIC among them.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "AVIF"
    raise Refused(UNKNOWN)


def decode(
    data: bytes, *, max_side_px: int, crop_px: tuple[int, int] | None, preview_px: int, max_frames: int = 1
) -> dict[str, Any]:
    """The picture in *data*, upright, in sRGB, at most *max_side_px*, encoded again: only pixels survive.

    Whatever else the file carried (EXIF with its place, XMP, comments, a ZIP behind the last byte) is not copied.

    A GIF that fits is kept as it moves, with a still for its preview. With *max_frames* anything that moves is scaled
    and moves on as a WebP; the picture stays exact.

    Raises:
        Refused: the format is not accepted, it does not decode, or it is too large.
    """
    from PIL import AvifImagePlugin, Image, ImageOps

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    kind, exact = sniff(data), max_frames > 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind]) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise Refused(TOO_MANY_PIXELS)
                opened.draft("RGB", crop_px or (max_side_px, max_side_px))
                opened.load()
                image = _plain(ImageOps.exif_transpose(opened))
                moving: tuple[bytes, str] | None = None
                if exact:
                    moving = _scaled(opened, max_side_px, max_frames)
                elif kind == "GIF" and crop_px is None and max(opened.size) <= max_side_px:
                    moving = _moving(opened)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(TOO_MANY_PIXELS) from error
    except Exception as error:
        # A decoder fed with hostile bytes raises anything: OSError, SyntaxError, struct.error, MemoryError…
        raise Refused(DAMAGED) from error
    if crop_px is not None:
        image = ImageOps.fit(image, crop_px, Image.Resampling.LANCZOS)
    else:
        image.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS)
    encoded, mime = _encode(image, lossless=kind in _LOSSLESS or exact) if moving is None else moving
    small, preview, preview_mime = image, b"", mime
    if moving is not None or max(image.size) > preview_px:  # what moves has a still for its preview
        small = image.copy()
        small.thumbnail((preview_px, preview_px), Image.Resampling.LANCZOS)
        preview, preview_mime = _encode(small, lossless=exact)
    return {
        "data": encoded,
        "mime": mime,
        "width": image.width,
        "height": image.height,
        "preview": preview,
        "preview_mime": preview_mime,
        "preview_width": small.width,
        "preview_height": small.height,
        "blurhash": _blurhash(small),
    }


def _scaled(opened: Any, max_side_px: int, max_frames: int) -> tuple[bytes, str] | None:
    """An animation, scaled, as a WebP of ours; None: it has one frame.

    Raises:
        Refused: all its frames together have too many pixels.
    """
    from PIL import Image

    count = min(getattr(opened, "n_frames", 1), max_frames)
    if count < 2:
        return None
    if opened.width * opened.height * count > MAX_PIXELS:
        raise Refused(TOO_MANY_PIXELS)
    pictures, shown_ms = [], []
    for position in range(count):
        opened.seek(position)
        frame = opened.convert("RGBA")
        frame.info.clear()
        frame.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS)
        pictures.append(frame)
        # Browsers show what is said to last less than 20 ms for 100: so do we, or it would flash.
        lasts_ms = int(opened.info.get("duration") or 0)
        shown_ms.append(lasts_ms if 20 <= lasts_ms <= 60_000 else 100)
    out = io.BytesIO()
    pictures[0].save(
        out, "WEBP", save_all=True, append_images=pictures[1:], duration=shown_ms, loop=0, quality=85, method=3
    )
    return out.getvalue(), "image/webp"


def _moving(opened: Any) -> tuple[bytes, str] | None:
    """The frames of an animation as a GIF of ours; None: it has one, or too many or too large ones to be kept moving."""
    from PIL import ImageSequence

    frames = getattr(opened, "n_frames", 1)
    if not 1 < frames <= _MAX_FRAMES or opened.width * opened.height * frames > MAX_PIXELS:
        return None
    loops = opened.info.get("loop")
    pictures, shown_ms = [], []
    for frame in ImageSequence.Iterator(opened):
        shown_ms.append(max(20, min(60_000, int(frame.info.get("duration") or 100))))
        pictures.append(frame.convert("RGBA"))
        pictures[-1].info.clear()  # a comment would be written again
    out = io.BytesIO()
    how = {} if loops is None else {"loop": max(0, min(65_535, int(loops)))}
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=shown_ms, disposal=2, **how)
    return (out.getvalue(), "image/gif") if out.tell() <= _MAX_GIF_BYTES else None


def _plain(image: Any) -> Any:
    """*image* as RGB or RGBA in sRGB, with nothing beside its pixels."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16"):
        image = image.point(lambda level: level * (1 / 257)).convert("L")
    transparent = "A" in image.getbands() or "transparency" in image.info
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        image = _in_srgb(image, profile)
    plain = image.convert("RGBA" if transparent else "RGB")
    if transparent and plain.getextrema()[3][0] == 255:
        plain = plain.convert("RGB")  # a channel that hides nothing would only forbid JPEG
    plain.info.clear()
    return plain


def _in_srgb(image: Any, profile: bytes) -> Any:
    from PIL import ImageCms

    with suppress(ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: the colours stay as they are
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    return image


def _encode(image: Any, *, lossless: bool) -> tuple[bytes, str]:
    """Drawings stay exact while they are small; photographs become JPEG, or WebP if they are transparent."""
    out = io.BytesIO()
    if lossless:
        image.save(out, "PNG")
        if out.tell() <= _MAX_PNG_BYTES:
            return out.getvalue(), "image/png"
        out = io.BytesIO()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=85, method=3)
        return out.getvalue(), "image/webp"
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue(), "image/jpeg"


def _blurhash(image: Any) -> str:
    """A few letters that draw a blurred image while the true one loads; more of them along the longer side."""
    import blurhash
    from PIL import Image

    tiny = image.resize((32, 32), Image.Resampling.BOX)
    if tiny.mode == "RGBA":
        white = Image.new("RGBA", tiny.size, "white")
        tiny = Image.alpha_composite(white, tiny)
    across, down = (4, 3) if image.width >= image.height else (3, 4)
    return str(blurhash.encode(tiny.convert("RGB"), x_components=across, y_components=down))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request after another until the input ends: the node has stopped, or has no more use for us."""
    while len(lengths := requests.read(8)) == 8:
        settings_length, data_length = struct.unpack(">II", lengths)
        settings = json.loads(requests.read(settings_length))
        data = requests.read(data_length)
        crop = settings["crop_px"]
        try:
            facts = decode(
                data,
                max_side_px=settings["max_side_px"],
                crop_px=None if crop is None else (crop[0], crop[1]),
                preview_px=settings["preview_px"],
                max_frames=settings["max_frames"],
            )
        except Refused as refused:
            facts = {"refused": str(refused), "data": b"", "preview": b""}
        image, preview = facts.pop("data"), facts.pop("preview")
        described = json.dumps(facts).encode()
        answers.write(struct.pack(">III", len(described), len(image), len(preview)))
        answers.write(described + image + preview)
        answers.flush()


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):  # elsewhere than on Unix, or less is allowed already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
