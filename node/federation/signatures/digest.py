"""Digests of a body: `Digest` (RFC 3230, what the fediverse sends) and `Content-Digest` (RFC 9530)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping

from node.runtime.errors import Malformed, Unauthorized

HEADERS = ("digest", "content-digest")
"""The names of the headers that can bind a body to a signature."""

_HASHES: dict[str, Callable[[bytes], bytes]] = {
    "sha-256": lambda body: hashlib.sha256(body).digest(),
    "sha-512": lambda body: hashlib.sha512(body).digest(),
}
_MAX_CHARS = 1_000
# RFC 8941 keys are lower-case: Mastodon refuses `SHA-256=:…:` in Content-Digest, and so do we.
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):")


def of(body: bytes) -> str:
    """The `Digest` header of *body*: `SHA-256=<base64>`."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def content_of(body: bytes) -> str:
    """The `Content-Digest` header of *body* (RFC 9530)."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii") + ":"


def check(headers: Mapping[str, str], body: bytes) -> frozenset[str]:
    """Compare every digest header that is present with the raw *body*; the names of those that bind it.

    Raises:
        Malformed: a digest header cannot be read, or names no algorithm that is strong enough.
        Unauthorized: a digest is of another body.
    """
    found = [name for name in HEADERS if name in headers]
    for name in found:
        value = headers[name]
        if len(value) > _MAX_CHARS:
            raise Malformed(f"the {name} header is too long")
        members = list(_content_digest(value) if name == "content-digest" else _digest(value))
        known = [(algorithm, expected) for algorithm, expected in members if algorithm in _HASHES]
        if not known:
            raise Malformed(f"the {name} header carries neither SHA-256 nor SHA-512")
        for algorithm, expected in known:
            if not hmac.compare_digest(_HASHES[algorithm](body), expected):
                raise Unauthorized(f"the body does not match the {name} header")
    return frozenset(found)


def _digest(value: str) -> Iterator[tuple[str, bytes]]:
    for item in value.split(","):
        algorithm, equals, encoded = item.strip().partition("=")
        if not equals:
            raise Malformed("the digest header is not `algorithm=value`")
        # PixelFed and verify.funfedi.dev write `sha-256`, the others `SHA-256`.
        yield algorithm.lower(), strict_base64(encoded, "digest header")


def _content_digest(value: str) -> Iterator[tuple[str, bytes]]:
    for item in value.split(","):
        member = _MEMBER.fullmatch(item.strip())
        if member is None:
            raise Malformed("the content-digest header is not a dictionary of byte sequences (RFC 8941)")
        yield member[1], strict_base64(member[2], "content-digest header")


def strict_base64(text: str, where: str) -> bytes:
    """Decode *text*, refusing whatever has more than one spelling: junk, missing padding, stray last bits.

    Raises:
        Malformed: *text* is not the canonical base64 of any bytes; *where* says in what it stood.
    """
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"the {where} is not base64") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise Malformed(f"the {where} is not canonical base64")
    return decoded
