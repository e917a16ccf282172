"""Suspending an actor, blocking a host: by command until the console is there."""

from collections.abc import Sequence
from typing import cast, get_args

from admin.actors import any_actor
from admin.cases import read_days
from admin.pointers import pointer
from admin.reports import read_number
from node.actors import hosts
from node.actors.hosts import Policy, Severity
from node.moderation import cases, decisions, grounds, reports, statements, suspensions
from node.moderation import domains as domain_policies
from node.moderation.audit import Hand
from node.moderation.decided import Decision
from node.moderation.effects import OF_POSTS
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import Translator, sentence, translator
from node.timeline import posts
from node.timeline.posts import Post


async def suspend(
    ctx: Context, *, handle: str, by: Hand, why: str = "", ground: str = "", words: str = "", days: str = ""
) -> list[str]:
    """Nothing of this actor is shown, taken in or sent out, until it comes back: a decision in its file, with reasons."""
    _ = translator(ctx.settings.language)
    actor = await any_actor(ctx, handle)
    known = await grounds.about(ctx.db.reader, actor, _)
    on = grounds.chosen(ground, words or ("" if ground else _(grounds.OTHER_RULE)), _, known)
    length = read_days(days)

    async def step(tx: Tx) -> None:
        case = await cases.opened(tx, ctx, target=actor)
        await decisions.decide(tx, ctx, by=by, case=case, kind="suspend", ground=on, facts=why, days=length)

    await ctx.db.write(step)
    return [_("%(handle)s is suspended.", handle=f"@{actor.handle}")]


async def judge(
    ctx: Context, *, handle: str, kind: str, by: Hand, why: str = "", words: str = "", days: str = "", report: str = ""
) -> list[str]:
    """A decision of any kind in the open file about an account, which is made if there is none.

    *words* name the rule or law; *report* is the number of one whose posts it is about.
    """
    _ = translator(ctx.settings.language)
    actor, read, length = await any_actor(ctx, handle), decisions.read_kind(kind), read_days(days)
    on = grounds.chosen("", words or _(grounds.OTHER_RULE), _)
    about: list[Post] = []
    if report and read in OF_POSTS:
        told = await reports.require(ctx.db.reader, read_number(report))
        named = (await posts.by_uris(ctx.db.reader, list(told.posts))).values()
        about = [post for post in named if post.author_id == actor.id]

    async def step(tx: Tx) -> Decision:
        case = await cases.opened(tx, ctx, target=actor)
        return await decisions.decide(
            tx, ctx, by=by, case=case, kind=read, ground=on, facts=why, posts=about, days=length
        )

    taken = await ctx.db.write(step)
    return [statements.what(_, taken, handle=f"@{actor.handle}", posts=len(about)), statements.period(_, taken)]


async def unsuspend(ctx: Context, *, handle: str, by: Hand) -> list[str]:
    """It comes back: every decision that suspends it is taken back."""
    _ = translator(ctx.settings.language)
    actor = await any_actor(ctx, handle)

    async def step(tx: Tx) -> None:
        for decision in await decisions.about(tx, [actor.id]):
            if decision.kind == "suspend" and decision.state == "standing":
                await decisions.lift(tx, ctx, decision=decision, by=by)
        await suspensions.unsuspend(tx, ctx, actor=actor)  # one from before decisions were kept

    await ctx.db.write(step)
    return [_("%(handle)s is no longer suspended.", handle=f"@{actor.handle}")]


async def block(
    ctx: Context,
    *,
    host: str,
    severity: str = "suspend",
    reject_media: bool = False,
    reason: str = "",
    public_comment: str = "",
    reject_reports: bool = False,
    obfuscate: bool = False,
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
            tx,
            ctx,
            host=host,
            severity=cast(Severity, severity),
            reject_media=reject_media,
            reason=reason[:2_000],
            public_comment=public_comment[:500],
            reject_reports=reject_reports,
            obfuscate=obfuscate,
        )
    )
    return [_("%(host)s: %(severity)s.", host=host, severity=severity)]


async def unblock(ctx: Context, *, host: str) -> list[str]:
    """Deal with a host again."""
    _ = translator(ctx.settings.language)
    if all(each.host != hosts.normal(host) for each in await hosts.every(ctx.db.reader)):
        there = pointer("beffroi domain blocks", sentence("Other servers"))
        raise NotFound(sentence("%(host)s is not blocked; %(there)s shows what is.", host=host, there=there))
    await ctx.db.write(lambda tx: domain_policies.unblock(tx, ctx, host=host))
    return [_("%(host)s is no longer blocked.", host=host)]


async def allow(ctx: Context, *, host: str) -> list[str]:
    """Put a host, with all below it, on the list of those that are dealt with, whatever holds for others."""
    _ = translator(ctx.settings.language)
    await ctx.db.write(lambda tx: domain_policies.block(tx, ctx, host=host, severity="none"))
    return [_("%(host)s: allowed.", host=hosts.normal(host))]


async def only_listed(ctx: Context, *, off: bool = False) -> list[str]:
    """Deal with nobody but the hosts of that list; with *off*, with everybody again."""
    _ = translator(ctx.settings.language)
    await ctx.db.write(lambda tx: domain_policies.only_listed(tx, ctx, on=not off))
    if off:
        return [_("Every server is dealt with, but those that are blocked.")]
    return _listed(await hosts.every(ctx.db.reader), _)


async def list_blocks(ctx: Context) -> list[str]:
    """One line a host that is blocked or allowed, and whether all others are refused."""
    _ = translator(ctx.settings.language)
    found, allowed = await hosts.every(ctx.db.reader), _("allowed")
    lines = [
        f"{each.host}  {allowed if each.severity == 'none' else each.severity}"
        f"{' + media' if each.reject_media else ''}  {each.reason}".rstrip()
        for each in found
        if each.host != hosts.EVERYONE
    ]
    if any(each.host == hosts.EVERYONE for each in found):
        lines += _listed(found, _)
    return lines or [_("No host is blocked.")]


def _listed(found: Sequence[Policy], _: Translator) -> list[str]:
    allowed = [each.host for each in found if each.severity == "none"]
    if not allowed:
        return [_("Only listed servers are dealt with, and none is listed: 'beffroi domain allow' lists one.")]
    return [_("Only listed servers are dealt with: %(hosts)s.", hosts=", ".join(allowed))]
