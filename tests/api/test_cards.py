"""Link previews: one fetch for each address by the node, shown with the status, never anybody else's HTML."""

from typing import Any

import pytest

from node import worker
from node.actors import hosts
from node.runtime.jobs.queue import JobQueue
from tests.api.conftest import Place, picture

URL = "https://journal.example/marche?jour=1"
PAGE = """<html lang="fr"><head><title>Titre</title><meta property="og:title" content="Le <b>marché</b>">
<meta property="og:description" content="Samedi."><meta property="og:site_name" content="Le Journal">
<meta property="og:image" content="/photo.png"><meta name="author" content="Camille">
<meta property="og:video" content="https://journal.example/embed"></head></html>"""


class Site:
    """A site of the web."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.page, self.kind, self.status = PAGE.encode(), b"text/html; charset=utf-8", 200
        self.more: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        self.asked.append(path)
        body, kind = (picture(), b"image/png") if path.endswith(".png") else (self.page, self.kind)
        await send(
            {"type": "http.response.start", "status": self.status, "headers": [(b"content-type", kind), *self.more]}
        )
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def site(place: Place) -> Site:
    made = Site()
    place.ctx.network.apps["journal.example"] = made  # type: ignore[attr-defined]
    return made


async def work(place: Place) -> None:
    queue = JobQueue(worker.HANDLERS)
    place.later(30)
    while await queue.turn(place.ctx):
        place.later(30)


async def card(place: Place, status: dict[str, Any]) -> Any:
    await work(place)
    return (await place.client().get(f"/api/v1/statuses/{status['id']}")).ok()["card"]


async def test_a_link_is_read_once_for_all_who_post_it(place: Place, site: Site):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post(f"@bruno voyez {URL} #marche")
    assert status["card"] is None, "who writes does not wait for another site"
    found = await card(place, status)
    assert found == {
        "url": URL, "title": "Le <b>marché</b>", "description": "Samedi.", "language": "fr", "type": "link",
        "author_name": "Camille", "author_url": "", "provider_name": "Le Journal", "provider_url": "", "html": "",
        "width": 0, "height": 0, "image": found["image"], "image_description": "", "embed_url": "", "blurhash": None,
        "published_at": None, "authors": [{"name": "Camille", "url": "", "account": None}],
    }  # fmt: skip
    assert (await alice.get(f"/api/v1/statuses/{status['id']}/card")) == found
    other = await bruno.post(f"Moi aussi {URL}")
    assert await card(place, other) == found
    assert site.asked == ["/marche?jour=1"]
    boosted = await bruno.do(f"/api/v1/statuses/{status['id']}/reblog")
    assert boosted["reblog"]["card"] == found
    shown = await place.client().get(found["image"].removeprefix("https://ville.example"))
    assert (shown.status, shown.headers["content-type"]) == (200, "image/png")
    assert site.asked == ["/marche?jour=1", "/photo.png"]
    assert (await place.client().get(found["image"].removeprefix("https://ville.example")[:-1] + "x")).status == 404


async def test_a_strangers_link_too(place: Place, site: Site):
    zoe = await place.stranger("zoe")
    post = await place.receive(zoe, content=f'<p><a href="{URL}">ici</a></p>')
    assert (await card(place, {"id": post.id}))["title"] == "Le <b>marché</b>"


@pytest.mark.parametrize(
    "text",
    [
        "#marche @alice rien",
        "https://ville.example/@alice",
        "https://social.agglo.example/about",
        "mailto:a@journal.example",
        "journal.example",
    ],
)
async def test_what_is_no_link_to_elsewhere_is_not_read(place: Place, site: Site, text: str):
    alice = await place.person("alice")
    assert await card(place, await alice.post(text)) is None
    assert site.asked == place.ctx.network.sent == []  # type: ignore[attr-defined]


async def test_an_address_in_a_letter_is_nobodys_business(place: Place, site: Site):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for level in ("direct", "private"):
        status = await alice.post(f"@bruno {URL}", visibility=level)
        await work(place)
        assert (await bruno.get(f"/api/v1/statuses/{status['id']}"))["card"] is None
    assert site.asked == []


@pytest.mark.parametrize("fault", ["status", "kind", "size", "title", "redirect home", "down", "suspended"])
async def test_a_page_that_gives_nothing_is_not_asked_again_the_same_day(place: Place, site: Site, fault: str):
    alice = await place.person("alice")
    match fault:
        case "status":
            site.status = 404
        case "kind":
            site.kind = b"application/pdf"
        case "size":
            site.page += b" " * 3_000_000
        case "title":
            site.page = b"<html></html>"
        case "redirect home":
            site.status, site.more = 302, [(b"location", b"http://127.0.0.1/")]
        case "down":
            place.ctx.network.down.add("journal.example")  # type: ignore[attr-defined]
        case _:
            await place.ctx.db.write(
                lambda tx: hosts.set_policy(tx, place.ctx, host="journal.example", severity="suspend")
            )
    assert await card(place, await alice.post(f"Voyez {URL}")) is None
    sent = len(place.ctx.network.sent)  # type: ignore[attr-defined]
    assert await card(place, await alice.post(f"Encore {URL}")) is None
    assert len(place.ctx.network.sent) == sent  # type: ignore[attr-defined]


async def test_an_old_card_is_read_again_when_somebody_links_to_it(place: Place, site: Site):
    alice = await place.person("alice")
    status = await alice.post(URL)
    await work(place)
    site.page = site.page.replace("Le <b>marché</b>".encode(), "Annulé".encode())
    place.later(15 * 24 * 3600)
    assert (await card(place, status))["title"] == "Le <b>marché</b>"
    await alice.post(f"Encore {URL}")
    assert (await card(place, status))["title"] == "Annulé"
    site.status = 500
    place.later(15 * 24 * 3600)
    await alice.post(f"Toujours {URL}")
    assert (await card(place, status))["title"] == "Annulé", "a site that is away takes nothing back"


async def test_another_link_is_another_card(place: Place, site: Site):
    alice = await place.person("alice")
    status = await alice.post(URL)
    await work(place)
    path = f"/api/v1/statuses/{status['id']}"
    (await alice.client.put(path, {"status": "Sans lien"})).ok()
    assert await card(place, status) is None
    assert await alice.get(f"{path}/card") == {}
    (await alice.client.put(path, {"status": "https://journal.example/autre"})).ok()
    assert (await card(place, status))["url"] == "https://journal.example/autre"
