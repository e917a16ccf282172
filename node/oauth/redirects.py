"""Redirect URIs: what applications register, and how an answer is written into one (RFC 6749 §3.1.2, RFC 8252)."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from node.runtime.errors import Invalid

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The code is shown to the person, who copies it into the application."""

_MAX_CHARS = 2000
_MAX_URIS = 20
# Private schemes (`icecubesapp://`, `com.tapbots.Ivory.1234:/x`) begin with a letter (RFC 3986 §3.1).
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,99}:")
_REFUSED_SCHEMES = frozenset(
    {"javascript", "data", "vbscript", "file", "about", "blob", "mailto", "tel", "view-source"}
)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


def read(uris: tuple[str, ...]) -> tuple[str, ...]:
    """The redirect URIs of a registration, each once; a line may hold several, apart by white space.

    Raises:
        Invalid: there is none, too many, or one that no browser should be sent to.
    """
    listed = tuple(dict.fromkeys(part for line in uris for part in line.split()))
    if not listed:
        raise Invalid("Validation failed: Redirect URI can't be blank")
    if len(listed) > _MAX_URIS:
        raise Invalid(f"Validation failed: more than {_MAX_URIS} redirect URIs")
    for uri in listed:
        _check(uri)
    return listed


def _check(uri: str) -> None:
    if uri == OUT_OF_BAND:
        return
    if len(uri) > _MAX_CHARS or _UNPRINTABLE.search(uri) or not (scheme := _SCHEME.match(uri)):
        raise Invalid("Validation failed: Redirect URI must be an absolute URI.")
    if scheme[0][:-1].lower() in _REFUSED_SCHEMES:
        raise Invalid("Validation failed: Redirect URI is forbidden by the server.")
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise Invalid("Validation failed: Redirect URI must be an absolute URI.") from None
    if "#" in uri:
        raise Invalid("Validation failed: Redirect URI cannot contain a fragment.")
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise Invalid("Validation failed: Redirect URI must be an absolute URI.")


def answer(redirect_uri: str, values: Mapping[str, str | None]) -> str:
    """*redirect_uri* with *values* in its query, beside what is there; None leaves a value out.

    A private scheme stays as it is written: `com.example:/done` gains only its query.
    """
    added = [(name, value) for name, value in values.items() if value is not None]
    parts = urlsplit(redirect_uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added])
    if parts.scheme in ("http", "https"):
        return urlunsplit(parts._replace(query=query))
    # urlunsplit would drop the empty authority of `app://`.
    return redirect_uri.partition("?")[0] + "?" + query
