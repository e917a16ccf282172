"""The words of a post, for a notification, a feed's title or a search."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.runtime.text.plain import plain, shorten


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un<br>deux</p><p>trois</p>", "Un\ndeux\n\ntrois"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "• a\n• b\n\nc"),
        ("<p>1 &lt; 2 &amp;amp; &eacute;</p>", "1 < 2 &amp; é"),
        ("<p>&lt;b&gt;non&lt;/b&gt;</p>", "<b>non</b>"),
        ("<p>a\n   b</p>\n<p>c</p>", "a b\n\nc"),
        (
            '<a href="https://x.test/"><span class="invisible">https://</span><span>x.test/</span></a>',
            "https://x.test/",
        ),
        ("<h1>Titre</h1>texte<script>x</script>", "Titre\n\ntexte"),
        ("sans balise", "sans balise"),
        ("", ""),
    ],
)
def test_the_words_come_out_in_their_order(html, text):
    assert plain(html) == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_that_was_escaped_is_found_again(text):
    from html import escape

    storable = text.encode("utf-8", "ignore").decode().replace("\0", "").replace("\xa0", " ").replace("\r", " ")
    assert plain(f"<p>{escape(storable)}</p>").split() == storable.split()


@pytest.mark.parametrize("piece", ["<a ", "<p>", "<br>", "\n", " \n", "&", "&lt;", "<li>"])
def test_a_hundred_kilobytes_are_read(piece):
    assert len(plain(piece * (100_000 // len(piece)))) <= 100_000


def test_a_title_is_cut_at_a_word():
    text = "Le conseil municipal se réunira jeudi à vingt heures\nà la mairie"
    assert shorten(text, 30) == "Le conseil municipal se…"
    assert shorten(text, 200) == text.replace("\n", " ")
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
    assert all(len(shorten(text, limit)) <= limit for limit in range(2, 70))
