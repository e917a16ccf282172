"""Ids: whole, absolute, and on the host that they seem to be on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.federation.vocab import links
from node.runtime.errors import Malformed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.test/1", "https://a.test/1"),
        ({"id": "https://a.test/1", "type": "Note"}, "https://a.test/1"),
        (["https://a.test/1"], "https://a.test/1"),
        ([{"id": "https://a.test/1"}], "https://a.test/1"),
        ({"type": "Link", "href": "https://a.test/1"}, "https://a.test/1"),
    ],
)
def test_an_id_comes_in_many_wrappings(value: object, expected: str) -> None:
    assert links.id_of(value) == expected


@pytest.mark.parametrize("value", [None, "", 4, [], {}, {"id": 4}, {"id": ""}, ["a", "b"], {"href": "https://a.test"}])
def test_what_names_nothing_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        links.id_of(value)


def test_a_thousand_nested_lists_are_refused_not_followed() -> None:
    value: object = "https://a.test/1"
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Malformed):
        links.id_of(value)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.test/1",
        "https:///1",
        "https://",
        "//a.test/1",
        "/1",
        "a.test/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.test/1",
        "https://user@a.test/1",
        "https://user:secret@a.test/1",
        "https://a.test:0/1",
        "https://a.test:65536/1",
        "https://a.test:99999999999/1",
        "https://a.test\\@b.test/1",
        "https://a.test\\.b.test/",
        "https://a.test%2fb.test/1",
        "https://a.test /1",
        " https://a.test/1",
        "https://a.test/1\n",
        "https://a.test/\u202f\u2028",
        "https://a.test/\0",
        "https://a..test/1",
        "https://.test/1",
        "https://-a.test/1",
        "https://[::1/1",
        "https://[a.test]/1",
        "https://a.test/" + "x" * 2_048,
        "https://a.test/" + "é" * 1_100,
    ],
)
def test_an_address_that_parsers_disagree_on_is_no_id(address: str) -> None:
    with pytest.raises(Malformed):
        links.uri(address)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.test/1", "https://a.test"),
        ("HTTPS://A.Test/1", "https://a.test"),
        ("https://a.test./1", "https://a.test"),
        ("https://a.test:443/1", "https://a.test"),
        ("https://a.test:8443/1", "https://a.test:8443"),
        ("http://a.test:80/1", "http://a.test"),
        ("https://nîmes.test/1", "https://xn--nmes-0pa.test"),
        ("https://NÎMES.test/1", "https://xn--nmes-0pa.test"),
        ("https://xn--nmes-0pa.test/1", "https://xn--nmes-0pa.test"),
        ("https://a。test/1", "https://a.test"),
        ("https://a.test#@b.test/", "https://a.test"),
        ("https://a.test?@b.test/", "https://a.test"),
        ("https://a.test", "https://a.test"),
        ("http://[::1]:8080/1", "http://[::1]:8080"),
        ("https://my_domain/1", "https://my_domain"),
    ],
)
def test_one_host_has_one_spelling(address: str, origin: str) -> None:
    """CVE-2023-42451: a host in another spelling is the same host, and no other."""
    assert links.origin_of(address) == origin


def test_origins_are_compared_with_scheme_and_port() -> None:
    assert links.same_origin("https://A.test./x", "https://a.test:443/y")
    assert not links.same_origin("https://a.test/x", "http://a.test/x")
    assert not links.same_origin("https://a.test/x", "https://a.test:8443/x")
    assert not links.same_origin("https://a.test.evil.test/x", "https://a.test/x")
    assert not links.same_origin("nonsense", "nonsense"), "two things that are no ids share no origin"


def test_the_page_of_a_video_is_its_html() -> None:
    found = links.links_of(
        [
            {"type": "Link", "mediaType": "video/mp4", "href": "https://a.test/v.mp4"},
            {"type": "Link", "mediaType": "text/html; charset=utf-8", "href": "https://a.test/v"},
            {"type": "Link", "mediaType": "application/x-bittorrent", "href": "magnet:?x"},
            7,
            None,
        ]
    )
    assert links.page_of(found) == "https://a.test/v"
    assert len(found) == 2


@given(st.text(max_size=60) | st.text(alphabet="htps:/\\@#?.[]a1%é ", max_size=40).map(lambda tail: "https://" + tail))
def test_any_text_has_an_origin_or_none(address: str) -> None:
    try:
        origin = links.origin_of(address)
    except Malformed:
        return
    assert links.origin_of(origin) == origin, "the origin of an origin is itself"
    assert "@" not in origin
