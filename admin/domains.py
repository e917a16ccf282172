"""The node's own domains."""

from typing import Final, cast, get_args

from admin.actors import the_domain
from node.actors import actors, domains, hosts, keys, people
from node.actors.domains import Domain, Registrations
from node.actors.keys import NewKeys
from node.moderation import legal
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator
from node.runtime.net import guard
from node.runtime.settings import settings_file

_PUBLIC: Final[tuple[Registrations, ...]] = ("approval", "open")
"""Where anybody may ask for an account, the site is open to the public."""


async def add(
    ctx: Context, *, handle_host: str, service_host: str = "", name: str = "", contact_email: str = ""
) -> list[str]:
    """Take a domain in, with the actor that fetches in its name."""
    _ = translator(ctx.settings.language)
    made = await create(ctx, handle_host=handle_host, service_host=service_host, name=name, contact_email=contact_email)
    lines = [_("%(host)s is now a domain of this node, served at %(service)s.", host=made.handle_host,
               service=f"{ctx.settings.scheme}://{made.service_host}/")]  # fmt: skip
    if made.handle_host != made.service_host:
        lines.append(
            _("On %(host)s, let /.well-known/webfinger lead to %(service)s.", host=made.handle_host,
              service=f"{ctx.settings.scheme}://{made.service_host}/.well-known/webfinger")
        )  # fmt: skip
    return lines


async def create(
    ctx: Context, *, handle_host: str, service_host: str = "", name: str = "", contact_email: str = ""
) -> Domain:
    """The domain and its instance actor, in one step."""
    await check(ctx, handle_host, service_host)
    fresh = await keys.make_keys()
    return await ctx.db.write(
        lambda tx: make(
            tx, ctx, handle_host=handle_host, service_host=service_host, name=name, contact_email=contact_email,
            fresh=fresh,
        )
    )  # fmt: skip


async def check(ctx: Context, handle_host: str, service_host: str = "") -> None:
    """Refuse hosts with which the node could not be reached, or would be open to strangers.

    Raises:
        Invalid: not a host name, or a public one on a node that speaks http.
        LaboratoryRefused: a public one beside an open laboratory.
    """
    wanted = [hosts.authority(each) for each in (handle_host, service_host) if each] or [hosts.authority(handle_host)]
    known = await domains.all(ctx.db.reader)
    guard.check_laboratory([*wanted, *(each.service_host for each in known)], ctx.settings.laboratory_pairs)
    for host in wanted:
        if ctx.settings.scheme == "http" and not guard.is_laboratory(host):
            raise Invalid(
                sentence(
                    "This node speaks http, for one's own machine only; for %(host)s, take scheme out of %(file)s.",
                    host=host,
                    file=str(settings_file() or "BEFFROI_SCHEME"),
                )
            )


async def make(
    tx: Tx, ctx: Context, *, handle_host: str, service_host: str, name: str, contact_email: str, fresh: NewKeys
) -> Domain:
    """Within a step: the domain and its instance actor."""
    made = await domains.create(
        tx, ctx, handle_host=handle_host, service_host=service_host or handle_host, name=name or handle_host,
        contact_email=contact_email,
    )  # fmt: skip
    await actors.create_instance_actor(tx, ctx, domain=made, keys=fresh)
    tx.after_commit(lambda: forget(ctx))
    return made


def forget(ctx: Context) -> None:
    """What the node calls itself is said anew."""
    for name in ("user_agent", "asker", "own_hosts", "domains_by_host"):
        ctx.forget(name)


async def list_all(ctx: Context) -> list[str]:
    """One line a domain."""
    rows = await ctx.db.survey.fetch(
        "SELECT d.handle_host, d.service_host, d.name, COUNT(a.id) AS actors FROM domains d "
        "LEFT JOIN actors a ON a.domain_id = d.id AND a.state = 'active' AND a.kind <> 'instance' "
        "GROUP BY d.id, d.handle_host, d.service_host, d.name ORDER BY d.id"
    )
    _ = translator(ctx.settings.language)
    return [
        f"{row['handle_host']}  {row['service_host']}  {row['name']}  " + _("actors: %(count)s", count=row["actors"])
        for row in rows
    ]


async def describe(
    ctx: Context,
    *,
    domain: str = "",
    name: str = "",
    description: str = "",
    contact_email: str = "",
    registrations: str = "",
) -> list[str]:
    """Say anew what strangers read about a domain, and who may make an account; what is left empty stays.

    Raises:
        Invalid: strangers may not sign up where the law's notice is incomplete.
    """
    _ = translator(ctx.settings.language)
    found = await the_domain(ctx, domain)
    if registrations and registrations not in get_args(Registrations):
        choices = ", ".join(get_args(Registrations))
        raise Invalid(sentence("Who may make an account is one of: %(choices)s", choices=choices))
    if contact_email:
        contact_email = people.normal_email(contact_email)
    if registrations in _PUBLIC and registrations != found.registrations:
        missing = (await legal.of_domain(ctx.db.reader, found.id)).missing
        if missing:
            raise Invalid(
                sentence(
                    "Before everybody may sign up, the law wants the legal notice of %(host)s to be complete. Still "
                    "missing, under Domains in the console: %(names)s",
                    host=found.handle_host, names=", ".join(_(name) for name in missing),
                )
            )  # fmt: skip
    await ctx.db.write(
        lambda tx: domains.update(
            tx, domain=found, name=name or found.name, description=description or found.description,
            contact_email=contact_email or found.contact_email,
            registrations=cast(Registrations, registrations or found.registrations),
        )
    )  # fmt: skip
    forget(ctx)
    lines = [_("%(host)s is described anew.", host=found.handle_host)]
    if registrations not in ("", "closed") and not mail.configured(ctx):
        lines.append(
            _("But this node sends no mail, and every sign-up begins with a letter: set smtp and mail_from first.")
        )
    return lines


async def legal_notice(
    ctx: Context,
    *,
    domain: str = "",
    publisher: str | None = None,
    siren: str | None = None,
    director: str | None = None,
    host: str | None = None,
    dpo: str | None = None,
) -> list[str]:
    """Say who publishes a site, who answers for it, who hosts it and whom to ask about personal data; None: as it was."""
    _ = translator(ctx.settings.language)
    found = await the_domain(ctx, domain)
    said = {"publisher": publisher, "siren": siren, "director": director, "host": host, "dpo": dpo}
    given = {name: text for name, text in said.items() if text is not None}
    notice = (
        await ctx.db.write(lambda tx: legal.say(tx, domain_id=found.id, said=given))
        if given
        else await legal.of_domain(ctx.db.reader, found.id)
    )
    lines = [f"{_(name)}: {getattr(notice, field)}" for field, name in legal.NAMES.items() if getattr(notice, field)]
    if notice.missing:
        names = ", ".join(_(name) for name in notice.missing)
        lines.append(
            _("The law wants more of the legal notice of %(host)s: %(names)s", host=found.handle_host, names=names)
        )
    return lines
