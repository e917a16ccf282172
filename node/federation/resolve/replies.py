"""Consent to replies between strangers, looked into: the stamp is fetched from the answered author's server and compared."""

from collections.abc import Mapping
from typing import Any, Final

from node.actors import actors
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.vocab import links
from node.runtime.context import Context
from node.timeline import held, posts

_TYPES: Final = frozenset({"ReplyAuthorization", "ReplyApproval", "Accept"})
"""`Accept` until GoToSocial 0.18, `ReplyApproval` in 0.19."""


async def fits(ctx: Context, stamp: str, *, author: Actor, reply_uri: str, answered_uri: str) -> bool:
    """Whether *stamp* is the consent of *author* to that reply.

    Raises:
        As `fetch.document`: its server does not answer, or not with that document.
    """
    if not links.same_origin(stamp, author.uri):
        return False
    raw = await fetch.document(ctx, stamp)
    if _TYPES.isdisjoint(links.types_of(raw)) or _uri(raw.get("id")) != stamp:
        return False
    if "Accept" in links.types_of(raw):
        return _uri(raw.get("actor")) == author.uri and _uri(raw.get("object")) == reply_uri
    target = _uri(raw.get("interactionTarget") or raw.get("target"))
    return (
        _uri(raw.get("attributedTo")) == author.uri
        and _uri(raw.get("interactingObject") or raw.get("object")) == reply_uri
        and target == answered_uri
    )


async def prove_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.prove_reply`: look at the consent that a stranger's reply to a stranger claims, and show it."""
    reader, stamp = ctx.db.reader, str(args["stamp"])
    standing = await held.of_post(reader, int(args["post_id"]))
    post = await posts.by_id(reader, int(args["post_id"]))
    if standing is None or post is None or standing.reason != "unproved" or not post.held or post.reply_to_id is None:
        return
    answered = await posts.by_id(reader, post.reply_to_id)
    if answered is None:
        return
    author = await actors.require_by_id(reader, answered.author_id)
    if await fits(ctx, stamp, author=author, reply_uri=post.uri, answered_uri=answered.uri):
        await ctx.db.write(lambda tx: held.approve(tx, ctx, held=standing, proof=stamp))


def _uri(value: object) -> str | None:
    return links.optional_uri(value, allow_http=True)
