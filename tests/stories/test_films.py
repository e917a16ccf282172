"""A film is published: what its page shows, and what another server learns of it."""

from tests.media import films
from tests.support.fediverse import Fediverse


async def test_a_film_on_its_page_and_elsewhere(fediverse: Fediverse):
    """It is played on the page from this node; who reads on another server gets an address that he may follow."""
    lyon = await fediverse.node("lyon.example", ffmpeg="")
    rennes = await fediverse.node("rennes.example")
    alice, bruno = await lyon.person("alice"), await rennes.person("bruno")
    await bruno.follow("@alice@lyon.example")
    await fediverse.settle()
    cover = ("cover.png", "image/png", films.png())
    media = (
        await alice.client.upload(
            "/api/v2/media",
            {"file": ("film.mp4", "video/mp4", films.mp4()), "thumbnail": cover},
            {"description": "La place"},
        )
    ).ok()
    status = await alice.post("Regardez", media_ids=[media["id"]])
    visitor = lyon.visitor()
    path = status["uri"].removeprefix("https://lyon.example")
    document = await visitor.get(path, accept="application/activity+json")
    attached = document.json["attachment"][0]
    assert (attached["type"], attached["mediaType"], attached["name"], attached["duration"]) == (
        "Video", "video/mp4", "La place", "PT2.000S"
    )  # fmt: skip
    assert attached["url"] == media["url"]
    assert (attached["icon"]["mediaType"], attached["icon"]["url"]) == ("image/png", media["preview_url"])
    page = (await visitor.get(status["url"].removeprefix("https://lyon.example"))).body.decode()
    assert f'<source src="{media["url"].removeprefix("https://lyon.example")}" type="video/mp4">' in page
    assert 'aria-label="La place"' in page
    assert "autoplay" not in page
    feed = (await visitor.get("/@alice.rss")).body.decode()
    assert f'<enclosure url="{media["url"]}"' in feed
    assert 'type="video/mp4"' in feed
    await fediverse.settle()
    [line] = await bruno.home()
    assert (line["media_attachments"][0]["type"], line["media_attachments"][0]["url"]) == ("unknown", media["url"])
