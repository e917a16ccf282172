"""Held posts: they stand in the database, and nobody but their author sees them until somebody says yes.

Held are replies that the author of a post of ours wants to see first (`reply`: its team judges), replies between
strangers whose consent has still to be looked at (`unproved`: a job judges), and what looks like a wave of spam (`wave`:
the node's moderators judge). A held post was never published: it is in no feed, counted nowhere, and nobody was told.
`approve` publishes it as if it came now; `withdraw` takes back what was shown. What answers a held post waits with it:
it is nobody's to judge until that one is shown, and then placed as if it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from node.actors import actors
from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline import additions, counts, mentions, records, replies, reply_stamps, threads
from node.timeline.extras import Extra
from node.timeline.facts import PostWithheld, ReplyAnswered, ReplyHeld, ReplyRevoked, ReplyShown
from node.timeline.pages import Page, Places
from node.timeline.records import Post
from node.timeline.visibility import blocked_sql

PROVE_JOB: Final = "federation.prove_reply"

Reason = Literal["reply", "unproved", "wave", "elsewhere"]
"""elsewhere: the author elsewhere whom one of ours answers refused it."""
State = Literal["waiting", "approved", "refused"]
STATES: Final[tuple[State, ...]] = ("waiting", "approved", "refused")

_ANSWERS_AT_ONCE: Final = 500
_COLUMNS: Final = (
    "h.post_id, h.owner_id, h.governing_id, h.reason, h.state, h.request, h.created_ms, h.judged_ms, p.author_id"
)


@dataclass(frozen=True, slots=True)
class Held:
    """One row: why a post waits, or waited."""

    post_id: int
    owner_id: int | None
    """Whose team judges; None: the node's moderators, or a job."""
    governing_id: int | None
    """The post whose rule holds it."""
    reason: Reason
    state: State
    request: str
    """The id of the ReplyRequest that asked; empty: nobody asked in so many words."""
    created_ms: int
    judged_ms: int | None
    author_id: int
    """Who wrote the held post."""


async def hold(
    tx: Tx, ctx: Context, post: Post, *, reason: Reason, governing: Post | None = None, owner_id: int | None = None
) -> None:
    """Note why *post*, which was written as held, waits."""
    await tx.execute(
        "INSERT INTO held_posts (post_id, owner_id, governing_id, reason, state, created_ms) "
        "VALUES ($1, $2, $3, $4, 'waiting', $5) ON CONFLICT (post_id) DO UPDATE SET owner_id = excluded.owner_id, "
        "governing_id = excluded.governing_id, reason = excluded.reason, state = excluded.state, judged_ms = NULL",
        post.id, owner_id, governing.id if governing is not None else None, reason, ctx.clock.now_ms(),
    )  # fmt: skip
    if owner_id is not None:
        tx.state(ReplyHeld(post.id, owner_id))


async def remember(tx: Tx, *, post_id: int, request: str | None = None, body: bytes | None = None) -> None:
    """Keep the request that asked for a held reply, or the signed activity that brought it: both are answered later."""
    if request is not None:
        await tx.execute("UPDATE held_posts SET request = $2 WHERE post_id = $1", post_id, request)
    if body is not None:
        await tx.execute("UPDATE held_posts SET body = $2 WHERE post_id = $1", post_id, body)


async def held_of(
    reader: Reader, actor_id: int, page: Page, *, state: State = "waiting", governing_id: int | None = None
) -> list[Held]:
    """The replies that the team of *actor_id* judges or has judged, newest first; none of whom it blocks. One query.

    Plan: held_posts_owner (owner_id, state, post_id), the posts by primary key.
    """
    places = Places(actor_id, state)
    narrow = page.bounds("h.post_id", places)
    if governing_id is not None:
        narrow += f" AND h.governing_id = {places.put(governing_id)}"
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM held_posts h JOIN posts p ON p.id = h.post_id JOIN actors a ON a.id = +p.author_id "
        f"WHERE h.owner_id = $1 AND h.state = $2 AND h.reason = 'reply' AND a.state = 'active'{narrow} "
        f"AND NOT {blocked_sql('$1', 'p.author_id')} ORDER BY h.post_id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(_read(row) for row in rows)


async def waiting_count(reader: Reader, actor_id: int) -> int:
    """How many replies wait for the team; at most 80 are counted."""
    return len(await held_of(reader, actor_id, Page(limit=80)))


async def of_post(reader: Reader, post_id: int) -> Held | None:
    """Why that post waits, or waited."""
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM held_posts h JOIN posts p ON p.id = h.post_id WHERE h.post_id = $1", post_id
    )
    return None if row is None else _read(row)


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, Held]:
    """Why those posts wait, or waited, by their ids. One query, none for none."""
    if not post_ids:
        return {}
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM held_posts h JOIN posts p ON p.id = h.post_id WHERE h.post_id = ANY($1::bigint[])",
        list(post_ids),
    )
    return {row[0]: _read(row) for row in rows}


async def require(reader: Reader, *, post_id: int, owner_id: int) -> Held:
    """The held reply of that number, which the team of *owner_id* judges.

    Raises:
        NotFound: there is none.
    """
    found = await of_post(reader, post_id)
    if found is None or found.owner_id != owner_id or found.reason != "reply":
        raise NotFound(sentence("No such reply waits for this account."))
    return found


async def approve(tx: Tx, ctx: Context, *, held: Held, proof: str | None = None) -> bool:
    """Show the post, as if it were published now; whether it was held. Doing it again does nothing.

    What answers it and waited for that alone is shown too. *proof* is the stamp of an author elsewhere that was looked at.
    """
    if not await _show(tx, ctx, held, proof):
        return False
    above, left = [held.post_id], _ANSWERS_AT_ONCE
    while above and left > 0:
        answers = await _nobodys(tx, above.pop(), left)
        left -= len(answers)
        above += [answer.post_id for answer in answers if await _placed_anew(tx, ctx, answer)]
    return True


async def _show(tx: Tx, ctx: Context, held: Held, proof: str | None) -> bool:
    post, standing = await _locked(tx, held.post_id)
    if post is None or standing is None or not post.held:
        return False
    governing = await records.by_id(tx, standing.governing_id) if standing.governing_id is not None else None
    stamp = proof
    if governing is not None and governing.local and post.reply_to_id == governing.id:
        stamp = await reply_stamps.grant(tx, ctx, answered=governing, replier_id=post.author_id, reply_uri=post.uri)
    body = await tx.value("SELECT body FROM held_posts WHERE post_id = $1", post.id)
    await _judged(tx, ctx, post.id, "approved")
    shown = await _let_go(tx, ctx, post, stamp if post.local or proof is not None else None)
    await threads.adopt(tx, ctx, [shown])
    await additions.publish(tx, shown)
    if governing is not None and governing.local and not post.local:
        tx.state(
            ReplyAnswered(governing.author_id, post.author_id, governing.uri, post.uri, standing.request or None, stamp)
        )
    if body is not None:
        tx.state(ReplyShown(post.id, bytes(body)))
    return True


async def _nobodys(tx: Tx, post_id: int, limit: int) -> list[Held]:
    """The answers to a post that came while it was held, which nobody was to judge. A range of posts_replies."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM posts p JOIN held_posts h ON h.post_id = p.id WHERE p.reply_to_id = $1 AND p.held "
        f"AND h.reason = 'reply' AND h.state = 'waiting' AND h.owner_id IS NULL ORDER BY p.id LIMIT {int(limit)}",
        post_id,
    )
    return [_read(row) for row in rows]


async def _placed_anew(tx: Tx, ctx: Context, answer: Held) -> bool:
    """Do with an answer what would become of it if it came now; whether it is shown."""
    post, author = await records.require(tx, answer.post_id), await actors.require_by_id(tx, answer.author_id)
    parent = None if post.reply_to_id is None else await records.by_id(tx, post.reply_to_id)
    among = replies.between(post.visibility, await mentions.everyone(tx, post.id))
    place = await replies.place(tx, parent=parent, author=author, uri=post.uri, among=among)
    if place.verdict == "automatic":
        return await _show(tx, ctx, answer, None)
    governing = place.governing
    if place.verdict == "denied":
        await _judged(tx, ctx, post.id, "refused")
    elif governing is not None and governing.local:
        await hold(tx, ctx, post, reason="reply", governing=governing, owner_id=governing.author_id)
    elif governing is not None:
        await hold(tx, ctx, post, reason="unproved", governing=governing)
    return False


async def refuse(tx: Tx, ctx: Context, *, held: Held) -> bool:
    """Say no; what was shown already is taken back. Whether anything changed."""
    post, standing = await _locked(tx, held.post_id)
    if post is None or standing is None or standing.state == "refused":
        return False
    if not post.held:
        governing = await records.by_id(tx, standing.governing_id) if standing.governing_id is not None else None
        await withdraw(tx, ctx, post=post, reason=standing.reason, governing=governing, owner_id=standing.owner_id)
        return True
    await _judged(tx, ctx, post.id, "refused")
    if standing.request and standing.owner_id is not None and standing.governing_id is not None:
        governing = await records.require(tx, standing.governing_id)
        tx.state(ReplyAnswered(standing.owner_id, post.author_id, governing.uri, post.uri, standing.request, None))
    return True


async def withdraw(
    tx: Tx,
    ctx: Context,
    *,
    post: Post,
    reason: Reason,
    governing: Post | None = None,
    owner_id: int | None = None,
    waits: bool = False,
) -> None:
    """Take back what was shown: from now on *post* is refused, or *waits*. Consent that one of ours gave ends.

    States PostWithheld.
    """
    if post.held:
        return
    await tx.execute("UPDATE posts SET held = TRUE WHERE id = $1", post.id)
    await counts.removed(tx, post)
    await hold(tx, ctx, post, reason=reason, governing=governing, owner_id=owner_id)
    if not waits:
        await _judged(tx, ctx, post.id, "refused")
    heard = not post.extras & Extra.AWAITS or bool(post.extras & Extra.APPROVED)  # else only who was asked has it
    tx.state(PostWithheld(post.id, post.author_id, post.visibility, ours=post.local and heard and not waits))
    if governing is not None and governing.local:
        stamp = await reply_stamps.revoke(tx, ctx, answered_id=governing.id, reply_uri=post.uri)
        if stamp is not None:
            tx.state(ReplyRevoked(post.id, post.author_id, governing.author_id, stamp))


async def permitted(tx: Tx, ctx: Context, *, post: Post, governing: Post, author: Actor) -> str | None:
    """The stamp of a reply that the rule of *governing* lets through at once, kept with a reply of ours; None: no direct one.

    Of whose consent depends on who follows or is named, other servers want the proof.
    """
    if post.reply_to_id != governing.id or not governing.local or author.id == governing.author_id:
        return None
    stamp = await reply_stamps.grant(tx, ctx, answered=governing, replier_id=author.id, reply_uri=post.uri)
    if post.local:
        await _keep_approval(tx, ctx, post.id, stamp)
    else:
        tx.state(ReplyAnswered(governing.author_id, author.id, governing.uri, post.uri, None, stamp))
    return stamp


async def refused_elsewhere(tx: Tx, ctx: Context, *, stamp: str, author: Actor) -> bool:
    """An author elsewhere took consent back (Delete of *stamp*): the reply is no longer shown; whether there was one."""
    post_id = await tx.value(
        "SELECT v.post_id FROM approvals v JOIN posts p ON p.id = v.post_id WHERE v.uri = $1 AND p.reply_to_author_id = $2",
        stamp, author.id,
    )  # fmt: skip
    if post_id is None:
        return False
    await tx.execute("DELETE FROM approvals WHERE post_id = $1", post_id)
    post = await records.require(tx, post_id)
    await withdraw(tx, ctx, post=post, reason="elsewhere" if post.local else "unproved")
    return True


async def expired(reader: Reader, before_ms: int, limit: int) -> Sequence[int]:
    """Strangers' posts that were refused, or that nobody judged, since *before_ms*."""
    rows = await reader.fetch(
        "SELECT p.id FROM posts p LEFT JOIN held_posts h ON h.post_id = p.id WHERE p.held AND NOT p.local "
        f"AND COALESCE(h.judged_ms, h.created_ms, p.created_ms) < $1 LIMIT {int(limit)}",
        before_ms,
    )
    return [row[0] for row in rows]


async def _locked(tx: Tx, post_id: int) -> tuple[Post | None, Held | None]:
    post = await records.by_id(tx, post_id)
    if post is None:
        return None, None
    await tx.lock(f"post:{post.uri}")
    return await records.by_id(tx, post_id), await of_post(tx, post_id)


async def _judged(tx: Tx, ctx: Context, post_id: int, state: State) -> None:
    await tx.execute(
        "UPDATE held_posts SET state = $2, judged_ms = $3, body = NULL WHERE post_id = $1",
        post_id, state, ctx.clock.now_ms(),
    )  # fmt: skip


async def _let_go(tx: Tx, ctx: Context, post: Post, stamp: str | None) -> Post:
    await tx.execute("UPDATE posts SET held = FALSE WHERE id = $1", post.id)
    if stamp is not None:
        await _keep_approval(tx, ctx, post.id, stamp)
    return await records.require(tx, post.id)


async def _keep_approval(tx: Tx, ctx: Context, post_id: int, stamp: str) -> None:
    await tx.execute("UPDATE posts SET extras = extras | $2 WHERE id = $1", post_id, int(Extra.APPROVED))
    await tx.execute(
        "INSERT INTO approvals (post_id, uri, created_ms) VALUES ($1, $2, $3) "
        "ON CONFLICT (post_id) DO UPDATE SET uri = excluded.uri",
        post_id, stamp, ctx.clock.now_ms(),
    )  # fmt: skip


def _read(row: Row) -> Held:
    return Held(*row)
