"""A URL read once into the exact form that is signed, sent and compared."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote, urlsplit

from yarl import URL

from node.runtime.net import BadUrl

MAX_CHARACTERS: Final = 4096  # signed media URLs pass 2,048
_SHORT_CHARACTERS: Final = 256
_PORTS: Final = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# What a browser reads as an IPv4 address (URL Standard, 'ends in a number'): 127.1, 0x7f000001, 2130706433.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# The URL Standard's path and query percent-encode sets, seen from the other side; a standing % is left alone.
_SAFE: Final = "/%:@!$&'()*+,;=~-._[]|?"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `url` is what goes on the wire: its path and query are signed as they stand here."""

    url: str
    scheme: str
    host: str
    """Lower case, ASCII; an IPv6 address without its brackets."""
    port: int
    literal: bool
    """The host is an address, not a name."""


def parse(url: str) -> Target:
    """Read an absolute http or https *url*, as strict about the host as it is tolerant about the path.

    The host becomes lower-case ASCII (IDNA, UTS 46), the default port and the fragment go, and characters that
    cannot travel are percent-encoded. Parsing the result again changes nothing.

    Raises:
        BadUrl: not such a URL, or it carries credentials, spaces, controls, invisible characters.
    """
    # The same inbox, id or host is read a dozen times on its way through a node.
    return _remembered(url) if len(url) <= _SHORT_CHARACTERS else _read(url)


def _read(url: str) -> Target:
    if len(url) > MAX_CHARACTERS:
        raise BadUrl(f"a URL of {len(url)} characters is too long")
    # urlsplit drops tabs and newlines and others read a backslash as a slash: parsers that disagree are a door.
    if not url.isprintable() or " " in url or "\\" in url:
        raise BadUrl(f"{_shown(url)} has a space, a backslash or an invisible character")
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        raise BadUrl(f"{_shown(url)} is not a URL") from None
    if split.scheme not in _PORTS or not split.hostname:
        raise BadUrl(f"{_shown(url)} is not a web address")
    if "@" in split.netloc:
        raise BadUrl("a URL with a user name or a password is not asked")
    host, literal = _host(split.hostname, bracketed="[" in split.netloc)
    default = _PORTS[split.scheme]
    if port == 0:
        raise BadUrl(f"{_shown(url)} has no usable port")
    port = port or default
    authority = (f"[{host}]" if ":" in host else host) + ("" if port == default else f":{port}")
    path = quote(split.path, safe=_SAFE) or "/"
    query = f"?{quote(split.query, safe=_SAFE)}" if split.query else ""
    return Target(f"{split.scheme}://{authority}{path}{query}", split.scheme, host, port, literal)


_remembered = lru_cache(maxsize=4096)(_read)


def _host(host: str, *, bracketed: bool) -> tuple[str, bool]:
    """The normal form of *host*, and whether it is an address."""
    if bracketed:
        try:
            if "%" in host:
                raise BadUrl("an address with a scope is not asked")
            return IPv6Address(host).compressed, True
        except ValueError:
            raise BadUrl(f"{_shown(host)} is not an IPv6 address") from None
    if not host.isascii():
        try:
            host = (URL.build(scheme="https", host=host).raw_host or "").lower()
        except ValueError:
            raise BadUrl(f"{_shown(host)} is not a host name") from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl(f"{_shown(host)} is not a host name")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host)), True
        except ValueError:
            raise BadUrl(f"{_shown(host)} is not an IPv4 address in its usual form") from None
    return host, False


def _shown(text: str) -> str:
    """*text* as it may stand in a message: quoted, escaped and short."""
    return ascii(text if len(text) <= 100 else text[:100] + "...")
