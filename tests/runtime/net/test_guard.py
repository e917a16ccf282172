"""The address guard against the IANA special-purpose registries, and against what broke other programs."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.net import AddressRefused, BadUrl
from node.runtime.net.guard import LaboratoryRefused, check, check_laboratory, is_public
from node.runtime.net.urls import parse

# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, every row,
# those marked globally reachable included (nobody keeps a town there); then multicast and what was withdrawn.
SPECIAL = {
    "0.0.0.0/8": "this network",
    "0.0.0.0/32": "this host (CVE-2026-33693)",
    "10.0.0.0/8": "private use",
    "100.64.0.0/10": "shared address space (CVE-2026-50131)",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "169.254.169.254/32": "metadata of clouds (GHSA-crr4-7rm4-8gpw, CVE-2026-77632)",
    "172.16.0.0/12": "private use",
    "192.0.0.0/24": "IETF protocol assignments (CVE-2026-50131)",
    "192.0.0.0/29": "IPv4 service continuity prefix",
    "192.0.0.8/32": "IPv4 dummy address",
    "192.0.0.9/32": "port control protocol anycast",
    "192.0.0.10/32": "TURN anycast",
    "192.0.0.170/31": "NAT64 / DNS64 discovery",
    "192.0.2.0/24": "documentation 1",
    "192.31.196.0/24": "AS112-v4",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "6to4 relay anycast, withdrawn",
    "192.88.99.2/32": "6a44 relay anycast",
    "192.168.0.0/16": "private use",
    "192.175.48.0/24": "direct delegation AS112",
    "198.18.0.0/15": "benchmarking (CVE-2026-50131)",
    "198.51.100.0/24": "documentation 2",
    "203.0.113.0/24": "documentation 3",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "255.255.255.255/32": "limited broadcast (CVE-2026-33693)",
    "::1/128": "loopback",
    "::/128": "unspecified",
    "::/96": "IPv4-compatible (GHSA-vwhj-3g83-v276)",
    "::ffff:0:0/96": "IPv4-mapped (GHSA-xx55-4rrg-8xg6)",
    "::ffff:0:0:0/96": "IPv4-translated (SIIT)",
    "64:ff9b::/96": "NAT64 (CVE-2026-50131)",
    "64:ff9b:1::/48": "local NAT64",
    "100::/64": "discard",
    "100:0:0:1::/64": "dummy prefix",
    "2001::/23": "IETF protocol assignments",
    "2001::/32": "Teredo (CVE-2026-50131)",
    "2001:1::1/128": "port control protocol anycast",
    "2001:1::2/128": "TURN anycast",
    "2001:1::3/128": "DNS-SD anycast",
    "2001:2::/48": "benchmarking",
    "2001:3::/32": "AMT",
    "2001:4:112::/48": "AS112-v6",
    "2001:10::/28": "ORCHID, withdrawn",
    "2001:20::/28": "ORCHIDv2",
    "2001:30::/28": "drone identifiers",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4 (CVE-2026-50131)",
    "2620:4f:8000::/48": "direct delegation AS112",
    "3fff::/20": "documentation",
    "5f00::/16": "segment routing",
    "fc00::/7": "unique local",
    "fd00:ec2::254/128": "metadata of a cloud over IPv6",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local, withdrawn",
    "ff00::/8": "multicast",
}
PUBLIC = (
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255",
    "198.20.0.0", "223.255.255.255", "2001:200::1", "2606:4700:4700::1111", "2a00:1450:4007::1", "2003::1",
)  # fmt: skip


@pytest.mark.parametrize("network", SPECIAL)
@given(data=st.data())
def test_no_special_purpose_address_is_dialled(network, data):
    """The first, the last and any address of every registered range (GHSA-xfrj-c749-jxxq: the list had holes)."""
    found = ip_network(network)
    inside = data.draw(st.integers(int(found.network_address), int(found.broadcast_address)))
    kind = type(found.network_address)
    for address in (found.network_address, found.broadcast_address, kind(inside)):
        assert not is_public(str(address)), f"{address} is dialled: {SPECIAL[network]}"


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_dialled(address):
    assert is_public(address), f"towns at {address} cannot be reached"


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_hidden_in_an_ipv6_address_is_refused(inner):
    """Mapped, compatible, translated, NAT64, 6to4 and Teredo: each would be one more way to 127.0.0.1."""
    value = int(inner)
    hidden = {
        "compatible": IPv6Address(value),
        "mapped": IPv6Address((0xFFFF << 32) | value),
        "translated": IPv6Address((0xFFFF << 48) | value),
        "NAT64": IPv6Address((0x64FF9B << 96) | value),
        "local NAT64": IPv6Address((0x64FF9B0001 << 80) | value),
        "6to4": IPv6Address((0x2002 << 112) | (value << 80)),
        "Teredo": IPv6Address((0x20010000 << 96) | (value ^ 0xFFFFFFFF)),
    }
    for how, address in hidden.items():
        assert not is_public(str(address)), f"{inner} is reachable as {address} ({how})"


@given(st.ip_addresses())
def test_what_is_public_lies_outside_every_special_range(address):
    if is_public(str(address)):
        assert address.is_global
        for network in SPECIAL:
            found = ip_network(network)
            if isinstance(found, IPv4Network) == isinstance(address, IPv4Address):
                assert address not in found
        assert isinstance(address, IPv4Address) or address in IPv6Network("2000::/3")


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2606:4700::1%eth0", "lyon.test", "", "1.1.1", "0x7f.1", "1.1.1.1 "])
def test_what_is_no_plain_address_is_not_public(text):
    assert not is_public(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://0.0.0.0/", "https://255.255.255.255/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[::127.0.0.1]/", "https://[::ffff:169.254.169.254]/", "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/", "https://10.0.0.1:8443/", "https://localhost/", "https://redis:6379/",
        "https://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_a_private_host_is_refused_before_anything_is_sent(url):
    with pytest.raises(AddressRefused):
        check(parse(url), frozenset())


@pytest.mark.parametrize(
    "url",
    [
        "http://lyon.example/", "http://lyon.example:443/", "https://lyon.example:80/", "https://lyon.example:25/",
        "https://lyon.example:22/", "https://lyon.example:1023/",
    ],
)  # fmt: skip
def test_other_services_are_not_talked_to(url):
    with pytest.raises(BadUrl):
        check(parse(url), frozenset())


@pytest.mark.parametrize("url", ["https://lyon.example/", "https://lyon.example:8443/", "https://1.1.1.1/"])
def test_a_web_server_is_asked(url):
    check(parse(url), frozenset())


def test_the_laboratory_opens_one_port_of_one_host():
    """An exception is a pair: neither the host's other ports nor the port of other hosts come with it."""
    laboratory = frozenset({("127.0.0.1", 8080), ("lyon.localhost", 80)})
    check(parse("http://127.0.0.1:8080/"), laboratory)
    check(parse("http://lyon.localhost/"), laboratory)
    for near in ("http://127.0.0.1:8081/", "https://127.0.0.2:8080/", "https://localhost:8080/", "http://x.localhost/"):
        with pytest.raises((AddressRefused, BadUrl)):
            check(parse(near), laboratory)


@pytest.mark.parametrize("domain", ["lyon.fr", "social.lyon.fr:443", "8.8.8.8", "LYON.FR", "localhost.fr", "mytest"])
def test_a_laboratory_beside_a_public_domain_is_refused(domain):
    """A node of a real town never starts with its private addresses open, and the message names the town."""
    with pytest.raises(LaboratoryRefused, match=r"127\.0\.0\.1:9000") as refused:
        check_laboratory(["besancon.localhost:8443", domain], frozenset({("127.0.0.1", 9000)}))
    assert domain.split(":")[0].lower() in str(refused.value)


@pytest.mark.parametrize(
    "domain", ["localhost:8080", "lyon.localhost", "lyon.test:8443", "127.0.0.1:8080", "[::1]:8080", "a.internal"]
)
def test_a_laboratory_on_laboratory_names_is_accepted(domain):
    check_laboratory([domain], frozenset({("127.0.0.1", 9000)}))


def test_without_a_laboratory_any_domain_is_accepted():
    check_laboratory(["lyon.fr"], frozenset())
