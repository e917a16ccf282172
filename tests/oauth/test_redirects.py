"""Where an application may have the browser sent to, and how the answer gets there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.oauth import redirects
from node.runtime.errors import Invalid


@pytest.mark.parametrize(
    "uri",
    [
        "urn:ietf:wg:oauth:2.0:oob",
        "icecubesapp://",
        "com.tapbots.Ivory.24601:/request_token/83234f0e-17bc-4ec4-94fb-76f38a117b0d",
        "mastodon-android-auth://callback",
        "oauth2redirect://com.keylesspalace.tusky/",
        "https://elk.zone/api/ville.example/oauth/https%3A%2F%2Felk.zone",
        "https://phanpy.social/?instance=ville.example",
        "http://localhost:5173/",
        "web+ap://login",
    ],
)
def test_the_addresses_of_real_applications_are_taken(uri):
    assert redirects.read((uri,)) == (uri,)


@pytest.mark.parametrize(
    "uri",
    [
        "", "   ", "/relative", "example.org", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "https://", "https:///path", "https://evil.example/#fragment",
        "https://evil\x00.example/", "https://[::1", "x" * 3000,
    ],
)  # fmt: skip
def test_an_address_that_no_browser_should_open_is_refused(uri):
    with pytest.raises(Invalid):
        redirects.read((uri,))


def test_several_addresses_come_as_lines_or_as_a_list():
    assert redirects.read(("app://a\napp://b", "app://a")) == ("app://a", "app://b")


@pytest.mark.parametrize(
    ("uri", "answered"),
    [
        ("icecubesapp://", "icecubesapp://?code=x%20y&state=z".replace("%20", "+")),
        ("com.tapbots.Ivory.1:/x", "com.tapbots.Ivory.1:/x?code=x+y&state=z"),
        ("https://elk.zone/oauth?a=b", "https://elk.zone/oauth?a=b&code=x+y&state=z"),
        ("app://callback?a=b", "app://callback?a=b&code=x+y&state=z"),
    ],
)
def test_the_answer_is_added_to_the_address_as_it_was_registered(uri, answered):
    assert redirects.answer(uri, {"code": "x y", "state": "z", "error": None}) == answered


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    try:
        assert redirects.read((text,))
    except Invalid:
        pass
