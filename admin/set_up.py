"""The first hour of a node: from an INSEE code to a town that can write."""

from typing import cast

from admin import actors as admin_actors
from admin import domains as admin_domains
from admin import people as admin_people
from admin.actors import Description
from node.actors import domains, hosts, keys, people
from node.actors.domains import Domain
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator


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

    With *insee* the actor is that commune; else an organisation called *username*. What is there already is left as
    it is, so that a second call finishes what a first one began. All is made in one step: what is refused changes
    nothing.
    """
    _ = translator(ctx.settings.language)
    host = hosts.authority(domain)
    service = hosts.authority(service_host or domain)
    await admin_domains.check(ctx, host, service)
    here = await domains.by_handle_host(ctx.db.reader, host)
    if here is not None and service_host and here.service_host != service:
        raise Invalid(
            sentence("%(host)s is served at %(service)s already, and ids never move.", host=host,
                     service=here.service_host)
        )  # fmt: skip
    writer = await _writer(ctx, here, host, service, insee=insee, username=username, name=name)
    newcomer = None
    if email and await people.by_email(ctx.db.reader, email) is None:
        newcomer = await admin_people.prepare(email, password)
    where_to = _(
        "Log in at %(address)s",
        address=f"{ctx.settings.scheme}://{service if here is None else here.service_host}/login",
    )
    is_made = here is not None and newcomer is None and isinstance(writer, int)
    if is_made and (not email or await _has_somebody(ctx.db.reader, cast(int, writer))):
        return [where_to]  # nothing is written, not even into the log of acts
    of_domain, of_writer = await keys.make_keys(), await keys.make_keys()
    lines: list[str] = []

    async def step(tx: Tx) -> None:
        lines.clear()  # a step may be run again
        where = here or await admin_domains.make(
            tx, ctx, handle_host=host, service_host=service, name=name, contact_email=email, fresh=of_domain
        )
        if here is None:
            lines.append(_("Domain: %(host)s", host=where.handle_host))
        if newcomer is not None:
            await admin_people.make(tx, ctx, newcomer, keeper=True)
            lines.extend(admin_people.said(ctx, newcomer))
        actor_id = writer if isinstance(writer, int) else None
        if isinstance(writer, Description):
            made = await admin_actors.make(tx, ctx, domain=where, described=writer, fresh=of_writer)
            actor_id = made.id
            lines.extend((_("Made: %(handle)s", handle=f"@{made.handle}"), made.url))
        if email and actor_id is not None and not await _has_somebody(tx, actor_id):
            await admin_people.to_speak_for(ctx, tx, email=email, actor_id=actor_id, role="owner")

    await ctx.db.write(step)
    return [*lines, where_to]


async def _writer(
    ctx: Context, here: Domain | None, host: str, service: str, *, insee: str, username: str, name: str
) -> Description | int:
    """Who writes on the domain: the id of the actor that is there, or what is to be made."""
    wanted: Description | None = None
    if insee:
        shared = await admin_actors.is_shared(ctx.db.reader, service, host)
        wanted = admin_actors.commune(insee, shared=shared, username=username, name=name)
    elif username:
        wanted = admin_actors.organisation("public_service", username, name)
    found: int | None = None
    if here is not None:
        found = await ctx.db.reader.value(
            "SELECT id FROM actors WHERE domain_id = $1 AND kind <> 'instance' AND state <> 'deleted' "
            "AND ($2 = '' OR insee = $2) AND ($3 = '' OR username = $3) ORDER BY id LIMIT 1",
            here.id,
            (wanted.insee or "") if wanted else "",
            wanted.username.lower() if wanted and not wanted.insee else "",
        )
    if found is not None:
        return found
    if wanted is None:
        raise Invalid(sentence("Say which commune (--insee 25056), or a name for another organisation (--username)."))
    return wanted


async def _has_somebody(reader: Reader, actor_id: int) -> bool:
    return await reader.value("SELECT 1 FROM memberships WHERE actor_id = $1 LIMIT 1", actor_id) is not None
