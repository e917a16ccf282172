"""Local actors: made, listed, given people, deleted, given new keys."""

from typing import Literal, get_args

from admin import people as admin_people
from node.actors import actors, domains, keys, memberships, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import translator
from node.territory import handles
from node.territory.gazetteer import Gazetteer

Kind = Literal["person", "commune", "epci", "association", "business", "public_service", "territory"]
_TYPES = {"person": "Person", "territory": "Group"}


async def create(
    ctx: Context,
    *,
    domain: str = "",
    username: str = "",
    kind: str = "person",
    name: str = "",
    insee: str = "",
    member: str = "",
    role: str = "owner",
) -> list[str]:
    """Make an actor at *domain* (the only one, if it is not said); *member* is the e-mail of who speaks for it.

    With *insee*, a commune's actor: name, codes, département and EPCI come from the official data.
    """
    _ = translator(ctx.settings.language)
    where = await the_domain(ctx, domain)
    if insee:
        actor = await create_commune(
            ctx, domain=where, insee=insee, username=username, name=name, member=member, role=role
        )
    else:
        if kind not in get_args(Kind):
            raise Invalid(f"{kind} is no kind of actor: {', '.join(get_args(Kind))}")
        if not username:
            raise Invalid("say the name on the left of the @: --username")
        fresh = await keys.make_keys()

        async def step(tx: Tx) -> Actor:
            made = await actors.create_local(
                tx, ctx, domain=where, username=username, type=_TYPES.get(kind, "Organization"),  # type: ignore[arg-type]
                kind=kind, name=name or username, keys=fresh, language=ctx.settings.language,
            )  # fmt: skip
            if member:
                await admin_people.to_speak_for(ctx, tx, email=member, actor_id=made.id, role=role)
            return made

        actor = await ctx.db.write(step)
    return [_("Made: %(handle)s", handle=f"@{actor.handle}"), actor.url]


async def create_commune(
    ctx: Context,
    *,
    domain: Domain,
    insee: str,
    username: str = "",
    name: str = "",
    member: str = "",
    role: str = "owner",
) -> Actor:
    """A commune's actor, described from the official geographic code; *name* is shown instead of the official one."""
    with Gazetteer() as gazetteer:
        commune = gazetteer.by_insee(insee)
        departement = gazetteer.departement(commune.departement)
        epci = gazetteer.epci(commune.epci) if commune.epci else None
        shared = await ctx.db.reader.value("SELECT COUNT(*) FROM domains WHERE service_host = $1", domain.service_host)
        proposed = handles.on_shared_host(commune) if shared > 1 else handles.propose(gazetteer, commune)
        year = gazetteer.source().year
    fields = [("Code INSEE", commune.code), ("Département", f"{departement.name} ({departement.code})")]
    if commune.siren:
        fields.insert(1, ("SIREN", commune.siren))
    if epci:
        fields.append(("Intercommunalité", epci.title))
    fresh = await keys.make_keys()

    async def step(tx: Tx) -> Actor:
        made = await actors.create_local(
            tx, ctx, domain=domain, username=username or proposed, type="Organization", kind="commune",
            name=name or commune.name, keys=fresh, summary_source=f"Commune {commune.of_name}, {departement.name}.",
            fields=fields, insee=commune.code, siren=commune.siren,
            codes_proof=f"declared by the node's keeper; official geographic code {year}",
        )  # fmt: skip
        if member:
            await admin_people.to_speak_for(ctx, tx, email=member, actor_id=made.id, role=role)
        return made

    return await ctx.db.write(step)


async def list_all(ctx: Context) -> list[str]:
    """One line a local actor."""
    rows = await ctx.db.survey.fetch(
        "SELECT username, handle_host, type, kind, name, state FROM actors WHERE domain_id IS NOT NULL "
        "ORDER BY handle_host, username"
    )
    return [
        f"@{row['username']}@{row['handle_host']}  {row['type']} {row['kind']}  {row['name']}"
        + ("" if row["state"] == "active" else f"  [{row['state']}]")
        for row in rows
    ]


async def member(ctx: Context, *, handle: str, email: str, role: str) -> list[str]:
    """Let a person speak for an actor."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    await ctx.db.write(lambda tx: admin_people.to_speak_for(ctx, tx, email=email, actor_id=actor.id, role=role))
    return [_("%(email)s is now %(role)s of %(handle)s.", email=email, role=role, handle=f"@{actor.handle}")]


async def unmember(ctx: Context, *, handle: str, email: str) -> list[str]:
    """She no longer speaks for it; her applications lose access at once."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    person = await people.by_email(ctx.db.reader, email)
    if person is None:
        raise NotFound(f"nobody logs in with {email}")
    if not await ctx.db.write(lambda tx: memberships.remove(tx, person_id=person.id, actor_id=actor.id)):
        raise NotFound(f"{email} does not speak for @{actor.handle}")
    ctx.cache.of("oauth_tokens").clear()
    return [_("%(email)s no longer speaks for %(handle)s.", email=email, handle=f"@{actor.handle}")]


async def delete(ctx: Context, *, handle: str) -> list[str]:
    """For good: its posts go, other servers are told, the name stays taken."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=actor))
    return [_("%(handle)s was deleted.", handle=f"@{actor.handle}")]


async def rotate_keys(ctx: Context, *, handle: str) -> list[str]:
    """Give an actor new keys, and tell its followers' servers."""
    _ = translator(ctx.settings.language)
    actor = await the_local_actor(ctx, handle)
    fresh = await keys.make_keys()
    await ctx.db.write(lambda tx: keys.rotate(tx, ctx, actor_id=actor.id, keys=fresh))
    return [_("%(handle)s has new keys.", handle=f"@{actor.handle}")]


async def the_domain(ctx: Context, host: str) -> Domain:
    """The domain called *host*, or the only one."""
    known = await domains.all(ctx.db.reader)
    if not known:
        raise Invalid("this node has no domain yet: beffroi init")
    if not host:
        if len(known) > 1:
            raise Invalid(f"say which domain: --domain {' | '.join(each.handle_host for each in known)}")
        return known[0]
    found = await domains.by_handle_host(ctx.db.reader, host.lower())
    if found is None:
        raise NotFound(f"{host} is no domain of this node: {', '.join(each.handle_host for each in known)}")
    return found


async def any_actor(ctx: Context, handle: str) -> Actor:
    """The known actor, local or not, written @name@host."""
    username, _at, host = handle.removeprefix("@").partition("@")
    found = await actors.by_handle(ctx.db.reader, username, host or (await the_domain(ctx, "")).handle_host)
    if found is None:
        raise NotFound(f"nobody known here is called {handle}")
    return found


async def the_local_actor(ctx: Context, handle: str) -> Actor:
    """The local actor written @name@host."""
    found = await any_actor(ctx, handle)
    if not found.local or found.deleted:
        raise NotFound(f"{handle} is not an actor of this node; 'beffroi actor list' shows them")
    return found
