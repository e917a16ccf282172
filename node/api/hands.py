"""Whose hand did it: what the agents of an organisation do to what is there already is written into the log.

Who wrote a post stands with the post. Of private people nothing is written down.
"""

from node.actors.actor import Actor
from node.api.call import Call
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline.records import Post


async def of(call: Call, actor: Actor) -> Hand | None:
    """Who asks, where the account is an organisation's."""
    if actor.type == "Person":
        return None
    person = await call.person()
    return Hand(person.id, person.email, "api")


async def write(tx: Tx, ctx: Context, hand: Hand | None, act: str, post: Post, **details: str) -> None:
    """Write down that *hand* did *act* to a post, in the step that does it."""
    if hand is not None:
        await audit.record(
            tx, ctx, by=hand, act=act, about=post.url or post.uri, actor_id=post.author_id,
            details={"written_by": post.person_id, **details},
        )  # fmt: skip
