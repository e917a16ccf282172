"""The first hour of a node: from an INSEE code to a town that can write."""

from admin import actors as admin_actors
from admin import domains as admin_domains
from admin import people as admin_people
from node.actors import domains, people
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import translator


async def init(
    ctx: Context,
    *,
    domain: str,
    service_host: str = "",
    insee: str = "",
    email: str = "",
    password: str = "",
    username: str = "",
    name: str = "",
) -> list[str]:
    """Make a domain, who writes there, and a person who may log in; say where to go.

    With *insee* the actor is that commune; else an organisation called *name*. What is there already is left as it
    is, so that a second call finishes what a first one began.
    """
    _ = translator(ctx.settings.language)
    lines: list[str] = []
    here = await domains.by_handle_host(ctx.db.reader, domain.lower())
    if here is None:
        here = await admin_domains.create(
            ctx, handle_host=domain, service_host=service_host, name=name or domain, contact_email=email
        )
        lines.append(_("Domain: %(host)s", host=here.handle_host))
    if email and await people.by_email(ctx.db.reader, email) is None:
        lines += await admin_people.create(ctx, email=email, password=password, keeper=True)
    taken = await ctx.db.reader.value(
        "SELECT 1 FROM actors WHERE domain_id = $1 AND kind <> 'instance' AND ($2 = '' OR insee = $2) LIMIT 1",
        here.id,
        insee,
    )
    if taken is None:
        if insee:
            actor = await admin_actors.create_commune(
                ctx, domain=here, insee=insee, username=username, name=name, member=email
            )
            lines.append(_("Made: %(handle)s", handle=f"@{actor.handle}"))
            lines.append(actor.url)
        elif username:
            lines += await admin_actors.create(
                ctx, domain=domain, username=username, kind="public_service", name=name, member=email
            )
        else:
            raise Invalid("say which commune (--insee 25056), or a name for another organisation (--username)")
    lines.append(_("Log in at %(address)s", address=f"{ctx.settings.scheme}://{here.service_host}/login"))
    return lines
