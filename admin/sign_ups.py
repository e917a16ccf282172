"""Who asks for an account: seen, let in, refused; who may ask at all; and from where an account was made."""

from admin.pointers import pointer
from node.actors import keys, people
from node.moderation import sign_up_rules, sign_ups, traces
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import NotFound
from node.runtime.i18n import sentence, translator


async def list_all(ctx: Context) -> list[str]:
    """Who waits for a keeper, the latest first."""
    _ = translator(ctx.settings.language)
    lines = []
    for each in await sign_ups.waiting(ctx.db.reader):
        said = [each.email, f"@{each.username}" if each.username else "", each.name, each.reason]
        if each.parent_email:
            said.append(_("under fifteen; a parent agreed"))
        if each.held:
            said.append(_("a rule asks for a look"))
        lines.append(
            f"{each.id}  {iso(each.created_ms)}  " + "  ".join(filter(None, (" ".join(x.split()) for x in said)))
        )
    return lines or [_("Nobody waits.")]


async def approve(ctx: Context, *, id: int) -> list[str]:  # noqa: A002 - as it is typed
    """Make the account; she is told by mail."""
    _ = translator(ctx.settings.language)
    fresh = await keys.make_keys()
    person = await ctx.db.write(lambda tx: sign_ups.approve(tx, ctx, sign_up_id=id, keys=fresh))
    return [_("%(email)s can now log in.", email=person.email)]


async def refuse(ctx: Context, *, id: int, reason: str) -> list[str]:  # noqa: A002 - as it is typed
    """Make no account; the reason is mailed."""
    _ = translator(ctx.settings.language)
    found = await ctx.db.write(lambda tx: sign_ups.refuse(tx, ctx, sign_up_id=id, reason=reason))
    return [_("%(email)s is told why not.", email=found.email)]


async def list_rules(ctx: Context) -> list[str]:
    """The rules, one a line."""
    _ = translator(ctx.settings.language)
    found = await sign_up_rules.all(ctx.db.reader)
    return [f"{rule.kind}  {rule.value}  {rule.act}  {rule.note}".rstrip() for rule in found] or [_("None.")]


async def add_rule(ctx: Context, *, kind: str, value: str, act: str = "refuse", note: str = "") -> list[str]:
    """Refuse, or hold for a look, sign-ups with a mail host, from a network, or with a word."""
    _ = translator(ctx.settings.language)
    rule = await ctx.db.write(lambda tx: sign_up_rules.add(tx, ctx, kind=kind, value=value, act=act, note=note))
    return [_("Sign-ups: %(kind)s %(value)s, %(act)s", kind=rule.kind, value=rule.value, act=rule.act)]


async def remove_rule(ctx: Context, *, kind: str, value: str) -> list[str]:
    """Take a rule back."""
    _ = translator(ctx.settings.language)
    await ctx.db.write(lambda tx: sign_up_rules.remove(tx, kind=kind, value=value))
    return [_("The rule is gone.")]


async def read_traces(ctx: Context, *, email: str) -> list[str]:
    """From where a person made her account, and of one who left who she was, for a judge who asks; that it was read is kept in the log."""
    _ = translator(ctx.settings.language)
    person = await people.by_email(ctx.db.reader, email)
    person_id = await traces.find_former(ctx.db.reader, ctx, email=email) if person is None else person.id
    if person_id is None:
        there = pointer("beffroi user list", sentence("People"))
        raise NotFound(sentence("Nobody logs in with %(email)s; %(there)s shows who does.", email=email, there=there))

    async def step(tx: Tx) -> list[str]:
        found = await traces.of_person(tx, ctx, person_id=person_id)
        return [f"{iso(each.at_ms)}  {each.act}  {each.client}" for each in found]

    return await ctx.db.write(step) or [_("Nothing is kept (any longer).")]
