"""The two addresses of a new node: read strictly, and what to know of them before they are for ever.

What would not work is refused; what looks odd is said, and the keeper decides.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from admin import domains
from node.actors import hosts
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import Sentence, sentence
from node.runtime.net import guard

_LOOK_UP_S: Final = 3.0
_OURS: Final = (
    "fr", "re", "gp", "mq", "gf", "yt", "pm", "wf", "tf", "nc", "pf", "eu", "alsace", "bzh", "corsica", "paris",
)  # fmt: skip
"""Extensions of the country and its territories, as the ANCT's référentiel for town halls lists them."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a node is, in normal form."""

    handle: str
    """Right of the @."""
    service: str
    """Where pages, applications and other servers ask."""


async def read(ctx: Context, handle: str, service: str) -> Addresses:
    """What was typed; an empty service host is the handle host. A whole address is read as its host.

    Raises:
        Invalid: it is no host, or one under which this node could not be reached.
    """
    if not handle:
        raise Invalid(sentence("Say what stands on the right of the @: the town's own domain, commune.fr."))
    found = Addresses(*(hosts.authority(_host_of(each)) for each in (handle, service or handle)))
    await domains.check(ctx, found.handle, found.service)
    return found


async def advice(asked: str, addresses: Addresses) -> Sequence[Sentence]:
    """What to think of before these addresses are taken, by a browser that reached the node as *asked*."""
    said = []
    if addresses.service != asked:
        said.append(
            sentence(
                "You reach this node as %(asked)s, and it would answer as %(service)s. If that is what you want, that "
                "name must lead here too before you go on.",
                asked=asked, service=addresses.service,
            )
        )  # fmt: skip
    public = [each for each in dict.fromkeys((addresses.service, addresses.handle)) if not guard.is_laboratory(each)]
    for host, leads in zip(public, await asyncio.gather(*map(_leads_somewhere, public)), strict=True):
        if not leads:
            said.append(
                sentence(
                    "%(host)s leads nowhere yet. Where the town's domain is kept (its registrar), add a record A, or "
                    "AAAA for IPv6, from %(host)s to the address of this server. It may take an hour to be known.",
                    host=host,
                )
            )  # fmt: skip
    if addresses.handle != addresses.service:
        said.append(
            sentence(
                "On the site of %(handle)s, let /.well-known/webfinger lead to %(service)s/.well-known/webfinger "
                "(a redirect): without it, nobody elsewhere finds @name@%(handle)s.",
                handle=addresses.handle, service=addresses.service,
            )
        )  # fmt: skip
    said += [each for host in public for each in _of_name(host)]
    return list(dict.fromkeys(said))


def _of_name(host: str) -> list[Sentence]:
    if host.endswith(".gouv.fr"):
        return [sentence("%(host)s: names in .gouv.fr are the State's. A commune stays under its own name.", host=host)]
    if host.rpartition(".")[2] not in _OURS:
        return [
            sentence(
                "%(host)s: people trust a town's address in .fr, or in its region's or territory's own extension. Any "
                "other works too.",
                host=host,
            )
        ]  # fmt: skip
    return []


def _host_of(typed: str) -> str:
    """The host of what somebody copied from her browser: https://commune.fr/accueil."""
    return typed.strip().removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("@")


async def _leads_somewhere(host: str) -> bool:
    name = host.partition(":")[0]
    try:
        await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo(name, 443), _LOOK_UP_S)
    except (socket.gaierror, UnicodeError):
        return False
    except TimeoutError:
        return True  # nobody knows: nothing is said
    return True
