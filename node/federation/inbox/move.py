"""Move: an account is now another one (FEP-7628). Its readers here follow the new one, once both sides have said so.

    {"id": "https://a.example/users/anne#moves/1", "type": "Move", "actor": "https://a.example/users/anne",
     "object": "https://a.example/users/anne", "target": "https://b.example/users/anne",
     "to": ["https://a.example/users/anne/followers"]}

The old account says it by signing the Move, or in its profile (`movedTo`) when the new one sends it; the new one always
in its profile (`alsoKnownAs`). Profiles are read anew at their own servers: what the activity embeds counts for nothing.
"""

from node.actors import follows, moves
from node.actors.actor import Actor
from node.federation import fetch, resolve
from node.federation.identity import allow_http
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import actors as vocab
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Gone


async def actor(ctx: Context, received: Received) -> Step | Dropped:
    """Carry our readers over."""
    sender, activity = received.sender, received.activity
    old_uri, new_uri = received.object_id, activity.target.id if activity.target is not None else None
    if old_uri is None or new_uri is None or old_uri == new_uri:
        return Dropped("it does not say from where to where")
    if sender.uri not in (old_uri, new_uri):
        raise Forbidden("only the one who moves says so")
    old = sender if sender.uri == old_uri else await resolve.actor(ctx, old_uri)
    if old.local:
        raise Forbidden("this server's own accounts move from here only")
    if not await _concerns_here(ctx, old):
        return Dropped("nobody here reads the one who moves")
    await _require_old_word(ctx, old, new_uri, pushed=sender.uri == old_uri)
    target = await resolve.actor(ctx, new_uri, refresh=True)
    if old.uri not in target.also_known_as:
        raise Forbidden("the new account does not say that it was the old one")
    uri = activity.id or f"{sender.uri}#moves/{target.id}"

    async def step(tx: Tx) -> None:
        await moves.record(tx, ctx, actor=old, target=target, uri=uri)

    return step


async def _concerns_here(ctx: Context, old: Actor) -> bool:
    reader = ctx.db.reader
    return await follows.is_followed_here(reader, old.id) or await moves.is_blocked_here(reader, old.id)


async def _require_old_word(ctx: Context, old: Actor, new_uri: str, *, pushed: bool) -> None:
    """Pass, if the old account's profile says so now; one that says nothing, or is gone, has said it by its signature.

    Raises:
        Forbidden: it says otherwise.
        Unavailable, NetworkFailure: its server does not answer.
    """
    try:
        document = vocab.read(await fetch.document(ctx, old.uri), allow_http=allow_http(ctx))
    except (Gone, fetch.Refused):
        if pushed:
            return
        raise
    if document.id != old.uri or document.moved_to not in ((new_uri, None) if pushed else (new_uri,)):
        raise Forbidden("the old account does not say that it is the new one")
