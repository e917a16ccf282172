"""Where a visitor from another server goes on at home: the page that her own server offers for following.

Her handle's WebFinger document holds a template (`http://ostatus.org/schema/1.0/subscribe`, which Mastodon,
Pleroma, GoToSocial, Misskey and others publish); the address of what she wants is put into it.
"""

from typing import Final
from urllib.parse import quote

from node.actors import domains
from node.federation.resolve import webfinger
from node.runtime.context import Context
from node.runtime.errors import Forbidden, Invalid, Malformed, NotFound, Unavailable
from node.runtime.i18n import sentence
from node.runtime.net import BadUrl, NetworkFailure
from node.runtime.net.urls import parse

_MAX_CHARS: Final = 300


async def address(ctx: Context, *, handle: str, uri: str) -> str:
    """Where the browser of *handle*, as a person types it, is sent to act upon *uri*.

    Raises:
        Invalid: that is not a handle.
        Forbidden: this node has no dealings with that host.
        NotFound: there is no such account, or its server has no such page.
        Unavailable: its server does not answer, or nothing readable.
    """
    user, host = read_handle(handle)
    if await domains.is_local(ctx.db.reader, host):
        home = (await domains.for_request(ctx.db.reader, host)).service_host
        return f"{ctx.settings.scheme}://{home}/authorize_interaction?uri={quote(uri, safe='')}"
    try:
        found = await webfinger.look_up(ctx, user, host)
    except NotFound:
        raise NotFound(sentence("%(host)s knows nobody called %(user)s.", host=host, user=user)) from None
    except Forbidden:
        raise Forbidden(sentence("This site has no exchanges with %(host)s.", host=host)) from None
    except (NetworkFailure, Unavailable, Malformed) as error:
        raise Unavailable(
            sentence("%(host)s does not answer. Check the address, or try again later.", host=host)
        ) from error
    try:
        return parse((found.subscribe or "").replace("{uri}", quote(uri, safe=""))).url
    except BadUrl:
        raise NotFound(
            sentence("%(host)s has no page for this. Search for the address in your application.", host=host)
        ) from None


def read_handle(text: str) -> tuple[str, str]:
    """The name and the host of a handle, as people type it: `@user@host`, `user@host`, `https://host/@user`.

    Raises:
        Invalid: it is none.
    """
    typed = "".join(text.split())
    if typed.lower().startswith(("https://", "http://")):
        host, _, path = typed.partition("://")[2].partition("/")
        typed = f"{path.split('/')[0].removeprefix('@')}@{host}"
    try:
        if len(typed) <= _MAX_CHARS:
            return webfinger.split(typed)
    except Malformed:
        pass
    raise Invalid(sentence("This is not an account on the fediverse: write it like @name@server.example."))
