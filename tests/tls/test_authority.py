"""The throw-away authority: what strict verifiers ask of certificates, before any node is started."""

import ssl
from pathlib import Path

import pytest

from node.cli.demo.authority import Authority
from node.runtime.settings import SettingsError, read_settings


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """A whole handshake in memory; raises what the client objects to."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def contexts(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = Authority(folder)
    made = authority.certificate(host)
    client = ssl.create_default_context(cafile=authority.file)
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made.cert, made.key)
    return client, server


def test_a_strict_client_accepts_it(tmp_path: Path) -> None:
    """RFC 5280 to the letter: key usages, key identifiers, critical constraints."""
    shake_hands(*contexts(tmp_path, "besancon.localhost"), "besancon.localhost")


def test_it_certifies_one_name_only(tmp_path: Path) -> None:
    """Its neighbour's name is another's."""
    with pytest.raises(ssl.SSLCertVerificationError, match=r"ornans\.localhost"):
        shake_hands(*contexts(tmp_path, "besancon.localhost"), "ornans.localhost")


def test_another_authority_is_another(tmp_path: Path) -> None:
    """The name is the same, the key is not."""
    (tmp_path / "other").mkdir()
    client, _ = contexts(tmp_path, "besancon.localhost")
    _, server = contexts(tmp_path / "other", "besancon.localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client, server, "besancon.localhost")


def test_keys_are_read_by_their_owner_alone(tmp_path: Path) -> None:
    """Even to throw away."""
    assert Authority(tmp_path).certificate("besancon.localhost").key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"tls_cert": "cert.pem"}, "tls_cert and tls_key go together"),
        ({"tls_cert": "cert.pem", "tls_key": "absent.pem"}, "tls_key: there is no file"),
        ({"tls_cert": "cert.pem", "tls_key": "cert.pem", "scheme": "http"}, "tls_cert is for scheme"),
        ({"extra_ca": "absent.pem"}, "extra_ca: there is no file"),
    ],
)
def test_half_a_certificate_is_refused_at_the_start(
    tmp_path: Path, given: dict[str, str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of the setting, before anything is served."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cert.pem").touch()
    with pytest.raises(SettingsError, match=complaint):
        read_settings(**given)
