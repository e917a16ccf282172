"""What other programs publish is seen here as its author meant it: videos, events, articles, links, direct messages."""

from typing import Any

from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC


async def shown(scene: Scene, **raw: Any) -> dict[str, Any]:
    """What Bob, who follows Zoe, sees of an object that her server creates."""
    await scene.befriended()
    made = scene.zoe.note("") | {"content": None, "cc": [scene.zoe.followers], **raw}
    scene.peer.serve(made)
    await scene.takes(scene.zoe.create(made))
    (status,) = await scene.bob.home()
    return status


async def test_a_video_of_peertube(scene: Scene) -> None:
    """Its address is a list of pages and files, its text Markdown, its authors an account and a channel."""
    base = f"https://{scene.peer.host}/videos"
    status = await shown(
        scene,
        type="Video",
        name="Conseil municipal",
        attributedTo=[{"type": "Person", "id": scene.zoe.uri}, {"type": "Group", "id": f"{base}/channel"}],
        mediaType="text/markdown",
        content="Séance du **12 mars**",
        language={"identifier": "fr", "name": "Français"},
        duration="PT3622S",
        tag=[{"type": "Hashtag", "name": "conseil"}],
        icon=[{"type": "Image", "url": f"{base}/1.jpg", "width": 850}],
        url=[
            {"type": "Link", "mediaType": "text/html", "href": f"{base}/w/1"},
            {"type": "Link", "mediaType": "video/mp4", "href": f"{base}/1080.mp4", "height": 1080},
            {"type": "Link", "mediaType": "video/mp4", "href": f"{base}/720.mp4", "height": 720},
        ],
    )
    assert status["content"].startswith("<p><strong>Conseil municipal</strong></p>")
    assert status["language"] == "fr"
    assert status["url"] == f"{base}/w/1"
    thumbnail, film = status["media_attachments"]
    assert thumbnail["type"] == "image"
    assert film["remote_url"] == f"{base}/720.mp4", "the best that a phone plays, as a link"
    assert [tag["name"] for tag in status["tags"]] == ["conseil"]


async def test_an_event_of_mobilizon(scene: Scene) -> None:
    base = f"https://{scene.peer.host}"
    status = await shown(
        scene,
        type="Event",
        name="Bal folk",
        content="<p>Entrée libre</p>",
        startTime="2026-12-12T20:00:00+01:00",
        location={"type": "Place", "name": "Salle des fêtes"},
        image={"type": "Image", "mediaType": "image/png", "url": f"{base}/affiche.png", "name": "Deux danseurs"},
        attachment=[{"type": "Link", "mediaType": "text/html", "href": "https://billets.test/7", "name": "Website"}],
    )
    assert "<strong>Bal folk</strong>" in status["content"]
    assert "Entrée libre" in status["content"]
    assert 'href="https://billets.test/7"' in status["content"]
    assert [media["description"] for media in status["media_attachments"]] == ["Deux danseurs"]


async def test_a_link_shared_on_lemmy(scene: Scene) -> None:
    status = await shown(
        scene,
        type="Page",
        name="Le tram revient",
        attachment=[{"type": "Link", "href": "https://journal.test/tram"}],
        to=[PUBLIC, f"https://{scene.peer.host}/c/besancon"],
    )
    assert "<strong>Le tram revient</strong>" in status["content"]
    assert 'href="https://journal.test/tram"' in status["content"]
    assert status["media_attachments"] == []


async def test_an_article_without_its_text(scene: Scene) -> None:
    """Mbin sends the words as `summary`, and `content: null`."""
    status = await shown(scene, type="Page", name="Marché", summary="Déplacé au samedi", content=None)
    assert "Déplacé au samedi" in status["content"]
    assert status["spoiler_text"] == ""


async def test_a_preview_of_owncast(scene: Scene) -> None:
    """One attachment alone, whose description is its content."""
    picture = {"type": "Image", "url": f"https://{scene.peer.host}/preview.gif", "content": "La salle du conseil"}
    status = await shown(scene, content="<p>En direct</p>", attachment=picture)
    assert [(media["type"], media["description"]) for media in status["media_attachments"]] == [
        ("image", "La salle du conseil")
    ]


async def test_a_direct_message_of_lemmy(scene: Scene) -> None:
    """`ChatMessage` is for one person, and nobody else reads it."""
    await scene.befriended()
    note = scene.zoe.note("") | {
        "type": "ChatMessage",
        "to": [scene.bob.actor.uri],
        "cc": [],
        "content": "<p>Salut</p>",
    }
    await scene.takes(scene.zoe.create(note))
    rows = await scene.rows("SELECT type, visibility, content FROM posts WHERE uri = $1", note["id"])
    assert rows == [("Note", "direct", "<p>Salut</p>")]


async def test_names_with_prefixes_as_a_library_writes_them(scene: Scene) -> None:
    status = await shown(scene, content="<p>Attention</p>", **{"as:sensitive": True, "summary": "Travaux"})
    assert (status["sensitive"], status["spoiler_text"]) == (True, "Travaux")
