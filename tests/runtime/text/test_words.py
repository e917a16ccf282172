"""Forms of a French word find each other, with or without accents, elisions and ligatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.text.words import MAX_CHARS, kept, stem, text_of, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("élections", "election"), ("marchés", "Marché"), ("municipaux", "municipale"), ("travaux", "travail"),
        ("bureaux", "bureau"), ("jeux", "jeu"), ("sportive", "sportifs"), ("directrice", "directeurs"),
        ("réservée", "réserver"), ("réservez", "réservé"), ("actuelle", "actuels"), ("anciennes", "ancien"),
        ("premières", "premier"), ("danseuses", "danseur"), ("œuvres", "oeuvre"), ("fêtes", "FETE"), ("rues", "rue"),
        ("heureuse", "heureux"), ("cantines", "cantine"), ("libraires", "libraire"), ("baux", "bail"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert stem(words(one)[0]) == stem(words(other)[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [("bus", "bu"), ("mairie", "mari"), ("parc", "parking"), ("conseil", "console"), ("cas", "ca"), ("mer", "mère"),
     ("école", "écologie"), ("35238", "35239"), ("marche", "marchand")],
)  # fmt: skip
def test_other_words_are_others(one: str, other: str) -> None:
    assert stem(words(one)[0]) != stem(words(other)[0])


def test_elisions_and_apostrophes_leave_the_word() -> None:
    """Typographic ones too."""
    assert list(kept("L’école, l'été qu’aujourd'hui d’Évreux")) == ["ecole", "ete", "aujourd", "hui", "evreux"]
    assert list(kept("de la mairie et du parc")) == ["mairie", "parc"]


def test_a_hashtag_is_found_by_its_words() -> None:
    assert set(kept("#FêteDeLaMusique")) == {"fetedelamusique", "fete", "musique"}


def test_tags_part_words_only_where_they_are_read_apart() -> None:
    assert words(text_of("<p>Un <b>mar</b>ché</p><p>ici<br>là &amp; &lt;b&gt;</p>")) == [
        "un", "marche", "ici", "la", "b",
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_every_text_has_words_that_can_be_kept(text: str) -> None:
    for word in kept(text):
        assert 0 < len(word) <= MAX_CHARS
        assert 0 < len(stem(word)) <= MAX_CHARS
        assert words(word) == [word], "a kept word is not its own folded form"
