"""`beffroi init`: from an INSEE code to a town that can write; all of it or nothing, and a second call finishes."""

import asyncio
import json
import stat

import pytest

from node.actors import people
from node.app import close_context, open_context
from node.runtime.settings import read_settings

BESANCON = ("init", "--domain", "besancon.example", "--insee", "25056")


def logs_in(email, password):
    async def story():
        ctx = await open_context(read_settings())
        try:
            return await people.check_password(ctx, email=email, password=password) is not None
        finally:
            await close_context(ctx)

    return asyncio.run(story())


def drawn(lines):
    return next(line.rpartition(" ")[2] for line in lines if line.startswith("Mot de passe"))


def test_a_commune_is_described_from_its_code(beffroi):
    lines = beffroi.ok(*BESANCON, "--email", "agent@besancon.example")
    assert lines[0] == "Domaine : besancon.example"
    assert "Créé : @besancon@besancon.example" in lines
    assert "https://besancon.example/@besancon" in lines
    assert lines[-1].endswith("https://besancon.example/login")
    [actor] = beffroi.rows(
        "SELECT name, type, kind, insee, siren, fields, summary_source, codes_proof FROM actors WHERE kind = 'commune'"
    )
    name, kind, role, insee, siren, fields, summary, proof = actor
    assert (name, kind, role, insee, siren) == ("Besançon", "Organization", "commune", "25056", "212500565")
    held = {field["name"]: field["source"] for field in json.loads(str(fields))}
    assert held["Code INSEE"] == "25056"
    assert held["SIREN"] == "212500565"
    assert held["Département"] == "Doubs (25)"
    assert "Grand Besançon" in held["Intercommunalité"]
    assert summary == "Commune de Besançon, Doubs."
    assert "official geographic code" in str(proof)
    assert beffroi.rows("SELECT name FROM domains") == [("Besançon",)], "the site does not call itself by its commune"
    assert beffroi.rows("SELECT role FROM memberships") == [("owner",)]
    assert beffroi.rows("SELECT keeper, language FROM people") == [(1, "fr")]
    assert beffroi.rows("SELECT uri FROM actors WHERE kind = 'instance'") == [("https://besancon.example/actor",)]


def test_the_password_is_shown_once_and_opens(beffroi):
    lines = beffroi.ok(*BESANCON, "--email", "agent@besancon.example")
    assert logs_in("agent@besancon.example", drawn(lines))
    assert not any("Mot de passe" in line for line in beffroi.ok(*BESANCON, "--email", "agent@besancon.example"))


def test_a_password_of_ones_own_is_not_repeated(beffroi):
    said = beffroi(*BESANCON, "--email", "a@besancon.example", "--password", "quatre mots bien choisis")
    assert "quatre" not in said.out + said.err
    assert logs_in("a@besancon.example", "quatre mots bien choisis")


def test_a_second_call_changes_nothing(town):
    before = town.everything()
    lines = town.ok("init --domain commune.example --insee 25056 --email agent@commune.example")
    assert lines == ["Connectez-vous sur https://commune.example/login"]
    assert town.everything() == before


def test_a_second_call_finishes_what_the_first_began(beffroi):
    beffroi.ok(*BESANCON)
    assert beffroi.rows("SELECT COUNT(*) FROM people") == [(0,)]
    lines = beffroi.ok(*BESANCON, "--email", "agent@besancon.example")
    assert logs_in("agent@besancon.example", drawn(lines))
    assert beffroi.rows("SELECT role FROM memberships") == [("owner",)], "she logs in and speaks for nobody"


def test_a_commune_that_was_merged_leads_to_todays(beffroi):
    """A former code is what people still write on their forms."""
    beffroi.ok("init", "--domain", "annecy.example", "--insee", "74011")  # Annecy-le-Vieux
    assert beffroi.rows("SELECT name, insee FROM actors WHERE kind = 'commune'") == [("Annecy", "74010")]
    beffroi.ok("init", "--domain", "annecy.example", "--insee", "74011")
    assert beffroi.rows("SELECT COUNT(*) FROM actors WHERE kind = 'commune'") == [(1,)]


def test_a_name_that_several_communes_share_has_its_departement(beffroi):
    beffroi.ok("init", "--domain", "sainte-colombe.example", "--insee", "05135")
    assert beffroi.rows("SELECT username FROM actors WHERE kind = 'commune'") == [("sainte-colombe-05",)]


def test_towns_on_one_service_host_are_told_apart_by_their_code(beffroi):
    """The host of the id is shared: remote servers know an actor by its name on that host."""
    service = ("--service-host", "social.syndicat.example")
    beffroi.ok(*BESANCON, *service)
    beffroi.ok("init", "--domain", "rennes.example", "--insee", "35238", *service)
    names = beffroi.rows("SELECT username, handle_host, uri FROM actors WHERE kind = 'commune' ORDER BY username")
    assert names == [
        ("besancon", "besancon.example", "https://social.syndicat.example/users/besancon"),
        ("mairie-35238", "rennes.example", "https://social.syndicat.example/users/mairie-35238"),
    ]


def test_another_organisation_needs_a_name(beffroi):
    lines = beffroi.ok("init --domain syndicat.example --username syndicat-eaux --email a@b.example")
    assert "Créé : @syndicat-eaux@syndicat.example" in lines
    assert beffroi.rows("SELECT kind FROM actors WHERE username = 'syndicat-eaux'") == [("public_service",)]
    beffroi.ok("init --domain syndicat.example")


def test_hosts_are_kept_in_their_normal_form(beffroi):
    beffroi.ok("init", "--domain", "Bésançon.Example.", "--insee", "25056")
    assert beffroi.rows("SELECT handle_host FROM domains") == [("xn--bsanon-zuam.example",)]
    beffroi.ok("init", "--domain", "bésançon.example", "--insee", "25056")
    assert beffroi.rows("SELECT COUNT(*) FROM domains") == [(1,)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--domain besancon.example --insee 99999", "99999"),
        ("--domain besancon.example --insee Besançon", "Besan"),
        ("--domain besancon.example", "--insee 25056"),
        ("--insee 25056", "--browser"),
        ("--domain https://besancon.example --insee 25056", "https://besancon.example"),
        ("--domain besancon.example/x --insee 25056", "besancon.example/x"),
        ("--domain a..b --insee 25056", "a..b"),
        ("--domain besancon.example --service-host so_cial:x --insee 25056", "so_cial:x"),
        ("--domain besancon.example --insee 25056 --email personne", "adresse"),
        ("--domain besancon.example --insee 25056 --email a@b.example --password court", "10 caractères"),
        ("--domain besancon.example --insee 25056 --username admin", "réservé"),
        ("--domain besancon.example --insee 25056 --username Bésançon!", "lettres sans accent"),
        ("--domain besancon.example --username inbox", "réservé"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(beffroi, words, sentence):
    """A mistake in the last word must not leave half a town."""
    said = beffroi.refused("init", *words.split())
    assert sentence in said
    beffroi.ok(*BESANCON, "--email", "agent@besancon.example")


def test_ids_never_move(beffroi):
    beffroi.ok(*BESANCON, "--service-host", "social.besancon.example")
    said = beffroi.refused(*BESANCON, "--service-host", "www.besancon.example")
    assert "social.besancon.example" in said


def test_a_trial_node_does_not_become_public_by_accident(beffroi):
    """Ids that begin with http could never be changed."""
    beffroi.set(scheme="http")
    said = beffroi.refused("init --domain besancon.fr --insee 25056")
    assert "besancon.fr" in said
    assert "scheme" in said.lower()


def test_a_laboratory_is_never_open_beside_a_public_domain(beffroi):
    beffroi.set(laboratory="127.0.0.1:9000")
    assert "laboratory" in beffroi.refused("init", "--domain", "besancon.fr", "--insee", "25056")


def test_keys_and_data_are_their_owners_alone(town):
    for path in (town.data, town.data / "keyring.json", town.data / "beffroi.db"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, f"others may read {path}"


def test_the_same_in_english(beffroi):
    beffroi.set(language="en")
    lines = beffroi.ok(*BESANCON, "--email", "agent@besancon.example")
    assert lines[0] == "Domain: besancon.example"
    assert any(line.startswith("Password, shown this once: ") for line in lines)
    assert "reserved" in beffroi.refused("init", "--domain", "x.example", "--username", "admin")
