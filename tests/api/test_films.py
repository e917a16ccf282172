"""Films and sounds in the client API: taken, shown by a picture if there is who draws it, published, played, let go."""

import stat
from pathlib import Path

import pytest

from node import worker
from node.runtime.jobs.queue import JobQueue
from tests.api.conftest import Place, picture
from tests.media import films

FILM = ("film.mp4", "video/mp4", films.mp4())
SOUND = ("son.mp3", "audio/mpeg", films.mp3())


@pytest.fixture
def program(place: Place, tmp_path: Path) -> Path:
    """A program that stands where ffmpeg would: it draws one picture, and writes down how it was called."""
    (tmp_path / "drawn.png").write_bytes(films.png())
    return draws(place, tmp_path, f'echo "$@" > {tmp_path}/called\nenv >> {tmp_path}/called\ncat {tmp_path}/drawn.png')


def draws(place: Place, folder: Path, does: str) -> Path:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{does}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    with_program(place, str(path))
    return path


def with_program(place: Place, ffmpeg: str) -> None:
    object.__setattr__(place.ctx, "settings", place.ctx.settings.model_copy(update={"ffmpeg": ffmpeg}))


async def work(place: Place) -> None:
    queue = JobQueue(worker.HANDLERS)
    while await queue.turn(place.ctx):
        pass


async def files(place: Place) -> int:
    return sum(1 for path in place.ctx.settings.media_path.rglob("*") if path.is_file())


async def test_a_film_is_202_then_206_then_200(place: Place, program: Path):
    alice = await place.person("alice")
    said = await alice.client.upload("/api/v2/media", {"file": FILM}, {"description": "La place"})
    assert said.status == 202
    media = said.json
    assert (media["type"], media["url"], media["preview_url"]) == ("video", None, None)
    said = await alice.client.get(f"/api/v1/media/{media['id']}")
    assert (said.status, said.json["url"]) == (206, None)
    early = await alice.client.post("/api/v1/statuses", {"status": "x", "media_ids": [media["id"]]})
    assert early.status == 422
    assert "again in a moment" in early.json["error"]
    await work(place)
    said = await alice.client.get(f"/api/v1/media/{media['id']}")
    assert said.status == 200
    media = said.json
    assert media["url"].endswith(".mp4")
    assert media["blurhash"]
    assert media["meta"]["original"] == {
        "width": 320, "height": 240, "size": "320x240", "aspect": 320 / 240, "duration": 2.0,
        "bitrate": len(films.mp4()) * 4,
    }  # fmt: skip
    assert media["meta"]["small"]["width"] == 32
    called = program.with_name("called").read_text()
    assert "-protocol_whitelist file,pipe" in called
    assert "BEFFROI" not in called, "a program that reads strangers' files knows the node's settings"
    await alice.post("Regardez", media_ids=[media["id"]])
    shown = await place.client().get(media["preview_url"].removeprefix("https://ville.example"))
    assert (shown.status, shown.headers["content-type"].partition("/")[0]) == (200, "image")


async def test_a_film_is_played_from_any_place(place: Place):
    """Browsers ask for pieces; Safari plays nothing without."""
    with_program(place, "")
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v2/media", {"file": FILM})).ok()
    path = media["url"].removeprefix("https://ville.example")
    whole = await place.client().get(path)
    assert (whole.status, whole.headers["content-type"], whole.headers["accept-ranges"]) == (200, "video/mp4", "bytes")
    assert films.SECRET not in whole.body
    piece = await place.client().request("GET", path, headers={"range": "bytes=8-19"})
    assert (piece.status, piece.body) == (206, whole.body[8:20])


@pytest.mark.parametrize("does", ["exit 1", "echo no picture", "kill -9 $$", "head -c 20000000 /dev/zero"])
async def test_a_film_of_which_nothing_can_be_drawn_is_taken_all_the_same(place: Place, tmp_path: Path, does: str):
    draws(place, tmp_path, does)
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v2/media", {"file": FILM})).json
    await work(place)
    media = (await alice.client.get(f"/api/v1/media/{media['id']}")).ok()
    assert media["url"].endswith(".mp4")
    assert (media["preview_url"], media["blurhash"]) == (None, None)
    await alice.post("Regardez", media_ids=[media["id"]])


async def test_where_nobody_draws_it_is_ready_at_once(place: Place):
    with_program(place, "/nowhere/ffmpeg")
    alice = await place.person("alice")
    for file, kind in ((FILM, "video"), (SOUND, "audio")):
        said = await alice.client.upload("/api/v2/media", {"file": file})
        assert (said.status, said.json["type"], said.json["preview_url"]) == (200, kind, None)
        assert said.json["url"]


async def test_the_old_endpoint_answers_what_is_ready(place: Place, program: Path):
    """Elk and Tuba publish at once with what POST /api/v1/media answered."""
    alice = await place.person("alice")
    said = await alice.client.upload("/api/v1/media", {"file": FILM})
    assert (said.status, bool(said.json["url"]), bool(said.json["preview_url"])) == (200, True, True)
    await alice.post("Regardez", media_ids=[said.json["id"]])


async def test_who_uploads_may_give_the_picture(place: Place, program: Path):
    alice = await place.person("alice")
    cover = ("cover.png", "image/png", picture(300, 300))
    said = await alice.client.upload("/api/v2/media", {"file": SOUND, "thumbnail": cover})
    assert said.status == 200
    assert said.json["preview_url"]
    film = (await alice.client.upload("/api/v2/media", {"file": FILM})).json
    said = await alice.client.upload(
        f"/api/v1/media/{film['id']}", {"thumbnail": cover}, {"description": "La place"}, method="PUT"
    )
    assert (said.status, said.json["description"], bool(said.json["preview_url"])) == (200, "La place", True)
    assert said.json["meta"]["small"]["width"] == 300
    await work(place)  # what was to be drawn changes nothing any more
    assert (await alice.get(f"/api/v1/media/{film['id']}"))["preview_url"] == said.json["preview_url"]
    refused = await alice.client.upload(
        f"/api/v1/media/{film['id']}", {"thumbnail": FILM}, {"description": "Autre"}, method="PUT"
    )
    assert refused.status == 422
    assert (await alice.get(f"/api/v1/media/{film['id']}"))["description"] == "La place"


async def test_a_film_that_is_refused_leaves_nothing(place: Place):
    with_program(place, "")
    alice = await place.person("alice")
    await alice.get("/api/v1/preferences")
    lies = {
        "half of it": films.mp4()[:300],
        "a playlist": b"#EXTM3U\nhttp://127.0.0.1/",
        "a film with places of which it is cut": films.webm(kind=0x11),
        "too wide": films.mp4(size=(20_000, 20_000)),
        "a page": b"<script>alert(1)</script>",
    }
    for what, data in lies.items():
        for endpoint in ("/api/v1/media", "/api/v2/media"):
            said = await alice.client.upload(endpoint, {"file": ("../../film.mp4", "video/mp4", data)})
            assert said.status == 422, what
            assert said.json["error"], what
    said = await alice.client.upload("/api/v2/media", {"file": FILM, "thumbnail": ("a.png", "image/png", b"no")})
    assert said.status == 422
    said = await alice.client.upload("/api/v2/media", {"file": FILM}, {"description": "x" * 5_000})
    assert said.status == 422
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM media") == 0
    assert await files(place) == 0


async def test_the_film_of_a_deleted_draft_goes_with_its_picture(place: Place, program: Path):
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v1/media", {"file": FILM})).ok()
    assert await files(place) == 2
    (await alice.client.delete(f"/api/v1/media/{media['id']}")).ok()
    await work(place)
    assert await files(place) == 0
    film = (await alice.client.upload("/api/v2/media", {"file": FILM})).json
    (await alice.client.delete(f"/api/v1/media/{film['id']}")).ok()  # before it was drawn
    await work(place)
    assert await files(place) == 0


async def test_the_instance_says_what_it_takes(place: Place):
    limits = (await place.client().get("/api/v2/instance")).ok()["configuration"]["media_attachments"]
    assert {"video/mp4", "video/webm", "audio/mpeg", "image/gif"} <= set(limits["supported_mime_types"])
    assert limits["video_size_limit"] == 40 * 1024 * 1024
    assert limits["video_matrix_limit"] == 3_840 * 2_160
