"""What a stranger's document carries beside its text, and this node keeps: a poll, an event, a quote, who may do what with it."""

from dataclasses import replace
from typing import Final, Protocol

from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import events, policies, polls, quotes
from node.timeline.events import Details
from node.timeline.extras import ONE_CHANGE, Extra
from node.timeline.policies import Stated
from node.timeline.polls import Question
from node.timeline.quotes import Quoting
from node.timeline.records import Post

# As numbers: every post that comes passes here.
_POLL, _QUOTE, _EVENT = int(Extra.POLL), int(Extra.QUOTE), int(Extra.EVENT)
ROWS: Final = _POLL | _QUOTE | _EVENT
"""What has rows of its own."""


class Carrier(Protocol):
    """A stranger's post (node.federation.vocab.posts.Post)."""

    @property
    def poll(self) -> Question | None: ...
    @property
    def event(self) -> Details | None: ...
    @property
    def quote(self) -> Quoting | None: ...
    @property
    def policy(self) -> Stated | None: ...


def extras_of(document: Carrier, *, policy: str, visibility: str) -> int:
    """What hangs on the post; *policy* is its column (`policies.kept`)."""
    found = policies.extras_of(policy, local=False, visibility=visibility)
    if document.poll is not None and document.poll.options:
        found |= _POLL
    if document.quote is not None:
        found |= _QUOTE
    if document.event is not None:
        found |= _EVENT
    return found


async def keep(tx: Tx, ctx: Context, *, post: Post, document: Carrier) -> bool:
    """Write what has rows of its own, once that of *post* stands; whether it asks something else than it did."""
    changed = False
    if post.extras & _POLL and document.poll is not None and document.poll.options:
        changed = await polls.merge(tx, ctx, post_id=post.id, question=document.poll)
    if document.event is not None:  # what people read of it stands in the text, whose edits are seen there
        await events.keep(tx, post_id=post.id, details=document.event)
    if document.quote is not None:
        await quotes.remember(tx, ctx, post=post, quoting=document.quote)
    return changed


async def change(tx: Tx, ctx: Context, *, post: Post, document: Carrier, author: Actor) -> Post:
    """Let *post* say what its newest document says of quotes and of who may do what; neither is an edit of its text."""
    policy = policies.kept(document.policy, author)
    now = extras_of(document, policy=policy, visibility=post.visibility)
    extras = (post.extras & ~_SAID_ANEW) | now
    if policy != post.policy:
        extras += ONE_CHANGE
    if (extras, policy) != (post.extras, post.policy):
        # Its fragment says who may quote it, and leaves out what is said for each reader.
        await tx.execute(
            "UPDATE posts SET extras = $2, policy = $3, fragment = NULL WHERE id = $1", post.id, extras, policy
        )
    if post.extras & _QUOTE and document.quote is None:
        await quotes.forget(tx, post_id=post.id)
    return replace(post, extras=extras, policy=policy)


_SAID_ANEW = int(Extra.QUOTE | Extra.QUOTABLE | Extra.QUOTABLE_BY_SOME)
