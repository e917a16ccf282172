"""Who reads a post tells nobody but her own node: no page and no answer makes her browser ask another server."""

import io
import re
from collections.abc import Iterator
from typing import Any

from PIL import Image

from tests.support.fediverse import Fediverse
from tests.support.peer import peer_on

LOADED = frozenset(
    {"avatar", "avatar_static", "header", "header_static", "preview_url", "static_url", "image", "thumbnail"}
)
"""What clients load by themselves; `url` beside them where an entity is a picture."""
SOURCES = re.compile(
    r"""(?:src|srcset|poster|data|action)\s*=\s*["']([^"']+)|<link[^>]+href=["']([^"']+)|url\(([^)]+)\)"""
)


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), (20, 120, 200)).save(data, "PNG")
    return data.getvalue()


def loaded(said: Any, key: str = "") -> Iterator[str]:
    """The addresses that a client loads when it shows *said*."""
    match said:
        case dict():
            for name, value in said.items():
                yield from loaded(value, name)
            if said.get("type") == "image" or "shortcode" in said:
                yield said["url"]
        case list():
            for each in said:
                yield from loaded(each, key)
        case str() if key in LOADED and said.startswith("http"):
            yield said


async def test_no_answer_and_no_page_leads_a_reader_elsewhere(fediverse: Fediverse) -> None:
    """Zoe's avatar, header, pictures and emojis come from the node that reads; so it is for what it boosts and answers."""
    node = await fediverse.node("lyon.example")
    town, alice = await node.town("lyon"), await node.person("alice")
    peer = peer_on(fediverse, "elsewhere.example")
    for name in ("avatar", "header", "photo", "blob"):
        peer.documents[f"https://cdn.elsewhere.example/{name}.png"] = 404
        peer.documents[f"{peer.home}/{name}.png"] = ("image/png", picture())
    emoji = {"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": f"{peer.home}/blob.png"}}
    zoe = await peer.actor("zoe")
    peer.documents[zoe.uri] = zoe.document(
        name="Zoe :blob:", tag=[emoji],
        icon={"type": "Image", "url": f"{peer.home}/avatar.png"},
        image={"type": "Image", "url": f"{peer.home}/header.png"},
    )  # fmt: skip
    await alice.follow(zoe.handle)
    await town.follow(zoe.handle)
    await fediverse.settle()
    for follow in peer.of_type("Follow"):
        await zoe.send(node.host, zoe.activity("Accept", follow))
    await fediverse.settle()
    asked = await town.post("Qui vient au marché ? #marché")
    note = zoe.note(
        'Moi ! :blob: <img src="https://elsewhere.example/pixel.png"> #marché',
        inReplyTo=asked["uri"],
        tag=[
            emoji,
            {"type": "Mention", "href": town.actor.uri, "name": town.handle},
            {"type": "Hashtag", "name": "#marché", "href": f"{peer.home}/tags/marché"},
        ],
        attachment=[
            {"type": "Document", "mediaType": "image/png", "url": f"{peer.home}/photo.png", "name": "La halle"},
            {"type": "Document", "mediaType": "video/mp4", "url": f"{peer.home}/film.mp4"},
        ],
        cc=[zoe.followers, town.actor.uri],
    )
    await zoe.send(node.host, zoe.create(note))
    await fediverse.settle()
    [seen] = (await town.client.get(f"/api/v1/statuses/{asked['id']}/context")).ok()["descendants"]
    await town.act("reblog", seen["id"])
    await alice.act("bookmark", seen["id"])
    await fediverse.settle()

    answers = [
        (await alice.client.get(path)).ok()
        for path in (
            "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/marché", "/api/v1/bookmarks",
            f"/api/v1/statuses/{seen['id']}", f"/api/v1/statuses/{seen['id']}/context",
            f"/api/v1/statuses/{asked['id']}/context", f"/api/v1/accounts/{seen['account']['id']}",
            f"/api/v1/accounts/{seen['account']['id']}/statuses", f"/api/v1/accounts/{town.actor.id}/statuses",
            f"/api/v1/accounts/{alice.actor.id}/following", "/api/v2/search?q=zoe&resolve=true",
            "/api/v1/accounts/lookup?acct=zoe@elsewhere.example", "/api/v2/instance", "/api/v1/notifications",
        )
    ] + [(await town.client.get("/api/v1/notifications")).ok()]  # fmt: skip
    found = {address for answer in answers for address in loaded(answer)}
    assert len(found) >= 6, f"the story shows too little to prove anything: {sorted(found)}"
    assert {each for each in found if not each.startswith("https://lyon.example/")} == set(), (
        "an application asks Zoe's server"
    )

    for path in (
        "/", "/@lyon", f"/@lyon/{asked['id']}", "/@lyon.rss", "/@zoe@elsewhere.example", "/tags/marché", "/about",
    ):  # fmt: skip
        page = await node.visitor().get(path, accept="text/html,*/*")
        assert page.status == 200, path
        sources = {part for found in SOURCES.findall(page.text) for part in found if part}
        foreign = {each for each in sources if "elsewhere.example" in each}
        assert foreign == set(), f"a browser that opens {path} asks another server"
    assert "/media/cache/" in (await node.visitor().get(f"/@lyon/{asked['id']}", accept="text/html")).text

    before = len(peer.requests)
    for address in sorted(found):
        if "/media/cache/" in address:
            file = await node.visitor().get(address.removeprefix("https://lyon.example"))
            assert file.status == 200, f"{address}: {file.status}"
    for method, url, headers in peer.requests[before:]:
        names = {name.lower() for name in headers}
        assert method == "GET"
        assert names.isdisjoint({"cookie", "authorization", "x-forwarded-for", "referer", "signature"}), url
