"""Which servers hold a post of ours because they asked for it: nobody there follows its author, and somebody boosted it.

Followers, and who answers, boosts or likes, are known by their rows. The readers of a territory are not: their server fetches
what it is announced, and signs. It is told of edits and of the end like everyone else.
"""

from typing import Final

from node.runtime.database import Tx

MAX_HOLDERS: Final = 2_000
"""For one post: whoever makes up hosts must not have us write to all of them."""


async def note(tx: Tx, *, post_id: int, host: str, actor_id: int) -> bool:
    """Remember that *host* asked for the post, in the name of *actor_id* there; whether that is new."""
    noted = await tx.execute(
        "INSERT INTO post_holders (post_id, host, actor_id) SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM posts WHERE id = $1) "
        f"AND (SELECT COUNT(*) FROM post_holders WHERE post_id = $1) < {MAX_HOLDERS} ON CONFLICT (post_id, host) DO NOTHING",
        post_id, host, actor_id,
    )  # fmt: skip
    return bool(noted)
