"""Consent of our authors to replies, as documents that everybody may check (GoToSocial's ReplyAuthorization)."""

from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline.records import Post


async def grant(tx: Tx, ctx: Context, *, answered: Post, replier_id: int, reply_uri: str) -> str:
    """The stamp of *answered*'s author for that reply, the same however often it is asked for; it counts again if it
    was taken back."""  # noqa: D205, D209
    await tx.execute(
        "INSERT INTO reply_stamps (id, answered_id, replier_id, reply_uri, created_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (answered_id, reply_uri) DO UPDATE SET revoked_ms = NULL",
        ctx.ids.next(), answered.id, replier_id, reply_uri, ctx.clock.now_ms(),
    )  # fmt: skip
    stamp = await _of(tx, answered_id=answered.id, reply_uri=reply_uri)
    assert stamp is not None
    return stamp


async def revoke(tx: Tx, ctx: Context, *, answered_id: int, reply_uri: str) -> str | None:
    """Take consent back; the stamp that is no longer served, None where there was none."""
    stamp = await _of(tx, answered_id=answered_id, reply_uri=reply_uri)
    if stamp is not None:
        await tx.execute(
            "UPDATE reply_stamps SET revoked_ms = $3 WHERE answered_id = $1 AND reply_uri = $2",
            answered_id, reply_uri, ctx.clock.now_ms(),
        )  # fmt: skip
    return stamp


async def by_id(reader: Reader, *, author: Actor, stamp_id: int) -> tuple[str, str] | None:
    """(the reply's id, the answered post's id) of consent of *author* that stands."""
    row = await reader.row(
        "SELECT s.reply_uri, p.uri FROM reply_stamps s JOIN posts p ON p.id = s.answered_id "
        "WHERE s.id = $1 AND p.author_id = $2 AND s.revoked_ms IS NULL",
        stamp_id, author.id,
    )  # fmt: skip
    return None if row is None else (row[0], row[1])


async def _of(reader: Reader, *, answered_id: int, reply_uri: str) -> str | None:
    row = await reader.row(
        "SELECT s.id, a.uri FROM reply_stamps s JOIN posts p ON p.id = s.answered_id JOIN actors a ON a.id = p.author_id "
        "WHERE s.answered_id = $1 AND s.reply_uri = $2 AND s.revoked_ms IS NULL",
        answered_id, reply_uri,
    )  # fmt: skip
    return None if row is None else f"{row[1]}/reply_authorizations/{row[0]}"
