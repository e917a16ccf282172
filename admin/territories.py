"""Territories: made from the official data or by hand, and shown with who shares."""

from admin import people as admin_people
from admin.actors import the_domain, the_local_actor
from node.actors import keys
from node.actors.actor import Actor
from node.agreements import agreements, territories
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator


async def create(
    ctx: Context,
    *,
    epci: str = "",
    departement: str = "",
    region: str = "",
    domain: str = "",
    username: str = "",
    name: str = "",
    summary: str = "",
    member: str = "",
) -> list[str]:
    """Make a territory at *domain*; *member* is the e-mail of the person who will keep it.

    With one of the three codes it is described from the official geographic code; without, it is called *name*.
    """
    _ = translator(ctx.settings.language)
    where = await the_domain(ctx, domain)
    described = None
    if epci or departement or region:
        described = territories.official(epci=epci, departement=departement, region=region)
        shared = await ctx.db.reader.value("SELECT COUNT(*) FROM domains WHERE service_host = $1", where.service_host)
        username = username or (described.handle_on_shared_host if shared > 1 else described.handle)
        name = name or described.title
    if not username or not name:
        raise Invalid(sentence("A territory made by hand has a name: --username and --name."))
    fresh = await keys.make_keys()

    async def step(tx: Tx) -> Actor:
        made = await territories.create(
            tx, ctx, domain=where, username=username, name=name, keys=fresh, described=described, summary=summary
        )
        if member:
            await admin_people.to_speak_for(ctx, tx, email=member, actor_id=made.id, role="owner")
        return made

    made = await ctx.db.write(step)
    lines = [_("Made: %(handle)s", handle=f"@{made.handle}"), made.url]
    if described is not None:
        lines.append(
            _("%(count)s communes belong to it; 'beffroi territory show' lists them.", count=len(described.communes))
        )
    return lines


async def show(ctx: Context, *, handle: str) -> list[str]:
    """The territory, its agreements, and the communes of the official data that have none yet."""
    _ = translator(ctx.settings.language)
    territory = await the_territory(ctx, handle)
    lines = [f"@{territory.handle}  {territory.name}", territory.url]
    reader = ctx.db.reader
    for actor, agreement in await territories.members(reader, territory.id):
        tags = " ".join(f"#{tag}" for tag in agreement.terms.categories) if agreement.terms else ""
        lines.append(f"  @{actor.handle}  {agreement.state}  {tags}".rstrip())
    waiting = await agreements.of_actor(reader, territory.id, states=("proposed",))
    if waiting:
        lines.append(_("%(count)s proposals wait: beffroi agreement list", count=len(waiting)))
    described = territories.official_of(territory)
    if described is not None:
        found = await territories.neighbours(reader, territory, described)
        lines.append(_("Communes of the official data (%(year)s):", year=described.year))
        for each in found:
            standing = each.agreement.state if each.agreement else "–"
            lines.append(
                f"  {each.commune.code}  {each.commune.name}"
                + (f"  @{each.actor.handle}  {standing}" if each.actor is not None else "")
            )
    return lines


async def list_all(ctx: Context) -> list[str]:
    """One line a territory of this node."""
    rows = await ctx.db.survey.fetch(
        "SELECT a.username, a.handle_host, a.name, "
        "(SELECT COUNT(*) FROM agreements g WHERE g.territory_id = a.id AND g.state = 'active') AS members "
        "FROM actors a WHERE a.domain_id IS NOT NULL AND a.kind = 'territory' AND a.state <> 'deleted' "
        "ORDER BY a.handle_host, a.username"
    )
    return [f"@{row['username']}@{row['handle_host']}  {row['name']}  {row['members']}" for row in rows]


async def the_territory(ctx: Context, handle: str) -> Actor:
    """The territory of this node written @name@host."""
    found = await the_local_actor(ctx, handle)
    if found.kind != "territory":
        raise NotFound(sentence("%(handle)s is not a territory.", handle=handle))
    return found
