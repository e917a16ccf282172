"""The first hour of a node: from an INSEE code to a town that can write."""

import shlex
from collections.abc import Mapping
from typing import Final

from admin import actors as admin_actors
from admin import domains as admin_domains
from admin import people as admin_people
from admin.actors import Description
from node.actors import domains, first_run, hosts, keys, people
from node.actors.domains import Domain
from node.moderation import legal
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator

PLACEHOLDER: Final = "NOM-DU-SERVEUR"
"""In an address whose host nobody knows yet."""


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
    if insee and not name:
        name = admin_actors.commune(insee, shared=False).name
    return await _make(
        ctx, domain=domain, service_host=service_host, insee=insee, email=email, password=password,
        username=username, name=name, contact=email,
    )  # fmt: skip


async def begin(ctx: Context, *, host: str = "") -> list[str]:
    """An address by which the node is set up in a browser; *host*: the name that leads here, if it is known.

    Raises:
        SetUpAlready: the node has a domain.
    """
    _ = translator(ctx.settings.language)
    local = _on_this_machine(ctx)
    where = hosts.authority(host) if host else local or PLACEHOLDER
    token = await ctx.db.write(lambda tx: first_run.draw(tx, ctx))
    address = f"{ctx.settings.scheme}://{where}/first-run/{token}"
    lines = [_("Set this node up in a browser, within the hour: %(address)s", address=address)]
    if where == PLACEHOLDER:
        lines.append(
            _("Write the name that leads here (social.commune.fr) in the place of %(name)s; its proxy must run.",
              name=PLACEHOLDER)
        )  # fmt: skip
    if local and not host:
        words = ["beffroi", "init", "--domain", local, "--username", "ma-commune", "--name", "Ma commune",
                 "--email", "agent@localhost.localdomain"]  # fmt: skip
        lines.append(_("Or without questions, for a trial: %(command)s", command=shlex.join(words)))
    return lines


async def found(
    ctx: Context,
    *,
    token: str,
    insee: str,
    domain: str,
    service_host: str,
    email: str,
    password: str,
    contact: str = "",
    publisher: str = "",
    siren: str = "",
    director: str = "",
    host: str = "",
    dpo: str = "",
) -> list[str]:
    """As `init`, from a browser that holds the *token* of `begin`: a node without a domain, and its legal notice too.

    Raises:
        SetUpAlready, NotOpen: the token opens nothing any more.
    """
    await first_run.require(ctx.db.reader, ctx, token)
    email = people.normal_email(email)
    if await people.by_email(ctx.db.reader, email) is not None:
        raise Invalid(sentence("Somebody logs in with %(email)s already: take another address.", email=email))
    if not password:
        raise Invalid(sentence("Choose a password."))
    return await _make(
        ctx, domain=domain, service_host=service_host, insee=insee, email=email, password=password,
        name=admin_actors.commune(insee, shared=False).name, contact=people.normal_email(contact) if contact else email,
        token=token, notice={"publisher": publisher, "siren": siren, "director": director, "host": host, "dpo": dpo},
    )  # fmt: skip


async def _make(
    ctx: Context,
    *,
    domain: str,
    service_host: str,
    insee: str,
    email: str,
    password: str,
    name: str,
    contact: str,
    username: str = "",
    token: str = "",
    notice: Mapping[str, str] = {},
) -> list[str]:
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
    if here is not None and newcomer is None and await _is_finished(ctx.db.reader, writer, email):
        return [_log_in_at(ctx, here)]  # nothing to make, and nothing to say in the log
    of_domain, of_writer = await keys.make_keys(), await keys.make_keys()
    lines: list[str] = []

    async def step(tx: Tx) -> Domain:
        lines.clear()  # a step may be run again
        if token:
            await first_run.spend(tx, ctx, token)
        where = here or await admin_domains.make(
            tx, ctx, handle_host=host, service_host=service, name=name, contact_email=contact, fresh=of_domain
        )
        if notice:
            await legal.say(tx, domain_id=where.id, said=notice)
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
        return where

    where = await ctx.db.write(step)
    return [*lines, _log_in_at(ctx, where)]


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


async def _is_finished(reader: Reader, writer: Description | int, email: str) -> bool:
    return isinstance(writer, int) and (not email or await _has_somebody(reader, writer))


async def _has_somebody(reader: Reader, actor_id: int) -> bool:
    return await reader.value("SELECT 1 FROM memberships WHERE actor_id = $1 LIMIT 1", actor_id) is not None


def _on_this_machine(ctx: Context) -> str:
    """What a browser of this machine calls a trial node; empty: it is no trial."""
    if ctx.settings.scheme != "http" or ctx.settings.listen.startswith("unix:"):
        return ""
    return ctx.settings.listen.replace("127.0.0.1", "localhost").replace("0.0.0.0", "localhost")  # noqa: S104


def _log_in_at(ctx: Context, where: Domain) -> str:
    _ = translator(ctx.settings.language)
    return _("Log in at %(address)s", address=f"{ctx.settings.scheme}://{where.service_host}/login")
