"""Who may reply to an account of this node."""

from admin.actors import the_local_actor
from node.actors import actors
from node.runtime.context import Context
from node.runtime.i18n import translator
from node.timeline import held, replies


async def who_may(ctx: Context, *, handle: str, who: str = "") -> list[str]:
    """Who may reply to what *handle* publishes from now on; without *who*, what holds now."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    if who:
        column = replies.usually(dict.fromkeys(replies.GOVERNABLE, replies.rule_of(who)))
        found = actor
        actor = await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=found, changes={"replies": column}))
    waiting = await held.waiting_count(ctx.db.reader, actor.id)
    said = {
        level: replies.who_of(replies.usual(actor, level)) or _("a rule of an application")
        for level in replies.GOVERNABLE
    }
    lines = [_("%(visibility)s posts: %(who)s", visibility=level, who=word) for level, word in said.items()]
    return [*lines, _("replies that wait: %(count)s", count=waiting)]
