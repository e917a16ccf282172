"""A signed request as it came, and what its signature claims."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.runtime.errors import Malformed


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

    @classmethod
    def from_wire(
        cls, method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], host: str, body: bytes
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
            return cls(method.upper(), target.decode("ascii"), joined, host, body)
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
    """Lower-case names of the headers and pseudo-headers that were signed, in order."""
    created_s: int | None
    expires_s: int | None
    signature: bytes
