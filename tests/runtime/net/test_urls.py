"""URLs from strangers: what is refused, and the one form that is signed and sent."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from node.runtime.net import BadUrl
from node.runtime.net.urls import parse


@pytest.mark.parametrize(
    ("given_url", "normal"),
    [
        ("HTTPS://Lyon.Example", "https://lyon.example/"),
        ("https://lyon.example:443/users/a", "https://lyon.example/users/a"),
        ("http://lyon.example:80/", "http://lyon.example/"),
        ("https://lyon.example:8443/a?b=c&d=%20", "https://lyon.example:8443/a?b=c&d=%20"),
        ("https://lyon.example/@a#main-key", "https://lyon.example/@a"),
        ("https://saint-étienne.example/école?fête=où", "https://xn--saint-tienne-geb.example/%C3%A9cole?f%C3%AAte=o%C3%B9"),
        ("https://lyon.example/a%2Fb/~c/{d}", "https://lyon.example/a%2Fb/~c/%7Bd%7D"),
        ("https://lyon.example/a/../b", "https://lyon.example/a/../b"),
        ("https://lyon.example?page=1", "https://lyon.example/?page=1"),
        ("https://[2606:4700:0::1]:8443/", "https://[2606:4700::1]:8443/"),
        ("https://_dmarc.my_host.example/", "https://_dmarc.my_host.example/"),
    ],
)  # fmt: skip
def test_a_url_has_one_form(given_url, normal):
    assert parse(given_url).url == normal


@pytest.mark.parametrize(
    "url",
    [
        "", "lyon.example", "//lyon.example/", "/users/a", "acct:a@lyon.example", "urn:uuid:1", "as:Public",
        "data:application/json,{}",  # CVE-2026-62857
        "file:///etc/passwd", "gopher://lyon.example/", "ftp://lyon.example/", "javascript:alert(1)", "https:",
        "https://", "https:///a", "https:lyon.example", "https://user@lyon.example/", "https://u:p@lyon.example/",
        "https://lyon.example@127.0.0.1/", "https://lyon.example\\@127.0.0.1/", "https://lyon.example/\x00",
        "https://lyon.example/a b", " https://lyon.example/", "https://lyon.example/\r\nHost: x", "https://lyon\t.example",
        "https://lyon.example/\u200b", "https://lyon.example/\u202egpj", "https://lyon.example/\ud800",
        "https://lyon.example:0/", "https://lyon.example:65536/", "https://lyon.example:x/", "https://lyon..example/",
        "https://.lyon.example/", "https://lyon.example./", "https://-lyon.example/", "https://ly%6fn.example/",
        "https://" + "a" * 64 + ".example/", "https://" + "a." * 130 + "example/", "https://[::1/", "https://[lyon]/",
        "https://[fe80::1%25eth0]/", "https://[v1.a]/", "https://2130706433/", "https://127.1/", "https://0x7f.1/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.0.0.1.1/", "https://1.2.3.256/", "https://a.0x/",
        "https://lyon.example/" + "a" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(BadUrl) as refused:
        parse(url)
    message = str(refused.value)
    assert message.isascii(), "the message would show a stranger's characters"
    assert message.isprintable()
    assert len(message) < 700


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"https?://[^\s/]{1,40}(:[0-9]{1,5})?(/.*)?", fullmatch=True),
        st.builds("https://lyon.example{}".format, st.text()),
    )
)
@example("https://lyon.example/%")
@example("https://K.example/")
def test_any_text_is_refused_or_has_one_form(text):
    """Reading the normal form again changes nothing, and the HTTP client sends it as it stands."""
    try:
        target = parse(text)
    except BadUrl:
        return
    assert parse(target.url) == target
    assert target.url.isascii()
    wire = URL(target.url, encoded=True)
    assert str(wire) == target.url, "what is signed is not what is sent"
    assert (wire.scheme, wire.raw_host, wire.port) == (target.scheme, target.host, target.port)
    assert not wire.user
    assert not wire.fragment
