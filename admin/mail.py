"""Letters that wait or could not be sent: seen, tried again, dropped; and a letter to try the settings with."""

from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator
from node.runtime.mail import letters, postman
from node.runtime.mail.letters import Letter
from node.runtime.net import mailboxes


async def list_all(ctx: Context) -> list[str]:
    """The letters that were given up, those that wait, and what to do about it."""
    _ = translator(ctx.settings.language)
    lines = []
    for dead in (True, False):
        for each in await letters.page(ctx.db.reader, ctx, dead=dead):
            state = _("given up") if dead else _("waits")
            lines.append(
                f"{each.id}  {state}  {each.to}  {each.subject}  {each.attempts}x  {iso(each.created_ms)}  {each.error}"
            )
    waiting, given_up = await letters.count(ctx.db.reader)
    lines.append(_("Letters: %(waiting)s waiting, %(dead)s given up.", waiting=waiting, dead=given_up))
    if not letters.configured(ctx):
        lines.append(_("This node has no mail server: set smtp and mail_from, then try again."))
    return lines


async def retry(ctx: Context, *, id: int = 0) -> list[str]:  # noqa: A002 - as it is typed
    """Try what was given up again, all or one."""
    _ = translator(ctx.settings.language)
    count = await ctx.db.write(lambda tx: letters.retry(tx, ctx, letter_id=id or None))
    return [_("%(count)s letters will be tried again.", count=count)]


async def drop(ctx: Context, *, id: int = 0) -> list[str]:  # noqa: A002 - as it is typed
    """Forget what was given up, all or one."""
    _ = translator(ctx.settings.language)
    count = await ctx.db.write(lambda tx: letters.drop(tx, letter_id=id or None))
    return [_("%(count)s letters were dropped.", count=count)]


async def test(ctx: Context, *, address: str) -> list[str]:
    """Send a letter at once, and say what the mail server answered."""
    _ = translator(ctx.settings.language)
    to = mailboxes.checked(address.strip()).addr_spec
    if not letters.configured(ctx):
        raise Invalid(sentence("This node has no mail server: set smtp and mail_from, then try again."))
    letter = Letter(to, _("A letter to try the mail of Beffroi"), _("This node can send mail.") + "\n")
    await postman.send_now(ctx, letter)
    return [_("The mail server took a letter to %(address)s. Look into that mailbox.", address=to)]
