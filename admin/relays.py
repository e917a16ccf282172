"""Relays: joined, left, listed."""

from admin.actors import the_domain
from node.actors import actors, hosts
from node.federation import resolve
from node.federation.delivery import relays
from node.federation.delivery.relays import Relay, Style
from node.federation.identity import allow_http
from node.federation.vocab import links
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Invalid, Malformed, NotFound
from node.runtime.i18n import sentence, translator

_STATES = {
    "asked": sentence("asked, no answer yet"),
    "accepted": sentence("accepted: public posts go there and come from there"),
    "refused": sentence("refused"),
}


async def add(ctx: Context, *, url: str, style: str = "", domain: str = "") -> list[str]:
    """Ask the relay at *url* to take the domain's service host in.

    An address that ends in /inbox is a Mastodon-style relay's, every other one the actor of a LitePub relay.

    Raises:
        Invalid: not an address, or no such style.
        BeffroiError: the relay's actor cannot be read.
    """
    _ = translator(ctx.settings.language)
    meant = _style(style, url)
    try:
        address = links.uri(url, allow_http=allow_http(ctx))
    except Malformed:
        raise Invalid(sentence("This is not the address of a relay: %(url)s", url=url)) from None
    await hosts.refuse_blocked(ctx.db.reader, hosts.of_uri(address))
    asker = await actors.instance_actor(ctx.db.reader, (await the_domain(ctx, domain)).service_host)
    inbox, actor_uri = address, None
    if meant == "litepub":
        actor = await resolve.actor(ctx, address)
        inbox, actor_uri = actor.inbox, actor.uri
    made = await ctx.db.write(
        lambda tx: relays.ask(tx, ctx, asker=asker, style=meant, inbox=inbox, actor_uri=actor_uri)
    )
    return [_("%(relay)s was asked; `beffroi relay list` says what it answers.", relay=made.actor_uri or made.inbox)]


async def remove(ctx: Context, *, url: str) -> list[str]:
    """Leave the relay.

    Raises:
        NotFound: it was never asked.
    """
    _ = translator(ctx.settings.language)
    known = [each for each in await relays.every(ctx.db.reader) if url in (each.inbox, each.actor_uri)]
    if not known:
        raise NotFound(sentence("There is no such relay here: %(url)s", url=url))
    for relay in known:
        await ctx.db.write(lambda tx, relay=relay: relays.leave(tx, ctx, relay))  # type: ignore[misc]
    return [_("%(relay)s was left.", relay=url)]


async def list_all(ctx: Context) -> list[str]:
    """The relays, and what they answered."""
    _ = translator(ctx.settings.language)

    def line(relay: Relay) -> str:
        return f"{relay.actor_uri or relay.inbox}  {relay.style}  {_(_STATES[relay.state])}  {iso(relay.changed_ms)}"

    return [line(each) for each in await relays.every(ctx.db.reader)] or [_("This node has joined no relay.")]


def _style(style: str, url: str) -> Style:
    match style:
        case "":
            return "mastodon" if url.rstrip("/").endswith("/inbox") else "litepub"
        case "mastodon":
            return "mastodon"
        case "litepub":
            return "litepub"
    raise Invalid(sentence("The style of a relay is mastodon or litepub."))
