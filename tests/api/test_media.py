"""Pictures: uploaded, described, served; and strangers' pictures, fetched by the node so that no reader is seen."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from node.actors import hosts
from node.media import attachments, remote
from node.runtime.net import ConnectionFailed, Response
from tests.api.conftest import picture

FILE = ("photo.png", "image/png", picture())


async def serve(place, answers: dict[str, bytes | int]) -> list[str]:
    """Let the host `ailleurs.example` answer with pictures; the list of what is asked of it."""
    asked: list[str] = []

    def answer(sent):
        path = sent.url.removeprefix("https://ailleurs.example")
        asked.append(path)
        found = answers.get(path, 404)
        headers = CIMultiDictProxy(CIMultiDict({"Content-Type": "image/png"}))
        if isinstance(found, int):
            return Response(found, headers, b"", sent.url)
        return Response(200, headers, found, sent.url)

    async def nothing(scope, receive, send):
        raise AssertionError("answered above")

    place.ctx.network.apps["ailleurs.example"] = nothing
    place.ctx.network.faults["ailleurs.example"] = answer
    return asked


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_picture_is_uploaded_described_and_published(place, version):
    alice = await place.person("alice")
    media = (
        await alice.client.upload(
            f"/api/{version}/media", {"file": FILE}, {"description": "La place", "focus": "0.5,-1"}
        )
    ).ok()
    assert media["type"] == "image"
    assert media["description"] == "La place"
    assert media["meta"]["original"] == {"width": 60, "height": 40, "size": "60x40", "aspect": 1.5}
    assert media["meta"]["focus"] == {"x": 0.5, "y": -1}
    assert media["blurhash"]
    assert await alice.get(f"/api/v1/media/{media['id']}") == media
    media = (await alice.client.put(f"/api/v1/media/{media['id']}", {"description": "La mairie"})).ok()
    assert media["meta"]["focus"], "what is not named must stay"
    status = await alice.post("Regardez", media_ids=[media["id"]])
    assert [m["description"] for m in status["media_attachments"]] == ["La mairie"]
    for address in (media["url"], media["preview_url"]):
        file = await place.client().get(address.removeprefix("https://ville.example"))
        assert file.status == 200
        assert file.headers["content-type"] == "image/png"
    again = await alice.client.post("/api/v1/statuses", {"status": "x", "media_ids": [media["id"]]})
    assert again.status == 422, "one picture cannot belong to two statuses"


async def test_a_picture_without_words_is_a_status(place):
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v2/media", {"file": FILE})).ok()
    status = await alice.post("", media_ids=[media["id"]])
    assert len(status["media_attachments"]) == 1
    assert [s["id"] for s in await alice.get(f"/api/v1/accounts/{alice.id}/statuses?only_media=1")] == [status["id"]]


async def test_descriptions_change_with_an_edit(place):
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v2/media", {"file": FILE})).ok()
    status = await alice.post("Regardez", media_ids=[media["id"]])
    assert (await alice.client.put(f"/api/v1/media/{media['id']}", {"description": "x"})).status == 404
    edited = (
        await alice.client.put(
            f"/api/v1/statuses/{status['id']}",
            json={"status": "Regardez bien", "media_ids": [media["id"]],
                  "media_attributes": [{"id": media["id"], "description": "La place", "focus": "0,0"}]},
        )
    ).ok()  # fmt: skip
    assert edited["media_attachments"][0]["description"] == "La place"
    history = await alice.get(f"/api/v1/statuses/{status['id']}/history")
    assert [v["media_attachments"][0]["description"] for v in history] == [None, "La place"]


async def test_pictures_of_others_are_not_there(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    media = (await alice.client.upload("/api/v2/media", {"file": FILE})).ok()
    for said in (
        await bruno.client.get(f"/api/v1/media/{media['id']}"),
        await bruno.client.put(f"/api/v1/media/{media['id']}", {"description": "x"}),
        await bruno.client.delete(f"/api/v1/media/{media['id']}"),
    ):
        assert said.status == 404
    assert (await bruno.client.post("/api/v1/statuses", {"status": "x", "media_ids": [media["id"]]})).status == 422
    assert (await alice.client.delete(f"/api/v1/media/{media['id']}")).ok() == {}
    assert (await alice.client.get(f"/api/v1/media/{media['id']}")).status == 404


async def test_what_is_no_picture_is_refused_with_words(place):
    alice = await place.person("alice")
    for file, status in (
        (("a.png", "image/png", b"not a picture"), 422),
        (("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 422),
        (("a.png", "image/png", picture()[:60]), 422),
        (("a.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 17_000_000), 413),
    ):
        said = await alice.client.upload("/api/v2/media", {"file": file})
        assert said.status == status, said.body
        assert said.json["error"]
    assert (await alice.client.post("/api/v2/media")).status == 422
    assert (await alice.client.post("/api/v2/media", {"file": "x"})).status == 400
    said = await alice.client.upload("/api/v2/media", {"file": FILE}, {"focus": "left"})
    assert said.status == 422
    said = await alice.client.upload("/api/v2/media", {"file": FILE}, {"description": "x" * 2000})
    assert said.status == 422


async def test_uploads_have_a_limit_of_their_own(place):
    alice = await place.person("alice")
    for _ in range(30):
        said = await alice.client.post("/api/v2/media")
    assert said.headers["x-ratelimit-limit"] == "30"
    assert (await alice.client.post("/api/v1/media")).status == 429
    assert (await alice.client.get("/api/v1/timelines/home")).status == 200


async def test_what_nobody_published_goes_within_a_day(place):
    alice = await place.person("alice")
    media = (await alice.client.upload("/api/v2/media", {"file": FILE})).ok()
    place.later(25 * 3600)
    assert await place.ctx.db.write(lambda tx: attachments.remove_unused(tx, place.ctx)) == 1
    assert (await alice.client.get(f"/api/v1/media/{media['id']}")).status == 404


async def test_a_strangers_pictures_come_through_the_node(place):
    asked = await serve(place, {"/a.png": picture(500, 300), "/photo.png": picture(900, 600)})
    alice = await place.person("alice")
    bob = await place.stranger("bob", icon={"type": "Image", "url": "https://ailleurs.example/a.png"})
    await place.receive(
        bob, attachment=[{"type": "Image", "mediaType": "image/png", "url": "https://ailleurs.example/photo.png"},
                         {"type": "Video", "mediaType": "video/mp4", "url": "https://ailleurs.example/film.mp4"}],
    )  # fmt: skip
    status = (await alice.get("/api/v1/timelines/public"))[0]
    image, film = status["media_attachments"]
    shown = [status["account"]["avatar"], image["url"], image["preview_url"]]
    assert all(address.startswith("https://ville.example/media/cache/") for address in shown)
    assert (film["type"], film["preview_url"]) == ("unknown", None), "a client must not load a film by itself"
    for _ in range(2):
        for address in shown:
            file = await place.client().get(address.removeprefix("https://ville.example"))
            assert file.status == 200, file.body
            assert file.headers["content-type"] in ("image/png", "image/jpeg", "image/webp")
            assert "immutable" in file.headers["cache-control"]
    assert sorted(asked) == ["/a.png", "/photo.png"], "each picture is fetched once"


async def test_the_cache_fetches_nothing_that_it_was_not_shown(place):
    asked = await serve(place, {"/a.png": picture()})
    alice = await place.person("alice")
    bob = await place.stranger("bob", icon={"type": "Image", "url": "https://ailleurs.example/a.png"})
    await place.receive(bob)
    avatar = (await alice.get("/api/v1/timelines/public"))[0]["account"]["avatar"].removeprefix("https://ville.example")
    wrong = avatar[:-1] + ("0" if avatar[-1] != "0" else "1")
    for path in (
        wrong, avatar.replace("avatar", "header"), avatar.replace("avatar", "../../etc"), avatar.replace("avatar", "x"),
        f"/media/cache/avatar/{alice.id}/x", "/media/cache/image/1/x", "/media/cache/avatar/x/x", "/media/files/x.png",
        "/media/files/..%2f..%2fkeyring.json", "/media/default/x.png", "/media/avatars/" + "a" * 32 + ".svg",
        "/media/cache/" + "0" * 32 + ".png",
    ):  # fmt: skip
        assert (await place.client().get(path)).status == 404, path
    assert asked == []


async def test_a_picture_that_is_not_there_is_asked_for_once_in_a_while(place):
    asked = await serve(place, {"/a.png": 404})
    alice = await place.person("alice")
    bob = await place.stranger("bob", icon={"type": "Image", "url": "https://ailleurs.example/a.png"})
    await place.receive(bob)
    avatar = (await alice.get("/api/v1/timelines/public"))[0]["account"]["avatar"].removeprefix("https://ville.example")
    for _ in range(3):
        assert (await place.client().get(avatar)).status == 404
    assert asked == ["/a.png"]
    place.later(16 * 60)
    place.ctx.network.faults["ailleurs.example"] = ConnectionFailed("down")
    said = await place.client().get(avatar)
    assert said.status == 503


async def test_a_host_whose_media_are_refused_shows_none(place):
    asked = await serve(place, {"/a.png": picture()})
    alice = await place.person("alice")
    bob = await place.stranger("bob", icon={"type": "Image", "url": "https://ailleurs.example/a.png"})
    await place.receive(bob)
    avatar = (await alice.get("/api/v1/timelines/public"))[0]["account"]["avatar"].removeprefix("https://ville.example")
    assert (await place.client().get(avatar)).status == 200
    await place.ctx.db.write(
        lambda tx: hosts.set_policy(tx, place.ctx, host="ailleurs.example", severity="none", reject_media=True)
    )
    assert (await place.client().get(avatar)).status == 404
    await place.ctx.db.write(
        lambda tx: remote.forget_hosts(tx, place.ctx, refused=lambda host: host == "ailleurs.example")
    )
    assert not await place.ctx.db.reader.fetch("SELECT url FROM media_cache")
    assert asked == ["/a.png"]


async def test_pictures_that_nobody_looks_at_are_forgotten(place):
    await serve(place, {"/a.png": picture()})
    kept = await remote.picture(place.ctx, kind="avatar", url="https://ailleurs.example/a.png")
    assert await place.ctx.storage.get(kept.storage_key)
    place.later(31 * 24 * 3600)
    await remote.expire(place.ctx, {})
    assert await place.ctx.storage.get(kept.storage_key) is None


async def test_emojis_of_strangers_come_through_the_node_too(place):
    await serve(place, {"/blob.png": picture(64, 64)})
    alice, bob = await place.person("alice"), await place.stranger("bob")
    await place.receive(
        bob, content="<p>:blob:</p>",
        tag=[{"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": "https://ailleurs.example/blob.png"}}],
    )  # fmt: skip
    emoji = (await alice.get("/api/v1/timelines/public"))[0]["emojis"][0]
    assert emoji["shortcode"] == "blob"
    assert (await place.client().get(emoji["url"].removeprefix("https://ville.example"))).status == 200


async def test_a_picture_is_refused_by_whose_it_is_and_by_where_it_leads(place):
    """A server whose media are refused may keep its pictures on another host, or redirect there: nothing is asked."""
    asked: list[str] = []

    def answer(sent):
        asked.append(sent.url)
        headers = CIMultiDict({"Content-Type": "image/png"})
        if sent.url.endswith("/leads-away.png"):
            headers = CIMultiDict({"Location": "https://evil.example/b.png"})
            return Response(302, CIMultiDictProxy(headers), b"", sent.url)
        return Response(200, CIMultiDictProxy(headers), picture(), sent.url)

    for host in ("cdn.example", "evil.example"):
        place.ctx.network.apps[host] = answer
        place.ctx.network.faults[host] = answer
    alice = await place.person("alice")
    for name, host, url in (
        ("bob", "refused.example", "https://cdn.example/a.png"),
        ("eve", "ailleurs.example", "https://cdn.example/leads-away.png"),
    ):
        stranger = await place.stranger(name, host, icon={"type": "Image", "url": url})
        await place.receive(stranger)
    avatars = [each["account"]["avatar"] for each in await alice.get("/api/v1/timelines/public")]
    await place.ctx.db.write(
        lambda tx: hosts.set_policy(tx, place.ctx, host="refused.example", severity="none", reject_media=True)
    )
    await place.ctx.db.write(lambda tx: hosts.set_policy(tx, place.ctx, host="evil.example", severity="suspend"))
    for avatar in avatars:
        assert (await place.client().get(avatar.removeprefix("https://ville.example"))).status == 404
    assert asked == ["https://cdn.example/leads-away.png"]
