"""What an agent types becomes what the fediverse expects: links, mentions and hashtags are found, the rest is kept."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.runtime.text.cleaning import clean
from node.runtime.text.composing import compose, counted_chars, find, render, tidy
from node.runtime.text.plain import plain


def page_of(mention: str) -> str:
    return f"https://mairie.test/@{mention}"


def page_of_tag(hashtag: str) -> str:
    return f"https://mairie.test/tags/{hashtag}"


def nowhere(_: str) -> None:
    return None


def html_of(text: str) -> str:
    return compose(text, page_of, page_of_tag).html


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("Bonjour @alice", ("alice",)),
        ("@alice, @bob@Villeurbanne.TEST.", ("alice", "bob@villeurbanne.test")),
        ("(@alice) «@bruno» @alice @ALICE", ("alice", "bruno")),
        ("écrire à mairie@commune.test", ()),
        ("https://elsewhere.test/@alice", ()),
        ("/@alice =@alice x@alice é@alice", ()),
        ("@ alone, @@ twice, @-dash", ()),
        ("@mairie.besancon.", ("mairie.besancon",)),
        ("@mairie-besancon-", ("mairie-besancon",)),
        ("@bob@", ("bob",)),
        ("@ana@lyon.test:8443 @ana@lyon.test:", ("ana@lyon.test:8443", "ana@lyon.test")),
        ("@bob@ville-été.test", ("bob@ville-été.test",)),
        ("@" + "a" * 65, ()),
    ],
)
def test_mentions_are_found(text, mentions):
    assert find(text).mentions == mentions


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("#Marché ce soir", ("Marché",)),
        ("#marché #MARCHÉ", ("marché",)),
        ("#2024 n'est pas un mot, #Budget2024 et #2024budget le sont", ("Budget2024", "2024budget")),
        ("#habitant·es #fête_de_la_musique", ("habitant·es", "fête_de_la_musique")),
        ("#e\u0301te\u0301", ("e\u0301te\u0301",)),
        ("#日本 ＃東京 #हिन्दी", ("日本", "東京", "हिन्दी")),
        ("C#, x#y, é#y, /#y, =#y, )#y", ()),
        ("(#ici) #là.", ("ici", "là")),
        ("# titre ## sous-titre #_", ()),
        ("https://elsewhere.test/page#section", ()),
        ("#" + "a" * 101, ()),
    ],
)
def test_hashtags_are_found(text, hashtags):
    assert find(text).hashtags == hashtags


def test_a_text_becomes_paragraphs_and_lines():
    assert html_of("Un\ndeux\r\n\r\ntrois\n \n\nquatre & <cinq> l'été") == (
        "<p>Un<br>deux</p><p>trois</p><p>quatre &amp; &lt;cinq&gt; l'été</p>"
    )
    assert html_of("") == html_of(" \n ") == ""


def test_a_long_link_shows_its_beginning():
    """Clients hide the rest by its classes; the whole address is still in the text for those who copy it."""
    assert html_of("Voir https://www.mairie.test/actualites/2026/marche-de-noel, merci") == (
        '<p>Voir <a href="https://www.mairie.test/actualites/2026/marche-de-noel" target="_blank" '
        'rel="nofollow noopener noreferrer" translate="no"><span class="invisible">https://www.</span>'
        '<span class="ellipsis">mairie.test/actualites/2026/ma</span><span class="invisible">rche-de-noel</span></a>'
        ", merci</p>"
    )


def test_mentions_and_hashtags_become_links():
    assert html_of("@bob@lyon.test #Fête") == (
        '<p><span class="h-card" translate="no"><a href="https://mairie.test/@bob@lyon.test" class="u-url mention">'
        '@<span>bob</span></a></span> <a href="https://mairie.test/tags/Fête" class="mention hashtag" rel="tag">'
        "#<span>Fête</span></a></p>"
    )


def test_what_leads_nowhere_stays_as_it_was_typed():
    """Nobody is called that: the words stay, without a link."""
    assert compose("@Nobody@lyon.test #tag", nowhere, nowhere).html == "<p>@Nobody@lyon.test #tag</p>"


def test_addresses_cannot_break_out_of_their_link():
    found = find('https://elsewhere.test/?a=1&b="x @bob')
    html = render('https://elsewhere.test/?a=1&b="x @bob', found, lambda _: 'https://x.test/"><script>', page_of_tag)
    assert "<script>" not in html
    assert 'href="https://elsewhere.test/?a=1&amp;b=' in html


def test_only_whole_addresses_are_links():
    """A forgotten space after a full stop is no link; nor is a scheme that runs something."""
    text = "C'est la fin.Il pleut www.mairie.test javascript:alert(1) ftp://x.test mailto:a@b.test //x.test"
    assert find(text).urls == ()


def test_length_is_counted_as_clients_count_it():
    text = "@bob@villeurbanne.test " + "https://mairie.test/" + "x" * 300
    assert counted_chars(text, find(text)) == len("@bob ") + 23


def test_a_text_is_kept_tidy():
    assert tidy(" e\u0301\r\nx\0\x07\u2028y\t \ud800") == "é\nx\ny"


HOSTILE = [
    "@",
    "#",
    "@a",
    "#a",
    "@a@",
    "@a@b.",
    "a@",
    "http://",
    "https://a.fr/",
    "http://a@",
    "<a ",
    "www.",
    "//",
    "\n",
    " \n",
]
HOSTILE += ["&", "(", "http:", "@a.", "#·", "＃", "-", "@a@b:1", "https://a.fr/(", "é", "\u0301"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hundred_kilobytes_of_anything_are_composed(piece):
    """The work grows with the text and not with its square; the answer too."""
    text = piece * (100_000 // len(piece))
    composed = compose(text, page_of, page_of_tag)
    assert len(composed.html) <= 60 * len(text)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from([*HOSTILE, "x", " ", ".", "https://elsewhere.test/x"]), max_size=60).map("".join)
)
def test_composing_loses_no_word_and_is_safe(text):
    """What was typed can be read in the page, and the page passes our own cleaner unchanged in its words."""
    text = tidy(text)
    composed = compose(text, nowhere, nowhere)
    assert "".join(plain(composed.html).split()) == "".join(text.replace("\xa0", " ").split())
    assert plain(clean(composed.html)) == plain(composed.html)
    pieces = find(text).pieces
    assert all(one.end <= two.start for one, two in itertools.pairwise(pieces)), "pieces overlap"
