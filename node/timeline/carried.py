"""What a stranger's document carries beside its text, and this node keeps: a poll."""

from typing import Protocol

from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import polls
from node.timeline.extras import Extra
from node.timeline.polls import Question
from node.timeline.records import Post


class Carrier(Protocol):
    """A stranger's post (node.federation.vocab.posts.Post)."""

    @property
    def poll(self) -> Question | None: ...


def extras_of(document: Carrier) -> Extra:
    """What will hang on the post."""
    found = Extra(0)
    if document.poll is not None and document.poll.options:
        found |= Extra.POLL
    return found


async def keep(tx: Tx, ctx: Context, *, post: Post, document: Carrier) -> bool:
    """Write what hangs on *post*, whose row stands; whether readers of an earlier version see something else now."""
    changed = False
    if post.extras & Extra.POLL and document.poll is not None and document.poll.options:
        changed = await polls.merge(tx, ctx, post_id=post.id, question=document.poll)
    return changed
