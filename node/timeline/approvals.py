"""Answers and boosts of ours that an author elsewhere wants to approve first (GoToSocial's interaction policies).

Such a post goes to that author alone; everybody else gets it once an Accept came, with the approval's id.
"""

from collections.abc import Sequence
from typing import Final

from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence
from node.timeline import policies, records
from node.timeline.extras import Extra
from node.timeline.facts import Approved
from node.timeline.policies import Deed
from node.timeline.records import Post

AWAITS: Final = int(Extra.AWAITS)


async def required(reader: Reader, *, post: Post, deed: Deed, actor: Actor) -> bool:
    """Whether one of ours has to wait for the approval of *post*'s author. No query where nothing was said.

    Raises:
        Forbidden: the author does not allow it.
    """
    if not post.policy or post.local or not actor.local:
        return False
    verdict = await policies.verdict(reader, post=post, deed=deed, actor=actor)
    if verdict == "denied":
        raise Forbidden(sentence("The author of this post does not allow that."))
    return verdict == "manual"


async def awaited(reader: Reader, uri: str, *, author: Actor) -> Post | None:
    """The post of ours, by its id or its activity's, that waits for *author*."""
    found = await records.by_uri(reader, uri) or await records.by_uri(reader, uri.removesuffix("/activity"))
    if found is None or not found.local or not found.extras & AWAITS:
        return None
    asked = found if found.boost_of_id is None else await records.by_id(reader, found.boost_of_id)
    author_id = None if asked is None else asked.author_id if asked is not found else found.reply_to_author_id
    return found if author_id == author.id else None


async def give(tx: Tx, ctx: Context, *, post: Post, uri: str) -> None:
    """Let *post* go to everybody, with the approval *uri*; states Approved."""
    if not await tx.execute(
        "UPDATE posts SET extras = (extras & ~$2) | $3 WHERE id = $1 AND extras & $2 <> 0",
        post.id, AWAITS, int(Extra.APPROVED),
    ):  # fmt: skip
        return
    await tx.execute(
        "INSERT INTO approvals (post_id, uri, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        post.id, uri, ctx.clock.now_ms(),
    )  # fmt: skip
    tx.state(Approved(post.id))


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, str]:
    """The approvals of those posts that have one."""
    rows = await reader.fetch("SELECT post_id, uri FROM approvals WHERE post_id = ANY($1::bigint[])", list(post_ids))
    return {row[0]: row[1] for row in rows}
