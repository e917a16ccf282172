"""Activities that somebody else passes on (ActivityPub §7.1.2): proved by themselves, or asked for at their source."""

from collections.abc import Mapping
from typing import Any, Final

from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.inbox import verification
from node.federation.resolve import keys, posts
from node.federation.signatures import proofs
from node.federation.vocab import links
from node.federation.vocab import posts as vocab
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Gone, Unavailable
from node.runtime.jobs import enqueue
from node.timeline import posts as timeline

REFETCH_JOB: Final = "federation.refetch_post"
_LIFE_MS: Final = 7 * 86_400_000
"""As long as a server may try to deliver, and some more."""
_SKEW_MS: Final = 3_600_000


async def proved(ctx: Context, raw: Mapping[str, Any], activity: Activity) -> bool:
    """Whether the activity carries a proof of its own actor (FEP-8b32), so that it does not matter who brought it.

    A proof of today: an older one has had its time, or was kept to be played again.

    Raises:
        Unavailable: the actor's server does not answer; the sender may try again.
    """
    try:
        claim, now_ms = proofs.read(raw), ctx.clock.now_ms()
        if claim is None or not links.same_origin(claim.key_id, activity.actor):
            return False
        if claim.created_ms is None or not now_ms - _LIFE_MS <= claim.created_ms <= now_ms + _SKEW_MS:
            return False
        if await verification.speaks_for_us(ctx, activity.actor):
            return False
        for refresh in (False, True):
            key = await keys.key(ctx, claim.key_id, refresh=refresh)
            if key.owner_uri == activity.actor and not key.suspended and proofs.verify(raw, key.public, now_ms):
                return True
    except BeffroiError as error:
        if error.again:
            raise Unavailable(f"the key of the proof cannot be read now: {error}") from None
    return False


async def ask(ctx: Context, raw: Mapping[str, Any], activity: Activity) -> bool:
    """Have the object of a forwarded activity read again at its own server, which covers Create, Update and Delete.

    Only where Mastodon's signature says that it was forwarded, and only about a conversation that we hold: nobody
    can make us ask for arbitrary addresses. Whether it was taken.
    """
    if "signature" not in raw or activity.type not in ("Create", "Update", "Delete") or activity.object is None:
        return False
    uri = activity.object.id
    if uri is None or not links.same_origin(uri, activity.actor):
        return False
    embedded = activity.object.raw or {}
    above = links.optional_uri(embedded.get("inReplyTo"), allow_http=allow_http(ctx))
    reader = ctx.db.reader
    held = await timeline.by_uri(reader, uri) is not None
    if not held and (above is None or await timeline.by_uri(reader, above) is None):
        return True  # well meant, and about nothing here
    await ctx.db.write(lambda tx: enqueue(tx, ctx, REFETCH_JOB, {"uri": uri}, unique=f"{REFETCH_JOB}:{uri}"))
    return True


async def refetch_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.refetch_post`: a post as its own server has it now, or gone with it."""
    uri = str(args["uri"])
    known = await timeline.by_uri(ctx.db.reader, uri)
    if known is not None and (known.local or known.boost_of_id is not None):
        return
    try:
        document = vocab.read(await fetch.document(ctx, uri), allow_http=allow_http(ctx))
    except Gone:
        if known is not None:
            await ctx.db.write(lambda tx: timeline.delete(tx, ctx, post=known))
        return
    if known is None:
        await posts.keep(ctx, document)
        return
    author = await posts.author_of(ctx, document)
    people = await posts.named(ctx, document)
    written = posts.readable(document)
    await ctx.db.write(lambda tx: timeline.receive_update(tx, ctx, author=author, document=written, mentions=people))
