"""Whether the node that runs is well, and what to do where it is not."""

import asyncio
from typing import Final

from admin import checks
from admin.checks import Finding
from node.actors import domains
from node.runtime.context import Context
from node.runtime.i18n import translator

_FAR_S: Final = 30.0


async def show(ctx: Context, *, far: bool = True) -> list[str]:
    """A line for each finding, and one for its cure; with *far*, what the network says too: names, TLS, clock, mail."""
    _ = translator(ctx.settings.language)
    found = [*await near(ctx), *(await around(ctx) if far else ())]
    failed = sum(each.failed for each in found)
    last = _("%(count)s things have to be mended.", count=failed) if failed else _("Nothing has to be mended.")
    return [*(line for each in found for line in str(each).splitlines()), last]


async def near(ctx: Context) -> list[Finding]:
    """What the node knows without asking anybody."""
    settings, db = ctx.settings, ctx.db
    return [
        *[each async for each in checks.keyring(settings)],
        checks.apart(settings),
        *checks.disk(settings),
        checks.backup(settings, ctx.clock.now_ms()),
        *[each async for each in checks.queue(settings, db, running=True)],
        *[each async for each in checks.notices(settings, db)],
        await checks.others(settings, db),
        await checks.versions(settings, db),
    ]


async def around(ctx: Context) -> list[Finding]:
    """What others say: how each domain is reached, and whether the mail server takes our name."""
    _ = translator(ctx.settings.language)
    try:
        async with asyncio.timeout(_FAR_S):
            found = [each async for each in checks.mail(ctx.settings, ctx.db)]
            for domain in await domains.all(ctx.db.reader):
                found += [each async for each in checks.domain(ctx.settings, ctx.network, domain)]
    except TimeoutError:
        found = [Finding(_("network"), _("no answer within half a minute."), "beffroi check")]
    return list(dict.fromkeys(found))  # domains that share a service host share its findings
