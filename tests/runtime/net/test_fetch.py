"""Reading another server's document: redirects, and types that are its server's word."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from node.runtime.net import AddressRefused, BadRedirect, BadUrl, NotResolved, Response, TooSlow, WrongType
from node.runtime.net.fetch import ACTIVITY_TYPES, content_type, follow, is_activity
from tests.support.asgi_network import AsgiNetwork

AS = "https://www.w3.org/ns/activitystreams"


def site(**pages):
    """An application of `path: location` redirects and `path: (status, content type)` pages; `/` is an actor."""

    async def app(scope, receive, send):
        found = pages.get(scope["path"][1:], (200, "application/activity+json"))
        if isinstance(found, str):
            status, headers = 302, [(b"location", found.encode())]
        else:
            status, headers = found[0], [(b"content-type", found[1].encode())] if found[1] else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return app


async def ask(network, url, **options):
    return await follow(
        network,
        url,
        headers_for=lambda _: {"User-Agent": "test"},
        max_bytes=1000,
        **{"accept": ACTIVITY_TYPES} | options,
    )


async def test_each_hop_is_signed_for_itself():
    """A signature covers one host and one path: the second server gets its own."""
    network = AsgiNetwork({"lyon.test": site(old="https://besancon.test/new?x=é"), "besancon.test": site()})
    signed = []

    def headers_for(url):
        signed.append(url)
        return {"User-Agent": "test", "Signature": f"for {url}"}

    response = await follow(
        network, "https://Lyon.test/old#me", headers_for=headers_for, accept=ACTIVITY_TYPES, max_bytes=99
    )
    assert response.url == "https://besancon.test/new?x=%C3%A9"
    assert signed == ["https://lyon.test/old", "https://besancon.test/new?x=%C3%A9"]
    assert [sent.headers["signature"] for sent in network.sent] == [f"for {url}" for url in signed]


@pytest.mark.parametrize(
    ("location", "refusal"),
    [
        ("https://169.254.169.254/latest/meta-data", AddressRefused),  # CVE-2026-77632
        ("https://127.0.0.1:8443/", AddressRefused),
        ("https://[::ffff:127.0.0.1]/", AddressRefused),
        ("//localhost/", AddressRefused),
        ("https://inside.test/", AddressRefused),
        ("https://nowhere.test/", NotResolved),
        ("https://lyon.test:25/", BadUrl),
        ("http://lyon.test/", BadRedirect),
        ("data:application/activity+json,{}", BadRedirect),
        ("file:///etc/passwd", BadRedirect),
        ("https://user:pass@lyon.test/", BadRedirect),
        ("https://[/", BadRedirect),
    ],
)
async def test_a_redirect_leads_to_the_public_web_only(location, refusal):
    network = AsgiNetwork({"lyon.test": site(a=location), "inside.test": site()})
    network.addresses["inside.test"] = "10.0.0.7"
    with pytest.raises(refusal):
        await ask(network, "https://lyon.test/a")
    assert len(network.sent) == 1


async def test_a_redirect_to_itself_is_not_run_in_circles():
    """CVE-2025-23221, CVE-2026-34148."""
    network = AsgiNetwork({"lyon.test": site(a="/a", b="https://lyon.test/c", c="b#x")})
    for path, requests in (("a", 1), ("b", 2)):
        network.sent.clear()
        with pytest.raises(BadRedirect, match="circle"):
            await ask(network, f"https://lyon.test/{path}")
        assert len(network.sent) == requests


async def test_three_redirects_are_followed_and_a_fourth_is_not():
    network = AsgiNetwork({"lyon.test": site(a="b", b="c", c="d", d="e")})
    assert (await ask(network, "https://lyon.test/b")).url == "https://lyon.test/e"
    with pytest.raises(BadRedirect, match="more than 3"):
        await ask(network, "https://lyon.test/a")
    with pytest.raises(BadRedirect):
        await ask(network, "https://lyon.test/d", max_redirects=0)


async def test_the_hops_share_one_time():
    network = AsgiNetwork({"lyon.test": site(a="https://slow.test/"), "slow.test": site()})
    network.slow["slow.test"] = 5
    with pytest.raises(TooSlow, match=r"slow\.test"):
        await ask(network, "https://lyon.test/a", timeout_total_s=5)


@pytest.mark.parametrize("status", [404, 410, 401, 500])
async def test_an_error_comes_back_whatever_its_page(status):
    """A deleted post answers 410 with an HTML page: that it is gone matters, not its type."""
    network = AsgiNetwork({"lyon.test": site(a=(status, "text/html"))})
    assert (await ask(network, "https://lyon.test/a")).status == status


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        (f'application/ld+json; profile="{AS}"', True),
        (f"application/ld+json;profile={AS}", True),
        (f'application/ld+json; charset="utf-8"; PROFILE="{AS}"', True),
        (f'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted {AS}"', True),
        (f'application/ld+json; x="a;\\"; profile=b"; profile="{AS}"', True),
        (f'application/ld+json; x="; profile={AS}"', False),
        (f'application/ld+json; profile="{AS}/x"', False),
        (f'application/ld+json; profile=x; profile="{AS}"', False),
        ("application/ld+json", False),
        ("application/json", False),
        ("text/html", False),
        ("text/plain; application/activity+json", False),
        ("application/activity+json, text/html", False),
        ("image/png", False),
        ("", False),
    ],
)
async def test_only_activitystreams_is_a_servers_word(header, accepted):
    """CVE-2024-23832 and others began with an upload that was read as an actor."""
    network = AsgiNetwork({"lyon.test": site(a=(200, header))})
    if accepted:
        assert is_activity(await ask(network, "https://lyon.test/a"))
    else:
        with pytest.raises(WrongType):
            await ask(network, "https://lyon.test/a")


def answer(*types: str) -> Response:
    headers = CIMultiDict([("Content-Type", kind) for kind in types])
    return Response(200, CIMultiDictProxy(headers), b"", "https://lyon.test/")


def test_two_content_types_are_none():
    """What reads the first and what reads the last would not see the same document."""
    assert content_type(answer("text/html", "application/activity+json")) == ("", {})
    assert not is_activity(answer("application/activity+json", "application/activity+json"))


def test_parameters_are_read_with_and_without_quotes():
    assert content_type(answer('Text/HTML; Charset=UTF-8; a="b\\"c;d"; e')) == (
        "text/html",
        {"charset": "UTF-8", "a": 'b"c;d'},
    )


async def test_other_types_are_asked_by_name_or_family():
    network = AsgiNetwork({"lyon.test": site(a=(200, "image/png"), b=(200, "application/jrd+json; charset=utf-8"))})
    assert (await ask(network, "https://lyon.test/a", accept={"image/*"})).status == 200
    assert (await ask(network, "https://lyon.test/b", accept={"application/jrd+json"})).status == 200
    assert (await ask(network, "https://lyon.test/b", accept=())).status == 200
    with pytest.raises(WrongType):
        await ask(network, "https://lyon.test/a", accept={"application/json"})
