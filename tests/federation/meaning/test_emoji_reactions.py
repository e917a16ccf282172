"""Emoji reactions from elsewhere: counted by emoji, shown beside favourites, taken back by who gave them.

FEP-c0e0, Pleroma's EmojiReact, Misskey's Like with `_misskey_reaction`.
"""

import io
from typing import Any

import pytest
from PIL import Image

from tests.federation.conftest import Scene
from tests.support.peer import PeerActor


async def shown(scene: Scene, status: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await scene.bob.client.get(f"/api/v1/statuses/{status['id']}")).ok()
    return found


def counts(status: dict[str, Any]) -> dict[str, int]:
    return {each["name"]: each["count"] for each in status.get("reactions", [])}


def reaction(who: PeerActor, post: dict[str, Any], content: str, **more: Any) -> dict[str, Any]:
    return who.activity("EmojiReact", post["uri"], content=content, **more)


def blob(scene: Scene) -> dict[str, Any]:
    return {
        "type": "Emoji", "id": f"{scene.peer.home}/emojis/blob", "name": ":blob:",
        "icon": {"type": "Image", "mediaType": "image/png", "url": f"{scene.peer.home}/blob.png"},
    }  # fmt: skip


async def test_reactions_are_counted_by_emoji(scene: Scene) -> None:
    posted = await scene.bob.post("Le marché est ouvert")
    yann = await scene.peer.actor("yann")
    assert "reactions" not in await shown(scene, posted)
    await scene.takes(reaction(scene.zoe, posted, "🎉"))
    await scene.takes(reaction(scene.zoe, posted, "🎉"))
    await scene.takes(reaction(scene.zoe, posted, "🔥"))
    await scene.takes(reaction(yann, posted, "🎉"), yann)
    status = await shown(scene, posted)
    assert counts(status) == {"🎉": 2, "🔥": 1}
    assert status["favourites_count"] == 0, "an EmojiReact says no Like"
    assert status["pleroma"]["emoji_reactions"][0] == {"name": "🎉", "count": 2, "me": False}
    page = (await scene.bob.client.get(f"/api/v1/accounts/{scene.bob.actor.id}/statuses")).ok()
    assert counts(page[0]) == {"🎉": 2, "🔥": 1}


async def test_a_reaction_is_taken_back(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    party, fire = reaction(scene.zoe, posted, "🎉"), reaction(scene.zoe, posted, "🔥")
    await scene.takes(party)
    await scene.takes(fire)
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Undo", party), mallory)
    await scene.takes(mallory.activity("Undo", party["id"]), mallory)
    assert counts(await shown(scene, posted)) == {"🎉": 1, "🔥": 1}, "somebody else took it back"
    await scene.takes(scene.zoe.activity("Undo", party))
    assert counts(await shown(scene, posted)) == {"🔥": 1}
    await scene.takes(scene.zoe.activity("Undo", fire["id"]))
    assert counts(await shown(scene, posted)) == {}


async def test_an_undo_that_comes_first(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    party = reaction(scene.zoe, posted, "🎉")
    await scene.takes(scene.zoe.activity("Undo", party))
    await scene.takes(party)
    assert counts(await shown(scene, posted)) == {}


async def test_a_like_with_an_emoji_is_both(scene: Scene) -> None:
    """Misskey: a Like, so a favourite; and the emoji is shown."""
    posted = await scene.bob.post("Bonjour")
    like = scene.zoe.activity("Like", posted["uri"], content="🎉", _misskey_reaction="🎉")
    await scene.takes(like)
    status = await shown(scene, posted)
    assert (status["favourites_count"], counts(status)) == (1, {"🎉": 1})
    await scene.takes(scene.zoe.activity("Undo", like))
    status = await shown(scene, posted)
    assert (status["favourites_count"], counts(status)) == (0, {})


async def test_a_picture_comes_through_the_node(scene: Scene) -> None:
    """A custom emoji is named with its host, and no reader asks its server."""
    image = io.BytesIO()
    Image.new("RGBA", (32, 32), (255, 0, 0, 255)).save(image, "PNG")
    scene.peer.documents[f"{scene.peer.home}/blob.png"] = ("image/png", image.getvalue())
    posted = await scene.bob.post("Bonjour")
    await scene.takes(reaction(scene.zoe, posted, ":blob:", tag=[blob(scene)]))
    (found,) = (await shown(scene, posted))["reactions"]
    assert (found["name"], found["count"]) == ("blob@elsewhere.example", 1)
    assert found["url"].startswith("https://lyon.example/media/cache/"), "the picture is linked where it lies"
    answer = await scene.node.visitor().get(found["url"].removeprefix("https://lyon.example"))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize("content", ["", "no emoji at all", "🎉🎉🎉", ":blob:", "<script>"])
async def test_what_is_no_emoji_is_no_reaction(scene: Scene, content: str) -> None:
    posted = await scene.bob.post("Bonjour")
    await scene.takes(reaction(scene.zoe, posted, content))
    assert counts(await shown(scene, posted)) == {}


async def test_who_may_not_read_does_not_react(scene: Scene) -> None:
    posted = await scene.bob.post("Entre nous", visibility="private")
    await scene.takes(reaction(scene.zoe, posted, "🎉"))
    assert counts(await shown(scene, posted)) == {}
    assert (await scene.inbox())[-1] == ("EmojiReact", "refused")


async def test_one_person_does_not_fill_a_post(scene: Scene) -> None:
    posted = await scene.bob.post("Bonjour")
    for number in range(30):
        await scene.takes(reaction(scene.zoe, posted, chr(0x1F600 + number)))
    assert len(counts(await shown(scene, posted))) <= 20
