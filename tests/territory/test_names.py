"""Comparing names of places as people write them, and saying 'of' before them in French."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.territory import names


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Besançon", "besancon"),
        ("Saint-Étienne", "saint etienne"),
        ("St Étienne", "saint etienne"),
        ("STE-COLOMBE", "sainte colombe"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("L’Haÿ–les–Roses", "l hay les roses"),
        ("Œuilly", "oeuilly"),
        ("Lævens", "laevens"),
        ("Château-Chinon (Ville)", "chateau chinon ville"),
        ("Marseille 1er Arrondissement", "marseille 1er arrondissement"),
        ("e\u0301tain", "etain"),
        ("Estaing", "estaing"),
        ("", ""),
        ("%_*\0", ""),
        ("日本", ""),
    ],
)
def test_spellings_of_one_name_are_one(written, folded):
    assert names.fold(written) == folded


@settings(deadline=None)
@given(st.text())
@example("ﬆ")
@example("İSTE st.")
@example("ß")
def test_folding_twice_changes_nothing(text):
    once = names.fold(text)
    assert names.fold(once) == once
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", once)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_case_makes_no_difference(text):
    assert names.fold(text.upper()) == names.fold(text.upper().lower())


def test_an_unfinished_st_has_two_readings():
    assert names.readings("st") == ("saint", "st")
    assert names.readings("pont ste") == ("pont sainte", "pont ste")
    assert names.readings("st denis") == ("saint denis",)
    assert names.readings("%") == ()


def test_the_article_may_be_left_out():
    assert names.keys("Le Mans") == ("lemans", "mans")
    assert names.keys("L'Escale") == ("lescale", "escale")
    assert names.keys("Lens") == ("lens",)


@pytest.mark.parametrize(
    ("code", "of_name"),
    [
        ("25056", "de Besançon"),
        ("72181", "du Mans"),
        ("45234", "d'Orléans"),
        ("17300", "de La Rochelle"),
        ("27016", "des Andelys"),
        ("04079", "de L'Escale"),
        ("60703", "des Marais"),
        ("98735", "de Papeete"),
        ("98711", "d'Anaa"),
    ],
)
def test_a_commune_is_named_after_de(gazetteer, code, of_name):
    found = gazetteer.by_insee(code) if code != "60703" else gazetteer.by_name("Aux Marais")[0]
    assert found.of_name == of_name


def test_a_departement_and_a_region_take_their_article_after_de(gazetteer):
    assert [gazetteer.departement(code).of_name for code in ("25", "01", "23", "88", "75", "974", "987")] == [
        "du Doubs",
        "de l'Ain",
        "de la Creuse",
        "des Vosges",
        "de Paris",
        "de La Réunion",
        "de la Polynésie française",
    ]
    assert [gazetteer.region(code).of_name for code in ("53", "32", "11", "44")] == [
        "de Bretagne",
        "des Hauts-de-France",
        "d'Île-de-France",
        "du Grand Est",
    ]
