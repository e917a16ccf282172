"""Taking part: one of ours asks to come to an event elsewhere, and its organiser answers (Mobilizon's Join and Leave)."""

from typing import Final, Literal

from node.actors.actor import Actor
from node.actors.freezing import refuse_frozen
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import events, visibility
from node.timeline.facts import Joined, Left
from node.timeline.records import Post

State = Literal["asked", "accepted", "rejected"]

OPEN: Final = frozenset({"free", "restricted", "invite"})
"""How one takes part by a Join; elsewhere one registers on a page, or not at all."""


async def join(tx: Tx, ctx: Context, *, actor: Actor, post: Post) -> State:
    """Let one of ours ask to take part; the state of the asking. Asked again only after a no. States Joined.

    Raises:
        Invalid: not an event, no registration there, cancelled, or over.
        NotFound: the event does not exist, or not for this actor.
    """
    refuse_frozen(actor)
    await visibility.require_readable(tx, viewer_id=actor.id, post_id=post.id)
    event = (await events.of_posts(tx, [post.id])).get(post.id)
    if event is None or post.local or event.join_mode not in OPEN:
        raise Invalid(sentence("One does not register for this here."))
    if event.status == "cancelled" or event.over(ctx.clock.now_ms()):
        raise Invalid(sentence("This event was cancelled, or is over."))
    await tx.lock(f"attendance:{post.id}:{actor.id}")
    standing = await state_of(tx, actor_id=actor.id, post_id=post.id)
    if standing in ("asked", "accepted"):
        return standing
    row_id = ctx.ids.next()
    uri = f"{actor.uri}#joins/{row_id}"
    await tx.execute(
        "INSERT INTO attendances (id, post_id, actor_id, uri, state, created_ms) VALUES ($1, $2, $3, $4, 'asked', $5) "
        "ON CONFLICT (post_id, actor_id) DO UPDATE SET uri = excluded.uri, state = 'asked'",
        row_id, post.id, actor.id, uri, ctx.clock.now_ms(),
    )  # fmt: skip
    tx.state(Joined(post.id, post.author_id, actor.id, uri))
    return "asked"


async def leave(tx: Tx, *, actor: Actor, post: Post) -> bool:
    """Take it back; whether there was anything. States Left if the organiser may still count on it."""
    row = await tx.row(
        "DELETE FROM attendances WHERE post_id = $1 AND actor_id = $2 RETURNING uri, state", post.id, actor.id
    )
    if row is not None and row["state"] != "rejected":
        tx.state(Left(post.id, post.author_id, actor.id, row["uri"]))
    return row is not None


async def answered(tx: Tx, *, uri: str, state: State) -> bool:
    """The organiser answered the Join *uri* (that it is the organiser was proved); whether it still stands."""
    return bool(await tx.execute("UPDATE attendances SET state = $2 WHERE uri = $1", uri, state))


async def event_of(reader: Reader, uri: str) -> int | None:
    """The post that the Join *uri* of ours is about; None: it is none of ours, or was taken back."""
    found: int | None = await reader.value("SELECT post_id FROM attendances WHERE uri = $1", uri)
    return found


async def state_of(reader: Reader, *, actor_id: int, post_id: int) -> State | None:
    """How it stands; None: never asked, or taken back."""
    found: State | None = await reader.value(
        "SELECT state FROM attendances WHERE post_id = $1 AND actor_id = $2", post_id, actor_id
    )
    return found
