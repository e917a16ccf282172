"""Files that lie: what is not a picture is refused at every door that takes one, and what is served runs nowhere."""

import io
import struct
import zlib
from collections.abc import Mapping

from PIL import Image

from tests.media import films
from tests.support.client import Answer
from tests.web.reader import Reader
from tests.websafety.house import House, digest_of


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(made, "PNG")
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )


LIES = {
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "GIF and script": b"GIF89a=1;alert(1)//" + b"\0" * 40,
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "half a PNG": picture()[:40],
    "a bomb": bomb(),
}


async def test_no_lie_is_kept(house: House):
    """At the desk's pages and the client API, whatever type and name it claims: 4xx, and not a row changed."""
    reader = await house.browser("odile")
    token = (await reader.open("/desk/mairie/profile")).form("/desk/mairie/profile").fields["form_token"]
    hall = house.town.hall.client
    before = await digest_of(house.ctx.db.reader)
    for what, data in LIES.items():
        for name in ("photo.png", "../../../etc/passwd", "x.html", 'a\\";.png'):
            file = (name, "image/png", data)
            doors = [
                await hall.upload("/api/v2/media", {"file": file}),
                await upload(reader, "/desk/mairie/profile", {"avatar": file}, {"form_token": token, "name": "Mairie"}),
                await upload(
                    reader,
                    "/desk/mairie/write",
                    {"picture": file},
                    {"form_token": token, "text": "x", "act": "send"},
                ),
            ]
            assert all(400 <= answer.status < 500 or b"problem" in answer.body for answer in doors), (
                f"{what} as {name}: {[a.status for a in doors]}"
            )
        assert await digest_of(house.ctx.db.reader) == before, f"{what}: something was kept"


async def upload(
    reader: Reader, path: str, files: Mapping[str, tuple[str, str, bytes]], data: Mapping[str, str]
) -> Answer:
    """Post a form with files, as her browser does."""
    return await reader.client.upload(path, files, list(data.items()))


async def test_what_follows_a_picture_is_not_served(house: House):
    """A PNG with a zip and a page behind it is served as a picture alone, and as nothing that runs."""
    tail = b"PK\x03\x04<script>alert(1)</script>"
    media = (
        await house.town.hall.client.upload("/api/v2/media", {"file": ("a.png", "text/html", picture() + tail)})
    ).ok()
    path = media["url"].removeprefix(f"https://{house.town.host}")
    answer = await house.town.node.visitor().get(path)
    assert answer.headers["content-type"].startswith("image/"), "the type that was claimed is believed"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert tail not in answer.body, "what stood behind the picture is served too"


async def test_the_desk_takes_pictures_only(house: House):
    """A film in the place of a picture is refused with a sentence, and not kept; one that an application gave is kept by an edit."""
    reader = await house.browser("odile")
    token = (await reader.open("/desk/mairie/profile")).form("/desk/mairie/profile").fields["form_token"]
    before = await digest_of(house.ctx.db.reader)
    film = ("a.png", "image/png", films.mp4())
    for path, field in (("/desk/mairie/write", "picture"), ("/desk/mairie/profile", "avatar")):
        form = {"form_token": token, "text": "x", "name": "Mairie", "act": "send"}
        answer = await upload(reader, path, {field: film}, form)
        assert answer.status < 500
        assert b"problem" in answer.body, f"{path}: {answer.status}"
    assert await digest_of(house.ctx.db.reader) == before


async def test_ten_thousand_parts_are_not_read(house: House):
    """Nor a field with a name of half a megabyte: refused before anything is made of it."""
    reader = await house.browser("odile")
    token = (await reader.open("/desk/mairie/profile")).form("/desk/mairie/profile").fields["form_token"]
    before = await digest_of(house.ctx.db.reader)
    for data in (
        {**{f"f{n}": "x" for n in range(10_000)}, "form_token": token},
        {"n" * 500_000: "x", "form_token": token},
    ):
        for path in ("/desk/mairie/profile", "/desk/mairie/write"):
            answer = await upload(reader, path, {}, data)
            assert 400 <= answer.status < 500, f"{path}: {answer.status}"
    assert await digest_of(house.ctx.db.reader) == before
