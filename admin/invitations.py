"""Invitations by those who keep the node: to make an account, or to speak for one."""

from typing import cast, get_args

from admin.actors import the_domain, the_local_actor
from node.actors import domains, invitations, letters, people
from node.actors.memberships import Role
from node.runtime import mail
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator


async def create(
    ctx: Context, *, email: str = "", handle: str = "", role: str = "", domain: str = "", uses: int = 1, days: int = 7,
    by: str = "",
) -> list[str]:  # fmt: skip
    """Invite *email*, or whoever gets the link, to *handle*'s team or (without *handle*) to make an account at *domain*."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle) if handle else None
    if bool(handle) != bool(role):
        raise Invalid(sentence("An account and a role go together: %(roles)s", roles=", ".join(get_args(Role))))
    if actor is None:
        at = await the_domain(ctx, domain)
    else:
        found = None if actor.domain_id is None else await domains.by_id(ctx.db.reader, actor.domain_id)
        if found is None:
            raise NotFound(sentence("This server has no such domain."))
        at = found
    person = await people.by_email(ctx.db.reader, by) if by else None
    token = await ctx.db.write(
        lambda tx: invitations.invite(
            tx, ctx, email=email or None, by=person, domain_id=at.id, actor_id=None if actor is None else actor.id,
            role=cast(Role, role) if role else None, uses=uses, days=days,
        )
    )  # fmt: skip
    lines = [_("Link, shown this once: %(link)s", link=letters.address(ctx, at, f"/invitations/{token}"))]
    if email and mail.configured(ctx):
        lines.insert(0, _("A letter is on its way to %(email)s.", email=email))
    elif email:
        lines.append(_("This node sends no mail yet: hand the link over yourself."))
    return lines


async def list_all(ctx: Context, *, domain: str = "") -> list[str]:
    """The invitations that can still be used."""
    _ = translator(ctx.settings.language)
    at = await the_domain(ctx, domain)
    lines = []
    for each in await invitations.of_domain(ctx.db.reader, ctx, domain_id=at.id):
        what = each.role or _("an account")
        whose = each.email or _("whoever has the link")
        lines.append(f"{each.id}  {what}  {whose}  {each.used}/{each.uses}  {iso(each.expires_ms)}  {each.by_name}")
    return lines or [_("None.")]


async def withdraw(ctx: Context, *, id: int) -> list[str]:  # noqa: A002 - as it is typed
    """Take an invitation back."""
    _ = translator(ctx.settings.language)
    await ctx.db.write(lambda tx: invitations.withdraw(tx, ctx, invitation_id=id, by=None))
    return [_("The invitation is withdrawn.")]
