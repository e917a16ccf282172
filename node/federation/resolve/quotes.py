"""Consent to quotes, looked into: the stamp is fetched from the quoted author's server, and every field compared."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from node.actors import actors
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import posts as resolving
from node.federation.vocab import links
from node.federation.vocab import posts as vocab
from node.runtime.context import Context
from node.timeline import posts, quotes
from node.timeline.posts import Post

_TYPE: Final = "QuoteAuthorization"


async def fits(ctx: Context, stamp: str, *, author: Actor, post_uri: str, quoted_uri: str) -> bool:
    """Whether *stamp* is the consent of *author* to this post quoting that one (GHSA-q4g8-82c5-9h33).

    Raises:
        As `fetch.document`: its server does not answer, or not with that document.
    """
    if not links.same_origin(stamp, author.uri):
        return False
    raw = await fetch.document(ctx, stamp)
    return (
        _TYPE in links.types_of(raw)
        and links.optional_uri(raw.get("id"), allow_http=True) == stamp
        and links.optional_uri(raw.get("attributedTo"), allow_http=True) == author.uri
        and links.optional_uri(raw.get("interactingObject"), allow_http=True) == post_uri
        and links.optional_uri(raw.get("interactionTarget"), allow_http=True) == quoted_uri
    )


async def verify_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.verify_quote`: fetch what a stranger's post quotes, where consent is claimed, and look at it."""
    reader = ctx.db.reader
    asked = await quotes.of_post(reader, int(args["post_id"]))
    post = await posts.by_id(reader, int(args["post_id"]))
    if asked is None or post is None or asked.state != "pending":
        return
    quoted = await posts.by_uri(reader, asked.quoted_uri)
    # Without a stamp, one's own words are all that can be shown.
    if quoted is None and (asked.stamp is not None or links.same_origin(asked.quoted_uri, post.uri)):
        quoted = await _fetched(ctx, asked.quoted_uri)
    if quoted is None:
        return
    found = await posts.original(reader, quoted)
    author = await actors.require_by_id(reader, found.author_id)
    own, stamp = found.author_id == post.author_id, None if found.local else asked.stamp
    accepted = own or (
        stamp is not None and await fits(ctx, stamp, author=author, post_uri=post.uri, quoted_uri=found.uri)
    )
    await ctx.db.write(
        lambda tx: quotes.settle(tx, asked=asked, quoted=found, stamp=None if own else stamp, accepted=accepted)
    )


async def _fetched(ctx: Context, uri: str) -> Post:
    # What the quoted post itself quotes and answers is not followed: a chain of quotes has no end.
    document = vocab.read(await fetch.document(ctx, uri), allow_http=allow_http(ctx))
    return await resolving.keep(ctx, replace(document, quote=None), depth=resolving.MAX_PARENTS)
