"""A signed request as it came, and what its signature claims."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from node.runtime.errors import Malformed

_PORTS: Final = {"https": 443, "http": 80}


class Scheme(enum.Enum):
    """How a request is signed."""

    CAVAGE = "draft-cavage-http-signatures-12"
    RFC9421 = "rfc9421"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, byte for byte: a signature covers what was sent, not what a framework made of it."""

    method: str
    target: str
    """The raw path and query, as on the request line (`/inbox?x=1`), percent-encoding untouched."""
    headers: Mapping[str, str]
    """Lower-case name -> value; several lines of one name joined by `, ` (RFC 9110 §5.3)."""
    host: str
    """The host the node was asked on (`town.example` or `localhost:8080`), as the server's edge decided it."""
    body: bytes
    scheme: str = "https"
    """How the world reaches this node: a proxy may have taken the TLS away."""

    @classmethod
    def from_wire(
        cls,
        method: str,
        target: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        host: str,
        body: bytes,
        scheme: str = "https",
    ) -> Request:
        """Build from the raw values of an ASGI scope.

        Joining repeated lines makes a doubled Signature, Host, Date or Digest header visibly wrong instead of
        letting one of the two win.

        Raises:
            Malformed: the request line is not ASCII.
        """
        joined: dict[str, str] = {}
        for raw_name, raw_value in headers:
            name = raw_name.decode("latin-1").lower()
            value = raw_value.decode("latin-1").strip()
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        try:
            return cls(method.upper(), target.decode("ascii"), joined, host, body, scheme)
        except UnicodeDecodeError:
            raise Malformed("the request line is not ASCII") from None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says of itself: parsed, and nothing of it proved yet."""

    scheme: Scheme
    key_id: str
    algorithm: str | None
    """As the sender names it, lower-case; for the log only: the algorithm used is the key's."""
    covered: tuple[str, ...]
    """Lower-case names of the headers, pseudo-headers or components that were signed, in order."""
    created_s: int | None
    expires_s: int | None
    signature: bytes
    parameters: str = ""
    """RFC 9421: what was signed of the Signature-Input header, in its canonical form."""


def destination(url: str) -> tuple[Literal["https", "http"], str, str]:
    """Scheme, Host header and request target of a request to *url*, as they are signed and sent.

    Raises:
        Malformed: *url* is not an absolute http(s) URL in ASCII.
    """
    try:
        parts = urlsplit(url)
        default_port, port = _PORTS[parts.scheme], parts.port
    except (ValueError, KeyError):
        raise Malformed("only an absolute http(s) URL can be signed for") from None
    if not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise Malformed("only an absolute http(s) URL in ASCII can be signed for")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != default_port:
        host = f"{host}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return ("https" if parts.scheme == "https" else "http"), host, target


def plain_host(host: str) -> str:
    """*host* in one spelling: lower-case, no default port, no final dot."""
    lowered = host.strip().lower()
    name, colon, port = lowered.rpartition(":")
    if colon and port in ("80", "443"):
        lowered = name
    return lowered.rstrip(".")


def wire_bytes(lines: Iterable[str]) -> bytes:
    """The *lines* that a signature covers, as the bytes that were signed.

    Raises:
        Malformed: a header is not text of one byte a character.
    """
    try:
        # Header values were read as latin-1 (RFC 9110 §5.5): this gives back the bytes of the wire.
        return "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError:
        raise Malformed("a signed header is not text of one byte a character") from None
