"""Handles proposed for a town: short where the name is unique, never the same for two places."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.territory import handles
from node.territory.handles import HANDLE, MAX_HANDLE_CHARS

# Mastodon, app/models/account.rb: the names of remote accounts that it accepts.
MASTODON = re.compile(r"[a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?", re.IGNORECASE)


@pytest.mark.parametrize(
    ("code", "handle"),
    [
        ("25056", "besancon"),
        ("05135", "sainte-colombe-05"),
        ("42218", "saint-etienne"),
        ("94038", "l-hay-les-roses"),
        ("80829", "y"),
        ("58062", "chateau-chinon-ville"),
        ("58063", "chateau-chinon-campagne"),
        ("2A004", "ajaccio"),
        ("75056", "paris"),
    ],
)
def test_a_commune_gets_its_name(gazetteer, code, handle):
    assert handles.propose(gazetteer, gazetteer.by_insee(code)) == handle


def test_1441_names_are_shared_by_3675_communes(gazetteer, communes):
    count = Counter(one.name for one in communes)
    shared = [one for one in communes if count[one.name] > 1]
    assert (sum(n > 1 for n in count.values()), len(shared)) == (1_441, 3_675)
    for one in shared:
        ending = f"-{one.departement}".lower()
        assert handles.propose(gazetteer, one).endswith((ending, one.code.lower())), f"{one.name} ({one.code})"


def test_no_two_places_get_the_same_handle(gazetteer, communes):
    places = [*communes, *gazetteer.epcis(), *gazetteer.departements(), *gazetteer.regions()]
    for proposed in (
        Counter(handles.propose(gazetteer, place) for place in places),
        Counter(handles.on_shared_host(place) for place in places),
    ):
        assert [handle for handle, n in proposed.items() if n > 1] == []
        for handle in proposed:
            assert HANDLE.fullmatch(handle), f"{handle!r} is no handle"
            assert MASTODON.fullmatch(handle), f"Mastodon would refuse {handle!r}"
            assert len(handle) <= MAX_HANDLE_CHARS


def test_on_a_shared_host_the_code_is_in_the_name(gazetteer):
    assert handles.on_shared_host(gazetteer.by_insee("35238")) == "mairie-35238"
    assert handles.on_shared_host(gazetteer.by_insee("2A004")) == "mairie-2a004"
    assert handles.on_shared_host(gazetteer.epci("242500361")) == "epci-242500361"
    assert handles.on_shared_host(gazetteer.departement("2B")) == "departement-2b"
    assert handles.on_shared_host(gazetteer.region("27")) == "region-27"


def test_a_territory_gets_its_published_name(gazetteer):
    assert handles.propose(gazetteer, gazetteer.epci("242500361")) == "cu-grand-besancon-metropole"
    assert handles.propose(gazetteer, gazetteer.epci("200046977")) == "metropole-de-lyon"
    assert handles.propose(gazetteer, gazetteer.departement("25")) == "departement-doubs"
    assert handles.propose(gazetteer, gazetteer.region("53")) == "region-bretagne"


def test_two_epci_of_one_name_are_told_apart_by_departement(gazetteer):
    found = [one for one in gazetteer.epcis_by_name("quatre rivieres") if one.name == "CC des Quatre Rivières"]
    assert sorted(handles.propose(gazetteer, one) for one in found) == [
        "cc-des-quatre-rivieres-70",
        "cc-des-quatre-rivieres-74",
    ]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_slug_is_a_handle_or_nothing(text):
    made = handles.slug(text)
    assert not made or (HANDLE.fullmatch(made) and len(made) <= MAX_HANDLE_CHARS)
