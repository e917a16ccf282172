"""The way of a client program to names under `.localhost`, which many systems do not resolve (RFC 6761 §6.3)."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

_THIS_MACHINE = "127.0.0.1"


class _Loopback(HTTPAdapter):
    """Dials this machine; the certificate and the Host header stay those of the name."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        host["host"] = _THIS_MACHINE
        if host["scheme"] == "https":
            pool["server_hostname"] = pool["assert_hostname"] = name
        return host, pool

    def add_headers(self, request: requests.PreparedRequest, **_more: Any) -> None:
        request.headers["Host"] = urlsplit(str(request.url)).netloc


def session(authority: Path | None = None) -> requests.Session:
    """A session that finds every name on this machine and, over TLS, trusts *authority* alone."""
    made = requests.Session()
    made.trust_env = False  # neither a proxy nor another list of authorities
    made.verify = str(authority) if authority else True
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Loopback())
    return made
