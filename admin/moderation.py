"""Suspending an actor, blocking a host: by command until the console is there."""

from typing import cast, get_args

from admin.actors import any_actor
from node.actors import hosts
from node.actors.hosts import Severity
from node.moderation import domains as domain_policies
from node.moderation import suspensions
from node.runtime.context import Context
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator


async def suspend(ctx: Context, *, handle: str) -> list[str]:
    """Nothing of this actor is shown, taken in or sent out, until it comes back."""
    _ = translator(ctx.settings.language)
    actor = await any_actor(ctx, handle)
    await ctx.db.write(lambda tx: suspensions.suspend(tx, ctx, actor=actor))
    return [_("%(handle)s is suspended.", handle=f"@{actor.handle}")]


async def unsuspend(ctx: Context, *, handle: str) -> list[str]:
    """It comes back."""
    _ = translator(ctx.settings.language)
    actor = await any_actor(ctx, handle)
    await ctx.db.write(lambda tx: suspensions.unsuspend(tx, ctx, actor=actor))
    return [_("%(handle)s is no longer suspended.", handle=f"@{actor.handle}")]


async def block(
    ctx: Context, *, host: str, severity: str = "suspend", reject_media: bool = False, reason: str = ""
) -> list[str]:
    """Refuse a host and all below it: `suspend` has no dealings with it, `silence` hides it from public timelines."""
    _ = translator(ctx.settings.language)
    if severity not in get_args(Severity):
        raise Invalid(
            sentence(
                "%(severity)s is no severity: %(severities)s",
                severity=ascii(severity),
                severities=", ".join(get_args(Severity)),
            )
        )
    await ctx.db.write(
        lambda tx: domain_policies.block(
            tx, ctx, host=host, severity=cast(Severity, severity), reject_media=reject_media, reason=reason
        )
    )
    return [_("%(host)s: %(severity)s.", host=host, severity=severity)]


async def unblock(ctx: Context, *, host: str) -> list[str]:
    """Deal with a host again."""
    _ = translator(ctx.settings.language)
    if all(each.host != hosts.normal(host) for each in await hosts.every(ctx.db.reader)):
        raise NotFound(sentence("%(host)s is not blocked; 'beffroi domain blocks' shows what is.", host=host))
    await ctx.db.write(lambda tx: domain_policies.unblock(tx, ctx, host=host))
    return [_("%(host)s is no longer blocked.", host=host)]


async def list_blocks(ctx: Context) -> list[str]:
    """One line a blocked host."""
    _ = translator(ctx.settings.language)
    return [
        f"{each.host}  {each.severity}{' + media' if each.reject_media else ''}  {each.reason}".rstrip()
        for each in await hosts.every(ctx.db.reader)
    ] or [_("No host is blocked.")]
