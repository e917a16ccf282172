"""Commands of every day: what they do, and that a refusal is one sentence that changes nothing."""

import json
import sqlite3

import pytest

AGENT = "agent@commune.example"
HANDLE = "@besancon@commune.example"


def test_people(town):
    lines = town.ok("user", "create", "Marie@Commune.example", "--name", "Marie")
    assert lines[0] == "marie@commune.example peut maintenant se connecter."
    assert lines[1].startswith("Mot de passe, affiché cette seule fois : ")
    assert town.ok("actor", "member", HANDLE, "marie@commune.example", "--role", "contributor")
    assert town.ok("user", "list") == [
        f"agent@commune.example  tient le serveur, owner {HANDLE}",
        f"marie@commune.example  contributor {HANDLE}",
    ]
    assert town.ok("user", "disable", "marie@commune.example")[0].endswith("ne peut plus se connecter.")
    assert "ne peut pas se connecter" in town.ok("user", "list")[1]
    assert town.ok("user", "enable", "MARIE@commune.example")
    assert len(town.ok("user", "password", "marie@commune.example")) == 2
    assert len(town.ok("user", "password", "marie@commune.example", "--password", "un autre mot choisi")) == 1
    assert town.ok("actor", "unmember", HANDLE, "marie@commune.example")
    assert town.ok("user", "list")[1] == "marie@commune.example"


def test_duties(town):
    """Given and taken; the last keeper stays, and a person of no address is named."""
    town.ok("user", "create", "maud@commune.example")
    assert town.ok("user", "duty", "maud@commune.example", "--moderator")[0] == (
        "maud@commune.example modère maintenant ce serveur."
    )
    assert "modère le serveur" in town.ok("user", "list")[1]
    assert "dernière personne" in town.refused("user", "duty", AGENT)
    assert "dernière personne" in town.refused("user", "disable", AGENT)
    assert "Personne ne se connecte" in town.refused("user", "duty", "nobody@commune.example", "--keeper")
    assert town.ok("user", "duty", "maud@commune.example", "--keeper")
    assert town.ok("user", "duty", AGENT) == [f"{AGENT} n’a plus de charge sur ce serveur."]


def test_lost_factors_and_sessions(town):
    """Taken away and ended, whether there were some or not."""
    assert "n’a plus de second facteur" in town.ok("user", "reset-factor", AGENT)[0]
    assert "déconnecté" in town.ok("user", "log-out", AGENT, "--applications")[0]
    assert town.refused("user", "reset-factor", "nobody@commune.example")


def test_the_log(town, tmp_path):
    """Who gave a command is written down without secrets, sealed though no node runs, copied and checked."""
    town.ok("user", "create", "marie@commune.example", "--password", "quatre mots de passe")
    town.ok("user", "disable", "marie@commune.example")
    lines = town.ok("audit", "list", "--about", "marie@")
    assert [line.split("  ")[3] for line in lines] == ["user.disable", "user.create"], lines
    assert "quatre mots" not in "".join(lines)
    verified = town.ok("audit", "verify")
    head = verified[1].rpartition(" ")[2]
    assert town.ok("audit", "verify", "--head", head)
    assert "n’est pas dans la chaîne" in town.refused("audit", "verify", "--head", "1:abc")
    assert "numéro:empreinte" in town.refused("audit", "verify", "--head", "abc")
    assert "date" in town.refused("audit", "list", "--since", "hier")
    town.ok("audit", "export", str(tmp_path / "log.jsonl"))
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert entries[-1]["act"] == "user.disable"
    assert f"{entries[-1]['number']}:{entries[-1]['digest']}" == head
    town.ok("audit", "export", str(tmp_path / "log.csv"), "--form", "csv", "--act", "user.")
    assert (tmp_path / "log.csv").read_text().count("marie@commune.example") == 2
    assert town.refused("audit", "export", str(tmp_path / "log.csv")), "a file that is there was written over"


def test_actors(town):
    lines = town.ok(f"actor create --username comite-des-fetes --kind association --name Fêtes --member {AGENT}")
    assert lines == ["Créé : @comite-des-fetes@commune.example", "https://commune.example/@comite-des-fetes"]
    town.ok("actor create --username marie")
    listed = town.ok("actor", "list")
    assert "@comite-des-fetes@commune.example  Organization association  Fêtes" in listed
    assert "@marie@commune.example  Person person  marie" in listed
    assert town.ok("actor", "suspend", "@marie@commune.example", "--why", "Trois menaces")
    assert any(line.endswith("[suspended]") for line in town.ok("actor", "list"))
    assert town.ok("actor", "unsuspend", "marie")
    before = town.rows("SELECT id FROM keys WHERE retired_ms IS NULL")
    assert town.ok("actor", "rotate-keys", HANDLE)
    assert not set(before) <= set(town.rows("SELECT id FROM keys WHERE retired_ms IS NULL"))
    assert town.ok("actor", "delete", "@marie@commune.example", "--yes")
    assert town.rows("SELECT state, name FROM actors WHERE username = 'marie'") == [("deleted", "")]


def test_a_commune_of_a_syndicate(town):
    town.ok("domain", "add", "rennes.example", "--service-host", "social.syndicat.example")
    town.ok("domain", "add", "vitre.example", "--service-host", "social.syndicat.example")
    lines = town.ok("actor create --domain vitre.example --insee 35360")
    assert lines[0] == "Créé : @mairie-35360@vitre.example"


def test_domains(town):
    lines = town.ok("domain", "add", "Mairie.example", "--service-host", "social.mairie.example", "--name", "Mairie")
    assert len(lines) == 2, "how the two hosts are tied together is not said"
    assert ".well-known/webfinger" in lines[1]
    assert len(town.ok("domain", "list")) == 2
    assert town.ok("domain", "describe", "--domain", "mairie.example", "--contact-email", "a@mairie.example")
    assert town.rows("SELECT contact_email, name FROM domains WHERE handle_host = 'mairie.example'") == [
        ("a@mairie.example", "Mairie")
    ]


def test_other_servers(town):
    assert town.ok("domain", "blocks") == ["Aucun serveur n’est bloqué."] or len(town.ok("domain", "blocks")) == 1
    town.ok("domain", "block", "Evil.example", "--reason", "insultes", "--reject-media")
    town.ok("domain", "block", "loud.example", "--severity", "silence")
    assert town.ok("domain", "blocks") == ["evil.example  suspend + media  insultes", "loud.example  silence"]
    town.ok("domain", "unblock", "evil.example")
    assert town.ok("domain", "blocks") == ["loud.example  silence"]


def test_moving(town):
    town.ok("actor create --username marie")
    assert town.ok("actor", "alias", "list", HANDLE) == [f"{HANDLE} n’a pas d’alias."]
    assert town.ok("actor", "alias", "add", HANDLE, "@marie@commune.example") == [
        f"@marie@commune.example peut maintenant déménager vers {HANDLE}."
    ]
    assert town.ok("actor", "alias", "list", HANDLE)[0].startswith("@marie@commune.example  https://")
    assert "alias" in town.refused("actor", "move", HANDLE, "@marie@commune.example", "--yes")
    assert town.ok("actor", "move", "@marie@commune.example", HANDLE, "--yes") == [
        f"@marie@commune.example a déménagé vers {HANDLE} ; ses abonnés sont prévenus."
    ]
    assert town.ok("actor", "unmove", "@marie@commune.example") == ["@marie@commune.example publie de nouveau ici."]
    assert "n’a pas déménagé" in town.refused("actor", "unmove", "@marie@commune.example")
    assert town.ok("actor", "alias", "remove", HANDLE, "@marie@commune.example")
    assert "n’est pas un alias" in town.refused("actor", "alias", "remove", HANDLE, "@marie@commune.example")


def test_what_keepers_are_told(town):
    assert town.ok("reports", "list") == ["Aucun signalement."]
    assert "reports list" in town.refused("reports", "show", "abc")
    assert town.ok("case", "list") == ["Aucun dossier n’attend."]
    assert "2026-12" in town.refused("case", "show", "1")
    (line,) = town.ok("case", "open", HANDLE)
    number = line.split()[2]
    decided = ("case", "decide", number, "warn", "--ground", "rule: attacks")
    assert "Dites pourquoi" in town.refused(*decided, "--why", " ")
    assert "harassment" in town.refused("case", "decide", number, "warn", "--ground", "x", "--why", "Trois insultes")
    assert "avertissement" in town.ok(*decided, "--why", "Trois insultes")[0]
    assert "avertissement" in " ".join(town.ok("case", "show", number))
    assert town.ok("federation", "ignored") == ["Tout ce qui est venu a été compris."]


def test_deliveries(town):
    assert town.ok("deliveries", "list")[-1].startswith("Envois : 0 en attente")
    assert town.ok("deliveries", "retry") == ["0 envois seront retentés."] or town.ok("deliveries", "retry")
    assert town.ok("deliveries", "drop")
    assert len(town.ok("deliveries", "hosts")) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("user create nobody", "adresse"),
        (f"user create {AGENT}", AGENT),
        ("user create a@b.example --password court", "10 caractères"),
        ("user create a@b.example --password aaaaaaaaaaaaaaaa", "répète"),
        ("user password nobody@b.example", "nobody@b.example"),
        (f"user password {AGENT} --password court", "10 caractères"),
        ("user disable nobody@b.example", "nobody@b.example"),
        ("user enable nobody@b.example", "nobody@b.example"),
        ("actor create", "--username"),
        ("actor create --username besancon", "besancon"),
        ("actor create --username BESANC0N", "besanc0n"),
        ("actor create --username be.san_con --kind association", "be.san_con"),
        ("actor create --username admin", "réservé"),
        ("actor create --username mairie-besancon", "organismes publics"),
        ("actor create --username -marie", "lettres sans accent"),
        ("actor create --username été", "lettres sans accent"),
        (f"actor create --username {'a' * 31}", "30"),
        ("actor create --username x --kind town", "town"),
        ("actor create --username marie --member nobody@b.example", "nobody@b.example"),
        (f"actor create --username marie --member {AGENT} --role king", "owner"),
        ("actor create --insee 99999", "99999"),
        ("actor create --insee 25056", "besancon"),
        ("actor create --username marie --domain other.example", "other.example"),
        ("actor create --username marie --domain not/a/host", "not/a/host"),
        (f"actor member @nobody@commune.example {AGENT}", "@nobody@commune.example"),
        (f"actor member {HANDLE} nobody@b.example", "nobody@b.example"),
        (f"actor member {HANDLE} {AGENT} --role king", "owner"),
        (f"actor member {HANDLE} {AGENT} --role reader", "propriétaire"),
        (f"actor unmember {HANDLE} nobody@b.example", "nobody@b.example"),
        (f"actor unmember {HANDLE} {AGENT}", "propriétaire"),
        ("actor suspend @nobody@commune.example", "@nobody@commune.example"),
        ("actor suspend @commune.example@commune.example", "serveur"),
        ("actor unsuspend nobody", "nobody"),
        ("actor rotate-keys nobody", "nobody"),
        ("actor delete @nobody@commune.example --yes", "@nobody@commune.example"),
        ("actor delete @commune.example@commune.example --yes", "supprimé"),
        ("domain add commune.example", "commune.example"),
        ("domain add not/a/host", "not/a/host"),
        ("domain add a.example --service-host not/a/host", "not/a/host"),
        ("domain describe --domain other.example --name x", "other.example"),
        ("domain block not/a/host", "not/a/host"),
        ("domain block commune.example", "commune.example"),
        ("domain block evil.example --severity gently", "gently"),
        ("domain unblock evil.example", "evil.example"),
        ("worker", "beffroi serve"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_that_changes_nothing(town, words, sentence):
    assert sentence in town.refused(words)


def test_a_domain_is_asked_for_where_there_are_several(town):
    town.ok("domain", "add", "other.example")
    assert "commune.example, other.example" in town.refused("actor", "create", "--username", "marie")
    assert "--domain" in town.refused("actor", "suspend", "marie")


def test_a_deletion_asks_first(town):
    before = town.everything()
    said = town("actor", "delete", HANDLE)
    assert said.code == 1
    assert town.everything() == before


def test_a_database_of_another_version_is_not_touched(town):
    with sqlite3.connect(town.data / "beffroi.db") as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'tomorrow', 'x', 0)")
    connection.close()
    for words in ("user list", "migrate", "init --domain x.example --insee 25056"):
        assert "9999 (tomorrow)" in town.refused(words)


def test_an_older_database_asks_for_its_migration(town):
    with sqlite3.connect(town.data / "beffroi.db") as connection:
        connection.execute("DELETE FROM schema_migrations WHERE version = (SELECT MAX(version) FROM schema_migrations)")
    connection.close()
    assert "beffroi migrate" in town.refused("user", "list")


def test_where_there_is_no_node_there_is_a_way_to_one(beffroi):
    assert "beffroi init" in beffroi.refused("user", "list")
    assert not beffroi.data.exists()


def test_migrate(beffroi):
    lines = beffroi.ok("migrate")
    assert lines[0] == "Appliquée : 0001 trunk"
    assert beffroi.ok("migrate") == ["Le schéma est à jour."]


def test_wrong_settings_are_said_before_anything_is_made(beffroi):
    beffroi.set(listen="nowhere", scheme="ftp")
    said = beffroi("serve")
    assert said.code == 1
    assert [line.partition(": ")[0] for line in said.err.splitlines()] == ["beffroi", "scheme"]
    assert not beffroi.data.exists()


def test_a_folder_that_cannot_be_made_is_named(beffroi):
    (beffroi.folder / "letter").write_text("Monsieur le Maire")
    beffroi.set(data=beffroi.folder / "letter" / "data")
    said = beffroi("init", "--domain", "x.example", "--insee", "25056")
    assert said.code == 1
    assert "letter" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_database_that_cannot_be_opened_is_named(town):
    town.set(database="postgresql://beffroi@127.0.0.1:1/node")
    said = town("user", "list")
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    town.set(database=f"sqlite:///{town.folder}")
    assert str(town.folder) in town("user", "list").err


def test_a_keyring_that_is_lost_is_not_made_anew(town):
    """A new ring would open none of the keys: better to stop and say so."""
    (town.data / "keyring.json").write_text("{}")
    assert "keyring.json" in town.refused("user", "list")


def test_settings_hide_secrets(beffroi):
    beffroi.set(
        database="postgresql://beffroi:hunter22@db/node", smtp="smtp://mairie:hunter22@mail:587", mail_from="a@b.example",
        trusted_proxies="10.0.0.1,10.0.0.2",
    )  # fmt: skip
    lines = beffroi.ok("settings")
    assert "hunter22" not in "\n".join(lines)
    assert "BEFFROI_SMTP=(défini, non montré)" in lines
    assert "BEFFROI_TRUSTED_PROXIES=10.0.0.1,10.0.0.2" in lines
    assert "BEFFROI_LISTEN=127.0.0.1:8080" in lines
    beffroi.set(database="postgresql:///node?user=beffroi&password=hunter22")
    assert "hunter22" not in "\n".join(beffroi.ok("settings"))
    beffroi.set(language="en")
    assert "BEFFROI_SMTP=(set, not shown)" in beffroi.ok("settings")


def test_version_and_help(beffroi):
    assert beffroi.ok("version")[0].startswith("Beffroi ")
    said = beffroi("--help")
    assert said.code == 0
    for word in (
        "init",
        "serve",
        "worker",
        "migrate",
        "check",
        "settings",
        "demo",
        "user",
        "actor",
        "domain",
        "deliveries",
    ):
        assert word in said.out


def test_no_command_needs_a_word_of_json(town):
    """What the lists print is for people."""
    for words in ("user list", "actor list", "domain list", "domain blocks", "deliveries list"):
        for line in town.ok(words):
            with pytest.raises(json.JSONDecodeError):
                json.loads(line)
