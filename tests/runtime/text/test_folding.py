"""A search finds what was meant, with or without its accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.text.folding import fold, fold_hashtag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Évreux", "EVREUX"), ("œuvre", "Oeuvre"), ("L’Haÿ-les-Roses", "l'hay-les-roses"), ("ﬁn", "fin"),
        ("Straße", "STRASSE"), ("ＡＢＣ", "abc"), ("e\u0301", "é"), ("Ærø", "aero"), ("  deux   mots ", "deux mots"),
        ("Saint–Étienne", "saint-etienne"),
    ],
)  # fmt: skip
def test_two_ways_of_writing_are_one(one, other):
    assert fold(one) == fold(other)


def test_vowel_signs_and_voiced_kana_are_no_accents():
    """Without them they would be other words."""
    assert fold("हिन्दी") == "हिन्दी"
    assert fold("が") != fold("か")


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)
    assert fold_hashtag(fold_hashtag(text)) == fold_hashtag(text)


def test_a_hashtag_has_one_form():
    assert fold_hashtag("#Événement") == fold_hashtag("evenement") == "evenement"
    assert fold_hashtag("fête_de_la_musique") == "fete_de_la_musique"
    assert fold_hashtag("habitant·es") == "habitantes"
