"""Accounts that move, and the aliases that let others move here."""

from admin.actors import the_local_actor
from node.actors import actors, moves
from node.federation import resolve
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import sentence, translator


async def move(ctx: Context, *, handle: str, target: str) -> list[str]:
    """A local account becomes *target*, anywhere: followers are carried over, and it publishes here no more."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    there = await resolve.handle_anew(ctx, target)
    await ctx.db.write(lambda tx: moves.leave(tx, ctx, actor=actor, target=there))
    return [
        _("%(handle)s has moved to %(target)s; its followers are told.", handle=f"@{actor.handle}",
          target=f"@{there.handle}")
    ]  # fmt: skip


async def unmove(ctx: Context, *, handle: str) -> list[str]:
    """It publishes here again."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    if actor.moved_to is None:
        raise NotFound(sentence("%(handle)s has not moved.", handle=f"@{actor.handle}"))
    await ctx.db.write(lambda tx: moves.come_back(tx, ctx, actor=actor))
    return [_("%(handle)s publishes here again.", handle=f"@{actor.handle}")]


async def add_alias(ctx: Context, *, handle: str, alias: str) -> list[str]:
    """Let *alias*, an account anywhere, move to the local account *handle*."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    there = await resolve.handle(ctx, alias)
    await ctx.db.write(lambda tx: moves.add_alias(tx, ctx, actor=actor, alias=there))
    return [_("%(alias)s may now move to %(handle)s.", alias=f"@{there.handle}", handle=f"@{actor.handle}")]


async def remove_alias(ctx: Context, *, handle: str, alias: str) -> list[str]:
    """Take an alias back: by its handle or, where nobody answers any more, by its address."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    uri = alias if alias in actor.also_known_as else await _known_uri(ctx, alias)
    if uri not in actor.also_known_as:
        raise NotFound(sentence("%(alias)s is no alias of %(handle)s.", alias=alias, handle=f"@{actor.handle}"))
    await ctx.db.write(lambda tx: moves.remove_alias(tx, ctx, actor=actor, uri=uri))
    return [_("%(alias)s is no longer an alias of %(handle)s.", alias=alias, handle=f"@{actor.handle}")]


async def list_aliases(ctx: Context, *, handle: str) -> list[str]:
    """One line an alias."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    known = await actors.by_uris(ctx.db.reader, actor.also_known_as)
    return [
        f"@{known[uri].handle}  {uri}" if uri in known else uri for uri in actor.also_known_as
    ] or [_("%(handle)s has no alias.", handle=f"@{actor.handle}")]  # fmt: skip


async def _known_uri(ctx: Context, handle: str) -> str:
    try:
        return (await resolve.handle(ctx, handle)).uri
    except BeffroiError:
        return ""
