"""Answers in the threads of ours, passed on to who reads the thread (ActivityPub §7.1.2): its author alone knows them.

What an author elsewhere says of a public answer (Create, Update, Delete) goes, byte for byte, to the remote followers of
the nearest author of ours above it, unless their server has it from the author. It must carry a signature of its own,
a proof or Mastodon's, or no receiver could believe it. Why not more: docs/decisions/forwarding.md.
"""

from typing import Final

from node.actors import actors, hosts
from node.federation.delivery import orders
from node.federation.delivery.orders import Audience
from node.federation.delivery.readers import Said, signed
from node.federation.objects import PUBLIC
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.windows import Limit
from node.timeline.extras import Extra
from node.timeline.records import Post

_MAX_ABOVE: Final = 8
_BY_ACTOR: Final = Limit("answers passed on, by actor", 60, 3_600)
_BY_HOST: Final = Limit("answers passed on, by host", 600, 3_600)
_IN_THREAD: Final = Limit("answers passed on, in a thread", 300, 3_600)
_PUBLIC: Final = ("public", "unlisted")


async def pass_on(tx: Tx, ctx: Context, *, said: Said, about: Post) -> None:
    """Send what was *said* of *about*, somebody's answer elsewhere, to the readers of the thread that it is in."""
    if (
        about.held
        or about.reply_to_id is None
        or about.local
        or about.visibility not in _PUBLIC
        or about.boost_of_id is not None
    ):
        return
    activity = said.activity
    if activity.id is None or not signed(said.body):
        return
    author_id = await _author_above(tx, about.reply_to_id)
    if author_id is None or not await _has_readers_elsewhere(tx, author_id):
        return
    host = hosts.of_uri(said.sender.uri)
    counted = ((_BY_ACTOR, said.sender.uri), (_BY_HOST, host), (_IN_THREAD, str(about.thread_id)))
    if any(windows.hit(ctx, limit, who).exceeded for limit, who in counted):
        ctx.metrics.count("answers_passed_on", outcome="too many")
        return
    audience = Audience(followers=True, but_hosts=(host, *_addressed(said)))
    await orders.pass_on(
        tx, ctx, actor_id=author_id, activity_id=activity.id, kind=activity.type, body=said.body, audience=audience,
        subject=about.uri,
    )  # fmt: skip
    ctx.metrics.count("answers_passed_on", outcome="sent")


async def _author_above(reader: Reader, post_id: int) -> int | None:
    """The nearest author of ours, from the post that is answered upwards. Each step is one look by primary key."""
    told = f"CASE WHEN p.extras & {int(Extra.LOCAL_ONLY)} = 0 THEN p.visibility ELSE 'direct' END"
    rows = await reader.fetch(
        "WITH RECURSIVE above (id, parent_id, author_id, local, visibility, depth) AS ("
        f"SELECT p.id, p.reply_to_id, p.author_id, p.local, {told}, 1 FROM posts p WHERE p.id = $1 UNION ALL "
        f"SELECT p.id, p.reply_to_id, p.author_id, p.local, {told}, above.depth + 1 FROM above "
        f"JOIN posts p ON p.id = above.parent_id WHERE above.depth < {_MAX_ABOVE} AND NOT above.local) "
        "SELECT author_id, visibility FROM above WHERE local",
        post_id,
    )
    found = next((row["author_id"] for row in rows if row["visibility"] in _PUBLIC), None)
    author = await actors.by_id(reader, found) if found is not None else None
    return author.id if author is not None and author.active else None


async def _has_readers_elsewhere(reader: Reader, actor_id: int) -> bool:
    found = await reader.value(
        "SELECT 1 FROM follows WHERE followee_id = $1 AND state = 'accepted' AND remote LIMIT 1", actor_id
    )
    return found is not None


def _addressed(said: Said) -> tuple[str, ...]:
    """The servers to which the author sends it: those of whom it is addressed to."""
    found = set[str]()
    for uri in said.activity.audience.everyone:
        if uri != PUBLIC:
            try:
                found.add(hosts.of_uri(uri))
            except Invalid:
                continue
    return tuple(sorted(found))
