"""What pages of the web say of themselves: read from any page, in time that grows with its length alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.text import heads
from node.runtime.text.heads import Head, read

PAGE = """<!DOCTYPE html><html lang="fr-FR"><head><meta charset="utf-8">
<script>var a = '<meta property="og:title" content="Faux">';</script>
<title>Le titre &amp; la suite</title>
<META NAME="description" CONTENT="Une description.">
<meta property='og:title' content='Marché de No&euml;l > place' />
<meta property="og:site_name" content="Ville"><meta content="/image.png" property="og:image">
<meta property="og:image:width" content="640"><meta property="og:image:height" content="99999999">
<meta property="og:image:alt" content="Une place"><meta name="author" content="Camille">
</head><body><meta property="og:description" content="Faux"></body></html>"""


def test_a_usual_page():
    assert read(PAGE.encode()) == Head(
        "Marché de Noël > place", "Une description.", "fr", "Camille", "Ville", "/image.png", "Une place", 640, None
    )


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ("<title>Été</title>".encode("latin-1"), "iso-8859-1"),
        (b'<meta charset="windows-1252">' + "<title>Été</title>".encode("cp1252"), ""),
        ("<title>Été</title>".encode(), "punycode"),
        ("<title>Été</title>".encode(), "no-such-thing"),
    ],
)
def test_character_sets(page: bytes, charset: str):
    assert read(page, charset=charset).title == "Été"


@pytest.mark.parametrize("page", ["", "<title>", "<meta", '<meta content="', "<script>", "<body>", "<p>Rien</p>", "\0"])
def test_a_page_that_says_nothing(page: str):
    assert read(page.encode()).title == ""


@given(st.binary(max_size=2_000) | st.lists(st.sampled_from(["<meta ", "<title>", "'", '"', ">", "</", "=", "og:title", " "])).map("".join).map(str.encode))  # fmt: skip
def test_nothing_breaks_it(page: bytes):
    found = read(page)
    assert len(found.title) <= 300
    assert "\0" not in found.title


@pytest.mark.parametrize(
    "piece",
    [
        '<meta "',
        "<meta a",
        "<meta a='",
        "<title>",
        "<script>",
        "<meta ><",
        "<meta content=" + "a" * 500,
        "<",
        "<meta\t",
    ],
)
def test_a_hostile_page_is_read_to_its_end(piece: str):
    page = (piece * (heads.MAX_CHARS // len(piece))).encode()
    assert len(read(page).title) <= 300  # a reader that looks again from each place would not end today
