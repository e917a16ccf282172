"""Settings: a mistake is said in words that a keeper can act on, and a secret is never shown."""

import os

import pytest

from node.runtime.settings import Settings, SettingsError, read_settings, settings_file


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    """No setting from outside: an empty folder, an environment without ours."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("BEFFROI_"):
            monkeypatch.delenv(name)


@pytest.fixture
def say(monkeypatch):
    """Set settings in the environment: `say(listen="…")`."""

    def setting(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"BEFFROI_{name.upper()}", value)

    return setting


def refused(**given):
    with pytest.raises(SettingsError) as error:
        read_settings(**given)
    return str(error.value)


def test_a_small_node_needs_no_setting():
    settings = read_settings()
    assert settings.database_url == "sqlite:///data/beffroi.db"
    assert str(settings.keyring_path) == "data/keyring.json"
    assert str(settings.media_path) == "data/media"
    assert settings.listen == "127.0.0.1:8080", "a node listens to the world without being told"
    assert settings.metrics_listen == ""
    assert settings.laboratory_pairs == frozenset()


def test_the_environment_wins_over_the_file(say, tmp_path):
    (tmp_path / "beffroi.toml").write_text('listen = "127.0.0.1:1111"\nlanguage = "en"\nlaboratory = ["a.test:1"]\n')
    say(listen="127.0.0.1:2222")
    settings = read_settings()
    assert (settings.listen, settings.language) == ("127.0.0.1:2222", "en")
    assert settings.laboratory_pairs == {("a.test", 1)}
    assert read_settings(listen="127.0.0.1:3333").listen == "127.0.0.1:3333"


def test_the_file_is_found_where_it_may_be(say, tmp_path):
    assert settings_file() is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data/beffroi.toml").write_text('language = "en"')
    assert str(settings_file()) == "data/beffroi.toml"
    (tmp_path / "beffroi.toml").write_text('language = "en"')
    assert str(settings_file()) == "beffroi.toml"
    (tmp_path / "elsewhere.toml").write_text('log_level = "debug"')
    say(file=str(tmp_path / "elsewhere.toml"))
    assert read_settings().log_level == "debug"


def test_the_data_folder_holds_its_own_file(say, tmp_path):
    """A second start with the same data folder finds what the first one wrote."""
    (tmp_path / "town").mkdir()
    (tmp_path / "town/beffroi.toml").write_text('scheme = "http"\n')
    say(data=str(tmp_path / "town"))
    assert read_settings().scheme == "http"


def test_lists_are_written_with_commas(say):
    say(trusted_proxies="10.0.0.1, 192.168.0.0/16,", laboratory="lyon.test:8443,[::1]:9000")
    settings = read_settings()
    assert settings.trusted_proxies == ("10.0.0.1", "192.168.0.0/16")
    assert ("lyon.test", 8443) in settings.laboratory_pairs


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("listen", "8080", "must be address:port, for instance 127.0.0.1:8080"),
        ("listen", "127.0.0.1:0", "must be address:port"),
        ("listen", "127.0.0.1:99999", "must be address:port"),
        ("listen", "127.0.0.1:http", "must be address:port"),
        ("listen", "", "must be address:port"),
        ("listen", "127.0.0.1:٨٠", "must be address:port"),
        ("trusted_proxies", "10.0.0.1,proxy.example", "'proxy.example' is neither an address nor a network"),
        ("trusted_proxies", "300.0.0.1", "'300.0.0.1' is neither an address nor a network"),
        ("laboratory", "lyon.test", "'lyon.test' must be an exact host:port"),
        ("laboratory", "*:443", "'*:443' must be an exact host:port"),
        ("laboratory", "lyon.test:0", "must be an exact host:port"),
        ("database", "mysql://x", "must be sqlite:///path or postgresql://"),
        ("metrics_listen", "0.0.0.0:9180", "figures are never public"),
        ("metrics_listen", "[::]:9180", "figures are never public"),
        ("metrics_listen", "8.8.8.8:9180", "figures are never public"),
        ("metrics_listen", "figures.commune.fr:9180", "figures are never public"),
        ("metrics_listen", "9180", "must be address:port"),
        ("scheme", "ftp", "'https' or 'http'"),
        ("language", "br", "'fr' or 'en'"),
        ("log_level", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("processes", "40", "less than or equal to 16"),
        ("max_post_characters", "12", "greater than or equal to 500"),
        ("max_post_characters", "many", "valid integer"),
        ("extra_ca", "nowhere.pem", "there is no file nowhere.pem"),
    ],
)
def test_a_wrong_value_is_said_in_one_line(say, name, value, words):
    say(**{name: value})
    said = refused()
    assert words in said
    assert len(said.splitlines()) == 1
    assert "pydantic" not in said
    assert "Value error" not in said


@pytest.mark.parametrize("value", ["127.0.0.1:9180", "localhost:9180", "[::1]:9180", "10.1.2.3:9180", ""])
def test_figures_may_be_shown_on_a_private_address(say, value):
    say(metrics_listen=value)
    assert read_settings().metrics_listen == value


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"jobs": "apart"}, "jobs = 'apart' needs PostgreSQL"),
        ({"metrics_listen": "127.0.0.1:8080"}, "metrics_listen must not be the public address"),
        ({"smtp": "smtp://localhost:25"}, "smtp and mail_from go together"),
        ({"mail_from": "mairie@commune.example"}, "smtp and mail_from go together"),
        ({"smtp": "mail.example:587", "mail_from": "a@b.example"}, "must be smtp://name:password@host:587"),
        ({"smtp": "smtp://mail.example", "mail_from": "la mairie"}, "must be an address: mairie@commune.fr"),
        ({"tls_cert": "cert.pem"}, "tls_cert and tls_key go together"),
    ],
)
def test_what_does_not_go_together_is_said(say, values, words):
    say(**values)
    assert words in refused()


def test_every_mistake_is_said_at_once(say):
    say(listen="x", scheme="ftp", database="mysql://x")
    said = refused().splitlines()
    assert [line.partition(":")[0] for line in said] == ["database", "listen", "scheme"]


def test_an_unknown_name_is_no_silent_wish(say, tmp_path):
    """A keeper who writes BEFFROI_LISTN must not wonder why nothing changes."""
    say(listn="127.0.0.1:1", passwort="secret")
    assert refused() == "BEFFROI_LISTN: there is no such setting\nBEFFROI_PASSWORT: there is no such setting"


def test_an_unknown_name_in_the_file_is_said(tmp_path):
    (tmp_path / "beffroi.toml").write_text('listn = "x"\n[mail]\nhost = "x"\n')
    assert refused().splitlines() == ["listn: there is no such setting", "mail: there is no such setting"]


@pytest.mark.parametrize("text", ['listen = "a', "listen: yes", "[[[", "listen = 1\nlisten = 2", "é = \udcff"])
def test_a_file_that_is_not_toml_is_named(tmp_path, text):
    (tmp_path / "beffroi.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    said = refused()
    assert said.startswith("beffroi.toml: ")
    assert len(said.splitlines()) == 1


def test_a_value_of_the_wrong_kind_in_the_file_is_said(tmp_path):
    (tmp_path / "beffroi.toml").write_text("listen = 8080\nlaboratory = 5\n")
    assert {line.partition(":")[0] for line in refused().splitlines()} == {"listen", "laboratory"}


def test_a_file_that_is_named_must_be_there(say):
    say(file="/nowhere/beffroi.toml")
    assert refused() == "BEFFROI_FILE: there is no file /nowhere/beffroi.toml"


def test_secrets_are_not_shown_where_settings_are_printed(say):
    say(
        database="postgresql://beffroi:hunter22@db/node",
        smtp="smtp://mairie:hunter22@mail:587",
        mail_from="a@b.example",
    )
    settings = read_settings()
    assert "hunter22" not in repr(settings)
    assert "hunter22" not in str(settings)
    assert settings.database_url.endswith("hunter22@db/node")


def test_a_mistake_does_not_repeat_a_secret(say):
    say(database="postgres//beffroi:hunter22@db/node", smtp="smtp://mairie:hunter22@mail")
    assert "hunter22" not in refused()


def test_settings_do_not_change_while_a_node_runs():
    with pytest.raises(ValueError, match="frozen"):
        Settings().listen = "127.0.0.1:1"
