"""Local actors: made, listed, given people, deleted, given new keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from admin import people as admin_people
from admin.pointers import pointer
from node.actors import actors, domains, hosts, keys, memberships, people
from node.actors.actor import Actor, Type
from node.actors.domains import Domain
from node.actors.keys import NewKeys
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator
from node.territory import handles
from node.territory.gazetteer import Gazetteer

Kind = Literal["person", "commune", "epci", "association", "business", "public_service", "territory"]
_TYPES: dict[str, Type] = {"person": "Person", "territory": "Group"}


@dataclass(frozen=True, slots=True)
class Description:
    """An actor that is still to be made."""

    username: str
    type: Type
    kind: str
    name: str
    summary: str = ""
    fields: Sequence[tuple[str, str]] = ()
    insee: str | None = None
    siren: str | None = None
    codes_proof: str = ""


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
        shared = await is_shared(ctx.db.reader, where.service_host, where.handle_host)
        described = commune(insee, shared=shared, username=username, name=name)
    else:
        described = organisation(kind, username, name)
    fresh = await keys.make_keys()

    async def step(tx: Tx) -> Actor:
        made = await make(tx, ctx, domain=where, described=described, fresh=fresh)
        if member:
            await admin_people.to_speak_for(ctx, tx, email=member, actor_id=made.id, role=role)
        return made

    actor = await ctx.db.write(step)
    return [_("Made: %(handle)s", handle=f"@{actor.handle}"), actor.url]


async def make(tx: Tx, ctx: Context, *, domain: Domain, described: Description, fresh: NewKeys) -> Actor:
    """Within a step: make the actor that was *described*."""
    return await actors.create_local(
        tx, ctx, domain=domain, username=described.username, type=described.type, kind=described.kind,
        name=described.name, keys=fresh, summary_source=described.summary, fields=described.fields,
        insee=described.insee, siren=described.siren, codes_proof=described.codes_proof,
        language=ctx.settings.language,
    )  # fmt: skip


def organisation(kind: str, username: str, name: str = "") -> Description:
    """Somebody who is not in the official geographic code.

    Raises:
        Invalid: no such kind, or no name.
    """
    if kind not in get_args(Kind):
        raise Invalid(
            sentence("%(kind)s is no kind of actor: %(kinds)s", kind=ascii(kind), kinds=", ".join(get_args(Kind)))
        )
    if not username:
        raise Invalid(sentence("Say the name on the left of the @: --username"))
    return Description(username, _TYPES.get(kind, "Organization"), kind, name or username)


def commune(insee: str, *, shared: bool, username: str = "", name: str = "") -> Description:
    """A commune, described from the official geographic code; *name* is shown instead of the official one.

    *shared*: several domains have the service host, so that the proposed name holds the code.

    Raises:
        UnknownPlace: there is no such commune.
    """
    with Gazetteer() as gazetteer:
        found = gazetteer.by_insee(insee)
        departement = gazetteer.departement(found.departement)
        epci = gazetteer.epci(found.epci) if found.epci else None
        proposed = handles.on_shared_host(found) if shared else handles.propose(gazetteer, found)
        year = gazetteer.source().year
    fields = [("Code INSEE", found.code)]
    if found.siren:
        fields.append(("SIREN", found.siren))
    fields.append(("Département", f"{departement.name} ({departement.code})"))
    if epci:
        fields.append(("Intercommunalité", epci.title))
    return Description(
        username or proposed,
        "Organization",
        "commune",
        name or found.name,
        f"Commune {found.of_name}, {departement.name}.",
        fields,
        found.code,
        found.siren,
        f"declared by the node's keeper; official geographic code {year}",
    )


async def is_shared(reader: Reader, service_host: str, handle_host: str) -> bool:
    """Whether *service_host* serves another domain than *handle_host*'s."""
    return any(each.handle_host != handle_host for each in await domains.by_service_host(reader, service_host))


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
        raise NotFound(sentence("Nobody logs in with %(email)s.", email=email))

    async def step(tx: Tx) -> None:
        # Refused within the step: else the log would say that a role was taken away.
        if not await memberships.remove(tx, person_id=person.id, actor_id=actor.id):
            raise NotFound(sentence("%(email)s does not speak for %(handle)s.", email=email, handle=f"@{actor.handle}"))

    await ctx.db.write(step)
    ctx.forget("oauth_tokens")
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
    names = ", ".join(each.handle_host for each in known)
    if not known:
        raise Invalid(sentence("This node has no domain yet: beffroi init"))
    if not host:
        if len(known) > 1:
            raise Invalid(sentence("Say which domain with --domain: %(names)s", names=names))
        return known[0]
    found = await domains.by_handle_host(ctx.db.reader, hosts.authority(host))
    if found is None:
        raise NotFound(sentence("%(host)s is no domain of this node: %(names)s", host=host, names=names))
    return found


async def any_actor(ctx: Context, handle: str) -> Actor:
    """The known actor, local or not, written @name@host."""
    username, _at, host = handle.removeprefix("@").partition("@")
    where = hosts.authority(host) if host else (await the_domain(ctx, "")).handle_host
    found = await actors.by_handle(ctx.db.reader, username, where)
    if found is None:
        raise NotFound(sentence("Nobody known here is called %(handle)s.", handle=handle))
    return found


async def the_local_actor(ctx: Context, handle: str) -> Actor:
    """The local actor written @name@host."""
    found = await any_actor(ctx, handle)
    if not found.local or found.deleted:
        raise NotFound(
            sentence(
                "%(handle)s is not an actor of this node; %(there)s shows them.",
                handle=handle, there=pointer("beffroi actor list", sentence("Accounts")),
            )
        )  # fmt: skip
    return found
