"""Activities that somebody else passes on (ActivityPub §7.1.2): proved by themselves, or asked for at their source."""

from collections.abc import Mapping
from typing import Any, Final

from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import posts
from node.federation.signatures import proofs
from node.federation.vocab import actors as vocab_actors
from node.federation.vocab import links
from node.federation.vocab import posts as vocab
from node.federation.vocab.activities import Activity
from node.runtime import keypairs as key_forms
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Gone
from node.runtime.jobs import enqueue
from node.timeline import posts as timeline

REFETCH_JOB: Final = "federation.refetch_post"


async def proved(ctx: Context, raw: Mapping[str, Any], activity: Activity) -> bool:
    """Whether the activity carries a proof of its own actor (FEP-8b32), so that it does not matter who brought it."""
    try:
        claim = proofs.read(raw)
        if claim is None or not links.same_origin(claim.key_id, activity.actor):
            return False
        owner = vocab_actors.read(await fetch.document(ctx, activity.actor), allow_http=allow_http(ctx))
        published = next((key for key in owner.keys if key.id == claim.key_id and key.multibase), None)
        if owner.id != activity.actor or published is None or published.multibase is None:
            return False
        return proofs.verify(raw, key_forms.public_from_multikey(published.multibase), ctx.clock.now_ms())
    except BeffroiError:
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
