"""Which addresses may be dialled: the public internet, and the laboratory's exact host:port pairs.

An address is refused unless it is known to be public, so that an address family invented tomorrow is refused
too. Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from node.runtime.errors import BeffroiError
from node.runtime.net import AddressRefused, BadUrl
from node.runtime.net.urls import Target

Laboratory = frozenset[tuple[str, int]]
"""(host, port) pairs that may be dialled over http and on any address: demonstrations and tests only."""

# Written out because Python's own list changes with its version: 3.11.7 calls 192.0.0.128 and 192.88.99.1 global.
_REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches this very machine on Linux
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of some clouds
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: the metadata service of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

# Only 2000::/3 has been given out. What lies outside (IPv4-mapped ::ffff:0:0/96, IPv4-compatible ::/96, NAT64
# 64:ff9b::/96 and 64:ff9b:1::/48, unique local, link-local, multicast) carries or hides an address of another kind.
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

# RFC 6761, RFC 8375, RFC 6762 and ICANN's .internal: names that no registry will ever sell.
_LABORATORY_NAMES = ("localhost", "test", "example", "invalid", "internal", "local", "home.arpa")


class LaboratoryRefused(BeffroiError, ValueError):
    """The settings open private addresses on a node that also has a public domain."""


def is_public(address: str) -> bool:
    """Whether *address*, a literal as a resolver gives it, belongs to the public internet."""
    if "%" in address:  # a scope: link-local by definition
        return False
    try:
        found = ip_address(address)
    except ValueError:
        return False
    match found:
        case IPv4Address():
            return found.is_global and not any(found in network for network in _REFUSED_V4)
        case IPv6Address():
            return found in _GLOBAL_V6 and not any(found in network for network in _REFUSED_V6)


def check(target: Target, laboratory: Laboratory) -> None:
    """Refuse what can be refused before a name is looked up; the address itself is seen when it is dialled.

    Raises:
        BadUrl: http, or a port below 1024 other than 443, outside the laboratory.
        AddressRefused: an address that is not public, or a name without a dot.
    """
    if (target.host, target.port) in laboratory:
        return
    if target.scheme != "https":
        raise BadUrl(f"{target.host}: only https is asked")
    # Below 1024 live mail, remote shells and the like, which a request could be made to talk to.
    if target.port != 443 and target.port < 1024:
        raise BadUrl(f"{target.host}: port {target.port} is not a web server's")
    if target.literal:
        if not is_public(target.host):
            raise AddressRefused(f"{target.host} is not a public address")
    elif "." not in target.host:
        # It would be completed with the search domains of this machine's own network.
        raise AddressRefused(f"{target.host} is not a public name")


def check_laboratory(domains: Iterable[str], pairs: Laboratory) -> None:
    """Refuse settings that open the *pairs* beside a public domain among *domains* (`host` or `host:port`).

    Raises:
        LaboratoryRefused: it names the domain.
    """
    if not pairs:
        return
    for domain in domains:
        host = _host(domain)
        if not _is_laboratory_name(host):
            opened = ", ".join(sorted(f"{name}:{port}" for name, port in pairs))
            raise LaboratoryRefused(
                f"the laboratory opens {opened}, which is for tests only, but {host} is a public domain: "
                "remove the laboratory, or use a name under .localhost or .test"
            )


def is_laboratory(domain: str) -> bool:
    """Whether *domain* (`host` or `host:port`) is a name or an address that only one's own machines know."""
    return _is_laboratory_name(_host(domain))


def _host(domain: str) -> str:
    """The host of `host`, `host:port`, `[v6]:port`, in lower case."""
    if domain.startswith("["):
        return domain[1:].partition("]")[0].lower()
    host, colon, port = domain.rpartition(":")
    return (host if colon and port.isdecimal() and ":" not in host else domain).rstrip(".").lower()


def _is_laboratory_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return any(host == name or host.endswith(f".{name}") for name in _LABORATORY_NAMES)
    return not is_public(host)
