"""From a handle that a person typed to the actor."""

from node.actors import actors, domains
from node.actors.actor import Actor
from node.federation.resolve import webfinger
from node.federation.resolve.actors import actor
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Gone, NotFound


async def handle(ctx: Context, name: str) -> Actor:
    """The actor called *name* (`user@host`, with or without a first @), known or met now.

    Raises:
        Malformed: not a handle.
        NotFound: nobody is called that.
        Gone, HostSuspended, Refused, Unavailable, NetworkFailure: as `resolve.actor`.
    """
    user, host = webfinger.split(name)
    known = await actors.by_handle(ctx.db.reader, user, host)
    if known is None or not known.local:
        # `user@service.host` is what other servers call somebody whose handle has another host
        known = await actors.local_by_username(ctx.db.reader, user, host) or known
    if known is not None and known.deleted:
        raise Gone("this account was deleted")
    if known is not None and known.local:
        return known
    if await domains.is_local(ctx.db.reader, host):
        raise NotFound("there is no such account here")
    if known is not None:
        return await _standing(ctx, known)
    found = await webfinger.look_up(ctx, user, host)
    return await actor(ctx, found.actor_uri)


async def handle_anew(ctx: Context, name: str) -> Actor:
    """The same, asked at its server now: what it says of itself this minute is what counts.

    Raises:
        As `handle`.
    """
    found = await handle(ctx, name)
    return found if found.local else await actor(ctx, found.uri, refresh=True)


async def _standing(ctx: Context, known: Actor) -> Actor:
    try:
        return await actor(ctx, known.uri)
    except BeffroiError as error:
        if error.again:
            return known
        raise
