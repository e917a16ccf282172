"""Asking another server's WebFinger: a handle leads to an id, and says how it is really written."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from node.actors import hosts
from node.federation.identity import allow_http, user_agent
from node.federation.vocab import json, links
from node.runtime.context import Context
from node.runtime.errors import Invalid, Malformed, NotFound, Unavailable
from node.runtime.net.fetch import follow

_ACCEPT: Final = frozenset({"application/jrd+json", "application/json"})
_MAX_BYTES: Final = 100_000
_SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
_AS: Final = ("application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"')


@dataclass(frozen=True, slots=True)
class Found:
    """What a server says of a handle."""

    user: str
    host: str
    """The handle as the subject has it; the host in its normal form."""
    actor_uri: str
    subscribe: str | None
    """Where a reader of that server follows from: a template with `{uri}`."""


class Unknown(NotFound):
    """The server that was asked has no such handle, or no WebFinger at all."""


async def look_up(ctx: Context, user: str, host: str, *, scheme: str | None = None) -> Found:
    """Ask *host* (normal form) who *user*@*host* is.

    Raises:
        Unknown: nobody of that name there.
        NotFound: nobody with an ActivityPub id.
        Malformed: the answer cannot be read.
        HostSuspended: we have no dealings with that host.
        Unavailable, NetworkFailure: no usable answer.
    """
    policies = await hosts.policies(ctx)
    policies.refuse_blocked(host)
    agent = await user_agent(ctx)

    def headers_for(hop: str) -> dict[str, str]:
        policies.refuse_blocked(hosts.of_uri(hop))
        return {"User-Agent": agent, "Accept": "application/jrd+json, application/json"}

    asked = f"{scheme or _scheme(ctx, host)}://{host}/.well-known/webfinger?resource={quote(f'acct:{user}@{host}')}"
    response = await follow(ctx.network, asked, headers_for=headers_for, accept=_ACCEPT, max_bytes=_MAX_BYTES)
    if 400 <= response.status < 500 and response.status not in (408, 425, 429):
        raise Unknown(f"{host} knows nobody called {user}")
    if response.status != 200:
        raise Unavailable(f"{host} answered {response.status}")
    return _read(json.read(response.body), host, allow=allow_http(ctx))


def split(handle: str) -> tuple[str, str]:
    """(user, host in its normal form) of `user@host`, `@user@host` or `acct:user@host`.

    Raises:
        Malformed: none of these.
    """
    user, at, host = handle.strip().removeprefix("acct:").removeprefix("@").rpartition("@")
    if not at or not user or "@" in user or any(mark in user for mark in " /?#:\\"):
        raise Malformed("a handle is written name@host")
    try:
        return user, hosts.authority(host)
    except Invalid:
        raise Malformed("the handle names an impossible host") from None


def _scheme(ctx: Context, host: str) -> str:
    name, _, port = host.partition(":")
    pair = (name, int(port) if port else 443)
    return ctx.settings.scheme if pair in ctx.settings.laboratory_pairs else "https"


def _read(raw: dict[str, Any], host: str, *, allow: bool) -> Found:
    subject = raw.get("subject")
    if not isinstance(subject, str):
        raise Malformed(f"the WebFinger answer of {host} has no subject")
    user, subject_host = split(subject)
    actor_uri: str | None = None
    subscribe: str | None = None
    for link in links.listed(raw.get("links")):
        match link:
            case {"rel": "self", "href": str(href), "type": str(kind)} if kind in _AS and actor_uri is None:
                actor_uri = links.optional_uri(href, allow_http=allow)
            case {"rel": rel, "template": str(template)} if rel == _SUBSCRIBE and "{uri}" in template:
                subscribe = template
    if actor_uri is None:
        raise NotFound(f"{user}@{subject_host} is not on ActivityPub")
    return Found(user, subject_host, actor_uri, subscribe)
