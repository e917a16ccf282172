"""Pictures of private posts: their addresses are the only lock, so nobody can guess one, and none outlives its post."""

import re

from node.media import attachments
from tests.privacy.world import picture
from tests.support.fediverse import Citizen, Fediverse

_FILE = re.compile(r"https://lyon\.example(/media/files/[0-9a-f]{32}\.(?:png|jpg|webp))")


async def shown(by: Citizen, text: str) -> tuple[str, list[str]]:
    """A followers-only post with a picture: its id, and the paths of the files."""
    file = {"file": ("photo.png", "image/png", picture())}
    uploaded = (await by.client.upload("/api/v2/media", file, {"description": text})).ok()
    posted = await by.post(text, visibility="private", media_ids=[uploaded["id"]])
    media = posted["media_attachments"][0]
    paths = [found[1] for each in (media["url"], media["preview_url"]) if (found := _FILE.fullmatch(each))]
    assert len(paths) == 2, f"an address that says more than 128 bits of chance: {media}"
    return posted["id"], paths


async def test_nobody_guesses_the_address_of_a_private_picture(fediverse: Fediverse) -> None:
    """The same picture twice, by the same person in the same second: nothing of one address is in the other."""
    node = await fediverse.node("lyon.example")
    alice, eve = await node.person("alice"), await node.person("eve")
    first, paths = await shown(alice, "premier")
    _, others = await shown(alice, "second")
    stems = [each.rpartition("/")[2].partition(".")[0] for each in (*paths, *others)]
    assert len({stem[:8] for stem in stems}) >= 2, f"the second address follows from the first: {stems}"
    assert not set(paths) & set(others), "two posts share a file"
    for path in paths:
        answer = await node.visitor().get(path)
        assert answer.status == 200, "a reader's browser, which sends no token, cannot load the picture"
    for url in (f"/api/v1/statuses/{first}", f"/api/v1/accounts/{alice.actor.id}/statuses", f"/@alice/{first}"):
        answer = await eve.client.get(url)
        assert not any(path.encode() in answer.body for path in paths), f"{url} tells where the picture is"


async def test_a_picture_goes_with_its_post(fediverse: Fediverse) -> None:
    """Within the day in which its author may still use it again."""
    node = await fediverse.node("lyon.example")
    alice = await node.person("alice")
    post_id, paths = await shown(alice, "à oublier")
    (await alice.client.delete(f"/api/v1/statuses/{post_id}")).ok()
    await fediverse.later(25 * 3600)
    await node.ctx.db.write(lambda tx: attachments.remove_unused(tx, node.ctx))
    await fediverse.settle()
    for path in paths:
        assert (await node.visitor().get(path)).status == 404, f"{path} is still there"
