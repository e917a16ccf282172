"""Nobody is taken for the town hall, for the keeper, or for a neighbour, by the look of a name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.actors.names import check, is_official, skeleton
from node.runtime.errors import Invalid


@pytest.mark.parametrize(
    "name", ["alice", "a", "_", "jean_paul", "jean-paul.martin", "x2", "25056", "a" * 30, "marie", "france.martin", "francine", "regine"]
)  # fmt: skip
def test_usual_names_are_free(name):
    assert check(name, kind="Person") == name


def test_case_makes_no_other_name():
    assert check(" @Alice ", kind="Person") == "alice"


@pytest.mark.parametrize(
    "name", ["", " ", "@", "é", "a b", "-a", "a-", ".a", "a.", "a/b", "a@b", "ａlice", "аlice", "a\nb", "a\0b", "..", ".well-known"]
)  # fmt: skip
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Invalid):
        check(name, kind="Person")
    with pytest.raises(Invalid):
        check(name, kind="Organization")


def test_a_town_may_have_a_longer_name():
    name = "mairie-saint-remy-en-bouzemont-saint-genest-et-isson"
    assert check(name, kind="Organization") == name
    with pytest.raises(Invalid, match="at most 30 characters"):
        check("a" * 31, kind="Person")
    with pytest.raises(Invalid, match="at most 64 characters"):
        check("a" * 65, kind="Organization")


@pytest.mark.parametrize(
    "name",
    ["admin", "root", "administrator", "moderator", "support", "security", "abuse", "postmaster", "webmaster", "hostmaster",
     "beffroi", "api", "oauth", "inbox", "users", "actor", "Adm1n", "adrnin", "supp0rt", "no_reply", "m0derator", "contact"],
)  # fmt: skip
def test_names_of_the_node_are_nobodys(name):
    for kind in ("Person", "Organization", "Group"):
        with pytest.raises(Invalid, match="reserved for the node"):
            check(name, kind=kind)


@pytest.mark.parametrize("name", ["alice.rss", "alice.json", "mairie.ics"])
def test_a_name_that_would_be_read_as_a_file_is_refused(name):
    with pytest.raises(Invalid, match="like a file"):
        check(name, kind="Organization")


@pytest.mark.parametrize(
    "name",
    ["mairie", "mairie-besancon", "commune-ornans", "ville-lyon", "ville_de_lyon", "villedelyon", "cc-portes-haut-doubs",
     "prefecture-25", "prefecture", "gouv-info", "gouvernement", "police", "gendarmerie", "gendarmerie.nationale",
     "rna1rie-besancon", "mair1e.besancon", "mairiebesancon", "sous-prefecture-vire", "sous_prefecture", "hotel_de_ville"],
)  # fmt: skip
def test_names_of_public_bodies_are_for_public_bodies(name):
    for kind in ("Person", "Service"):
        with pytest.raises(Invalid, match="reserved for public bodies"):
            check(name, kind=kind)
    assert check(name, kind="Organization") == name
    assert check(name, kind="Group") == name


@pytest.mark.parametrize("name", ["villeneuve", "maired", "caroline", "cc", "policeman", "communeaute2", "regionale"])
def test_names_that_only_begin_alike_stay_free(name):
    assert is_official(name) == (name == "cc")


@pytest.mark.parametrize(
    "alike",
    ["rna1rie-besancon", "mairie-besanc0n", "mairie.besancon", "mairie_besancon", "mairiebesancon", "MAIRIE-BESANCON",
     "mairie-besançon", "malrle-besancon", "mairie--besancon"],
)  # fmt: skip
def test_names_that_look_alike_have_one_skeleton(alike):
    assert skeleton(alike) == skeleton("mairie-besancon")


def test_wide_letters_look_alike():
    assert skeleton("vvilly") == skeleton("willy")


def test_codes_of_communes_do_not_look_alike():
    """Ajaccio and a commune of the Dordogne, Bastia and one of Eure-et-Loir."""
    codes = ["2a004", "24004", "2b033", "28033", "35238", "35233", "25056", "01004"]
    assert len({skeleton(f"mairie-{code}") for code in codes}) == len(codes)


@given(st.text(max_size=70))
def test_any_text_is_a_name_or_is_refused(text):
    """And what is accepted is a name everywhere: in an address, in a mention, on Mastodon."""
    try:
        name = check(text, kind="Organization")
    except Invalid:
        return
    assert re.fullmatch(r"[a-z0-9_]+([a-z0-9_.-]*[a-z0-9_]+)?", name)
    assert check(name, kind="Organization") == name


@given(st.text(max_size=70))
def test_a_skeleton_is_its_own_skeleton(text):
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(alphabet="abcdefimnorvwl01_.-", min_size=1, max_size=20))
def test_separators_and_case_never_tell_two_names_apart(name):
    assert skeleton(name.upper()) == skeleton(name) == skeleton(re.sub("[._-]", "", name))
