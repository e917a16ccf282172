"""Looking places up: facts of the official geographic code of 2026, and what holds for every place."""

import time
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.territory import names
from node.territory.gazetteer import DATA, Gazetteer, UnknownPlace
from node.territory.places import Commune, Epci, FormerKind, Zone


def test_besancon_is_what_insee_says(gazetteer):
    besancon = gazetteer.by_insee("25056")
    assert besancon == Commune(
        code="25056",
        name="Besançon",
        siren="212500565",
        departement="25",
        region="27",
        epci="242500361",
        ept=None,
        population=118489,
        postal_codes=("25000",),
        link=0,
    )
    assert gazetteer.departement(besancon.departement).name == "Doubs"
    assert gazetteer.departement(besancon.departement).seat == besancon.code
    assert gazetteer.region(besancon.region).name == "Bourgogne-Franche-Comté"
    epci = gazetteer.epci(besancon.epci)
    assert epci.title == "Communauté urbaine Grand Besançon Métropole"
    assert len(gazetteer.members(epci)) == 67
    assert besancon in gazetteer.members(epci)


def test_there_are_as_many_places_as_published(gazetteer, communes):
    assert len(communes) == 34_969
    assert sum(one.siren is not None for one in communes) == 34_875
    assert sum(one.epci is not None for one in communes) == 34_871
    assert Counter(one.type for one in gazetteer.epcis()) == {
        "CC": 989,
        "CA": 230,
        "METRO": 21,
        "CU": 14,
        "MET69": 1,
        "EPT": 11,
    }
    assert Counter(one.zone for one in gazetteer.departements()) == {
        Zone.METROPOLITAN: 96,
        Zone.OVERSEAS: 5,
        Zone.COLLECTIVITY: 8,
    }
    assert len(gazetteer.regions()) == 26


def test_every_commune_is_found_by_its_codes(gazetteer, communes):
    served = defaultdict(set)
    for one in communes:
        assert gazetteer.by_insee(one.code) == one, f"{one.name} is not found by its own INSEE code"
        if one.siren is not None:
            assert gazetteer.by_siren(one.siren) == one, f"{one.name} is not found by its SIREN"
        for postal_code in one.postal_codes:
            served[postal_code].add(one.code)
    for postal_code, codes in served.items():
        found = {one.code for one in gazetteer.by_postal_code(postal_code)}
        assert found == codes, f"{postal_code} finds {found}"


def test_every_commune_is_found_by_its_name(gazetteer, communes):
    for one in communes:
        found = gazetteer.by_name(names.fold(one.name), limit=30)
        assert one in found, f"{one.name} ({one.code}) is not found by its own name"


def test_the_keys_in_the_file_are_those_that_the_code_looks_for(gazetteer, communes):
    expected = {(key, one.code, one.population) for one in communes for key in names.keys(one.name)}
    stored = set(gazetteer._rows("SELECT key, commune, population FROM name"))
    assert stored == expected, "names.keys changed: run python -m scripts.territory_data"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_beginning_of_a_name_finds_only_names_that_begin_so(gazetteer, communes, data):
    one = data.draw(st.sampled_from(communes))
    written = data.draw(st.sampled_from([one.name, one.name.upper(), names.fold(one.name), one.name.replace("-", " ")]))
    prefix = written[: data.draw(st.integers(1, len(written)))]
    found = gazetteer.by_name(prefix, limit=40_000)
    assert not names.fold(prefix) or one in found
    starts = tuple(reading.replace(" ", "") for reading in names.readings(prefix))
    assert all(any(key.startswith(starts) for key in names.keys(other.name)) for other in found)
    assert len({other.code for other in found}) == len(found), "a commune is listed twice"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("besancon", "25056"),
        ("BESANÇON", "25056"),
        ("Besanc\u0327on", "25056"),
        ("st etienne", "42218"),
        ("Saint-Étienne", "42218"),
        ("saintetienne", "42218"),
        ("strasb", "67482"),
        ("mans", "72181"),
        ("Le Mans", "72181"),
        ("l’haÿ les roses", "94038"),
        ("lhay-les", "94038"),
        ("mont st michel", "50353"),
        ("Œting", "57521"),
        ("oeting", "57521"),
        ("y", "80829"),
        ("  paris  ", "75056"),
    ],
)
def test_a_name_is_found_as_people_type_it(gazetteer, typed, first):
    found = gazetteer.by_name(typed)
    assert found, f"nothing is found for {typed!r}"
    assert found[0].code == first, f"{typed!r} shows {found[0].name} first"


def test_st_may_be_the_beginning_of_another_word(gazetteer):
    found = {one.name for one in gazetteer.by_name("st", limit=40_000)}
    assert {"Strasbourg", "Saint-Étienne"} <= found


def test_a_limit_is_kept(gazetteer):
    assert len(gazetteer.by_name("saint")) == 20
    assert len(gazetteer.by_name("saint", limit=3)) == 3
    assert gazetteer.by_name("saint", limit=0) == []
    assert gazetteer.by_name("saint", limit=-1) == []


HOSTILE = [
    "",
    " ",
    "\0",
    "25056\0",
    "%",
    "_",
    "*",
    "2505_",
    "25%",
    "' OR 1=1 --",
    "\ud800",
    "٢٥٠٥٦",
    "x" * 10_000,
    "9" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_what_is_no_code_is_refused_in_a_short_sentence(gazetteer, text):
    for look_up in (
        gazetteer.by_insee,
        gazetteer.by_siren,
        gazetteer.epci,
        gazetteer.departement,
        gazetteer.region,
    ):
        with pytest.raises(UnknownPlace) as refusal:
            look_up(text)
        assert len(str(refusal.value)) < 200
        assert str(refusal.value).isprintable()
    assert gazetteer.by_postal_code(text) == []


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "%", "_", "*", "%%%", "-", "'", "\ud800", "x" * 10_000, "é" * 10_000, "ﷺ" * 200]
)
def test_what_is_no_name_finds_nothing(gazetteer, text):
    assert gazetteer.by_name(text) == []
    assert gazetteer.epcis_by_name(text) == []
    assert gazetteer.former_by_name(text) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_a_look_up(gazetteer, text):
    gazetteer.by_name(text, limit=5)
    gazetteer.epcis_by_name(text, limit=5)
    gazetteer.former_by_name(text, limit=5)
    gazetteer.by_postal_code(text)
    for look_up in (gazetteer.by_insee, gazetteer.by_siren):
        try:
            look_up(text)
        except UnknownPlace:
            continue


def test_codes_are_read_as_they_are_printed(gazetteer):
    assert gazetteer.by_insee(" 2a004 ").name == "Ajaccio"
    assert gazetteer.by_siren("212 500 565").name == "Besançon"
    assert gazetteer.by_siren("242\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}361") == gazetteer.epci("242500361")
    assert gazetteer.departement("2b").name == "Haute-Corse"


def test_a_well_formed_code_of_nothing_is_named_in_the_error(gazetteer):
    with pytest.raises(UnknownPlace, match="no commune has the INSEE code 99999"):
        gazetteer.by_insee("99999")
    with pytest.raises(UnknownPlace, match="no commune and no EPCI has the SIREN 000000000"):
        gazetteer.by_siren("000000000")
    with pytest.raises(UnknownPlace, match="no département has the code 20"):
        gazetteer.departement("20")
    with pytest.raises(UnknownPlace, match="no région has the code 99"):
        gazetteer.region("99")


def test_a_former_commune_leads_to_the_commune_of_today(gazetteer):
    (saint_bois,) = gazetteer.former_by_name("Saint-Bois")
    assert saint_bois.kind is FormerKind.DELEGATED
    assert gazetteer.by_insee(saint_bois.code).name == "Arboys en Bugey"
    cordieux = gazetteer.former_by_name("cordieux")[0]
    assert (cordieux.kind, gazetteer.by_insee("01120").code) == (FormerKind.ASSOCIATED, "01262")


def test_a_merged_commune_may_have_kept_the_code_of_its_seat(gazetteer):
    arboys = gazetteer.by_insee("01015")
    assert arboys.name == "Arboys en Bugey"
    assert [(one.code, one.name) for one in gazetteer.former_of(arboys)] == [
        ("01015", "Arbignieu"),
        ("01340", "Saint-Bois"),
    ]


def test_every_former_code_leads_to_a_commune_of_today(gazetteer, communes):
    today = {one.code for one in communes}
    former = [former for one in communes for former in gazetteer.former_of(one)]
    assert len(former) == 4_824
    assert sum(one.code in today for one in former) == 584
    for one in former:
        found = gazetteer.by_insee(one.code).code
        assert found == (one.code if one.code in today else one.commune), f"{one.code} leads to {found}"


def test_corsica_has_letters_and_had_the_number_20(gazetteer):
    assert gazetteer.by_insee("20004") == gazetteer.by_insee("2A004")
    assert gazetteer.by_insee("20033").name == "Bastia"
    corsica = gazetteer.region("94")
    assert {one.departement for one in gazetteer.members(corsica)} == {"2A", "2B"}
    assert {one.code[:2] for one in gazetteer.by_postal_code("20000")} == {"2A"}


def test_arrondissements_belong_to_their_commune(gazetteer):
    for code, name, count in (("75056", "Paris", 20), ("69123", "Lyon", 9), ("13055", "Marseille", 16)):
        commune = gazetteer.by_insee(code)
        parts = gazetteer.arrondissements_of(commune)
        assert (commune.name, len(parts)) == (name, count)
        assert all(gazetteer.by_insee(part.code) == commune for part in parts)
        assert sum(part.population for part in parts) == commune.population
        assert {code for part in parts for code in part.postal_codes} == set(commune.postal_codes)
    assert gazetteer.by_postal_code("75116") == [gazetteer.by_insee("75056")]
    assert gazetteer.arrondissements_of(gazetteer.by_insee("25056")) == []


def test_overseas_communes_are_communes(gazetteer):
    assert gazetteer.departement(gazetteer.by_insee("97411").departement).name == "La Réunion"
    assert gazetteer.by_insee("97611").name == "Mamoudzou"
    papeete = gazetteer.by_insee("98735")
    assert (papeete.siren, papeete.epci, papeete.departement) == (None, None, "987")
    assert papeete.population > 0
    assert gazetteer.departement("987").zone is Zone.COLLECTIVITY
    assert gazetteer.by_insee("98901").population == 0, "nobody lives on Clipperton"


def test_members_are_told_by_the_members_themselves(gazetteer, communes):
    """An EPCI, a département and a région have the communes that say so, and no other."""
    by_epci, by_departement, by_region = defaultdict(list), defaultdict(list), defaultdict(list)
    for one in communes:
        by_epci[one.epci].append(one)
        by_epci[one.ept].append(one)
        by_departement[one.departement].append(one)
        by_region[one.region].append(one)
    for epci in gazetteer.epcis():
        assert gazetteer.members(epci) == by_epci[epci.siren], f"the members of {epci.name}"
        assert epci.population > 0
    for departement in gazetteer.departements():
        assert gazetteer.members(departement) == by_departement[departement.code], f"the members of {departement.name}"
    for region in gazetteer.regions():
        assert gazetteer.members(region) == by_region[region.code], f"the members of {region.name}"


def test_around_paris_a_commune_has_a_territory_inside_the_metropolis(gazetteer):
    saint_denis = gazetteer.by_insee("93066")
    assert gazetteer.epci(saint_denis.epci).name == "Métropole du Grand Paris"
    plaine_commune = gazetteer.epci(saint_denis.ept)
    assert plaine_commune.title == "Plaine Commune"
    assert saint_denis in gazetteer.members(plaine_commune)
    assert gazetteer.by_insee("75056").ept is None


def test_an_epci_is_found_by_the_words_of_its_name(gazetteer):
    assert [one.siren for one in gazetteer.epcis_by_name("grand besan")] == ["242500361"]
    assert gazetteer.epcis_by_name("Lyon")[0] == gazetteer.epci("200046977")
    assert all(isinstance(one, Epci) for one in gazetteer.epcis_by_name("cc"))


def test_the_source_is_shown_with_its_year_and_licence(gazetteer):
    source = gazetteer.source()
    about = DATA.with_name("SOURCE.md").read_text(encoding="utf-8")
    assert (source.year, source.licence) == (2026, "Licence Ouverte 2.0")
    assert source.attribution in about
    assert f"version {source.version}" in about
    assert str(source.year) in source.attribution


def test_the_data_cannot_be_written(gazetteer):
    with pytest.raises(Exception, match="readonly"):
        gazetteer._connection.execute("DELETE FROM commune")


def test_missing_data_say_how_they_are_made(tmp_path):
    with pytest.raises(FileNotFoundError, match="scripts/territory_data"):
        Gazetteer(tmp_path / "none.sqlite")


def test_how_fast_a_look_up_is(gazetteer, communes):
    """Printed, never asserted: run with -s."""
    for label, look_up, values in (
        ("INSEE code", gazetteer.by_insee, [one.code for one in communes[::50]]),
        ("postal code", gazetteer.by_postal_code, [one.postal_codes[0] for one in communes[:30_000:50]]),
        ("first five letters", gazetteer.by_name, [one.name[:5] for one in communes[::50]]),
        ("one letter", gazetteer.by_name, list("abcdefghijklmnopqrstuvwxyz")),
    ):
        start_s = time.perf_counter()
        for value in values:
            look_up(value)
        print(f"{label}: {(time.perf_counter() - start_s) / len(values) * 1000:.3f} ms")
