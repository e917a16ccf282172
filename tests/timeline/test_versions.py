"""Versions: whatever a page shows of a post or an account, another version says that it changed."""

from typing import Any

import pytest

from node.timeline import shown
from node.timeline.shown import AUTHOR, POST
from tests.support.town import PUBLIC, Town

POSTS = {
    "edited_ms": 1, "reply_to_id": None, "reply_to_author_id": 1, "replies_count": 3, "boosts_count": 3,
    "favourites_count": 3, "extras": 4, "fragment": b"{}",
}  # fmt: skip
ACTORS = {
    "updated_ms": 1, "followers_count": 7, "following_count": 7, "posts_count": 7, "last_post_ms": 1, "limited": True,
}  # fmt: skip


async def _versions(town: Town, post_id: int) -> tuple[object, object]:
    (row,) = await shown.rows(town.reader, None, [post_id])
    return row[POST], row[AUTHOR]


@pytest.mark.parametrize(
    ("table", "column"), [("posts", each) for each in POSTS] + [("actors", each) for each in ACTORS]
)
async def test_what_a_page_shows_of_a_row_is_in_its_version(town: Town, table: str, column: str) -> None:
    alice = await town.local("alice")
    parent = await town.post(alice, "Question ?")
    post = await town.post(alice, "Réponse", reply_to=parent)
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE posts SET fragment = $2 WHERE id = $1", post.id, b"{"))
    row_id = post.id if table == "posts" else alice.id
    before = await _versions(town, post.id)
    value = (POSTS if table == "posts" else ACTORS)[column]
    change = f"UPDATE {table} SET {column} = $2 WHERE id = $1"
    await town.ctx.db.write(lambda tx: tx.execute(change, row_id, value))
    after = await _versions(town, post.id)
    changed = 0 if table == "posts" else 1
    assert after[changed] != before[changed], f"{table}.{column} changed, and readers keep what they saw"
    assert after[1 - changed] == before[1 - changed]
    await town.ctx.db.write(lambda tx: tx.execute(change, row_id, value))
    assert await _versions(town, post.id) == after, "nothing changed, and everything is rendered anew"


async def test_a_stranger_who_says_anew_who_may_reply_is_seen(town: Town) -> None:
    """Again and again: the bytes in the row go at the first time, and what is in memory must not stand for ever."""
    zoe = await town.remote("zoe")

    def rule(words: list[str]) -> Any:
        return {"interactionPolicy": {"canReply": {"automaticApproval": words, "manualApproval": []}}}

    post = await town.received(zoe, **rule([PUBLIC]))
    seen = {str(await _versions(town, post.id))}
    for words in ([zoe.followers], [zoe.uri], [zoe.followers, zoe.following]):
        await town.changed(zoe, post, **rule(words))
        seen.add(str(await _versions(town, post.id)))
    assert len(seen) == 4, "who may reply changed, and readers keep what they saw"
    assert (await town.now(post)).extras & 0xFFFF_FFFF == post.extras
