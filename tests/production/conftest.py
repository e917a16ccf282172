"""docs/production.md as a keeper would use it: its configurations are taken out of the page, and run.

A node stands behind the proxy of the page, with two names and an authority to throw away; its neighbour speaks TLS itself.
Only what names the keeper's own machine is changed: ports, names, and where the certificates lie.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.cli.demo import loopback
from node.cli.demo.authority import Authority, Certificate
from node.cli.demo.nodes import NodeProcess, _until_i_end, free_ports
from tests.support.services import CADDY_ABSENT, NGINX_ABSENT
from tests.tls.towns import Town, found

PAGE = Path(__file__).parents[2] / "docs" / "production.md"
NAMES = ("besancon.localhost", "doubs.localhost")
"""Two names of the proxied node, as of two communes."""
ABSENT = {"nginx": NGINX_ABSENT, "caddy": CADDY_ABSENT}


def block(language: str, containing: str = "") -> str:
    """The one fenced block of the page in that language (with these words)."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    meant: list[str] = [each for each in blocks if containing in each]
    assert len(meant) == 1, f"{PAGE.name} has {len(meant)} blocks of {language} with {containing!r}"
    return meant[0]


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """*text* with *changes*, each of which must be there: a test of something else would prove nothing."""
    for old, new in changes.items():
        assert old in text, f"the page no longer says {old!r}"
        text = text.replace(old, new)
    return text


def nginx_command(folder: Path, port: int, node_port: int, certificates: Mapping[str, Certificate]) -> list[str]:
    """Nginx with the page's block, one `server` for each name."""
    shared, mark, server = block("nginx").partition("server {\n    listen")
    servers = [
        replaced(
            mark + server,
            {
                "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
                "listen [::]:443 ssl": f"listen [::1]:{port} ssl",
                "social.commune-a.fr social.commune-b.fr": name,
                "/etc/letsencrypt/live/social.commune-a.fr/fullchain.pem": str(certificate.cert),
                "/etc/letsencrypt/live/social.commune-a.fr/privkey.pem": str(certificate.key),
                # $host is without the port, which the addresses of a laboratory have.
                "Host $host;": f"Host $host:{port};",
            },
        )
        for name, certificate in certificates.items()
    ]
    upstream = replaced(shared, {"127.0.0.1:8080": f"127.0.0.1:{node_port}"})
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"user {_me()};\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\n{upstream}\n{''.join(servers)}\n}}\n"
    )
    (folder / "nginx.conf").write_text(whole)
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]


def caddy_command(folder: Path, port: int, node_port: int, certificates: Mapping[str, Certificate]) -> list[str]:
    """Caddy with the page's block, and certificates of our own instead of an authority's on the Internet."""
    bundles = folder / "certificates"
    bundles.mkdir()
    for name, each in certificates.items():
        (bundles / f"{name}.pem").write_bytes(each.cert.read_bytes() + each.key.read_bytes())
    sites = ", ".join(f"https://{name}:{port}" for name in certificates)
    site = replaced(
        block("caddy"),
        {
            "social.commune-a.fr, commune-a.fr, social.commune-b.fr {": f"{sites} {{\n\ttls {{\n\t\tload {bundles}\n\t}}",
            "127.0.0.1:8080": f"127.0.0.1:{node_port}",
        },
    )
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system " + str(folder / "kept") + "\n}\n"
    (folder / "Caddyfile").write_text(options + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


COMMANDS = {"nginx": nginx_command, "caddy": caddy_command}


@dataclass(frozen=True, slots=True)
class Behind:
    """A town whose node stands behind a proxy, and its neighbour."""

    proxy: str
    town: Town
    neighbour: Town
    node_port: int
    """Where the node itself listens, without TLS."""
    authority: Path


@pytest.fixture(scope="session", params=["nginx", "caddy"])
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """The stand, once for each proxy that this machine has."""
    proxy: str = request.param
    program = shutil.which(proxy, path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip(ABSENT[proxy])
    folder = tmp_path_factory.mktemp(proxy)
    authority = Authority(folder)
    port, node_port, other_port = free_ports(3)
    own = {name: authority.certificate(name) for name in NAMES}
    shared = {
        "extra_ca": str(authority.file), "log_level": "warning",
        "laboratory": ",".join((*(f"{name}:{port}" for name in NAMES), f"ornans.localhost:{other_port}")),
    }  # fmt: skip
    node = NodeProcess(NAMES[0], port, folder / "node", {**shared, "listen": f"127.0.0.1:{node_port}"})
    theirs = authority.certificate("ornans.localhost")
    other = NodeProcess(
        "ornans.localhost", other_port, folder / "other",
        {**shared, "tls_cert": str(theirs.cert), "tls_key": str(theirs.key)},
    )  # fmt: skip
    home = folder / "proxy"
    home.mkdir()
    arguments = COMMANDS[proxy](home, port, node_port, own)
    town, neighbour = found(node, "25056"), found(other, "25434")
    node.command("domain", "add", f"{NAMES[1]}:{port}")
    with (home / "log").open("ab") as log:
        serving = subprocess.Popen(
            [*_until_i_end(), program, *arguments[1:]], cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={"HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/bin"},
        )  # fmt: skip
    try:
        _answers(serving, f"https://{NAMES[0]}:{port}", authority.file, home)
        node.start()
        other.start()
        yield Behind(proxy, town, neighbour, node_port, authority.file)
        for each in (node, other):
            assert "Traceback" not in each.tail(300), f"{each.host} broke:\n{each.tail(80)}"
    finally:
        node.stop()
        other.stop()
        serving.terminate()
        serving.wait(20)


def _answers(serving: subprocess.Popen[bytes], url: str, authority: Path, home: Path) -> None:
    """Wait until the proxy takes connections, whatever it says: the node is not there yet."""
    end = time.monotonic() + 20
    with loopback.session(authority) as session:
        while True:
            try:
                session.get(url, timeout=5)
            except OSError:
                said = "\n".join(each.read_text() for each in (home / "log", home / "error.log") if each.exists())
                assert serving.poll() is None, f"the proxy did not start with the page's configuration:\n{said}"
                assert time.monotonic() < end, f"the proxy does not answer:\n{said}"
                time.sleep(0.05)
            else:
                return


def _me() -> str:
    import os
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name
