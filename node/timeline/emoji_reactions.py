"""Emojis with which people elsewhere react to posts of ours (docs/decisions/emoji-reactions.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors.actors import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden
from node.timeline import extras
from node.timeline.arrivals import refuse_author
from node.timeline.extras import Extra
from node.timeline.records import Post
from node.timeline.tombstones import buried
from node.timeline.visibility import may_read

MAX_BY_ONE: Final = 20
"""Emojis that one person puts on one post."""
_MAX_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """One emoji on one post."""

    name: str
    """The emoji, or `shortcode@host` of a picture."""
    count: int
    reaction_id: int
    """One of them, whose picture is shown."""
    picture: str | None
    """The address of the picture, at its own server."""


async def add(tx: Tx, ctx: Context, *, actor: Actor, post: Post, name: str, picture: str | None, uri: str) -> bool:
    """Let *actor* react; whether it had not with that emoji. One that was undone before it arrived changes nothing.

    Raises:
        Forbidden: the post does not exist, or not for this actor, who may be suspended or on a blocked host.
    """
    await refuse_author(tx, actor)
    if not await may_read(tx, viewer_id=actor.id, post=post):
        raise Forbidden("this post does not exist, or not for you")
    if await buried(tx, uri, by=actor.uri):
        return False
    shown = name if picture is None else f"{name}@{actor.handle_host}"
    new = await tx.execute(
        "INSERT INTO emoji_reactions (id, post_id, actor_id, name, picture, uri, created_ms) "
        "SELECT $1, $2, $3, $4, $5, $6, $7 "
        f"WHERE (SELECT COUNT(*) FROM emoji_reactions WHERE post_id = $2 AND actor_id = $3) < {MAX_BY_ONE} "
        "ON CONFLICT (post_id, actor_id, name) DO NOTHING",
        ctx.ids.next(), post.id, actor.id, shown, picture, uri, ctx.clock.now_ms(),
    )  # fmt: skip
    if new:
        await extras.mark(tx, post.id, Extra.REACTIONS)
    return bool(new)


async def remove(tx: Tx, *, actor: Actor, uri: str) -> bool:
    """Take back what the activity *uri* of *actor* did; whether there was anything."""
    return bool(await tx.execute("DELETE FROM emoji_reactions WHERE uri = $1 AND actor_id = $2", uri, actor.id))


async def erase_of(tx: Tx, *, actor_id: int) -> int:
    """Forget how somebody who is gone reacted; how many. Plan: emoji_reactions_actor."""
    return await tx.execute("DELETE FROM emoji_reactions WHERE actor_id = $1", actor_id)


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, list[Counted]]:
    """How each of those posts was reacted to, the most frequent emoji first; posts without are left out. One query."""
    rows = await reader.fetch(
        "SELECT r.post_id, r.name, COUNT(*) AS times, MIN(r.id) AS first, MIN(r.picture) AS picture "
        "FROM emoji_reactions r JOIN actors a ON a.id = r.actor_id "
        "WHERE r.post_id = ANY($1::bigint[]) AND a.state = 'active' GROUP BY r.post_id, r.name",
        list(post_ids),
    )
    found: dict[int, list[Counted]] = {}
    for row in sorted(rows, key=lambda row: (-row["times"], row["first"])):
        of_post = found.setdefault(row["post_id"], [])
        if len(of_post) < _MAX_SHOWN:
            of_post.append(Counted(row["name"], row["times"], row["first"], row["picture"]))
    return found


async def picture_of(reader: Reader, reaction_id: int) -> tuple[int, str] | None:
    """(whose it is, the address of its picture) of a reaction that has one."""
    row = await reader.row("SELECT actor_id, picture FROM emoji_reactions WHERE id = $1", reaction_id)
    return None if row is None or row["picture"] is None else (row["actor_id"], row["picture"])
