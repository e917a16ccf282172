"""The index of search: how much of it there is, and how it is built anew."""

from node.runtime.context import Context
from node.runtime.i18n import translator
from node.timeline.search import index


async def show(ctx: Context) -> list[str]:
    """How many posts and accounts can be found, and how many are still to be read."""
    _ = translator(ctx.settings.language)
    found = await index.size(ctx.db.survey)
    return [
        _("Posts in the index of search: %(count)s", count=found.posts),
        _("Accounts in the index of search: %(count)s", count=found.actors),
        _("Still to be read: %(count)s", count=found.waiting),
    ]


async def rebuild(ctx: Context) -> list[str]:
    """Have everything read again; what is in the index is found meanwhile."""
    _ = translator(ctx.settings.language)
    queued = await index.rebuild(ctx)
    return [
        _("%(count)s posts and accounts are being read again, newest first; search goes on meanwhile.", count=queued)
    ]
