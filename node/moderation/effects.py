"""What the standing decisions make of an account and its posts: the one place that changes these states.

A state is the union of what the standing decisions say, so the order in which decisions are taken, end and are reversed does
not matter. A deletion is no state: it cannot be undone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from node.actors import hosts
from node.actors.actor import Actor
from node.moderation import cases, suspensions
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline import edits, records
from node.timeline.extras import Extra
from node.timeline.facts import PostEdited
from node.timeline.posts import Post

Kind = Literal["none", "warn", "sensitive", "hide", "delete", "limit", "freeze", "suspend"]

OF_POSTS: Final[frozenset[Kind]] = frozenset({"sensitive", "hide", "delete"})
LASTING: Final[frozenset[Kind]] = frozenset({"sensitive", "hide", "limit", "freeze", "suspend"})
"""Those that may end; the others happen once."""


async def settle(tx: Tx, ctx: Context, *, kind: Kind, target_id: int, decision_id: int) -> None:
    """Make what *kind* changes as the standing decisions say now, after *decision_id* was taken or ended."""
    target = await cases.target_of(tx, target_id)
    if kind == "freeze":
        await tx.execute(
            "UPDATE actors SET frozen = $2 WHERE id = $1", target.id, await _claimed(tx, target.id, "freeze")
        )
    elif kind == "limit":
        limited = await _claimed(tx, target.id, "limit") or await _silenced(tx, target)
        await tx.execute("UPDATE actors SET limited = $2 WHERE id = $1", target.id, limited)
    elif kind == "suspend" and not target.deleted:
        if await _claimed(tx, target.id, "suspend"):
            await suspensions.suspend(tx, ctx, actor=target)
        else:
            await suspensions.unsuspend(tx, ctx, actor=target)
    elif kind in ("hide", "sensitive"):
        await _settle_posts(tx, ctx, kind, decision_id)


async def limited_by_decision(reader: Reader, actor_id: int) -> bool:
    """Whether a decision limits that account, whatever holds for its host."""
    return await _claimed(reader, actor_id, "limit")


async def keep_posts(tx: Tx, *, kind: Kind, decision_id: int, posts: Sequence[Post]) -> None:
    """Remember what a decision is about, as it is now, and whether it was so before any decision."""
    column = "hidden" if kind == "hide" else "sensitive"
    earlier = await tx.fetch(
        "SELECT k.post_id, k.before FROM decided_posts k JOIN decisions d ON d.id = k.decision_id "
        "WHERE k.post_id = ANY($1::bigint[]) AND d.kind = $2 AND d.state = 'standing' AND d.id <> $3",
        [post.id for post in posts], kind, decision_id,
    )  # fmt: skip
    before = {row[0]: bool(row[1]) for row in earlier}
    await tx.executemany(
        "INSERT INTO decided_posts (decision_id, post_id, uri, content, before, published_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (
                decision_id,
                post.id,
                post.uri,
                post.content,
                before.get(post.id, getattr(post, column)),
                post.published_ms,
            )
            for post in posts
        ],
    )


async def _claimed(reader: Reader, target_id: int, kind: Kind) -> bool:
    return (
        await reader.value(
            "SELECT 1 FROM decisions WHERE target_id = $1 AND kind = $2 AND state = 'standing' LIMIT 1", target_id, kind
        )
        is not None
    )


async def _silenced(tx: Tx, target: Actor) -> bool:
    if target.local:
        return False
    return any(
        [(await hosts.policy(tx, host)).severity == "silence" for host in {target.service_host, target.handle_host}]
    )


async def _settle_posts(tx: Tx, ctx: Context, kind: Kind, decision_id: int) -> None:
    rows = await tx.fetch(
        "SELECT k.post_id, k.uri, k.before, (SELECT 1 FROM decided_posts o JOIN decisions d ON d.id = o.decision_id "
        "WHERE o.post_id = k.post_id AND d.kind = $2 AND d.state = 'standing' LIMIT 1) AS claimed "
        "FROM decided_posts k WHERE k.decision_id = $1 ORDER BY k.post_id",
        decision_id, kind,
    )  # fmt: skip
    # As an edit does: what its author says at this moment is not overwritten by what was read before.
    await tx.lock(*(f"post:{row['uri']}" for row in rows))
    found = await records.by_ids(tx, [row["post_id"] for row in rows])
    for row in rows:
        post = found.get(row["post_id"])  # None: deleted since
        if post is None:
            continue
        claimed = row["claimed"] is not None
        if kind == "hide":
            await tx.execute("UPDATE posts SET hidden = $2 WHERE id = $1", post.id, claimed or bool(row["before"]))
        else:
            await _mark(tx, ctx, post, claimed, claimed or bool(row["before"]))


async def _mark(tx: Tx, ctx: Context, post: Post, claimed: bool, sensitive: bool) -> None:
    """Sensitive or not; of a post of ours the readers elsewhere hear, as of any edit."""
    extras = post.extras | int(Extra.MARKED) if claimed else post.extras & ~int(Extra.MARKED)
    sensitive = sensitive or bool(post.summary)
    if (post.sensitive, post.extras) == (sensitive, extras):
        return
    changed = replace(post, sensitive=sensitive, extras=extras)
    if not post.local or post.sensitive == sensitive:
        await tx.execute(
            "UPDATE posts SET sensitive = $2, extras = $3, fragment = NULL WHERE id = $1", post.id, sensitive, extras
        )
        return
    await edits.keep_original(tx, ctx, post)
    await edits.write(tx, ctx, replace(changed, edited_ms=ctx.clock.now_ms()))
    tx.state(PostEdited(post.id, post.author_id, local=True, new_mentions=()))
